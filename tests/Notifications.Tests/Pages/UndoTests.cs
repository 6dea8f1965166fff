using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Pages;

/// <summary>An undo is offered where it restores what its button ended, and nothing else.</summary>
public sealed partial class UndoTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R21_A_stop_of_what_nobody_had_agreed_to_yet_offers_no_undo_and_one_that_ended_a_consent_does()
    {
        var address = CoreProduct.Email("pending@example.com");
        // Unknown until now: the stop stands against later imports, and ends nothing.
        await product.PressAsync(address, ("stop", TopicKey.Newsletter));
        await product.SubscribedAsync(address, TopicKey.PackageUpdates);
        Assert.Contains(
            "name=\"stop\" value=\"promotions\">Undo", (await product.PressAsync(address, ("subscribe", TopicKey.Promotions))).Body,
            StringComparison.Ordinal);
        var stopped = (await product.PressAsync(address, ("stop", TopicKey.Promotions))).Body;
        Assert.Contains("No more messages of this kind: Promotions.", stopped, StringComparison.Ordinal);
        Assert.DoesNotContain(">Undo<", stopped, StringComparison.Ordinal);
        Assert.DoesNotContain(
            ">Undo<", (await product.PressAsync(CoreProduct.Email("pending.unknown@example.com"), ("stop", TopicKey.Newsletter))).Body,
            StringComparison.Ordinal);

        await product.PressAsync(address, ("subscribe", TopicKey.Promotions));
        Assert.DoesNotContain(">Undo<", (await product.PressAsync(address, ("stop", "~marketing"))).Body, StringComparison.Ordinal);
        Assert.Contains(">Undo<", (await product.PressAsync(address, ("stop", TopicKey.PackageUpdates))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P6_A_stop_of_a_new_wish_does_not_bring_back_by_its_undo_what_an_earlier_stop_had_ended()
    {
        var address = CoreProduct.Email("earlier@example.com");
        await product.SubscribedAsync(address, TopicKey.Newsletter);
        await product.PressAsync(address, ("stop", TopicKey.Newsletter));
        product.Time.Advance(TimeSpan.FromDays(2));
        await product.PressAsync(address, ("subscribe", TopicKey.Newsletter));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain(">Undo<", (await product.PressAsync(address, ("stop", TopicKey.Newsletter))).Body, StringComparison.Ordinal);
        await product.PressAsync(
            address,
            ("undo",
                (await product.StateAsync(address))!
                    .Find(TopicKey.Newsletter)!.Since
                    .ToUnixTimeMilliseconds()
                    .ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(address))!.StatusOf(TopicKey.Newsletter));
    }

    [Theory]
    [InlineData("objection")]
    [InlineData("agent")]
    [InlineData("import")]
    public async Task R36_R42_An_undo_takes_back_neither_an_objection_nor_a_stop_that_was_recorded_after_it(string then)
    {
        var address = CoreProduct.Email($"then.{then}@example.com");
        await product.SubscribedAsync(address, TopicKey.Newsletter);
        product.Time.Advance(TimeSpan.FromSeconds(1));
        await product.PressAsync(address, ("stop", TopicKey.Newsletter));
        await product.PressAsync(address, ("stop", TopicKey.Newsletter)); // The same once more is the same stop (R10).
        var undo = (await product.StateAsync(address))!
            .Find(TopicKey.Newsletter)!.Since
            .ToUnixTimeMilliseconds()
            .ToString(System.Globalization.CultureInfo.InvariantCulture);
        var entries = (await product.LedgerAsync(address)).Count;
        product.Time.Advance(TimeSpan.FromSeconds(1));
        if (then == "objection") await product.PressAsync(address, ("object", "yes"));
        else if (then == "agent")
            Assert.Equal(
                HttpStatusCode.OK,
                (await product.PostAsync(
                    "/v1/consents",
                    new { email = address.Value, topic = "newsletter", action = "opt-out", source = "agent-call", agent = "kim" })).Status);
        else
        {
            var row = new Notifications.Imports.ImportRow
            {
                Number = 1,
                Address = address,
                Key = product.Key(address),
                Column = Notifications.Imports.ImportField.Email,
                Says = Notifications.Imports.ImportStatement.Unsubscribed,
                Topic = product.Get<TopicCatalog>().Find(TopicKey.Newsletter),
            };
            await product.Get<AddressBook>().ChangeAsync(product.Key(address), null, (state, now) =>
            {
                var said = new List<LedgerDraft>();
                Notifications.Imports.ImportRules.Apply(ref state, said, row, "i1", "service:x", now);
                return new Change(state, said);
            }, null, default);
        }

        var stop = (await product.LedgerAsync(address)).Skip(entries).Single(e => e.Topic == TopicKey.Newsletter);
        Assert.Equal(
            (LedgerAction.OptOut, then == "agent" ? "agent:kim" : then == "import" ? "service:x" : "person"),
            (stop.Action, stop.Detail!.Actor));
        Assert.Contains("Nothing had to be changed.", (await product.PressAsync(address, ("undo", undo))).Body, StringComparison.Ordinal);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(address))!.StatusOf(TopicKey.Newsletter));
    }

    [Theory]
    [InlineData(SubscriptionStatus.None)]
    [InlineData(SubscriptionStatus.Pending)]
    [InlineData(SubscriptionStatus.Unsubscribed)]
    public async Task P6_R29_The_undo_of_a_stop_of_package_updates_brings_back_the_packages_that_it_ended_and_no_others(
        SubscriptionStatus topic)
    {
        const string earlier = "RR123456785PT", followed = "LX123456785CN";
        var address = CoreProduct.Email($"followed.{topic}@example.com".ToLowerInvariant());
        if (topic == SubscriptionStatus.Unsubscribed)
        {
            await product.FollowAsync(address, earlier);
            product.Time.Advance(TimeSpan.FromMinutes(1));
            await product.PressAsync(address, ("stop", TopicKey.PackageUpdates));
            product.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await product.FollowConfirmedAsync(address, followed);
        if (topic == SubscriptionStatus.Pending) await PendAsync(address);
        var before = await product.StateAsync(address);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("allow", await DecideAsync(address, followed));

        var stopped = (await product.PressAsync(address, ("stop", TopicKey.PackageUpdates))).Body;
        var undo = Undo().Match(stopped).Groups[1].Value;
        Assert.NotEqual("", undo);
        Assert.Equal("unsubscribed", await DecideAsync(address, followed));
        Assert.Contains("Taken back.", (await product.PressAsync(address, ("undo", undo))).Body, StringComparison.Ordinal);
        Assert.Equal("allow", await DecideAsync(address, followed));
        var after = (await product.StateAsync(address))!;
        var held = after.Find(TopicKey.PackageUpdates);
        if (topic == SubscriptionStatus.Unsubscribed)
        {
            Assert.Equal(before!.Find(TopicKey.PackageUpdates)!.Since, held!.Since);
            Assert.Equal("unsubscribed", await DecideAsync(address, earlier));
        }
        else Assert.Null(held); // What nobody had confirmed asks anew.
        var told = LedgerFold.At(await product.LedgerAsync(address), after, product.Get<TopicCatalog>(), DateTimeOffset.MaxValue)!;
        Assert.Equal((held?.Status, held?.Since), (told.Find(TopicKey.PackageUpdates)?.Status, told.Find(TopicKey.PackageUpdates)?.Since));
        Assert.Contains("Nothing had to be changed.", (await product.PressAsync(address, ("undo", undo))).Body, StringComparison.Ordinal);

        // A later word, and an hour, end it.
        undo = Undo().Match((await product.PressAsync(address, ("stop", TopicKey.PackageUpdates))).Body).Groups[1].Value;
        product.Time.Advance(TimeSpan.FromSeconds(20));
        await product.PostAsync(
            "/v1/consents", new { email = address.Value, topic = "package-updates", action = "opt-out", source = "phone", agent = "kim" });
        await product.PressAsync(address, ("undo", undo));
        Assert.Equal("unsubscribed", await DecideAsync(address, followed));
    }

    [Fact]
    public async Task P6_A_stop_of_package_updates_whose_packages_had_ended_offers_no_undo_and_one_of_an_hour_ago_undoes_nothing()
    {
        var address = CoreProduct.Email("ended@example.com");
        await product.FollowAsync(address, "RR123456785PT");
        await product.PressAsync(address, ("unwatch", "RR123456785PT"));
        Assert.DoesNotContain(
            ">Undo<", (await product.PressAsync(address, ("stop", TopicKey.PackageUpdates))).Body, StringComparison.Ordinal);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.FollowConfirmedAsync(address, "LX123456785CN");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var undo = Undo().Match((await product.PressAsync(address, ("stop", TopicKey.PackageUpdates))).Body).Groups[1].Value;
        product.Time.Advance(TimeSpan.FromHours(1));
        Assert.Contains("Nothing had to be changed.", (await product.PressAsync(address, ("undo", undo))).Body, StringComparison.Ordinal);
        Assert.Equal("unsubscribed", await DecideAsync(address, "LX123456785CN"));
    }

    [Fact]
    public async Task R21_A_package_that_is_followed_again_comes_back_with_its_filter_and_once_a_day()
    {
        var address = CoreProduct.Email("again@example.com");
        await WatchAsync(address, "RR123456785PT", WatchFilter.Delivery, daily: true);
        await product.PressAsync(address, ("unwatch", "RR123456785PT"));
        await product.PressAsync(address, ("watch", "RR123456785PT"));
        var confirm =
            product.ConfirmPath(address, TopicKey.PackageUpdates, "RR123456785PT");
        Assert.Equal(HttpStatusCode.OK, (await product.FormAsync(confirm, "en", ("confirm", "yes"))).Status);
        var watch = Assert.Single(await product.WatchesAsync(address));
        Assert.Equal((WatchStatus.Active, WatchFilter.Delivery, true), (watch.Status, watch.Filter, watch.Daily));
    }

    [Fact]
    public async Task Once_a_day_for_packages_of_which_some_came_so_already_offers_no_undo_that_would_change_those_too()
    {
        var address = CoreProduct.Email("mixed@example.com");
        await WatchAsync(address, "RR123456785PT", WatchFilter.All, daily: true);
        await WatchAsync(address, "LX123456785CN", WatchFilter.All, daily: false);
        var body = (await product.PressAsync(address, ("daily", "yes"))).Body;
        Assert.Contains("News of a package comes at most once a day.", body, StringComparison.Ordinal);
        Assert.DoesNotContain(">Undo<", body, StringComparison.Ordinal);
        Assert.All(await product.WatchesAsync(address), w => Assert.True(w.Daily));
        Assert.Contains(
            "name=\"daily\" value=\"yes\">Undo", (await product.PressAsync(address, ("daily", "no"))).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pause", "30", "0")]
    [InlineData("daily", "yes", "no")]
    [InlineData("subscribe", TopicKey.Promotions, null)]
    [InlineData("unwatch", "RR123456785PT", null)]
    public async Task R21_What_was_taken_back_offers_no_undo_of_the_undo(string name, string value, string? back)
    {
        var address = CoreProduct.Email($"back.{name}@example.com");
        await product.SubscribedAsync(address, TopicKey.Newsletter);
        await WatchAsync(address, "RR123456785PT", WatchFilter.All, daily: false);
        var said = (await product.PressAsync(address, (name, value))).Body;
        Assert.Contains("<input type=\"hidden\" name=\"back\" value=\"yes\"><button class=\"quiet\"", said, StringComparison.Ordinal);
        Assert.Contains(">Undo<", said, StringComparison.Ordinal);
        var (field, undo) = name switch { "subscribe" => ("stop", value), "unwatch" => ("watch", value), _ => (name, back!) };
        var undone = (await product.PressAsync(address, ("back", "yes"), (field, undo))).Body;
        Assert.Contains("role=\"status\"", undone, StringComparison.Ordinal);
        Assert.DoesNotContain(">Undo<", undone, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R21_M8_To_come_back_from_a_stop_or_a_disabled_account_offers_no_undo_either()
    {
        var address = CoreProduct.Email("comes.back@example.com");
        await product.SubscribedAsync(address, TopicKey.Newsletter);
        await product.Get<Notifications.Contacts.ContactDesk>().PutAsync("undo-1", "Ana", null, null, [address], "service:test", default);
        foreach (var (stop, back) in (((string, string), (string, string))[])[
            (("stop", "*"), ("resume", "yes")), (("disable", "yes"), ("enable", "yes")),
        ])
        {
            await product.PressAsync(address, stop);
            Assert.DoesNotContain(">Undo<", (await product.PressAsync(address, back)).Body, StringComparison.Ordinal);
        }
    }

    [System.Text.RegularExpressions.GeneratedRegex("name=\"undo\" value=\"([0-9]+)\">Undo<")]
    private static partial System.Text.RegularExpressions.Regex Undo();

    /// <summary>Package updates wait for their confirmation, as the sign-up form leaves them.</summary>
    private async Task PendAsync(Address address)
    {
        var topic = product.Get<TopicCatalog>().Find(TopicKey.PackageUpdates)!.Unproven();
        await product.Get<ConsentDesk>().OptInAsync(
            address, topic, new LedgerDraft(LedgerAction.OptIn, topic.Key, WatchOptions.PublicForm, "person"), confirmed: false, null,
            default);
        Assert.Equal(SubscriptionStatus.Pending, (await product.StateAsync(address))!.StatusOf(topic.Key));
    }

    /// <summary>What would become of news of a package: allow, or why not.</summary>
    private async Task<string> DecideAsync(Address address, string number)
    {
        var told = await product.PostAsync(
            "/v1/decisions",
            new
            {
                topic = "package-updates",
                to = new { email = address.Value },
                trackingNumber = number,
                content = new { subject = "s", text = "t" },
            });
        return told["decision"] == "allow" ? "allow" : told["reason"]!;
    }

    private async Task WatchAsync(Address address, string text, WatchFilter filter, bool daily)
    {
        Assert.True(TrackingNumber.TryParse(text, out var number, out _));
        await product.Get<Watches>().WatchAsync(
            new WatchRequest(number, address, "shop", "service:shop") { Filter = filter, Daily = daily }, default);
    }
}

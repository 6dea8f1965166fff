using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Pages;

/// <summary>An undo is offered where it restores what its button ended, and nothing else.</summary>
public sealed class UndoTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R21_A_stop_of_what_nobody_had_agreed_to_yet_offers_no_undo_and_one_that_ended_a_consent_does()
    {
        var address = CoreProduct.Email("pending@example.com");
        // Unknown until now: the stop stands against later imports, and ends nothing.
        await PressAsync(address, ("stop", TopicKey.Newsletter));
        await product.SubscribedAsync(address, TopicKey.PackageUpdates);
        Assert.Contains(
            "name=\"stop\" value=\"promotions\">Undo", await PressAsync(address, ("subscribe", TopicKey.Promotions)),
            StringComparison.Ordinal);
        var stopped = await PressAsync(address, ("stop", TopicKey.Promotions));
        Assert.Contains("No more messages of this kind: Promotions.", stopped, StringComparison.Ordinal);
        Assert.DoesNotContain(">Undo<", stopped, StringComparison.Ordinal);
        Assert.DoesNotContain(
            ">Undo<", await PressAsync(CoreProduct.Email("pending.unknown@example.com"), ("stop", TopicKey.Newsletter)),
            StringComparison.Ordinal);

        await PressAsync(address, ("subscribe", TopicKey.Promotions));
        Assert.DoesNotContain(">Undo<", await PressAsync(address, ("stop", "~marketing")), StringComparison.Ordinal);
        Assert.Contains(">Undo<", await PressAsync(address, ("stop", TopicKey.PackageUpdates)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task P6_A_stop_of_a_new_wish_does_not_bring_back_by_its_undo_what_an_earlier_stop_had_ended()
    {
        var address = CoreProduct.Email("earlier@example.com");
        await product.SubscribedAsync(address, TopicKey.Newsletter);
        await PressAsync(address, ("stop", TopicKey.Newsletter));
        product.Time.Advance(TimeSpan.FromDays(2));
        await PressAsync(address, ("subscribe", TopicKey.Newsletter));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain(">Undo<", await PressAsync(address, ("stop", TopicKey.Newsletter)), StringComparison.Ordinal);
        await PressAsync(
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
        await PressAsync(address, ("stop", TopicKey.Newsletter));
        await PressAsync(address, ("stop", TopicKey.Newsletter)); // The same once more is the same stop (R10).
        var undo = (await product.StateAsync(address))!
            .Find(TopicKey.Newsletter)!.Since
            .ToUnixTimeMilliseconds()
            .ToString(System.Globalization.CultureInfo.InvariantCulture);
        var entries = (await product.LedgerAsync(address)).Count;
        product.Time.Advance(TimeSpan.FromSeconds(1));
        if (then == "objection") await PressAsync(address, ("object", "yes"));
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
                Topic = product.Services.GetRequiredService<TopicCatalog>().Find(TopicKey.Newsletter),
            };
            await product.Services.GetRequiredService<AddressBook>().ChangeAsync(product.Key(address), null, (state, now) =>
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
        Assert.Contains("Nothing had to be changed.", await PressAsync(address, ("undo", undo)), StringComparison.Ordinal);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(address))!.StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task A_package_that_is_followed_again_comes_back_with_its_filter_and_once_a_day()
    {
        var address = CoreProduct.Email("again@example.com");
        await WatchAsync(address, "RR123456785PT", WatchFilter.Delivery, daily: true);
        await PressAsync(address, ("unwatch", "RR123456785PT"));
        await PressAsync(address, ("watch", "RR123456785PT"));
        var confirm =
            new Uri(product.Services.GetRequiredService<Links>().Confirm(
                product.Key(address), Channel.Email, TopicKey.PackageUpdates, "RR123456785PT")).AbsolutePath;
        Assert.Equal(HttpStatusCode.OK, (await product.FormAsync(confirm, "en", ("confirm", "yes"))).Status);
        var watch = Assert.Single(await WatchesAsync(address));
        Assert.Equal((WatchStatus.Active, WatchFilter.Delivery, true), (watch.Status, watch.Filter, watch.Daily));
    }

    [Fact]
    public async Task Once_a_day_for_packages_of_which_some_came_so_already_offers_no_undo_that_would_change_those_too()
    {
        var address = CoreProduct.Email("mixed@example.com");
        await WatchAsync(address, "RR123456785PT", WatchFilter.All, daily: true);
        await WatchAsync(address, "LX123456785CN", WatchFilter.All, daily: false);
        var body = await PressAsync(address, ("daily", "yes"));
        Assert.Contains("News of a package comes at most once a day.", body, StringComparison.Ordinal);
        Assert.DoesNotContain(">Undo<", body, StringComparison.Ordinal);
        Assert.All(await WatchesAsync(address), w => Assert.True(w.Daily));
        Assert.Contains("name=\"daily\" value=\"yes\">Undo", await PressAsync(address, ("daily", "no")), StringComparison.Ordinal);
    }

    private async Task WatchAsync(Address address, string text, WatchFilter filter, bool daily)
    {
        Assert.True(TrackingNumber.TryParse(text, out var number, out _));
        await product.Services.GetRequiredService<Watches>().WatchAsync(
            new WatchRequest(number, address, "shop", "service:shop") { Filter = filter, Daily = daily }, default);
    }

    private async Task<IEnumerable<WatchRecord>> WatchesAsync(Address address) =>
        (await product.Services.GetRequiredService<Watches>().OfAsync(product.Key(address), default)).Select(w => w.Watch);

    private async Task<string> PressAsync(Address address, params (string Name, string Value)[] fields) =>
        (await product.FormAsync(
            new Uri(product.Services.GetRequiredService<Links>().Preferences(product.Key(address), address.Channel)).AbsolutePath, "en",
            fields)).Body;
}

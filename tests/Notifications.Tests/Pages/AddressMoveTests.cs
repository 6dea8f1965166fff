using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;
using Notifications.Web.Pages;

namespace Notifications.Tests.Pages;

/// <summary>
/// A new address that somebody names on their preference page: what it brings along waits until that address itself confirms.
/// </summary>
public sealed class AddressMoveTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R33_What_the_former_address_had_stopped_is_stopped_at_the_new_one_with_its_confirmation_and_not_before()
    {
        var (old, next) = (CoreProduct.Email("flo@example.com"), CoreProduct.Email("flo2@example.com"));
        await product.SubscribedAsync(old, TopicKey.Newsletter, TopicKey.Promotions);
        await product.PressAsync(old, ("stop", TopicKey.Promotions));
        await product.SubscribedAsync(next, TopicKey.Promotions);
        await MoveAsync(old, next);
        var waiting = (await product.StateAsync(next))!;
        // Anybody can name another's address.
        Assert.Equal(
            (SubscriptionStatus.Pending, SubscriptionStatus.Subscribed),
            (waiting.StatusOf(TopicKey.Newsletter), waiting.StatusOf(TopicKey.Promotions)));

        await ConfirmAsync(next, TopicKey.Newsletter);
        var state = (await product.StateAsync(next))!;
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Unsubscribed),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions)));
        Assert.Null(state.Find(TopicKey.Newsletter)!.AlsoStops);
        var last = (await product.Get<AddressBook>().LedgerAsync(product.Key(next), default))[^1];
        Assert.Equal(
            (LedgerAction.OptOut, TopicKey.Promotions, ConsentSource.AddressChange), (last.Action, last.Topic, last.Detail!.Source));
    }

    [Fact]
    public async Task R33_A_stop_is_not_shed_where_the_new_address_had_asked_for_the_rest_itself_before()
    {
        var (old, next) = (CoreProduct.Email("before@example.com"), CoreProduct.Email("before2@example.com"));
        await product.SubscribedAsync(old, TopicKey.Newsletter, TopicKey.Promotions);
        await product.PressAsync(old, ("stop", TopicKey.Promotions));
        await product.PressAsync(next, ("stop", TopicKey.Promotions)); // Known, so that it can ask for something.
        await product.Get<ConsentDesk>().OptInAsync(
            next, product.Get<TopicCatalog>().Find(TopicKey.Newsletter)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), confirmed: false, null, default);
        await MoveAsync(old, next);
        Assert.Equal(TopicKey.Promotions, Assert.Single((await product.StateAsync(next))!.Find(TopicKey.Newsletter)!.AlsoStops!));

        // What is on meanwhile is asked about, and is no stop any more.
        await product.SubscribedAsync(old, TopicKey.Promotions);
        await MoveAsync(old, next);
        Assert.Empty((await product.StateAsync(next))!.Find(TopicKey.Newsletter)!.AlsoStops!);
    }

    [Fact]
    public async Task R33_What_the_new_address_asked_for_itself_after_the_move_is_not_stopped_with_its_confirmation()
    {
        var (old, next) = (CoreProduct.Email("own@example.com"), CoreProduct.Email("own2@example.com"));
        await product.SubscribedAsync(old, TopicKey.Newsletter, TopicKey.Promotions);
        await product.PressAsync(old, ("stop", TopicKey.Promotions));
        await MoveAsync(old, next);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.SubscribedAsync(next, TopicKey.Promotions);
        await ConfirmAsync(next, TopicKey.Newsletter);
        var state = (await product.StateAsync(next))!;
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions)));
    }

    [Fact]
    public async Task M6_R33_A_followed_package_is_asked_about_at_the_new_address_and_brings_the_stops_along()
    {
        var (old, next) = (CoreProduct.Email("parcel@example.com"), CoreProduct.Email("parcel2@example.com"));
        await WatchAsync(old, "RR123456785PT", WatchFilter.Delivery);
        await product.PressAsync(old, ("stop", TopicKey.Promotions));
        Assert.Contains("a message is on its way", await MoveAsync(old, next), StringComparison.Ordinal);
        var watch = Assert.Single(await product.WatchesAsync(next));
        Assert.Equal((WatchStatus.Pending, WatchFilter.Delivery), (watch.Status, watch.Filter));
        Assert.Equal(WatchStatus.Active, Assert.Single(await product.WatchesAsync(old)).Status);

        await ConfirmAsync(next, TopicKey.PackageUpdates, "RR123456785PT");
        Assert.Equal(WatchStatus.Active, Assert.Single(await product.WatchesAsync(next)).Status);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(next))!.StatusOf(TopicKey.Promotions));
        Assert.Equal(SubscriptionStatus.None, (await product.StateAsync(next))!.StatusOf(TopicKey.PackageUpdates));
    }

    [Fact]
    public async Task R33_The_page_that_confirms_a_new_address_names_what_stops_there_with_it_in_every_language()
    {
        var (old, next) = (CoreProduct.Email("named@example.com"), CoreProduct.Email("named2@example.com"));
        await product.SubscribedAsync(old, TopicKey.Newsletter, TopicKey.Promotions);
        await WatchAsync(old, "RR123456785PT", WatchFilter.All);
        await product.PressAsync(old, ("stop", TopicKey.Promotions));
        await MoveAsync(old, next);
        var promotions = product.Get<TopicCatalog>().Find(TopicKey.Promotions)!;
        foreach (var texts in Texts.All)
        {
            await product.Get<AddressBook>().ChangeAsync(
                product.Key(next), null, (s, _) => new Change(s with { Locale = texts.Language }, []), null, default);
            var said = Texts.Fill(texts.ConfirmStops, "what", texts.NameOf(promotions));
            Assert.Contains(texts.NameOf(promotions), said, StringComparison.Ordinal);
            foreach (var path in (string[])[LinkOf(next, TopicKey.Newsletter), LinkOf(next, TopicKey.PackageUpdates, "RR123456785PT")])
                Assert.Contains(
                    said, System.Net.WebUtility.HtmlDecode(await product.Anonymous.GetStringAsync(path)), StringComparison.Ordinal);
        }

        // What the address asks for itself since then is not stopped, and not named.
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.SubscribedAsync(next, TopicKey.Promotions);
        Assert.DoesNotContain(
            "former address", await product.Anonymous.GetStringAsync(LinkOf(next, TopicKey.Newsletter)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R33_R36_The_page_names_each_marketing_topic_that_an_objection_stops_there_in_every_language_and_a_stop_of_what_is_not_in_the_settings()
    {
        var (old, next) = (CoreProduct.Email("objected@example.com"), CoreProduct.Email("objected2@example.com"));
        var (book, topics) = (product.Get<AddressBook>(), product.Get<TopicCatalog>());
        await book.ChangeAsync(
            product.Key(old), ConsentDesk.Blank(old),
            (s, now) =>
                Transitions.OptOut(s with { ObjectedAt = now }, new LedgerDraft(LedgerAction.OptOut, "contests", "form", "person"), now),
            null, default);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.SubscribedAsync(old, TopicKey.Newsletter);
        await WatchAsync(old, "RR123456785PT", WatchFilter.All);
        await product.SubscribedAsync(next, TopicKey.Promotions); // Since the objection.
        await MoveAsync(old, next);
        foreach (var texts in Texts.All)
        {
            await book.ChangeAsync(product.Key(next), null, (s, _) => new Change(s with { Locale = texts.Language }, []), null, default);
            string Named(params string[] stops) =>
                Texts.Fill(texts.ConfirmStops, "what", texts.Join(stops.Select(t => texts.NameOf(topics.Of(t)))));
            // It confirms the newsletter.
            Assert.Contains(
                Named("contests", "surveys"),
                WebUtility.HtmlDecode(await product.Anonymous.GetStringAsync(LinkOf(next, TopicKey.Newsletter))), StringComparison.Ordinal);
            // What waits holds once it is confirmed.
            Assert.Contains(
                Named("contests", "surveys"),
                WebUtility.HtmlDecode(await product.Anonymous.GetStringAsync(LinkOf(next, TopicKey.PackageUpdates, "RR123456785PT"))),
                StringComparison.Ordinal);
        }

        await ConfirmAsync(next, TopicKey.Newsletter);
        var state = (await product.StateAsync(next))!;
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed, SubscriptionStatus.Unsubscribed),
            (state.StatusOf(topics.Of(TopicKey.Newsletter)), state.StatusOf(topics.Of(TopicKey.Promotions)),
                state.StatusOf(topics.Of("surveys"))));
    }

    [Fact]
    public async Task M6_The_page_says_where_there_is_nothing_to_ask_and_where_there_is_more_than_can_be_asked_at_once()
    {
        var (old, next) = (CoreProduct.Email("empty@example.com"), CoreProduct.Email("empty2@example.com"));
        await product.SubscribedAsync(old, TopicKey.Promotions);
        await product.PressAsync(old, ("stop", TopicKey.Promotions));
        Assert.Contains("there is nothing to ask the new one", await MoveAsync(old, next), StringComparison.Ordinal);
        Assert.Null(await product.StateAsync(next));

        foreach (var number in (string[])["RR123456785PT", "LX123456785CN", "RR123456785DE"])
            await WatchAsync(old, number, WatchFilter.All);
        Assert.DoesNotContain("3 packages", await MoveAsync(old, next), StringComparison.Ordinal);
        await WatchAsync(old, "RR123456785FR", WatchFilter.All);
        Assert.Contains("We ask about at most 3 packages at once", await MoveAsync(old, next), StringComparison.Ordinal);
    }

    [Fact]
    public async Task M8_R36_The_page_of_an_account_says_that_a_new_address_does_not_come_into_it()
    {
        var (alone, owned) = (CoreProduct.Email("alone@example.com"), CoreProduct.Email("owned@example.com"));
        foreach (var address in new[] { alone, owned }) await product.SubscribedAsync(address, TopicKey.Newsletter);
        await product.Get<Notifications.Contacts.ContactDesk>().PutAsync("mv-1", "Ana", null, null, [owned], "service:test", default);
        const string Apart = "This does not put the new address into your account.";
        Assert.Contains(Apart, (await product.PressAsync(owned, ("pause", "30"))).Body, StringComparison.Ordinal);
        Assert.DoesNotContain(Apart, (await product.PressAsync(alone, ("pause", "30"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task M6_The_page_says_in_every_language_that_both_addresses_get_it_once_the_new_one_has_confirmed_and_so_it_is()
    {
        var (old, next) = (CoreProduct.Email("both@example.com"), CoreProduct.Email("both2@example.com"));
        await product.SubscribedAsync(old, TopicKey.Newsletter);
        var body = WebUtility.HtmlDecode((await product.PressAsync(old, ("pause", "30"))).Body);
        Assert.Contains("Get this at another email address too", body, StringComparison.Ordinal);
        Assert.Contains("both get it, until you stop it at one of them", body, StringComparison.Ordinal);
        Assert.Equal(Texts.All.Count(), Texts.All.Select(t => t.ChangeText).Distinct().Count());
        await MoveAsync(old, next);
        await ConfirmAsync(next, TopicKey.Newsletter);
        foreach (var address in new[] { old, next })
            Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(address))!.StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R33_R45_The_page_of_an_old_mail_says_that_its_address_is_a_former_one_and_names_no_other_in_every_language()
    {
        var (old, next) = (CoreProduct.Email("mara@example.com"), CoreProduct.Email("mira@example.com")); // Alike behind their masks.
        await product.SubscribedAsync(old, TopicKey.Newsletter);
        var links = product.Get<Links>();
        var path = new Uri(
            links.Unsubscribe(links.UnsubscribeToken(product.Key(old), Channel.Email, TopicKey.Newsletter, null, null))).AbsolutePath;
        await product.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [old], null, null, new Rectification(NewAddress: next.Value), "agent:mia", default);
        await ConfirmAsync(next, TopicKey.Newsletter);
        foreach (var texts in Texts.All)
        {
            await product.Get<AddressBook>().ChangeAsync(
                product.Key(old), null, (s, _) => new Change(s with { Locale = texts.Language }, []), null, default);
            Assert.Contains(
                texts.StoppedFormer, WebUtility.HtmlDecode(await product.Anonymous.GetStringAsync(path)), StringComparison.Ordinal);
            var centre = WebUtility.HtmlDecode((await product.OpenAsync(product.PreferencesPath(old))).Text);
            Assert.Contains(texts.StoppedFormer, centre, StringComparison.Ordinal);
            Assert.DoesNotContain(texts.AllStoppedText, centre, StringComparison.Ordinal); // It brings nothing back.
            // Nor does an objection reach the address that has its place.
            Assert.Contains(texts.ObjectTextAlone.Split('{')[0], centre, StringComparison.Ordinal);
            Assert.DoesNotContain(texts.ObjectText, centre, StringComparison.Ordinal);
        }

        var (status, body) = await product.FormAsync(path, "en", ("scope", "named"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(Texts.All.Last().StoppedFormer, WebUtility.HtmlDecode(body), StringComparison.Ordinal);
        Assert.DoesNotContain(next.Value, body, StringComparison.Ordinal);
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(next))!.StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R33_M6_A_break_comes_along_with_the_confirmation_of_the_new_address_and_not_before_and_the_page_says_so()
    {
        var (old, next) = (CoreProduct.Email("break@example.com"), CoreProduct.Email("break2@example.com"));
        await product.SubscribedAsync(old, TopicKey.Newsletter);
        await product.SubscribedAsync(next, TopicKey.Promotions);
        await product.PressAsync(old, ("pause", "90"));
        await MoveAsync(old, next);
        Assert.Null((await product.StateAsync(next))!.PausedUntil); // Anybody can name another's address.
        var (status, body) = await product.FormAsync(LinkOf(next, TopicKey.Newsletter), "en", ("confirm", "yes"));
        Assert.Equal(HttpStatusCode.OK, status);
        var state = (await product.StateAsync(next))!;
        Assert.Equal(
            (SubscriptionStatus.Subscribed, product.Time.UtcNowMs().AddDays(90)), (state.StatusOf(TopicKey.Newsletter), state.PausedUntil));
        Assert.Contains(
            Texts.Fill(Texts.Find("en")!.Paused, "date", Texts.Find("en")!.Date(state.PausedUntil!.Value)),
            System.Net.WebUtility.HtmlDecode(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R21_Taking_a_stop_back_says_what_is_true_also_where_something_had_waited_for_its_confirmation()
    {
        var address = CoreProduct.Email("waited@example.com");
        await product.SubscribedAsync(address, TopicKey.PackageUpdates);
        await product.PressAsync(address, ("subscribe", TopicKey.Promotions));
        await product.PressAsync(address, ("stop", LedgerDraft.AllTopics));
        var body = (await product.PressAsync(address, ("resume", "yes"))).Body;
        Assert.Contains("Taken back. What holds now is shown below.", body, StringComparison.Ordinal);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(address))!.StatusOf(TopicKey.Promotions));
    }

    private async Task<string> MoveAsync(Address old, Address next) =>
        (await product.PressAsync(old, ("move", "yes"), ("address", next.Value))).Body;

    private async Task ConfirmAsync(Address address, string topic, string? number = null) =>
        Assert.Equal(HttpStatusCode.OK, (await product.FormAsync(LinkOf(address, topic, number), "en", ("confirm", "yes"))).Status);

    private string LinkOf(Address address, string topic, string? number = null) => product.ConfirmPath(address, topic, number);

    private async Task WatchAsync(Address address, string text, WatchFilter filter)
    {
        Assert.True(TrackingNumber.TryParse(text, out var number, out _));
        await product.Get<Watches>().WatchAsync(new WatchRequest(number, address, "shop", "service:shop") { Filter = filter }, default);
    }
}

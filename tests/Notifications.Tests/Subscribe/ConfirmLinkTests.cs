using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Subscribe;

/// <summary>
/// What a confirmation link says and does when it is used twice, late, after a stop, or while somebody else signs the address up.
/// </summary>
public sealed class ConfirmLinkTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P6_R26_R28_A_press_confirms_what_its_page_had_listed_and_nothing_that_was_signed_up_meanwhile()
    {
        var ana = CoreProduct.Email("bound@example.com");
        await product.SignUpAsync(ana, "newsletter", "promotions");
        var path = product.AskedPath(ana);
        var seen = Asked.Fields(await product.ShowAsync(path));
        Assert.Equal(["topic-newsletter", "topic-promotions"], seen.Select(f => f.Name).Order());

        // Somebody else signs the address up after the window: the link now means the newer message, but the page that is open does not.
        product.Time.Advance(TimeSpan.FromHours(25));
        await product.SignUpAsync(ana, "surveys");
        await product.FormAsync(path, "en", [("confirm", "yes"), .. seen]);
        var state = (await product.StateAsync(ana))!;
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed, SubscriptionStatus.Pending),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions), state.StatusOf("surveys")));
        Assert.DoesNotContain(await product.LedgerAsync(ana), e => e.Action == LedgerAction.Confirm && e.Topic == "surveys");

        // A press that does not say what it had seen confirms nothing, and is asked.
        var (status, body) = await product.FormAsync(path, "en", ("confirm", "yes"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("name=\"topic-surveys\"", body, StringComparison.Ordinal);
        Assert.Equal(SubscriptionStatus.Pending, (await product.StateAsync(ana))!.StatusOf("surveys"));
    }

    [Fact]
    public async Task R28_A_used_link_says_that_it_is_confirmed_and_after_a_stop_that_nothing_is_to_confirm()
    {
        var ana = CoreProduct.Email("used@example.com");
        await product.SignUpAsync(ana, "newsletter", "promotions");
        var several = product.AskedPath(ana);
        (string, string)[] press = [("confirm", "yes"), .. Asked.Fields(await product.ShowAsync(several))];
        await product.FormAsync(several, "en", press);
        var (status, again) = await product.FormAsync(several, "en", press);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("now gets this: Promotions, Newsletter.", again, StringComparison.Ordinal);

        var links = product.Get<Links>();
        await product.FollowAsync(ana, "RR123456785PT");
        var package = new Uri(links.Confirm(product.Key(ana), Channel.Email, TopicKey.PackageUpdates, "RR123456785PT")).AbsolutePath;
        var one = new Uri(links.Confirm(product.Key(ana), Channel.Email, TopicKey.Newsletter)).AbsolutePath;
        foreach (var path in new[] { several, one, package })
        {
            var shown = await product.OpenAsync(path);
            Assert.Equal(HttpStatusCode.OK, shown.Status);
            Assert.Contains("Already confirmed", shown.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("name=\"confirm\"", shown.Text, StringComparison.Ordinal);
        }

        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.Get<AddressBook>()
            .ChangeAsync(
                product.Key(ana), null,
                (s, now) => Transitions.StopAll(s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, "page", "person"), now),
                null, default);
        foreach (var path in new[] { several, one, package })
        {
            var shown = await product.OpenAsync(path);
            Assert.Equal(HttpStatusCode.Gone, shown.Status);
            Assert.Contains("There is nothing to confirm", shown.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/p", "stop", "*")]
    [InlineData("/p", "stop", TopicKey.PackageUpdates)]
    [InlineData("/p", "unwatch", "RR123456785PT")]
    [InlineData("/u", "scope", "all")]
    [InlineData("/u", "scope", "topic")]
    [InlineData("/u", "scope", "named")]
    public async Task P6_R28_The_link_of_a_package_that_was_asked_about_before_a_stop_has_nothing_to_confirm_and_lifts_nothing(
        string page, string name, string value)
    {
        var ana = CoreProduct.Email($"overtaken.{name}{(int)value[0]}@example.com");
        await product.SubscribedAsync(ana, TopicKey.Newsletter, TopicKey.Promotions);
        await product.SignUpForPackageAsync(ana);
        var path = product.AskedPath(ana);
        Assert.Contains("name=\"confirm\"", await product.ShowAsync(path), StringComparison.Ordinal);

        product.Time.Advance(TimeSpan.FromMinutes(1));
        var links = product.Get<Links>();
        var stop = page == "/p"
            ? links.Preferences(product.Key(ana), Channel.Email)
            : links.Unsubscribe(
                product.Get<LinkTokens>().Write(
                    new LinkToken(LinkPurpose.Unsubscribe, product.Key(ana), Channel.Email)
                    {
                        Topic = TopicKey.PackageUpdates,
                        TrackingNumber = "RR123456785PT",
                    }));
        await product.FormAsync(new Uri(stop).AbsolutePath, "en", (name, value));
        var before = (await product.StateAsync(ana))!;
        product.Time.Advance(TimeSpan.FromMinutes(1));
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            var (status, body) = method == HttpMethod.Get
                ? ((await ProductFixture.SendAsync(product.Anonymous, method, path, null)).Status, await product.ShowAsync(path))
                : await product.FormAsync(path, "en", ("confirm", "yes"), ("also-package-RR123456785PT", "yes"));
            Assert.Equal(HttpStatusCode.Gone, status);
            Assert.Contains("There is nothing to confirm", body, StringComparison.Ordinal);
        }

        // Nothing was written, and the stop stands as it was said.
        var state = (await product.StateAsync(ana))!;
        Assert.Equal((before.Stopped, before.Ledger.Seq), (state.Stopped, state.Ledger.Seq));
        Assert.Equal(before.Subscriptions.Select(s => (s.Topic, s.Status)), state.Subscriptions.Select(s => (s.Topic, s.Status)));
        Assert.NotEqual(WatchStatus.Active, Assert.Single(await product.WatchesAsync(ana)).Status);

        // Asked for anew, the page of the question that came of it confirms it.
        product.Time.Advance(TimeSpan.FromHours(25));
        await product.SignUpForPackageAsync(ana);
        Assert.Equal(2, product.MailsTo(ana));
        await product.FormAsync(product.AskedPath(ana), "en", ("confirm", "yes"));
        Assert.Equal(WatchStatus.Active, Assert.Single(await product.WatchesAsync(ana)).Status);
        Assert.Null((await product.StateAsync(ana))!.Stopped);
    }

    [Fact]
    public async Task P6_A_package_that_was_asked_about_before_a_stop_is_no_box_beside_another_question_and_a_press_does_not_begin_it()
    {
        var ana = CoreProduct.Email("overtaken.box@example.com");
        await product.SignUpForPackageAsync(ana);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var centre = product.PreferencesPath(ana);
        await product.FormAsync(centre, "en", ("stop", "*"));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.SignUpAsync(ana, "newsletter");
        var path = product.AskedPath(ana);
        Assert.DoesNotContain("also-package", await product.ShowAsync(path), StringComparison.Ordinal);
        await product.FormAsync(path, "en", ("confirm", "yes"), ("topic-newsletter", "yes"), ("also-package-RR123456785PT", "yes"));
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(ana))!.StatusOf(TopicKey.Newsletter));
        Assert.Equal(WatchStatus.Pending, Assert.Single(await product.WatchesAsync(ana)).Status);
    }
}

using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Schedule;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Subscribe;

/// <summary>
/// What a confirmation link says and does when it is used twice, late, or while somebody else signs the address up; and what is asked about
/// after it.
/// </summary>
public sealed partial class ConfirmLinkTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P6_R26_R28_A_press_confirms_what_its_page_had_listed_and_nothing_that_was_signed_up_meanwhile()
    {
        var ana = CoreProduct.Email("bound@example.com");
        await SignUpAsync(ana, "newsletter", "promotions");
        var path = await AskedAsync(ana);
        var seen = Fields(await ShowAsync(path));
        Assert.Equal(["topic-newsletter", "topic-promotions"], seen.Select(f => f.Name).Order());

        // Somebody else signs the address up after the window: the link now means the newer message, but the page that is open does not.
        product.Time.Advance(TimeSpan.FromHours(25));
        await SignUpAsync(ana, "surveys");
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
        await SignUpAsync(ana, "newsletter", "promotions");
        var several = await AskedAsync(ana);
        (string, string)[] press = [("confirm", "yes"), .. Fields(await ShowAsync(several))];
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
        await FollowAsync(ana);
        var path = await AskedAsync(ana);
        Assert.Contains("name=\"confirm\"", await ShowAsync(path), StringComparison.Ordinal);

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
                ? ((await ProductFixture.SendAsync(product.Anonymous, method, path, null)).Status, await ShowAsync(path))
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
        await FollowAsync(ana);
        Assert.Equal(2, product.MailsTo(ana));
        await product.FormAsync(await AskedAsync(ana), "en", ("confirm", "yes"));
        Assert.Equal(WatchStatus.Active, Assert.Single(await product.WatchesAsync(ana)).Status);
        Assert.Null((await product.StateAsync(ana))!.Stopped);
    }

    [Fact]
    public async Task P6_A_package_that_was_asked_about_before_a_stop_is_no_box_beside_another_question_and_a_press_does_not_begin_it()
    {
        var ana = CoreProduct.Email("overtaken.box@example.com");
        await FollowAsync(ana);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var centre = product.PreferencesPath(ana);
        await product.FormAsync(centre, "en", ("stop", "*"));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await SignUpAsync(ana, "newsletter");
        var path = await AskedAsync(ana);
        Assert.DoesNotContain("also-package", await ShowAsync(path), StringComparison.Ordinal);
        await product.FormAsync(path, "en", ("confirm", "yes"), ("topic-newsletter", "yes"), ("also-package-RR123456785PT", "yes"));
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(ana))!.StatusOf(TopicKey.Newsletter));
        Assert.Equal(WatchStatus.Pending, Assert.Single(await product.WatchesAsync(ana)).Status);
    }

    private async Task FollowAsync(Address address)
    {
        await product.FormAsync(
            "/subscribe", "en", ("email", address.Value), ("package", "RR123456785PT"), ("watch-email", "yes"), ("age", "adult"));
        await product.WorkAsync();
    }

    [Fact]
    public async Task R28_R63_What_is_chosen_within_a_window_is_asked_about_in_one_message_when_it_ends()
    {
        var ana = CoreProduct.Email("later@example.com");
        await SignUpAsync(ana, "newsletter");
        product.Time.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 3; i++) await SignUpAsync(ana, "promotions", "surveys");
        product.Time.Advance(TimeSpan.FromHours(22));
        await DueAsync();
        Assert.Equal(1, product.MailsTo(ana));
        var early = await product.Get<ConsentQuestions>().AskWhenDueAsync(
            new SendRequest
            {
                Id = $"{product.Key(ana).Value}.{new string('A', MessageId.SuffixLength)}",
                Channel = Channel.Email,
                To = ana.Value,
                Topic = "promotions",
                AskWhenDue = true,
                SendAt = product.Time.GetUtcNow().AddMilliseconds(1),
            },
            default);
        Assert.Equal(WorkResult.Later, early.Result); // A queue may be a moment early: the question must not be lost by it.
        product.Time.Advance(TimeSpan.FromHours(1));
        await DueAsync();
        Assert.Equal(2, product.MailsTo(ana));
        Assert.Equal("Please confirm: Newsletter, Promotions, Surveys", product.Sent.Emails.Last(m => m.To == ana.Value).Subject);
        Assert.Equal(
            ["topic-newsletter", "topic-promotions", "topic-surveys"],
            Fields(await ShowAsync(await AskedAsync(ana))).Select(f => f.Name).Order());

        // Asked about once: the next is for whoever signs up again.
        product.Time.Advance(TimeSpan.FromDays(3));
        await DueAsync();
        Assert.Equal(2, product.MailsTo(ana));
    }

    [Fact]
    public async Task R28_R63_The_link_of_a_message_whose_topics_wait_to_be_asked_about_anew_still_asks_about_those_and_confirms_them()
    {
        var ana = CoreProduct.Email("anew@example.com");
        await SignUpAsync(ana, "newsletter", "promotions");
        var path = await AskedAsync(ana);
        product.Time.Advance(TimeSpan.FromHours(25));
        // A package has the next window.
        await product.FormAsync(
            "/subscribe", "en", ("email", ana.Value), ("package", "RR123456785PT"), ("watch-email", "yes"), ("age", "adult"));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await SignUpAsync(ana, "newsletter", "promotions", "surveys");
        var state = (await product.StateAsync(ana))!;
        Assert.Equal(2, product.MailsTo(ana));
        Assert.All(state.Subscriptions, s => Assert.Equal((true, null), (s.Waits, s.ConfirmationAt)));

        var shown = await ShowAsync(path);
        Assert.Equal(["topic-newsletter", "topic-promotions"], Fields(shown).Select(f => f.Name).Order());
        Assert.Contains("name=\"also-surveys\"", shown, StringComparison.Ordinal);
        await product.FormAsync(path, "en", [("confirm", "yes"), .. Fields(shown)]);
        state = (await product.StateAsync(ana))!;
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Subscribed, SubscriptionStatus.Pending),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions), state.StatusOf("surveys")));
    }

    [Fact]
    public async Task R43_R63_Nothing_is_asked_when_the_window_ends_after_a_stop_or_where_it_was_asked_about_meanwhile()
    {
        var (stopped, answered) = (CoreProduct.Email("later.stopped@example.com"), CoreProduct.Email("later.answered@example.com"));
        foreach (var address in new[] { stopped, answered })
        {
            await SignUpAsync(address, "newsletter");
            product.Time.Advance(TimeSpan.FromMinutes(1));
            await SignUpAsync(address, "promotions");
        }

        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.Get<AddressBook>().ChangeAsync(
            product.Key(stopped), null,
            (s, now) =>
                Transitions.StopByText(s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, ConsentSource.Sms, "person"), now),
            null, default);
        await product.FormAsync(await AskedAsync(answered), "en", ("confirm", "yes"));
        await SignUpAsync(answered, "surveys"); // A window of its own, which asks about all that waits.
        Assert.Equal((1, 2), (product.MailsTo(stopped), product.MailsTo(answered)));
        product.Time.Advance(TimeSpan.FromHours(24));
        await DueAsync();
        Assert.Equal((1, 2), (product.MailsTo(stopped), product.MailsTo(answered)));
    }

    [Fact]
    public async Task P6_R43_What_waited_when_everything_was_stopped_by_text_is_not_asked_about_again_and_its_own_page_still_confirms_it()
    {
        var ana = CoreProduct.Email("stopped.waiting@example.com");
        await SignUpAsync(ana, "newsletter", "promotions");
        var old = await AskedAsync(ana);
        await SayAsync((s, now) => Transitions.StopByText(s, Said(LedgerAction.StopAll), now));
        await SignUpAsync(ana, "surveys");
        Assert.Equal("Please confirm: Surveys", product.Sent.Emails.Last(m => m.To == ana.Value).Subject);
        await SayAsync((s, now) => Transitions.ResumeByText(s, Said(LedgerAction.Resume), now));
        var centre = product.PreferencesPath(ana);
        await product.FormAsync(await AskedAsync(ana), "en", ("confirm", "yes"), ("topic-surveys", "yes"));
        Assert.DoesNotContain("name=\"again\"", await ShowAsync(centre), StringComparison.Ordinal);
        Assert.DoesNotContain("Waiting for your confirmation", await ShowAsync(centre), StringComparison.Ordinal);
        Assert.Contains(
            "Nothing had to be changed", (await product.FormAsync(centre, "en", ("again", "yes"))).Body, StringComparison.Ordinal);
        Assert.Equal(2, product.MailsTo(ana));

        // A press on the page of its question is a word of after the stop.
        await product.FormAsync(old, "en", [("confirm", "yes"), .. Fields(await ShowAsync(old))]);
        var state = (await product.StateAsync(ana))!;
        Assert.All(
            [TopicKey.Newsletter, TopicKey.Promotions], t => Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(t)));

        static LedgerDraft Said(LedgerAction action) => new(action, LedgerDraft.AllTopics, ConsentSource.Sms, "person");
        async Task SayAsync(Func<AddressState, DateTimeOffset, Change> what)
        {
            product.Time.Advance(TimeSpan.FromMinutes(1));
            await product.Get<AddressBook>().ChangeAsync(product.Key(ana), null, what, null, default);
            product.Time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task R63_The_confirmation_is_sent_again_from_the_persons_own_page_once_an_hour()
    {
        var ana = CoreProduct.Email("again@example.com");
        await SignUpAsync(ana, "newsletter");
        await SignUpAsync(ana, "promotions");
        var centre = product.PreferencesPath(ana);
        Assert.Contains("name=\"again\"", await ShowAsync(centre), StringComparison.Ordinal);
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains(
                "we have sent you a message", (await product.FormAsync(centre, "en", ("again", "yes"))).Body, StringComparison.Ordinal);
            await product.WorkAsync();
        }

        Assert.Equal(1, product.MailsTo(ana)); // The first is not an hour old.
        product.Time.Advance(TimeSpan.FromMinutes(61));
        for (var i = 0; i < 3; i++)
        {
            await product.FormAsync(centre, "en", ("again", "yes"));
            await product.WorkAsync();
        }

        Assert.Equal(2, product.MailsTo(ana));
        Assert.Equal("Please confirm: Newsletter, Promotions", product.Sent.Emails.Last(m => m.To == ana.Value).Subject);
        await product.FormAsync(
            await AskedAsync(ana), "en", [("confirm", "yes"), ("topic-newsletter", "yes"), ("topic-promotions", "yes")]);
        Assert.DoesNotContain("name=\"again\"", await ShowAsync(centre), StringComparison.Ordinal);
        Assert.Contains(
            "Nothing had to be changed", (await product.FormAsync(centre, "en", ("again", "yes"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R63_The_confirmation_of_packages_alone_is_sent_again_too_once_an_hour_in_one_message()
    {
        var ana = CoreProduct.Email("again.package@example.com");
        await FollowAsync(ana);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.FormAsync(
            "/subscribe", "en", ("email", ana.Value), ("package", "LX123456785CN"), ("watch-email", "yes"), ("age", "adult"));
        await product.WorkAsync();
        var centre = product.PreferencesPath(ana);
        Assert.Contains("name=\"again\"", await ShowAsync(centre), StringComparison.Ordinal);
        foreach (var (minutes, mails) in new[] { (0, 1), (61, 2), (1, 2), (60, 3) })
        {
            product.Time.Advance(TimeSpan.FromMinutes(minutes));
            var (_, body) = await product.FormAsync(centre, "en", ("again", "yes"));
            Assert.Contains("we have sent you a message", body, StringComparison.Ordinal);
            await product.WorkAsync();
            Assert.Equal(mails, product.MailsTo(ana));
        }

        // The page of the one has the other beside it.
        await product.FormAsync(
            await AskedAsync(ana), "en", ("confirm", "yes"), ("also-package-RR123456785PT", "yes"), ("also-package-LX123456785CN", "yes"));
        Assert.Equal([WatchStatus.Active, WatchStatus.Active], (await product.WatchesAsync(ana)).Select(w => w.Status));
        Assert.DoesNotContain("name=\"again\"", await ShowAsync(centre), StringComparison.Ordinal);
        Assert.Contains(
            "Nothing had to be changed", (await product.FormAsync(centre, "en", ("again", "yes"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R21_R63_By_text_the_pages_say_that_a_message_was_sent_only_where_one_was_that_asks_about_it()
    {
        var ana = CoreProduct.Phone("+14155550193");
        int Texts() => product.Sent.Texts.Count(t => t.To == ana.Value);
        async Task<string> SignUpByTextAsync(string topic)
        {
            var (_, body) = await product.FormAsync(
                "/subscribe", "en", ("phone", ana.Value), ("topic-sms-" + topic, "yes"), ("age", "adult"));
            await product.WorkAsync();
            return body;
        }

        var said = await SignUpByTextAsync("newsletter");
        Assert.Contains("while a text message of ours waits for your answer, we ask in a later one", said, StringComparison.Ordinal);
        Assert.Equal(1, Texts());
        var centre = product.PreferencesPath(ana);
        Assert.Contains(
            "we have sent you a message", (await product.FormAsync(centre, "en", ("again", "yes"))).Body, StringComparison.Ordinal);
        foreach (var press in new[] { ("subscribe", "promotions"), ("again", "yes") })
        {
            var (_, body) = await product.FormAsync(centre, "en", press);
            Assert.Contains("please answer the text message that we sent you before", body, StringComparison.Ordinal);
            Assert.DoesNotContain("we have sent you a message", body, StringComparison.Ordinal);
            await product.WorkAsync();
            Assert.Equal(1, Texts());
        }

        product.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Contains(
            "we have sent you a message", (await product.FormAsync(centre, "en", ("again", "yes"))).Body, StringComparison.Ordinal);
        await product.WorkAsync();
        Assert.Equal(2, Texts());
    }

    private async Task SignUpAsync(Address address, params string[] chosen)
    {
        await product.FormAsync(
            "/subscribe", "en", [("email", address.Value), ("age", "adult"), .. chosen.Select(t => ("topic-email-" + t, "yes"))]);
        await product.WorkAsync();
    }

    private async Task DueAsync()
    {
        await product.Get<ScheduleRunner>().RunDueAsync(default);
        await product.WorkAsync();
    }

    private Task<string> AskedAsync(Address address) =>
        Task.FromResult(new Uri(Link().Match(product.Sent.Emails.Last(m => m.To == address.Value).Text!).Value).AbsolutePath);

    private async Task<string> ShowAsync(string path) =>
        WebUtility.HtmlDecode((await product.OpenAsync(path)).Text);

    private static (string Name, string Value)[] Fields(string body) =>
        [.. Hidden().Matches(body).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];

    [GeneratedRegex("https?://\\S+/c/\\S+")]
    private static partial Regex Link();

    [GeneratedRegex("type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]+)\"")]
    private static partial Regex Hidden();
}

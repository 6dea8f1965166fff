using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Schedule;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Subscribe;

/// <summary>
/// When somebody is asked to confirm: once in a window about all that was chosen in it, anew when it ends, and again from their own page.
/// </summary>
public sealed class QuestionWindowTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R28_R63_What_is_chosen_within_a_window_is_asked_about_in_one_message_when_it_ends()
    {
        var ana = CoreProduct.Email("later@example.com");
        await product.SignUpAsync(ana, "newsletter");
        product.Time.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 3; i++) await product.SignUpAsync(ana, "promotions", "surveys");
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
            Asked.Fields(await product.ShowAsync(product.AskedPath(ana))).Select(f => f.Name).Order());

        // Asked about once: the next is for whoever signs up again.
        product.Time.Advance(TimeSpan.FromDays(3));
        await DueAsync();
        Assert.Equal(2, product.MailsTo(ana));
    }

    [Fact]
    public async Task R28_R63_The_link_of_a_message_whose_topics_wait_to_be_asked_about_anew_still_asks_about_those_and_confirms_them()
    {
        var ana = CoreProduct.Email("anew@example.com");
        await product.SignUpAsync(ana, "newsletter", "promotions");
        var path = product.AskedPath(ana);
        product.Time.Advance(TimeSpan.FromHours(25));
        // A package has the next window.
        await product.FormAsync(
            "/subscribe", "en", ("email", ana.Value), ("package", "RR123456785PT"), ("watch-email", "yes"), ("age", "adult"));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.SignUpAsync(ana, "newsletter", "promotions", "surveys");
        var state = (await product.StateAsync(ana))!;
        Assert.Equal(2, product.MailsTo(ana));
        Assert.All(state.Subscriptions, s => Assert.Equal((true, null), (s.Waits, s.ConfirmationAt)));

        var shown = await product.ShowAsync(path);
        Assert.Equal(["topic-newsletter", "topic-promotions"], Asked.Fields(shown).Select(f => f.Name).Order());
        Assert.Contains("name=\"also-surveys\"", shown, StringComparison.Ordinal);
        await product.FormAsync(path, "en", [("confirm", "yes"), .. Asked.Fields(shown)]);
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
            await product.SignUpAsync(address, "newsletter");
            product.Time.Advance(TimeSpan.FromMinutes(1));
            await product.SignUpAsync(address, "promotions");
        }

        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.Get<AddressBook>().ChangeAsync(
            product.Key(stopped), null,
            (s, now) =>
                Transitions.StopByText(s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, ConsentSource.Sms, "person"), now),
            null, default);
        await product.FormAsync(product.AskedPath(answered), "en", ("confirm", "yes"));
        await product.SignUpAsync(answered, "surveys"); // A window of its own, which asks about all that waits.
        Assert.Equal((1, 2), (product.MailsTo(stopped), product.MailsTo(answered)));
        product.Time.Advance(TimeSpan.FromHours(24));
        await DueAsync();
        Assert.Equal((1, 2), (product.MailsTo(stopped), product.MailsTo(answered)));
    }

    [Fact]
    public async Task P6_R43_What_waited_when_everything_was_stopped_by_text_is_not_asked_about_again_and_its_own_page_still_confirms_it()
    {
        var ana = CoreProduct.Email("stopped.waiting@example.com");
        await product.SignUpAsync(ana, "newsletter", "promotions");
        var old = product.AskedPath(ana);
        await SayAsync((s, now) => Transitions.StopByText(s, Said(LedgerAction.StopAll), now));
        await product.SignUpAsync(ana, "surveys");
        Assert.Equal("Please confirm: Surveys", product.Sent.Emails.Last(m => m.To == ana.Value).Subject);
        await SayAsync((s, now) => Transitions.ResumeByText(s, Said(LedgerAction.Resume), now));
        var centre = product.PreferencesPath(ana);
        await product.FormAsync(product.AskedPath(ana), "en", ("confirm", "yes"), ("topic-surveys", "yes"));
        Assert.DoesNotContain("name=\"again\"", await product.ShowAsync(centre), StringComparison.Ordinal);
        Assert.DoesNotContain("Waiting for your confirmation", await product.ShowAsync(centre), StringComparison.Ordinal);
        Assert.Contains(
            "Nothing had to be changed", (await product.FormAsync(centre, "en", ("again", "yes"))).Body, StringComparison.Ordinal);
        Assert.Equal(2, product.MailsTo(ana));

        // A press on the page of its question is a word of after the stop.
        await product.FormAsync(old, "en", [("confirm", "yes"), .. Asked.Fields(await product.ShowAsync(old))]);
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
        await product.SignUpAsync(ana, "newsletter");
        await product.SignUpAsync(ana, "promotions");
        var centre = product.PreferencesPath(ana);
        Assert.Contains("name=\"again\"", await product.ShowAsync(centre), StringComparison.Ordinal);
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
            product.AskedPath(ana), "en", [("confirm", "yes"), ("topic-newsletter", "yes"), ("topic-promotions", "yes")]);
        Assert.DoesNotContain("name=\"again\"", await product.ShowAsync(centre), StringComparison.Ordinal);
        Assert.Contains(
            "Nothing had to be changed", (await product.FormAsync(centre, "en", ("again", "yes"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R63_The_confirmation_of_packages_alone_is_sent_again_too_once_an_hour_in_one_message()
    {
        var ana = CoreProduct.Email("again.package@example.com");
        await product.SignUpForPackageAsync(ana);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.FormAsync(
            "/subscribe", "en", ("email", ana.Value), ("package", "LX123456785CN"), ("watch-email", "yes"), ("age", "adult"));
        await product.WorkAsync();
        var centre = product.PreferencesPath(ana);
        Assert.Contains("name=\"again\"", await product.ShowAsync(centre), StringComparison.Ordinal);
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
            product.AskedPath(ana), "en", ("confirm", "yes"), ("also-package-RR123456785PT", "yes"), ("also-package-LX123456785CN", "yes"));
        Assert.Equal([WatchStatus.Active, WatchStatus.Active], (await product.WatchesAsync(ana)).Select(w => w.Status));
        Assert.DoesNotContain("name=\"again\"", await product.ShowAsync(centre), StringComparison.Ordinal);
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

    private async Task DueAsync()
    {
        await product.Get<ScheduleRunner>().RunDueAsync(default);
        await product.WorkAsync();
    }
}

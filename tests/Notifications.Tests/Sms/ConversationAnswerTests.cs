using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>What is answered to STOP and HELP, and what an answer to our question changes.</summary>
public sealed class ConversationAnswerTests
{
    private const string Noted = "Parcel Post: noted. Nothing is sent to this number at present. Questions: help@example.com";
    private const string Held = "Parcel Post: noted. Not sent at present: Newsletter. Questions: help@example.com";

    [Theory]
    [InlineData(0, 1), InlineData(4, 1), InlineData(6, 0)]
    public async Task R44_One_confirmation_within_five_minutes_and_none_after_six(int minutes, int confirmations)
    {
        var product = await WithAnaAsync();
        var said = product.Now;
        product.Time.Advance(TimeSpan.FromMinutes(minutes));
        for (var i = 0; i < 3; i++) await product.TextAsync(Ana, "STOP", "e1", said);

        Assert.Equal(confirmations, product.Outbox.Texts.Count);
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);
        foreach (var text in product.Outbox.Texts)
        {
            Assert.Equal("Parcel Post: you will get no more texts from us. Reply START to take this back.", text.Text);
            Assert.DoesNotContain("http", text.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task R44_A_confirmation_that_waits_too_long_on_the_queue_is_not_sent()
    {
        var product = await WithAnaAsync();
        await product.Inbound.HandleAsync(CoreProduct.Text("e1", Ana, "STOP", product.Now), default);
        product.Time.Advance(TimeSpan.FromMinutes(6));
        await product.PumpAsync();
        Assert.Empty(product.Outbox.Texts);
    }

    [Fact]
    public async Task R44_A_crash_between_the_change_and_the_answer_loses_neither()
    {
        var product = await WithAnaAsync();
        await product.Inbound.HandleAsync(CoreProduct.Text("e1", Ana, "STOP", product.Now), default);
        foreach (var item in await product.Store.ReceiveAsync(Queues.Send, 32, TimeSpan.FromMinutes(1)))
            await product.Store.CompleteAsync(item);
        await product.TextAsync(Ana, "STOP", "e1");
        Assert.Single(product.Outbox.Texts);
    }

    [Fact]
    public async Task R45_With_the_question_silence_keeps_everything_stopped()
    {
        var product = await WithAnaAsync(o => o.StopScope = StopScope.Clarification);
        await product.TextAsync(Ana, "STOP");
        Assert.Equal(
            "Parcel Post: all our texts are stopped. To keep only one kind, reply with its number: 1 Package updates, 2 Promotions.",
            Assert.Single(product.Outbox.Texts).Text);
        Assert.Equal(Reason.Unsubscribed, (await product.SendAsync(product.Message(Phone, TopicKey.PackageUpdates)))!.Reason);
    }

    [Fact]
    public async Task R45_An_explicit_choice_resumes_only_that()
    {
        var product = await WithAnaAsync(o => o.StopScope = StopScope.Clarification);
        await product.TextAsync(Ana, "STOP");
        await product.TextAsync(Ana, "1");
        var state = await product.StateAsync(Phone);
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.PackageUpdates));
        Assert.Equal(SubscriptionStatus.Unsubscribed, state.StatusOf(TopicKey.Promotions));
        Assert.Contains("only: Package updates", product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
        await product.TextAsync(Ana, "2");
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(Phone)).StatusOf(TopicKey.Promotions));
    }

    [Theory]
    [InlineData("en", "Promotions, please")]
    [InlineData("en", "2 thanks")]
    [InlineData("de", "Angebote")]
    public async Task R45_The_name_of_a_kind_chooses_it_as_its_number_does(string locale, string answer)
    {
        var product = new CoreProduct(o => o.StopScope = StopScope.Clarification);
        await product.SubscribeAsync(Phone, locale, TopicKey.PackageUpdates, TopicKey.Promotions);
        await product.TextAsync(Ana, "STOP");
        await product.TextAsync(Ana, answer.Replace("Angebote", ConsentTexts.For("de")[TopicKey.Promotions], StringComparison.Ordinal));
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(Phone)).StatusOf(TopicKey.Promotions));
    }

    [Theory]
    [InlineData("keep 1"), InlineData("1 and 2"), InlineData("12"), InlineData("not 1"), InlineData("Newsletter")]
    public async Task R45_An_answer_that_is_none_is_asked_for_once_more_and_never_guessed_at(string answer)
    {
        var product = await WithAnaAsync(o => o.StopScope = StopScope.Clarification);
        await product.TextAsync(Ana, "STOP");
        var question = Assert.Single(product.Outbox.Texts).Text;
        await product.TextAsync(Ana, "ok thanks");
        Assert.Single(product.Outbox.Texts);
        await product.TextAsync(Ana, answer);
        Assert.Equal([question, question], product.Outbox.Texts.Select(t => t.Text));
        await product.TextAsync(Ana, answer);
        Assert.Equal(2, product.Outbox.Texts.Count);
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);
        await product.TextAsync(Ana, "1");
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(Phone)).StatusOf(TopicKey.PackageUpdates));
    }

    [Theory]
    [InlineData("ar", "٢")]
    [InlineData("de", "２")]
    public async Task R45_R55_The_question_names_the_topics_in_the_persons_language_and_is_answered_in_any_digits(
        string locale, string answer)
    {
        var product = new CoreProduct(o => o.StopScope = StopScope.Clarification);
        await product.SubscribeAsync(Phone, locale, TopicKey.PackageUpdates, TopicKey.Promotions);
        var names = ConsentTexts.For(locale);
        await product.TextAsync(Ana, "STOP");
        Assert.Contains(
            names.Join([$"1 {names[TopicKey.PackageUpdates]}", $"2 {names[TopicKey.Promotions]}"]),
            Assert.Single(product.Outbox.Texts).Text, StringComparison.Ordinal);
        await product.TextAsync(Ana, answer);
        Assert.Contains(names[TopicKey.Promotions], product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(Phone)).StatusOf(TopicKey.Promotions));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R21_R28_No_answer_promises_what_the_rules_refuse(bool restricted)
    {
        var product = await WithAnaAsync();
        await product.Consents.OptInAsync(
            Phone, product.Topics.Find(TopicKey.Newsletter)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person") { PolicyVersion = "2025-01-01" }, confirmed: false,
            null, default);
        await product.PumpAsync();
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await RefuseAsync(restricted, "2026-11-01");
        await product.TextAsync(Ana, "YES");
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));
        Assert.Equal(restricted ? Noted : Held, product.Outbox.Texts.Last().Text);

        await product.TextAsync(Ana, "STOP");
        await RefuseAsync(true, null);
        await product.TextAsync(Ana, "START");
        Assert.Null((await product.StateAsync(Phone)).Stopped);
        Assert.Equal(Noted, product.Outbox.Texts.Last().Text);

        async Task RefuseAsync(bool restrict, string? policy)
        {
            product.Sending.RequiredPolicyVersion = policy;
            await product.Book.ChangeAsync(
                product.Ring.KeyOf(Phone), null, (s, now) => new Change(s with { RestrictedSince = restrict ? now : null }, []), null,
                default);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R41_R28_A_YES_to_what_a_review_or_a_break_holds_back_is_told_that_this_topic_is_not_sent(bool review)
    {
        var product = await WithAnaAsync();
        await AskAsync(product, TopicKey.Newsletter);
        await product.Book.ChangeAsync(
            product.Ring.KeyOf(Phone), null,
            (s, now) => new Change(
                review ? s with { Reviews = ["a"], ReviewPending = true } : s with { PausedUntil = now.AddDays(30) }, []),
            null, default);
        await product.TextAsync(Ana, "YES");
        Assert.Equal(Held, product.Outbox.Texts.Last().Text);
    }

    private static async Task AskAsync(CoreProduct product, string topic)
    {
        await product.Consents.OptInAsync(
            Phone, product.Topics.Find(topic)!,
            new LedgerDraft(LedgerAction.OptIn, topic, "form", "person") { PolicyVersion = "2025-01-01" }, confirmed: false, null, default);
        await product.PumpAsync();
        product.Time.Advance(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task R45_A_choice_after_its_window_or_without_a_question_changes_nothing()
    {
        var product = await WithAnaAsync(o => o.StopScope = StopScope.Clarification);
        await product.TextAsync(Ana, "1");
        Assert.Null((await product.StateAsync(Phone)).Stopped);
        await product.TextAsync(Ana, "STOP");
        product.Time.Advance(TimeSpan.FromHours(25));
        await product.TextAsync(Ana, "1");
        await product.TextAsync(Ana, "3");
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);
    }

    [Fact]
    public async Task R46_Stop_to_one_number_blocks_our_other_numbers()
    {
        var product = await WithAnaAsync();
        await product.TextAsync(Ana, "STOP", to: "18885550199");
        product.Sender.SmsFrom = "+18005550100";
        Assert.Equal(Reason.Unsubscribed, (await product.SendAsync(product.Message(Phone, TopicKey.Promotions)))!.Reason);
    }

    [Theory]
    [InlineData("+18005550100", 0), InlineData("18335550100", 0), InlineData("+18445550100", 0), InlineData("+18555550100", 0)]
    [InlineData("+18665550100", 0), InlineData("+18775550100", 0), InlineData("+18885550100", 0)]
    [InlineData("+18085550100", 1), InlineData("+441800555010", 1), InlineData("+14155550100", 1), InlineData("72345", 1)]
    public async Task R47_Behind_a_US_toll_free_number_the_carrier_answers_stop_and_behind_any_other_we_do(string to, int answers)
    {
        var product = await WithAnaAsync(o => o.TollFreeAnswersStop = true);
        await product.TextAsync(Ana, "STOP", to: to);
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);
        Assert.Equal(answers, product.Outbox.Texts.Count);
    }

    [Theory]
    [InlineData("STOP", "START", 0, 0), InlineData(" stop\n", "UnStop", 0, 0)]
    [InlineData("QUIT", "RESUBSCRIBE", 1, 1), InlineData("unsubscribe", "YES", 1, 1), InlineData("REVOKE", "start ", 1, 0)]
    [InlineData("Stop!", "Start!", 1, 1), InlineData("STOP ALL", "恢复", 1, 1), InlineData("please stop texting me", "unstop", 1, 0)]
    [InlineData("STOP", "YES", 0, 1)]
    public async Task R47_R44_R49_Behind_a_toll_free_number_we_answer_every_word_that_the_carrier_does_not(
        string stop, string start, int confirmations, int welcomes)
    {
        var product = await WithAnaAsync(o => o.TollFreeAnswersStop = true);
        await product.TextAsync(Ana, stop, to: "+18005550100");
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);
        Assert.Equal(confirmations, product.Outbox.Texts.Count);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.TextAsync(Ana, start, to: "+18005550100");
        Assert.Null((await product.StateAsync(Phone)).Stopped);
        Assert.Equal(confirmations + welcomes, product.Outbox.Texts.Count);
    }

    [Fact]
    public async Task R47_Where_the_carrier_answers_stop_and_start_we_act_and_stay_silent()
    {
        var product = await WithAnaAsync(o => o.ProviderAnswersStop = ["+18005550100"]);
        await product.TextAsync(Ana, "STOP");
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);
        await product.TextAsync(Ana, "START");
        Assert.Null((await product.StateAsync(Phone)).Stopped);
        Assert.Empty(product.Outbox.Texts);
        await product.TextAsync(Ana, "HELP");
        await product.TextAsync(Ana, "STOP", to: "+18005550111");
        Assert.Equal(2, product.Outbox.Texts.Count);
    }

    [Fact]
    public async Task R48_Help_says_who_we_are_also_after_stop_and_changes_no_permission()
    {
        var product = await WithAnaAsync();
        await product.TextAsync(Ana, "STOP");
        var before = await product.StateAsync(Phone);
        await product.TextAsync(Ana, "info");
        var text = product.Outbox.Texts.Last().Text;
        foreach (var part in (string[])[
            "Parcel Post", "SMS alerts", "help@example.com", "message frequency varies", "STOP", "data rates may apply",
        ])
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }

        var after = await product.StateAsync(Phone);
        Assert.Equal((before.Stopped, before.Ledger), (after.Stopped, after.Ledger));
        Assert.Equal(before.Subscriptions, after.Subscriptions);

        // Also to somebody we do not know, and in the language of the word.
        await product.TextAsync("+33612345678", "aide");
        Assert.Contains("Aide : help@example.com", product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AYUDA", "avisos por SMS", "Ayuda: help@example.com")]
    [InlineData("hilfe", "SMS-Meldungen", "Hilfe: help@example.com")]
    [InlineData("aide", "alertes SMS", "Aide : help@example.com")]
    [InlineData("HELP", "SMSのお知らせ", "お問い合わせ：help@example.com")] // The word of everybody says nothing of a language.
    public async Task R55_Help_in_a_language_is_answered_in_it_whatever_locale_is_stored(string word, string programme, string contact)
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Phone, "ja-JP", TopicKey.PackageUpdates);
        await product.TextAsync(Ana, word);
        var text = Assert.Single(product.Outbox.Texts).Text;
        Assert.Contains(contact, text, StringComparison.Ordinal);
        Assert.Contains(programme, text, StringComparison.Ordinal);
        Assert.DoesNotContain("SMS alerts", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R45_R21_What_the_rules_refuse_is_not_among_what_can_be_kept()
    {
        var product = await WithAnaAsync(o => o.StopScope = StopScope.Clarification);
        await product.SubscribeAsync(Ana, TopicKey.Newsletter);
        await product.Book.ChangeAsync(
            product.Ring.KeyOf(Phone), null, (s, now) => new Change(s with { PausedUntil = now.AddDays(30) }, []), null, default);
        await product.TextAsync(Ana, "STOP");
        Assert.StartsWith("Parcel Post: you will get no more texts", Assert.Single(product.Outbox.Texts).Text, StringComparison.Ordinal);
        Assert.Null((await product.StateAsync(Phone)).Choice);
    }

    [Theory]
    [InlineData(true, "1", Noted)]
    [InlineData(false, "2", Noted)]
    [InlineData(false, "1", "Parcel Post: you now get only: Package updates. Reply STOP to stop.")]
    public async Task R45_R21_A_choice_of_what_is_not_sent_at_present_is_noted_and_not_promised(
        bool restricted, string choice, string answer)
    {
        var product = await WithAnaAsync(o => o.StopScope = StopScope.Clarification);
        await product.TextAsync(Ana, "STOP");
        product.Sending.RequiredPolicyVersion = "2026-11-01"; // Of marketing alone.
        await product.Book.ChangeAsync(
            product.Ring.KeyOf(Phone), null, (s, now) => new Change(s with { RestrictedSince = restricted ? now : null }, []), null,
            default);
        await product.TextAsync(Ana, choice);
        Assert.Null((await product.StateAsync(Phone)).Stopped);
        Assert.Equal(answer, product.Outbox.Texts.Last().Text);
    }

    [Fact]
    public async Task R48_The_stored_locale_comes_before_the_words_language()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Phone, "ja-JP", TopicKey.PackageUpdates);
        await product.TextAsync(Ana, "STOP");
        Assert.StartsWith("Parcel Post：今後SMS", Assert.Single(product.Outbox.Texts).Text, StringComparison.Ordinal);
    }
}

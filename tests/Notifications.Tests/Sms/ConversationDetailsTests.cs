using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>Conversations by text where they are easily off by one: who is answered, when, and what the ledger keeps of it.</summary>
public sealed class ConversationDetailsTests
{
    [Fact]
    public async Task R26_The_ledger_keeps_the_words_the_event_and_the_number_that_a_text_came_to()
    {
        var product = await WithAnaAsync();
        await product.TextAsync(Ana, "Stop!", "e1");
        var entry = (await product.Book.LedgerAsync(product.Ring.KeyOf(Phone), default))[^1];
        Assert.Equal((LedgerAction.StopAll, "*", "sms", "person"), (entry.Action, entry.Topic, entry.Detail!.Source, entry.Detail.Actor));
        Assert.Equal("""{"event":"e1","text":"Stop!","to":"18005550100"}""", entry.Detail.Evidence);
        await product.TextAsync(Ana, "START", "e2", product.Now, to: "");
        Assert.Equal(
            """{"event":"e2","text":"START"}""", (await product.Book.LedgerAsync(product.Ring.KeyOf(Phone), default))[^1].Detail!.Evidence);
    }

    [Fact]
    public async Task R49_A_YES_to_a_package_begins_its_watch_and_is_answered_and_without_one_it_is_not()
    {
        var world = new PackagesWorld();
        await world.Watches.WatchAsync(
            new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), Phone, WatchOptions.PublicForm, "service:test"), default);
        await world.PumpAsync();
        Assert.Single(world.Outbox.Texts);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Get<InboundEvents>().HandleAsync(CoreProduct.Text("e1", Ana, "YES", world.Clock.GetUtcNow()), default);
        await world.PumpAsync();
        var watch = Assert.Single(await world.Watches.OfAsync(world.Ring.KeyOf(Phone), default)).Watch;
        Assert.Equal(WatchStatus.Active, watch.Status);
        Assert.Equal(2, world.Outbox.Texts.Count);
        var entry = (await world.Book.LedgerAsync(world.Ring.KeyOf(Phone), default))[^1];
        Assert.Equal((LedgerAction.Confirm, "sms"), (entry.Action, entry.Detail!.Source));
        await world.Get<InboundEvents>().HandleAsync(CoreProduct.Text("e2", Ana, "YES", world.Clock.GetUtcNow()), default);
        await world.PumpAsync();
        Assert.Equal(2, world.Outbox.Texts.Count); // A stray one.
    }

    [Fact]
    public async Task R49_A_YES_to_several_topics_confirms_them_all_and_the_ledger_says_so()
    {
        var product = await WithAnaAsync(null, TopicKey.PackageUpdates);
        await product.Consents.OptInAsync(
            Phone,
            [
                .. ((string[])[TopicKey.Newsletter, TopicKey.Promotions]).Select(
                    t => (product.Topics.Find(t)!, new LedgerDraft(LedgerAction.OptIn, t, "form", "person"))),
            ],
            false, null, default);
        await product.TextAsync(Ana, "YES");
        var ledger = await product.Book.LedgerAsync(product.Ring.KeyOf(Phone), default);
        Assert.Equal(
            [(LedgerAction.Confirm, TopicKey.Newsletter), (LedgerAction.Confirm, TopicKey.Promotions)],
            ledger.Skip(3).Select(e => (e.Action, e.Topic)));
        var state = await product.StateAsync(Phone);
        Assert.All(product.Topics.All, t => Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(t.Key)));
    }

    [Fact]
    public async Task R44_Stop_said_again_is_not_confirmed_again_and_one_that_was_overtaken_is_not_confirmed_at_all()
    {
        var product = await WithAnaAsync();
        await product.TextAsync(Ana, "STOP");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.TextAsync(Ana, "STOP");
        Assert.Single(product.Outbox.Texts);
        Assert.Equal(product.Now, (await product.StateAsync(Phone)).Stopped!.Since); // No START from before it can lift it (R65).

        var other = await WithAnaAsync();
        other.Time.Advance(TimeSpan.FromMinutes(2));
        await other.TextAsync(Ana, "START", "e2", other.Now);
        await other.TextAsync(Ana, "STOP", "e1", other.Now.AddMinutes(-1));
        Assert.Empty(other.Outbox.Texts);
    }

    [Theory]
    [InlineData(300, 1)]
    [InlineData(301, 0)]
    public async Task R44_Five_minutes_are_in_time_and_a_second_more_is_not(int seconds, int answers)
    {
        var product = await WithAnaAsync();
        var said = product.Now;
        product.Time.Advance(TimeSpan.FromSeconds(seconds));
        await product.Inbound.HandleAsync(CoreProduct.Text("e1", Ana, "STOP", said), default);
        Assert.Equal(answers, await product.Store.CountAsync(Queues.Send));
    }

    [Fact]
    public async Task R65_A_text_counts_from_when_the_carrier_had_it_and_never_from_the_future()
    {
        var product = await WithAnaAsync();
        product.Time.Advance(TimeSpan.FromHours(1));
        var carrier = product.Now.AddMinutes(-2);
        await product.Inbound.HandleAsync(
            CoreProduct.Event(
                "e1", SmsConversation.SmsReceived, product.Now,
                new { From = Ana, To = "18005550100", Message = "STOP", ReceivedTimestamp = carrier }),
            default);
        Assert.Equal(carrier, (await product.StateAsync(Phone)).Stopped!.Since);
        await product.TextAsync(Ana, "STOP", at: product.Now.AddDays(1));
        Assert.Equal(product.Now, (await product.StateAsync(Phone)).Stopped!.Since);
    }

    [Fact]
    public async Task R45_One_kind_alone_is_no_question_and_a_number_that_was_not_offered_is_no_choice()
    {
        var one = await WithAnaAsync(o => o.StopScope = StopScope.Clarification, TopicKey.Promotions);
        await one.TextAsync(Ana, "STOP");
        Assert.StartsWith("Parcel Post: you will get no more texts", Assert.Single(one.Outbox.Texts).Text, StringComparison.Ordinal);
        Assert.Null((await one.StateAsync(Phone)).Choice);

        var two = await WithAnaAsync(o => o.StopScope = StopScope.Clarification);
        await two.TextAsync(Ana, "STOP");
        await two.TextAsync(Ana, "3");
        await two.TextAsync(Ana, "4");
        Assert.NotNull((await two.StateAsync(Phone)).Stopped);
        await two.Consents.OptOutAsync(Phone, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "call", "agent:kim"), default);
        await two.TextAsync(Ana, "2"); // Offered, and taken back since.
        Assert.NotNull((await two.StateAsync(Phone)).Stopped);
        Assert.Equal(2, two.Outbox.Texts.Count); // The question, and once more.
        two.Time.Advance(TimeSpan.FromHours(24));
        await two.TextAsync(Ana, "1"); // The last moment of the window.
        Assert.Equal(SubscriptionStatus.Subscribed, (await two.StateAsync(Phone)).StatusOf(TopicKey.PackageUpdates));
    }

    [Fact]
    public async Task R47_The_number_that_a_text_came_to_is_known_however_it_is_written_and_else_it_is_the_senders()
    {
        foreach (var to in (string[])["+18005550100", "18005550100", ""])
        {
            var product = await WithAnaAsync(o => o.ProviderAnswersStop = ["+18005550100"]);
            await product.TextAsync(Ana, "STOP", to: to);
            Assert.Empty(product.Outbox.Texts);
        }
    }

    [Fact]
    public async Task Only_what_we_answered_counts_against_the_limit_of_answers()
    {
        var product = await WithAnaAsync(o => o.RepliesPerHour = 2);
        for (var i = 0; i < 3; i++)
        {
            await product.TextAsync(Ana, "STOP");
            product.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await product.TextAsync(Ana, "HELP");
        Assert.Equal(2, product.Outbox.Texts.Count);
    }

    [Fact]
    public async Task R44_R48_A_stop_is_confirmed_once_however_much_was_answered_before_it_and_no_other_answer_is()
    {
        var product = await WithAnaAsync(o => o.RepliesPerHour = 2);
        for (var i = 0; i < 4; i++)
        {
            await product.TextAsync(Ana, "HELP");
            product.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, product.Outbox.Texts.Count);
        for (var i = 0; i < 2; i++)
        {
            await product.TextAsync(Ana, "STOP");
            product.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, product.Outbox.Texts.Count);
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);
        await product.TextAsync(Ana, "START");
        Assert.Equal(3, product.Outbox.Texts.Count);
    }

    [Fact]
    public async Task A_senders_number_is_read_with_any_plus_or_none_and_short_codes_have_three_to_six_digits()
    {
        foreach (var from in (string[])["14155552671", "+14155552671", "＋14155552671", " +14155552671 "])
        {
            var product = await WithAnaAsync();
            await product.TextAsync(from, "STOP");
            Assert.NotNull((await product.StateAsync(Phone)).Stopped);
        }

        var other = new CoreProduct();
        foreach (var code in (string[])["555", "555555"])
            Assert.Equal(WorkOutcome.Done, await other.Inbound.HandleAsync(CoreProduct.Text(code, code, "STOP", other.Now), default));
        foreach (var none in (string[])["", "55", "5x5"])
            Assert.Equal(
                WorkResult.GiveUp,
                (await other.Inbound.HandleAsync(CoreProduct.Text("n" + none, none, "STOP", other.Now), default)).Result);
    }

    [Fact]
    public async Task An_answer_counts_against_the_limit_for_an_hour_to_the_second()
    {
        var product = await WithAnaAsync(o => o.RepliesPerHour = 1);
        foreach (var (pause, answers) in ((int, int)[])[(0, 1), (3599, 1), (1, 2)])
        {
            product.Time.Advance(TimeSpan.FromSeconds(pause));
            await product.TextAsync(Ana, "HELP");
            Assert.Equal(answers, product.Outbox.Texts.Count);
        }
    }

    [Theory]
    [InlineData(3599, 1)]
    [InlineData(3600, 0)]
    public async Task R48_An_answer_that_nobody_could_send_for_an_hour_is_not_sent_any_more(int seconds, int answers)
    {
        var product = await WithAnaAsync();
        await product.Inbound.HandleAsync(CoreProduct.Text("e1", Ana, "HELP", product.Now), default);
        product.Time.Advance(TimeSpan.FromSeconds(seconds));
        await product.PumpAsync();
        Assert.Equal(answers, product.Outbox.Texts.Count);
    }

    [Fact]
    public async Task R49_Somebody_we_do_not_know_can_take_a_STOP_back_and_only_START_is_remembered()
    {
        var product = new CoreProduct();
        await product.TextAsync(Ana, "STOP");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.TextAsync(Ana, "START");
        Assert.Null((await product.StateAsync(Phone)).Stopped);
        Assert.Equal(2, product.Outbox.Texts.Count);

        var other = await WithAnaAsync();
        await other.TextAsync(Ana, "YES");
        Assert.Null((await other.StateAsync(Phone)).ResumedAt);
        await other.TextAsync(Ana, "START");
        Assert.Equal(other.Now, (await other.StateAsync(Phone)).ResumedAt);
    }

    [Fact]
    public async Task R41_A_reader_sees_what_was_written_by_whom_and_when()
    {
        var product = await WithAnaAsync();
        var said = product.Now;
        product.Time.Advance(TimeSpan.FromMinutes(2));
        await product.TextAsync("14155552671", "Stop by at 5?", "e1", said);
        var item = Assert.Single(await product.Reviews.ListAsync(resolved: false, null, 10, default));
        Assert.Equal(
            (Channel.Sms, product.Ring.KeyOf(Phone).Value, Ana, "Stop by at 5?", said),
            (item.Channel, item.AddressKey, item.From, item.Text, item.At));
        var entry = (await product.Book.LedgerAsync(product.Ring.KeyOf(Phone), default))[^1];
        Assert.Equal((LedgerAction.Review, "*", "sms"), (entry.Action, entry.Topic, entry.Detail!.Source));
    }

    [Fact]
    public async Task R44_An_answers_id_is_the_same_in_every_version_so_that_an_event_delivered_again_after_an_update_is_answered_once()
    {
        var product = await WithAnaAsync();
        await product.TextAsync(Ana, "HELP", "e1");
        var key = product.Ring.KeyOf(Phone);
        Assert.Equal(product.Ids.Derive(key, "reply/e1"), Assert.Single(product.Outbox.Texts).Id);
        Assert.NotNull(await product.Store.GetAsync(Tables.Addresses, key.Value, Rows.Event(product.Ring.LookupHash("event", "e1"))));
    }

    [Fact]
    public async Task A_number_of_ours_is_known_however_a_carrier_writes_it()
    {
        var product = new CoreProduct(o => o.OwnNumbers = ["+18885550123"]);
        foreach (var from in (string[])["+1 888 555 0123", "1 (888) 555-0123", "+1 (800) 555-0100"]) await product.TextAsync(from, "HELP");
        Assert.Empty(product.Outbox.Texts);
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Sms;

/// <summary>Texts whose record somebody else changes while they are read.</summary>
public sealed class ConversationRaceTests
{
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");
    private readonly World _world = new();
    private readonly AddressBook _rival;
    private int _tries;

    public ConversationRaceTests() => _rival = new AddressBook(_world.Memory, _world.Time);

    [Fact]
    public async Task R65_A_text_is_decided_anew_on_the_newer_record_and_answered_once()
    {
        await _world.SubscribeAsync(Phone, TopicKey.Newsletter);
        Rival(times: 1);
        Assert.Equal(WorkOutcome.Done, await StopAsync());
        Assert.Equal(
            [LedgerAction.OptIn, LedgerAction.StopAll],
            (await _rival.LedgerAsync(_world.Ring.KeyOf(Phone), default)).Select(e => e.Action));
        var (state, _) = await _rival.LoadAsync(_world.Ring.KeyOf(Phone), default);
        Assert.Equal(("rival 1", 2, true), (state!.Locale, _tries, state.Stopped is not null));
        Assert.Single(await _world.TakeQueuedAsync());
    }

    [Fact]
    public async Task R69_Where_the_record_never_holds_still_it_is_an_error_after_two_hundred_tries_and_the_text_comes_back()
    {
        Rival(times: int.MaxValue);
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await StopAsync());
        Assert.Equal(200, _tries);
        Assert.Empty(await _world.TakeQueuedAsync());
    }

    private void Rival(int times) => _world.Store.BeforeCommit = async _ =>
    {
        if (++_tries <= times)
            await _rival.ChangeAsync(
                _world.Ring.KeyOf(Phone), ConsentDesk.Blank(Phone), (s, _) => new Change(s with { Locale = "rival " + _tries }, []), null,
                default);
    };

    private ValueTask<WorkOutcome> StopAsync()
    {
        var w = _world;
        var reviews = new ReviewDesk(w.Store, w.Book, w.Ring, new Notifications.Audit.AuditLog(w.Store, w.Time), w.Time);
        var questions = new WatchQuestions(w.Book, w.Store, w.Ids, w.Queue, w.Options, w.Time);
        var watches = new Watches(w.Book, w.Store, w.Ring, questions, reviews, new WatchOptions(), w.Options, w.Time);
        var conversation = new SmsConversation(
            w.Book, w.Store, w.Ring, w.Ids, w.Queue, w.Topics, reviews, watches, new SmsOptions(), w.Options, w.Sender, w.Time,
            NullLogger<SmsConversation>.Instance);
        return conversation.HandleAsync(CoreProduct.Text("e1", Phone.Value, "STOP", w.Time.GetUtcNow()), default);
    }
}

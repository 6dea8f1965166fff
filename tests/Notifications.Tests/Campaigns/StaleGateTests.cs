using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Campaigns;

/// <summary>
/// Two processes: the one resumes a campaign that the other still takes for paused, for as long as its lease. What the other one holds must
/// not be left lying.
/// </summary>
public sealed class StaleGateTests : IDisposable
{
    private readonly CampaignWorld _world;
    private readonly ServiceProvider _resumes;
    private HookedStore _store = null!;

    public StaleGateTests()
    {
        _world = new CampaignWorld(between: store => (_store = new HookedStore(store), store), exclusive: false);
        _resumes = _world.Start();
    }

    public void Dispose()
    {
        _resumes.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task P5_Batches_that_come_to_a_process_which_takes_the_resumed_campaign_for_paused_are_sent()
    {
        await _world.SubscribeAsync(0, 40);
        var campaign = (await _world.LaunchAsync()).Id;
        await PauseAsync(campaign);
        await TakeForPausedAsync(campaign);
        await ResumeAsync(campaign);
        await TakeForPausedAsync(campaign);
        Assert.Equal(40, (await _world.CompleteAsync(campaign)).Sent);
        Assert.Equal((40, 40), (_world.Provider.Emails.Count, _world.Provider.Emails.DistinctBy(e => e.To).Count()));
    }

    [Fact]
    public async Task P5_A_message_that_comes_back_to_such_a_process_after_its_batch_was_passed_is_sent()
    {
        var campaign = await ThrottledAsync();
        await PauseAsync(campaign);
        _world.Clock.Advance(TimeSpan.FromSeconds(30)); // Its message is due.
        await TakeForPausedAsync(campaign);
        await ResumeAsync(campaign);
        await WorkOffAsync(_resumes, Queues.Campaigns);
        await TakeForPausedAsync(campaign);
        Assert.Equal(1, (await _world.CompleteAsync(campaign)).Sent);
        Assert.Equal(2, _world.Provider.Emails.Count); // The first of them was refused for now.
    }

    [Fact]
    public async Task P5_A_message_whose_deferral_is_written_while_the_campaign_is_resumed_is_sent()
    {
        var campaign = await ThrottledAsync();
        await PauseAsync(campaign);
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        _store.BeforeCommit = async changes =>
        {
            if (!changes.Any(c => c.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal))) return;
            _store.BeforeCommit = null;
            await ResumeAsync(campaign);
            await WorkOffAsync(_resumes, Queues.Campaigns);
        };
        await WorkOffAsync(_world.Services, Queues.Send);
        Assert.Equal(1, (await _world.CompleteAsync(campaign)).Sent);
        Assert.Equal(2, _world.Provider.Emails.Count);
    }

    [Fact]
    public async Task P1_No_hand_off_begins_after_a_pause_was_answered_elsewhere_while_the_last_look_outlasted_the_gates_lease()
    {
        await _world.SubscribeAsync(0, 1);
        var campaign = (await _world.LaunchAsync()).Id;
        var (book, key) = (_world.Get<AddressBook>(), _world.Ring.KeyOf(CampaignWorld.Person(0)));
        var look = new LastLook(
            book, key, (await book.LoadAsync(key, default)).State, TopicKey.Newsletter, null, _world.Clock, _world.Clock.GetTimestamp());
        _world.Clock.Advance(TimeSpan.FromSeconds(1)); // So that there is a look.
        await _world.Get<CampaignGate>().StatusAsync(campaign, default);
        var looks = 0;
        _store.BeforeRead = async (table, partition) =>
        {
            if (table != Tables.Addresses || partition != key.Value || looks++ > 0) return;
            var pausing = _resumes.GetRequiredService<CampaignDesk>().PauseAsync(campaign, null, "service:test", default).AsTask();
            _world.Clock.Advance(CampaignGate.Lease);
            Assert.True((await pausing).Done);
        };
        var mail = new OutgoingEmail(_world.Get<MessageIds>().New(key), "news@example.com", "n", "person0@example.com", "s", "h", "t", []);
        Assert.Equal(
            HandOff.Withheld,
            await _world.Get<HandOffs>().SendAsync(mail, new CampaignTurn(_world.Get<CampaignGate>(), campaign), look, default));
        Assert.Equal((1, 0), (looks, _world.Provider.Emails.Count));
    }

    /// <summary>A campaign to one person, whose message the provider took only at the second offer, ten seconds later.</summary>
    private async Task<string> ThrottledAsync()
    {
        await _world.SubscribeAsync(0, 1);
        _world.Provider.Answer = _ => ValueTask.FromResult(HandOff.Throttled(TimeSpan.FromSeconds(10)));
        var campaign = (await _world.LaunchAsync()).Id;
        await _world.PumpAsync();
        _world.Provider.Answer = null;
        return campaign;
    }

    private async Task PauseAsync(string campaign)
    {
        var pausing = _world.Desk.PauseAsync(campaign, null, "service:test", default).AsTask();
        _world.Clock.Advance(CampaignGate.Lease); // Of the other process.
        Assert.True((await pausing).Done);
    }

    private async Task ResumeAsync(string campaign) =>
        Assert.True((await _resumes.GetRequiredService<CampaignDesk>().ResumeAsync(campaign, "service:test", default)).Done);

    private async Task TakeForPausedAsync(string campaign) =>
        Assert.Equal(CampaignStatus.Paused, await _world.Get<CampaignGate>().StatusAsync(campaign, default));

    /// <summary>One process does what is due on a queue, until nothing is.</summary>
    private async Task WorkOffAsync(ServiceProvider process, string queue)
    {
        var queues = _world.Get<IWorkQueue>();
        while (await queues.ReceiveAsync(queue, 32, TimeSpan.FromMinutes(2)) is { Count: > 0 } items)
        {
            foreach (var item in items)
            {
                var outcome = await process.GetRequiredService<Work>().DoAsync(queue, item.Body, item.DequeueCount, default);
                if (outcome.Result == WorkResult.Later) await queues.ReleaseAsync(item, outcome.Delay);
                else await queues.CompleteAsync(item);
            }
        }
    }
}

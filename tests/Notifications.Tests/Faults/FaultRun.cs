using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Faults;

/// <summary>
/// One seeded run of the whole send, opt-out and campaign flows: a few people, services that queue marketing for them, a campaign to some
/// tens of readers, people who leave and some who come back, three workers, a provider, and a plan of what goes wrong. Each promise is
/// checked at the moment it could break, against the store itself; what was broken is in <see cref="Broken"/>.
/// </summary>
internal sealed class FaultRun(int seed, FaultPlan plan, int diesAt = int.MaxValue)
{
    private const int Persons = 4, MessagesEach = 3, Workers = 3;
    private static readonly string[] Works = [Queues.Campaigns, Queues.Send, Queues.Poison(Queues.Send), Queues.Poison(Queues.Campaigns)];
    private static readonly TimeSpan Pass = TimeSpan.FromSeconds(20);

    private readonly JumpingClock _clock = new(FaultWorld.Start);
    private readonly Dictionary<string, int> _taken = [];
    private readonly HashSet<string> _accepted = [];
    private readonly HashSet<AddressKey> _leavers = [];
    private MemoryStore _memory = null!;
    private Truth _truth = null!;
    private CampaignAccount _account = null!;
    private int _busy;

    /// <summary>Promises that did not hold, in words.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>How each single message ended, for tests that the runs see enough of each.</summary>
    public Dictionary<MessageStatus, int> Ends { get; } = [];

    /// <summary>How the campaign ended.</summary>
    public CampaignStats Campaign => _account.End!;

    /// <summary>How many opt-outs were answered.</summary>
    public int OptOuts { get; private set; }

    /// <summary>Steps of the last life.</summary>
    public int Steps { get; private set; }

    /// <summary>What the last life has written in its order, as a number: equal for equal runs.</summary>
    public uint Trace { get; private set; }

    /// <summary>Plays to the end: one life, or one that is killed and one that goes on from what it left.</summary>
    public FaultRun Play()
    {
        _memory = FaultWorld.OfAsync(seed, _clock).GetAwaiter().GetResult();
        _truth = new Truth(_memory);
        _account = new CampaignAccount(Broken, _taken, _truth);
        if (!Live(diesAt, plan)) Live(int.MaxValue, FaultPlan.None);
        Settle();
        return this;
    }

    /// <summary>False when the process was killed.</summary>
    private bool Live(int until, FaultPlan faults)
    {
        _clock.Begin();
        var stage = new Stage(seed) { DiesAt = until };
        var store = new StagedStore(_memory, _memory, stage, faults);
        var sender = new StagedSender(stage, faults, _taken);
        Watch(store, sender);
        using var running = new CancellationTokenSource();
        // Where each try is the last one, messages are given up.
        using var provider = FaultWorld.Process(store, sender, _clock, stage.Random.NextDouble, attempts: seed % 8 > 3 ? 1 : 8);
        var people = new People(stage, provider, _truth, Broken);

        _busy = 0;
        for (var person = 0; person < Persons; person++)
        {
            _ = ActAsync(stage, people.PersonAsync(person));
            foreach (var topic in People.Topics) _ = ActAsync(stage, ServiceAsync(stage, provider, person, topic));
        }

        for (var reader = seed % 5; reader < FaultWorld.Readers; reader += 5)
        {
            _leavers.Add(FaultWorld.Reader(reader));
            _ = ActAsync(stage, people.ReaderAsync(reader));
        }

        stage.Begin(() => ActAsync(stage, new Marketer(stage, provider, _account).RunAsync()));
        for (var worker = 0; worker < Workers; worker++) _ = WorkAsync(stage, store, provider.GetRequiredService<Work>(), running.Token);
        _ = WatchAsync(stage, provider.GetRequiredService<CampaignWatch>());
        stage.Play(() => _busy == 0 && !_truth.Waits(Works), () =>
        {
            _clock.Advance(Pass);
            if (stage.Random.Next(100) < faults.Jumps) _clock.Jump(TimeSpan.FromMinutes(stage.Random.Next(-60, 61)));
        });
        (Steps, Trace, OptOuts) = (stage.Steps, store.Trace, OptOuts + people.OptOuts);
        Broken.AddRange(stage.Strays.Select(stray => $"The run left the stage: {stray}"));
        return !stage.Dead;
    }

    private void Watch(StagedStore store, StagedSender sender)
    {
        var allowed = false;
        store.Writing = (table, partition, changes) =>
        {
            if (Claims(table, changes) is not { } claimed) return;
            var state = _truth.State(partition);
            allowed = state is { Suppression: null } && state.StatusOf(claimed.Topic) == SubscriptionStatus.Subscribed;
        };
        store.Written = (table, partition, changes) =>
        {
            if (Claims(table, changes) is not null && !allowed) Broken.Add($"P1: a claim of {partition} was written after its opt-out.");
        };
        sender.Offered = id =>
        {
            var record = _truth.Record(id.ToString());
            if (record is not { Status: MessageStatus.Sending }) Broken.Add($"P8: {id} was offered without a claim.");
            _account.Offer(id, record);
        };
    }

    private async Task ActAsync(Stage stage, Task actor)
    {
        _busy++;
        try
        {
            await actor;
        }
        catch (Exception unplanned)
        {
            Broken.Add($"Unplanned: {unplanned}");
        }

        if (!stage.Dead) _busy--;
    }

    private async Task ServiceAsync(Stage stage, ServiceProvider services, int person, string topic)
    {
        var address = People.Person(person);
        for (var n = 0; n < MessagesEach; n++)
        {
            await stage.StepAsync(stage.Random.Next(20));
            var id = services.GetRequiredService<MessageIds>().Derive(FaultWorld.Ring.KeyOf(address), $"{topic}/{n}").ToString();
            var request = new SendRequest
            {
                Id = id,
                Channel = Channel.Email,
                To = address.Value,
                Topic = topic,
                AcceptedAt = _clock.GetUtcNow(),
                Content = new MessageContent("s", "t", null),
            };
            await stage.InsistAsync(async () =>
            {
                await services.GetRequiredService<SendQueue>().EnqueueAsync(request, default);
                return true;
            });
            _accepted.Add(id);
        }
    }

    /// <summary>The timer that brings back what a campaign has lost, every five minutes.</summary>
    private static async Task WatchAsync(Stage stage, CampaignWatch watch)
    {
        while (true)
        {
            for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(5); passed += Pass) await stage.RestAsync();
            try
            {
                await watch.RunAsync(default);
            }
            catch (StorageUnavailableException)
            {
                // It comes again.
            }
        }
    }

    /// <summary>What either host's pump does with an item.</summary>
    private async Task WorkAsync(Stage stage, StagedStore store, Work work, CancellationToken running)
    {
        while (true)
        {
            foreach (var queue in Works)
            {
                try
                {
                    foreach (var item in await store.ReceiveAsync(queue, 4, TimeSpan.FromSeconds(75), running))
                    {
                        var outcome = await DoAsync(work, item, running);
                        if (outcome.Result == WorkResult.Done) await store.CompleteAsync(item, running);
                        else if (outcome.Result == WorkResult.Later) await store.ReleaseAsync(item, outcome.Delay, running);
                        else await store.PoisonAsync(item, running);
                    }
                }
                catch (StorageUnavailableException)
                {
                    // The item comes back when its time is over.
                }
            }

            await stage.RestAsync();
        }
    }

    private async ValueTask<WorkOutcome> DoAsync(Work work, QueueItem item, CancellationToken running)
    {
        try
        {
            // With a token, as hosts have it: without one, those who wait for the same read of a campaign's status wait for one task, and
            // all but the first go on in the pool.
            return await work.DoAsync(item.Queue, item.Body, item.DequeueCount, running);
        }
        catch (StorageUnavailableException)
        {
            return WorkOutcome.Later(TimeSpan.FromSeconds(5));
        }
        catch (Exception unplanned)
        {
            Broken.Add($"Unplanned: {unplanned}");
            return WorkOutcome.GiveUp(unplanned.GetType().Name);
        }
    }

    private void Settle()
    {
        foreach (var id in _accepted)
        {
            var record = _truth.Record(id);
            if (record is not { IsFinal: true })
                Broken.Add($"P5: {id} was accepted and ended as {record?.Status.ToString() ?? "nothing"}.");
            else Ends[record.Status] = Ends.GetValueOrDefault(record.Status) + 1;
            var taken = _taken.GetValueOrDefault(id);
            if (taken > 1) Broken.Add($"P5: {id} was handed off {taken} times.");
            if (record is { Status: MessageStatus.Sent } && taken == 0) Broken.Add($"{id} is called sent and was not.");
            if (record is { Status: MessageStatus.Skipped } && taken > 0) Broken.Add($"{id} is called skipped and was sent.");
        }

        Broken.AddRange(_truth.Lost().Select(id => $"P5: {id} was given up and has no dead letter."));
        _account.Settle(_memory, _clock, _leavers);
        foreach (var key in (IEnumerable<AddressKey>)[
            .. Enumerable.Range(0, Persons).Select(n => FaultWorld.Ring.KeyOf(People.Person(n))),
            .. Enumerable.Range(0, FaultWorld.Readers).Select(FaultWorld.Reader),
        ])
        {
            if (!LedgerChain.Verify(Truth.Now(new AddressBook(_memory, _clock).LedgerAsync(key, default)), _truth.State(key.Value)!.Ledger))
                Broken.Add($"P10: the ledger of {key} does not verify.");
        }
    }

    private static MessageRecord? Claims(string table, IReadOnlyList<RowChange> changes)
    {
        if (table != Tables.Addresses) return null;
        foreach (var change in changes)
        {
            if (!change.Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal)) continue;
            var record = JsonSerializer.Deserialize(change.Value.Span, CoreJson.Default.MessageRecord)!;
            if (record.Status == MessageStatus.Sending) return record;
        }

        return null;
    }
}

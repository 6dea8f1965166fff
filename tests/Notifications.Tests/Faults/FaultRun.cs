using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Faults;

/// <summary>
/// One seeded run of the whole send and opt-out flow: a few people, services that queue marketing, people who leave and some who come back, three workers, a provider,
/// and a plan of what goes wrong. Each promise is checked at the moment it could break, against the store itself; what was broken is in <see cref="Broken"/>.
/// </summary>
internal sealed class FaultRun(int seed, FaultPlan plan, int diesAt = int.MaxValue)
{
    private const int People = 4, MessagesEach = 3, Workers = 3;
    private static readonly KeyRing Ring = KeyRing.Parse(KeyRing.NewJson(), "test");
    private static readonly string[] Topics = [TopicKey.Newsletter, TopicKey.Promotions];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 3, 19, 0, 0, TimeSpan.Zero));
    private readonly Dictionary<string, int> _taken = [];
    private readonly HashSet<string> _accepted = [];
    private MemoryStore? _memory;
    private JumpingClock? _clock;
    private int _busy;

    /// <summary>Promises that did not hold, in words.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>How each message ended, for tests that the runs see enough of each.</summary>
    public Dictionary<MessageStatus, int> Ends { get; } = [];

    /// <summary>How many opt-outs were answered.</summary>
    public int OptOuts { get; private set; }

    /// <summary>Steps of the last life.</summary>
    public int Steps { get; private set; }

    /// <summary>Plays to the end: one life, or one that is killed and one that goes on from what it left.</summary>
    public FaultRun Play()
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // A test runner's own would send continuations to other threads.
        try
        {
            _clock = new JumpingClock(_time);
            _memory = new MemoryStore(_clock);
            if (!Live(diesAt, plan)) Live(int.MaxValue, FaultPlan.None);
            Settle();
            return this;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>False when the process was killed.</summary>
    private bool Live(int until, FaultPlan faults)
    {
        var stage = new Stage(seed) { DiesAt = until };
        var store = new StagedStore(_memory!, _memory!, stage, faults);
        var sender = new StagedSender(stage, faults);
        Watch(store, sender);
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddNotifications(new NotificationsOptions { PublicUrl = "https://mail.example.com" }, Ring, Instance.New(exclusive: true), new Backend(store, store, new NoBlobs()));
        services.AddSingleton<ITableStore>(store).AddSingleton<IWorkQueue>(store).AddSingleton<TimeProvider>(_clock!).AddSingleton<IEmailSender>(sender).AddSingleton<ISmsSender>(sender);
        using var provider = services.BuildServiceProvider();

        _busy = 0;
        for (var person = 0; person < People; person++)
        {
            Act(stage, PersonAsync(stage, provider, person));
            foreach (var topic in Topics) Act(stage, ServiceAsync(stage, provider, person, topic));
        }

        for (var worker = 0; worker < Workers; worker++) _ = WorkAsync(stage, store, provider.GetRequiredService<Work>());
        stage.Play(() => _busy == 0 && Waiting() == 0, () =>
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            if (stage.Random.Next(100) < faults.Jumps) _clock!.Jump(TimeSpan.FromMinutes(stage.Random.Next(-10, 30)));
        });
        Steps = stage.Steps;
        foreach (var (id, times) in sender.Taken) _taken[id] = _taken.GetValueOrDefault(id) + times;
        return !stage.Dead;
    }

    private void Watch(StagedStore store, StagedSender sender)
    {
        var allowed = false;
        store.Writing = (table, partition, changes) =>
        {
            if (Claims(table, changes) is not { } claimed) return;
            var state = State(partition);
            allowed = state is { Suppression: null } && state.StatusOf(claimed.Topic) == SubscriptionStatus.Subscribed;
        };
        store.Written = (table, partition, changes) =>
        {
            if (Claims(table, changes) is not null && !allowed) Broken.Add($"P1: a claim of {partition} was written after its opt-out.");
        };
        sender.Offered = id =>
        {
            if (Record(id.ToString()) is not { Status: MessageStatus.Sending }) Broken.Add($"P8: {id} was offered without a claim.");
        };
    }

    private void Act(Stage stage, Task actor)
    {
        _busy++;
        _ = EndAsync();

        async Task EndAsync()
        {
            await actor;
            if (!stage.Dead) _busy--;
        }
    }

    /// <summary>Agrees, leaves by the link at some time, and now and then comes back.</summary>
    private async Task PersonAsync(Stage stage, ServiceProvider services, int person)
    {
        var address = AddressOf(person);
        var key = Ring.KeyOf(address);
        foreach (var topic in Topics) await AgreeAsync(topic);
        for (var wait = stage.Random.Next(40); wait > 0; wait--) await stage.StepAsync();
        var left = Topics[stage.Random.Next(Topics.Length)];
        var token = new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Email) { Topic = left };
        var scope = stage.Random.Next(3) == 0 ? UnsubscribeScope.All : UnsubscribeScope.Named;
        await InsistAsync(stage, async () => await services.GetRequiredService<Unsubscriber>().StopAsync(token, scope, "one-click", default));
        OptOuts++;
        if (State(key.Value)!.StatusOf(left) != SubscriptionStatus.Unsubscribed) Broken.Add($"P4: person {person} was told that {left} has stopped, and it has not.");
        if (stage.Random.Next(3) == 0) await AgreeAsync(left);

        Task AgreeAsync(string topic) => InsistAsync(stage, async () => await services.GetRequiredService<ConsentDesk>().OptInAsync(
            address, services.GetRequiredService<TopicCatalog>().Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "form", "person") { PolicyVersion = "1" }, confirmed: true, null, default));
    }

    private async Task ServiceAsync(Stage stage, ServiceProvider services, int person, string topic)
    {
        var address = AddressOf(person);
        for (var n = 0; n < MessagesEach; n++)
        {
            for (var wait = stage.Random.Next(20); wait > 0; wait--) await stage.StepAsync();
            var id = services.GetRequiredService<MessageIds>().Derive(Ring.KeyOf(address), $"{topic}/{n}").ToString();
            var request = new SendRequest { Id = id, Channel = Channel.Email, To = address.Value, Topic = topic, AcceptedAt = _clock!.GetUtcNow(), Content = new MessageContent("s", "t", null) };
            await InsistAsync(stage, async () => await services.GetRequiredService<SendQueue>().EnqueueAsync(request, default));
            _accepted.Add(id);
        }
    }

    /// <summary>Asks until it is answered, as a mailbox provider, a service or a person does.</summary>
    private static async Task InsistAsync(Stage stage, Func<Task> ask)
    {
        while (true)
        {
            try
            {
                await ask();
                return;
            }
            catch (StorageUnavailableException)
            {
                await stage.RestAsync();
            }
        }
    }

    /// <summary>What either host's pump does with an item.</summary>
    private static async Task WorkAsync(Stage stage, StagedStore store, Work work)
    {
        while (true)
        {
            foreach (var queue in (string[])[Queues.Send, Queues.Poison(Queues.Send)])
            {
                try
                {
                    foreach (var item in await store.ReceiveAsync(queue, 4, TimeSpan.FromSeconds(75)))
                    {
                        var outcome = await DoAsync(work, item);
                        if (outcome.Result == WorkResult.Done) await store.CompleteAsync(item);
                        else if (outcome.Result == WorkResult.Later) await store.ReleaseAsync(item, outcome.Delay);
                        else await store.PoisonAsync(item);
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

    private static async ValueTask<WorkOutcome> DoAsync(Work work, QueueItem item)
    {
        try
        {
            return await work.DoAsync(item.Queue, item.Body, item.DequeueCount, default);
        }
        catch (StorageUnavailableException)
        {
            return WorkOutcome.Later(TimeSpan.FromSeconds(5));
        }
    }

    private void Settle()
    {
        foreach (var id in _accepted)
        {
            var record = Record(id);
            if (record is not { IsFinal: true }) Broken.Add($"P5: {id} was accepted and ended as {record?.Status.ToString() ?? "nothing"}.");
            else Ends[record.Status] = Ends.GetValueOrDefault(record.Status) + 1;
            var taken = _taken.GetValueOrDefault(id);
            if (taken > 1) Broken.Add($"P5: {id} was handed off {taken} times.");
            if (record is { Status: MessageStatus.Sent } && taken == 0) Broken.Add($"{id} is called sent and was not.");
            if (record is { Status: MessageStatus.Skipped } && taken > 0) Broken.Add($"{id} is called skipped and was sent.");
        }

        for (var person = 0; person < People; person++)
        {
            var key = Ring.KeyOf(AddressOf(person));
            var ledger = new AddressBook(_memory!, _time).LedgerAsync(key, default);
            if (!LedgerChain.Verify(ledger.IsCompletedSuccessfully ? ledger.GetAwaiter().GetResult() : [], State(key.Value)!.Ledger)) Broken.Add($"P10: the ledger of person {person} does not verify.");
        }
    }

    private long Waiting() => Now(_memory!.CountAsync(Queues.Send)) + Now(_memory!.CountAsync(Queues.Poison(Queues.Send)));

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

    private AddressState? State(string key) =>
        Now(_memory!.GetAsync(Tables.Addresses, key, Rows.State)) is { } row ? JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.AddressState) : null;

    private MessageRecord? Record(string id)
    {
        Assert.True(MessageId.TryParse(id, out var parsed));
        return Now(_memory!.GetAsync(Tables.Addresses, parsed.Address.Value, Rows.Message(parsed.Suffix))) is { } row ? JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.MessageRecord) : null;
    }

    // The memory store answers at once; a read that did not would break the order of a run.
    private static T Now<T>(ValueTask<T> answer) => answer.IsCompletedSuccessfully ? answer.GetAwaiter().GetResult() : throw new InvalidOperationException("The memory store did not answer at once.");

    private static Address AddressOf(int person) => new(Channel.Email, $"person{person}@example.com");

    private sealed class NoBlobs : IBlobStore
    {
        public ValueTask PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel = default) => throw new NotSupportedException("Sending needs no blobs.");

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string container, string name, CancellationToken cancel = default) => throw new NotSupportedException("Sending needs no blobs.");

        public ValueTask DeleteAsync(string container, string name, CancellationToken cancel = default) => throw new NotSupportedException("Sending needs no blobs.");

        public ValueTask<IReadOnlyList<string>> ListAsync(string container, string prefix, string? after, int limit, CancellationToken cancel = default) => throw new NotSupportedException("Sending needs no blobs.");
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Review;
using Notifications.Schedule;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Infrastructure;

/// <summary>
/// The whole of Core on a store in memory and a clock that only tests move, with senders that remember what they were given.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The provider lives as long as the test.")]
internal sealed class CoreProduct
{
    private static readonly string RingJson = KeyRing.NewJson();

    private readonly ServiceProvider _services;

    public CoreProduct(
        Action<SmsOptions>? sms = null, Action<SendingOptions>? sending = null, Topic[]? topics = null, DateTimeOffset? start = null)
    {
        var options = new NotificationsOptions { Environment = "test", PublicUrl = "https://mail.example.com", Topics = [.. topics ?? []] };
        sms?.Invoke(options.Sms);
        sending?.Invoke(options.Sending);
        // A Wednesday, day in every zone of the United States
        Time = new FakeTimeProvider(start ?? new DateTimeOffset(2026, 6, 3, 19, 0, 0, TimeSpan.Zero));
        Store = new MemoryStore(Time);
        var services = new ServiceCollection();
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddNotifications(
            options, KeyRing.Parse(RingJson, options.Environment), Instance.New(exclusive: true),
            new Backend(Store, Store, new MemoryBlobs()));
        services.AddSingleton<TimeProvider>(Time).AddSingleton<IEmailSender>(Outbox).AddSingleton<ISmsSender>(Outbox);
        _services = services.BuildServiceProvider();
    }

    public FakeTimeProvider Time { get; }

    /// <summary>What is stored, as it is stored: sealed.</summary>
    public MemoryStore Store { get; }

    public Outbox Outbox { get; } = new();

    public SmsOptions Sms => Get<SmsOptions>();

    public SendingOptions Sending => Get<SendingOptions>();

    public SenderOptions Sender => Get<SenderOptions>();

    public KeyRing Ring => Get<KeyRing>();

    public TopicCatalog Topics => Get<TopicCatalog>();

    public AddressBook Book => Get<AddressBook>();

    public MessageIds Ids => Get<MessageIds>();

    public SendQueue Queue => Get<SendQueue>();

    public DeadLetters Letters => Get<DeadLetters>();

    public Links Links => Get<Links>();

    public Renderer Renderer => Get<Renderer>();

    public ConsentDesk Consents => Get<ConsentDesk>();

    public ReviewDesk Reviews => Get<ReviewDesk>();

    public Suppressions Suppressions => Get<Suppressions>();

    public OperatorAlerts Alerts => Get<OperatorAlerts>();

    public Dispatcher Dispatcher => Get<Dispatcher>();

    public InboundEvents Inbound => Get<InboundEvents>();

    public Work Work => Get<Work>();

    public ScheduleRunner Schedule => Get<ScheduleRunner>();

    public DateTimeOffset Now => Time.GetUtcNow();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public static Address Phone(string number) =>
        Address.TryParse(Channel.Sms, number, out var phone, out var problem) ? phone : throw new ArgumentException(problem);

    public static Address Email(string address) =>
        Address.TryParse(Channel.Email, address, out var email, out var problem) ? email : throw new ArgumentException(problem);

    public async Task<AddressState> StateAsync(Address address) => (await Book.LoadAsync(Ring.KeyOf(address), default)).State!;

    public Task<AddressState> SubscribeAsync(string number, params string[] topics) => SubscribeAsync(Phone(number), null, topics);

    public async Task<AddressState> SubscribeAsync(Address address, string? locale, params string[] topics)
    {
        foreach (var topic in topics)
            await Consents.OptInAsync(
                address, Topics.Find(topic)!, new LedgerDraft(LedgerAction.OptIn, topic, "test", "person"), confirmed: true, locale,
                default);
        return await StateAsync(address);
    }

    public SendRequest Message(Address to, string topic, string text = "hello", string? seed = null) => new()
    {
        Id = (seed is null ? Ids.New(Ring.KeyOf(to)) : Ids.Derive(Ring.KeyOf(to), seed)).ToString(),
        Channel = to.Channel,
        To = to.Value,
        Topic = topic,
        Content = new MessageContent("subject", text, null),
        AcceptedAt = Now,
    };

    public async Task<MessageRecord?> SendAsync(SendRequest request)
    {
        await Queue.EnqueueAsync(request, default);
        await PumpAsync();
        return await RecordAsync(request.Id);
    }

    public async Task<MessageRecord?> RecordAsync(string id)
    {
        Assert.True(MessageId.TryParse(id, out var parsed));
        var row = await Get<ITableStore>().GetAsync(Tables.Addresses, parsed.Address.Value, Rows.Message(parsed.Suffix));
        return row?.Read(CoreJson.Default.MessageRecord);
    }

    public static InboundEvent Text(string id, string from, string message, DateTimeOffset at, string to = "18005550100") =>
        Event(
            id, SmsConversation.SmsReceived, at,
            new { MessageId = "Incoming_" + id, From = from, To = to, Message = message, ReceivedTimestamp = at });

    public static InboundEvent Event(string id, string type, DateTimeOffset at, object data) =>
        new(id, type, JsonSerializer.SerializeToElement(data), at);

    /// <summary>A person texts us; everything that follows from it is done.</summary>
    public async Task TextAsync(string from, string message, string? id = null, DateTimeOffset? at = null, string to = "18005550100")
    {
        Assert.Equal(
            WorkResult.Done,
            (await Inbound.HandleAsync(
                Text(id ?? Ids.New(Ring.KeyOf(Phone("+15005550006"))).Suffix, from, message, at ?? Now, to), default)).Result);
        await PumpAsync();
    }

    /// <summary>Works until nothing is visible on any queue.</summary>
    public async Task PumpAsync()
    {
        await Schedule.RunDueAsync(default);
        var queues = Get<IWorkQueue>();
        foreach (var queue in (string[])[Queues.Inbound, Queues.Send])
        {
            while (await queues.ReceiveAsync(queue, 32, Sending.Visibility) is { Count: > 0 } items)
            {
                foreach (var item in items)
                {
                    var outcome = await Work.DoAsync(queue, item.Body, item.DequeueCount, default);
                    if (outcome.Result == WorkResult.Later) await queues.ReleaseAsync(item, outcome.Delay);
                    else if (outcome.Result == WorkResult.GiveUp) await queues.PoisonAsync(item);
                    else await queues.CompleteAsync(item);
                }
            }
        }
    }
}

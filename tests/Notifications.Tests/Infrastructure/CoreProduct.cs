using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Events;
using Notifications.Imports;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Schedule;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Subscribe;
using Notifications.Templates;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Infrastructure;

/// <summary>
/// The whole of Core on a store in memory and a clock that only tests move, with senders that remember what they were given.
/// </summary>
internal sealed class CoreProduct
{
    private static readonly string RingJson = KeyRing.NewJson();

    public CoreProduct(
        Action<SmsOptions>? sms = null, Action<SendingOptions>? sending = null, Topic[]? topics = null, DateTimeOffset? start = null)
    {
        sms?.Invoke(Sms);
        sending?.Invoke(Sending);
        Sms.Validate();
        Sending.Validate();
        // A Wednesday, day in every zone of the United States
        Time = new FakeTimeProvider(start ?? new DateTimeOffset(2026, 6, 3, 19, 0, 0, TimeSpan.Zero));
        Store = new MemoryStore(Time);
        Ring = KeyRing.Parse(RingJson, "test");
        Topics = new TopicCatalog(topics);
        Book = new AddressBook(Store, Time);
        Ids = new MessageIds(Ring);
        Queue = new SendQueue(Store, Store, new GivenUpNotes(Store, Ring, Time), Time);
        Tokens = new LinkTokens(Ring);
        Links = new Links(new LinkOptions { PublicUrl = "https://mail.example.com" }, Tokens);
        Renderer = new Renderer(new DefaultTemplates(), Links, Sender, Topics, Sms);
        Consents = new ConsentDesk(Book, Ring, Ids, Queue, Topics, Sending, Time);
        Reviews = new ReviewDesk(Store, Book, Ring, new AuditLog(Store, Time), Time);
        Suppressions = new Suppressions(Book, Store, Ring);
        Alerts = new OperatorAlerts(Store, Time, NullLogger<OperatorAlerts>.Instance);
        var handOffs = new HandOffs(Outbox, Outbox, Sending, Time, NullLogger<HandOffs>.Instance);
        var campaigns = new CampaignStore(Store, Time);
        var instance = Instance.New(exclusive: true);
        var gate = new CampaignGate(campaigns, instance, Time);
        var marks = new CampaignMarks(Store, new CampaignQueue(Store, Time), new CampaignOptions(), Time);
        Dispatcher = new Dispatcher(
            Book, Store, Queue, Topics, Renderer, new TemplateBook(Store, Topics, Sms, Sender, Time), handOffs, gate, marks,
            new Refusals(Book, Store, Suppressions, Alerts, Sending, Time, NullLogger<Refusals>.Instance), Sending, instance, Time,
            NullLogger<Dispatcher>.Instance);
        var questions = new WatchQuestions(Book, Store, Ids, Queue, Sending, Time);
        var watches = new Watches(Book, Store, Ring, questions, Reviews, new WatchOptions(), Sending, Time);
        var packages = new PackageTracker(
            Store, Store, new BatchSender(Dispatcher, Queue, new SendSlots(handOffs), Time, NullLogger<BatchSender>.Instance), Ids,
            new PackageOptions(), new WatchOptions(), Time, NullLogger<PackageTracker>.Instance);
        var conversation = new SmsConversation(
            Book, Store, Ring, Ids, Queue, Topics, Reviews, watches, Sms, Sending, Sender, Time, NullLogger<SmsConversation>.Instance);
        var reports = new ProviderReports(
            Book, Store, Ring, Ids, Suppressions, Alerts, marks, Sending, Time, NullLogger<ProviderReports>.Instance);
        var mail = new InboundMailDesk(
            Tokens, new Unsubscriber(Book, Store, watches, marks), reports, Book, Reviews, Ring, NullLogger<InboundMailDesk>.Instance);
        Inbound = new InboundEvents(
            conversation, reports, new EngagementReports(Book, Store, Ring, Ids, marks, Time), mail,
            new SignupDesk(Consents, watches, Topics, Store, Time), NullLogger<InboundEvents>.Instance);
        // No test of this world launches a campaign: Campaigns/CampaignWorld is for those.
        var imports = new ImportDesk(Store, Store, Blobs, new AuditLog(Store, Time), new ImportOptions(), Time);
        var importer = new Importer(
            imports, Book, new ContactDesk(Book, Store, Ring, Topics, new PrivacyRequests(Store, new PrivacyOptions(), Time), Time),
            Suppressions, Blobs, Topics, Ring, new ImportOptions(), Sending, Time, NullLogger<Importer>.Instance);
        Letters = new DeadLetters(
            Store, Store, new DataSealer(Ring), marks, new GivenUpNotes(Store, Ring, Time), Time, NullLogger<DeadLetters>.Instance);
        Work = new Work(Dispatcher, Inbound, packages, null!, importer, Letters, new GivenUpNotes(Store, Ring, Time), Consents, questions);
        Schedule = new ScheduleRunner(Store, Store, Letters, Time, NullLogger<ScheduleRunner>.Instance);
    }

    public SmsOptions Sms { get; } = new();

    public SendingOptions Sending { get; } = new();

    public SenderOptions Sender { get; } = new();

    public FakeTimeProvider Time { get; }

    public MemoryStore Store { get; }

    public MemoryBlobs Blobs { get; } = new();

    public KeyRing Ring { get; }

    public TopicCatalog Topics { get; }

    public AddressBook Book { get; }

    public MessageIds Ids { get; }

    public SendQueue Queue { get; }

    public DeadLetters Letters { get; }

    public LinkTokens Tokens { get; }

    public Links Links { get; }

    public Renderer Renderer { get; }

    public ConsentDesk Consents { get; }

    public ReviewDesk Reviews { get; }

    public Suppressions Suppressions { get; }

    public OperatorAlerts Alerts { get; }

    public Dispatcher Dispatcher { get; }

    public InboundEvents Inbound { get; }

    public Work Work { get; }

    public ScheduleRunner Schedule { get; }

    public Outbox Outbox { get; } = new();

    public DateTimeOffset Now => Time.GetUtcNow();

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
        var row = await Store.GetAsync(Tables.Addresses, parsed.Address.Value, Rows.Message(parsed.Suffix));
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
        foreach (var queue in (string[])[Queues.Inbound, Queues.Send])
        {
            while (await Store.ReceiveAsync(queue, 32, Sending.Visibility) is { Count: > 0 } items)
            {
                foreach (var item in items)
                {
                    var outcome = await Work.DoAsync(queue, item.Body, item.DequeueCount, default);
                    if (outcome.Result == WorkResult.Later) await Store.ReleaseAsync(item, outcome.Delay);
                    else if (outcome.Result == WorkResult.GiveUp) await Store.PoisonAsync(item);
                    else await Store.CompleteAsync(item);
                }
            }
        }
    }
}

/// <summary>Both ways out: remembers, and answers what a test asks for.</summary>
internal sealed class Outbox : IEmailSender, ISmsSender
{
    public ConcurrentQueue<OutgoingSms> Texts { get; } = new();

    public ConcurrentQueue<OutgoingEmail> Emails { get; } = new();

    public Func<HandOff>? Answer { get; set; }

    public bool Deduplicates => false;

    public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        if (Answer?.Invoke() is { } answer) return ValueTask.FromResult(answer);
        Emails.Enqueue(email);
        return ValueTask.FromResult(HandOff.Accepted(email.Id.OperationId.ToString()));
    }

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel)
    {
        if (Answer?.Invoke() is { } answer) return ValueTask.FromResult(answer);
        Texts.Enqueue(sms);
        return ValueTask.FromResult(HandOff.Accepted("Outgoing_" + sms.Id.Suffix));
    }
}

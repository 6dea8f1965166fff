using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Events;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Schedule;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Sending;

/// <summary>The domain over a memory store, with senders that do what a test tells them.</summary>
internal sealed class World
{
    public static readonly string RingJson = KeyRing.NewJson();

    private readonly ScheduleRunner _schedule;

    public World(SendingOptions? options = null, IEnumerable<Topic>? topics = null, bool sealedStore = false)
    {
        Options = options ?? new SendingOptions();
        Memory = new MemoryStore(Time);
        Store = new HookedStore(Memory);
        ITableStore tables = sealedStore ? new SealedTableStore(Store, new DataSealer(Ring)) : Store;
        IWorkQueue queue = sealedStore ? new SealedWorkQueue(Memory, new DataSealer(Ring)) : Memory;
        Topics = new TopicCatalog(topics);
        Book = new AddressBook(tables, Time);
        Queue = new SendQueue(queue, tables, new GivenUpNotes(tables, Ring, Time), Time);
        Ids = new MessageIds(Ring);
        Tokens = new LinkTokens(Ring);
        Links = new Links(new LinkOptions { PublicUrl = "https://mail.example.com" }, Tokens);
        Renderer = new Renderer(new DefaultTemplates(), Links, Sender, Topics, new SmsOptions());
        Templates = new TemplateBook(tables, Topics, new SmsOptions(), Sender, Time);
        HandOffs = new HandOffs(Email, Sms, Options, Time, NullLogger<HandOffs>.Instance);
        Instance = Instance.New(exclusive: true);
        Suppressions = new Suppressions(Book, tables, Ring);
        Alerts = new OperatorAlerts(tables, Time, NullLogger<OperatorAlerts>.Instance);
        Refusals = new Refusals(Book, tables, Suppressions, Alerts, Options, Time, NullLogger<Refusals>.Instance);
        Contacts = new ContactDesk(Book, tables, Ring, Topics, new PrivacyRequests(tables, new PrivacyOptions(), Time), Time);
        Forms = new PhoneForms(Book, Contacts, Topics, Ring);
        Dispatcher = NewDispatcher(tables, Instance);
        Questions = new ConsentQuestions(Book, Ids, Queue, Topics, Options, Time);
        Consents = new ConsentDesk(Book, Ring, Questions, Topics, Options);
        Unsubscriber = new Unsubscriber(
            Book, tables, new Watches(
                Book, tables, Ring, new WatchQuestions(Book, tables, Ids, Queue, Options, Time),
                new ReviewDesk(tables, Book, Ring, new AuditLog(tables, Time), Time), new WatchOptions(), Options, Time), Marks(tables));
        Reader = new MessageReader(Book, tables, Ids, new CampaignRecipients(Book, Ids, tables));
        DeadLetters = new DeadLetters(
            tables, queue, new DataSealer(Ring), Marks(tables), new GivenUpNotes(tables, Ring, Time), Time,
            NullLogger<DeadLetters>.Instance);
        _schedule = new ScheduleRunner(tables, queue, DeadLetters, Time, NullLogger<ScheduleRunner>.Instance);
        Tables = tables;
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));

    public KeyRing Ring { get; } = KeyRing.Parse(RingJson, "test");

    public SenderOptions Sender { get; } = new();

    public FakeSender Email { get; } = new();

    public FakeSender Sms { get; } = new();

    public SendingOptions Options { get; }

    public MemoryStore Memory { get; }

    public HookedStore Store { get; }

    public ITableStore Tables { get; }

    public TopicCatalog Topics { get; }

    public AddressBook Book { get; }

    public SendQueue Queue { get; }

    public MessageIds Ids { get; }

    public LinkTokens Tokens { get; }

    public Links Links { get; }

    public Renderer Renderer { get; }

    public TemplateBook Templates { get; }

    public HandOffs HandOffs { get; }

    public Instance Instance { get; }

    public Dispatcher Dispatcher { get; }

    public ConsentQuestions Questions { get; }

    public ConsentDesk Consents { get; }

    public ContactDesk Contacts { get; }

    public PhoneForms Forms { get; }

    public Suppressions Suppressions { get; }

    public OperatorAlerts Alerts { get; }

    public Refusals Refusals { get; }

    public Unsubscriber Unsubscriber { get; }

    public MessageReader Reader { get; }

    public DeadLetters DeadLetters { get; }

    /// <summary>The dispatcher of another process, after this one died.</summary>
    public Dispatcher Restarted() => NewDispatcher(Tables, Instance.New(exclusive: true));

    /// <summary>The dispatcher of a process of many over one store, where nobody knows whether another still lives.</summary>
    public Dispatcher Beside() => NewDispatcher(Tables, Instance.New(exclusive: false));

    public async Task<AddressState> StateAsync(Address address) => (await Book.LoadAsync(Ring.KeyOf(address), default)).State!;

    public async Task<AddressState> SubscribeAsync(Address address, string topic, string? policyVersion = "2026-01-01")
    {
        var draft = new LedgerDraft(LedgerAction.OptIn, topic, "form", "person") { PolicyVersion = policyVersion };
        return (await Consents.OptInAsync(address, Topics.Find(topic)!, draft, confirmed: true, null, default)).State;
    }

    public async Task OptOutAsync(Address address, string topic) =>
        await Consents.OptOutAsync(address, new LedgerDraft(LedgerAction.OptOut, topic, "link", "person"), default);

    public async Task StopAllAsync(Address address) =>
        await Unsubscriber.StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, Ring.KeyOf(address), address.Channel), UnsubscribeScope.All, "link", default);

    public SendRequest Request(Address address, string topic, string? seed = null)
    {
        var key = Ring.KeyOf(address);
        return new SendRequest
        {
            Id = (seed is null ? Ids.New(key) : Ids.Derive(key, seed)).ToString(),
            Channel = address.Channel,
            To = address.Value,
            Topic = topic,
            AcceptedAt = Time.GetUtcNow(),
        };
    }

    public async Task<MessageRecord?> RecordAsync(SendRequest request) =>
        MessageId.TryParse(request.Id, out var id)
            && await Tables.GetAsync(Notifications.Storage.Tables.Addresses, id.Address.Value, Rows.Message(id.Suffix)) is { } row
            ? row.Read(CoreJson.Default.MessageRecord)
            : null;

    /// <summary>What waits on the send queue and is visible now; it is taken off.</summary>
    public async Task<IReadOnlyList<SendRequest>> TakeQueuedAsync()
    {
        await _schedule.RunDueAsync(default);
        var items = await Memory.ReceiveAsync(Queues.Send, 32, TimeSpan.FromMinutes(1));
        foreach (var item in items) Assert.True(await Memory.CompleteAsync(item));
        return [.. items.Select(i => JsonSerializer.Deserialize(i.Body.Span, CoreJson.Default.SendRequest)!)];
    }

    private Dispatcher NewDispatcher(ITableStore tables, Instance instance) =>
        new(Book, tables, Queue, Topics, Renderer, Templates, HandOffs, new CampaignGate(new CampaignStore(tables, Time), instance, Time),
            Marks(tables), Refusals, Forms, Options, instance, Time, NullLogger<Dispatcher>.Instance);

    private CampaignMarks Marks(ITableStore tables) => new(tables, new CampaignQueue(Memory, Time), new CampaignOptions(), Time);
}

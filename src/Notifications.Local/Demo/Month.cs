using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Counting;
using Notifications.Events;
using Notifications.Imports;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Timers;
using Notifications.Unsubscribe;

namespace Notifications.Local.Demo;

/// <summary>
/// The company's last thirty days. They are lived, not written: the whole product runs once more on the same store, with a clock that begins a month ago, queues of its own
/// and providers that take everything, and people agree, read, leave and complain in it. What every screen of the console then shows has come about as it always does.
/// The one row laid down by hand is a rights request that a crash has left half done, because no crash comes when it is called.
/// </summary>
internal sealed class Month : IAsyncDisposable
{
    private const string Marketer = "agent:marta";
    private const string Agent = "agent:tomas";
    private const string Operator = "agent:ines";

    // The last thing that is done: where it stands, the month was lived.
    private const string Running = "de30000000000003";
    private static readonly string[] Steps = ["Departed from facility", "Arrived at the sorting centre", "Out for delivery", "Delivered", "Waiting at the post office"];

    private readonly IServiceProvider _live;
    private readonly ServiceProvider _past;
    private readonly PastClock _clock;
    private readonly PastQueue _queue;
    private readonly PastPost _post = new();
    private readonly DateTimeOffset _now;
    private readonly Random _random = new(1717);
    private int _events;

    private Month(IServiceProvider live)
    {
        _live = live;
        _now = live.GetRequiredService<TimeProvider>().UtcNowMs();
        _clock = new PastClock(new DateTimeOffset(_now.UtcDateTime.Date.AddDays(-31), TimeSpan.Zero).AddHours(8));
        _queue = new PastQueue(_clock);
        var tables = live.GetRequiredService<ITableStore>();
        var blobs = live.GetRequiredService<IBlobStore>();
        var services = new ServiceCollection();
        services.AddNotifications(live.GetRequiredService<NotificationsOptions>(), live.GetRequiredService<KeyRing>(), Instance.New(exclusive: true), new Backend(tables, _queue, blobs));
        services.AddSingleton<TimeProvider>(_clock).AddSingleton(tables).AddSingleton(blobs); // Sealed already.
        services.AddSingleton<IEmailSender>(_post).AddSingleton<ISmsSender>(_post);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        _past = services.BuildServiceProvider();
    }

    /// <summary>Lives the month, unless it was lived before. Nothing else may work on the store meanwhile.</summary>
    public static async ValueTask LiveAsync(IServiceProvider live)
    {
        if (await live.GetRequiredService<CampaignDesk>().FindAsync(Running, default) is not null) return;
        await using var month = new Month(live);
        await month.LiveAsync();
    }

    public ValueTask DisposeAsync() => _past.DisposeAsync();

    private async ValueTask LiveAsync()
    {
        var crowd = Crowd.Gather(420, 1);
        await BeginAsync(crowd);
        var first = new DateTimeOffset(_now.UtcDateTime.Date.AddDays(-29), TimeSpan.Zero);
        for (var day = first; day <= _now; day = day.AddDays(1)) await DayAsync(day, (int)(day - first).TotalDays, crowd);
        await UntilAsync(_now);
        await TodayAsync(crowd);
        await _past.GetRequiredService<Statistics>().FlushAsync(default);
        await GoOnAsync();
    }

    // Before the first day that the charts show: the staff, the old system's list, the first letter.
    private async ValueTask BeginAsync(List<Somebody> crowd)
    {
        await KeyAsync("ines", Scope.All);
        await KeyAsync("marta", [Scope.Campaigns, Scope.Contacts]);
        await KeyAsync("tomas", [Scope.Privacy, Scope.Contacts]);
        await KeyAsync("shop-backend", [Scope.Send, Scope.Contacts]);
        await ImportAsync(Crowd.Csv(crowd, _clock.GetUtcNow().AddDays(-20), "old-system"), new ImportSettings());
        await SaveAsync(Letters.First, 0);
        await SaveAsync(Letters.German, 0);
        await SaveAsync(Letters.Promotion, 0);
        await SegmentAsync("Readers in German", """{"locale":["de"]}""");
        await SegmentAsync("Read us in the last 60 days", """{"engagedSince":"P60D"}""");
    }

    private async ValueTask DayAsync(DateTimeOffset day, int number, List<Somebody> crowd)
    {
        await UntilAsync(day.AddMinutes(11));
        await _past.GetRequiredService<TimerCatalog>().RunAsync(TimerCatalog.Seal, default);
        for (var hour = 7; hour <= 20; hour++)
        {
            var at = day.AddHours(hour).AddMinutes(_random.Next(5, 50));
            if (at > _now) return;
            await UntilAsync(at);
            await ParcelsAsync(crowd, number, hour);
            await ComeAndGoAsync(crowd, number, hour);
            if (hour == 9) await MorningAsync(number, crowd);
            if (hour == 11) await NoonAsync(number, crowd);
            await ReportAsync();
        }
    }

    private async ValueTask MorningAsync(int number, List<Somebody> crowd)
    {
        switch (number)
        {
            case 1:
                await CampaignAsync("de30000000000001", new CampaignDefinition { Name = "Monthly letter", Topic = TopicKey.Newsletter, Channel = Channel.Email, Template = Letters.Letter, Audience = new Audience(TopicKey.Newsletter, Channel.Email), Data = Data("""{"title":"Your parcels this month","items":[{"title":"Lockers in forty-one cities","text":"Open day and night, and none of them asks for an app."},{"title":"A new way to wait","text":"Choose the hour, not the day."}]}""") }, crowd, changes: true);
                break;
            case 4:
                await KeyAsync("crm-sync", [Scope.Contacts]);
                break;
            case 8:
                await ImportAsync(Crowd.Csv(Crowd.Gather(60, 2), _clock.GetUtcNow(), "trade-fair").Concat("not an address,,newsletter,email,subscribed,trade-fair,2026-01-01,Yes,,true,en,,fair\nfair.guest@example.com,,newsletter,email,perhaps,trade-fair,2026-01-01,Yes,,true,en,,fair\n,+0049,promotions,sms,subscribed,trade-fair,2026-01-01,Yes,,true,de,,fair\nnobody@example,,newsletter,email,subscribed,trade-fair,,,,true,en,,fair\n"u8.ToArray()).ToArray(), new ImportSettings { Tags = ["fair"] });
                await ListAsync("Trade fair visitors", Crowd.Gather(60, 2).Where(p => p.Topics.Contains(TopicKey.Newsletter)).Take(34));
                break;
            case 12:
                await SaveAsync(Letters.Second, 1);
                break;
            case 14:
                await CampaignAsync("de30000000000002", new CampaignDefinition { Name = "Ten parcels, the eleventh free", Topic = TopicKey.Promotions, Channel = Channel.Email, Template = Letters.Offer, Audience = new Audience(TopicKey.Promotions, Channel.Email) }, crowd, changes: true);
                break;
            case 17:
                await ImportAsync("email,status\ngone.one@example.com,blocked\ngone.two@example.com,blocked\ngone.three@example.org,blocked\n"u8.ToArray(), new ImportSettings { SuppressionsOnly = true });
                break;
            case 19:
                await SaveAsync(Letters.Text, 0);
                break;
            case 20:
                // Our own fault, and an operator is told (R18): nobody is blocked for it.
                await EventAsync(ProviderReports.EmailReport, $$$"""{"recipient":"{{{crowd[7].Email}}}","status":"Failed","deliveryStatusDetails":{"statusMessage":"550 5.7.515 Access denied, sending domain does not meet the required authentication level"}}""");
                break;
            case 22:
                await CampaignAsync("de30000000000004", new CampaignDefinition { Name = "Letter to readers in German", Topic = TopicKey.Newsletter, Channel = Channel.Email, Template = Letters.Letter, Audience = new Audience(TopicKey.Newsletter, Channel.Email) { Segment = new SegmentRef(await SegmentIdAsync("Readers in German")) }, Subject = "Neues von Ihren Paketen", Data = Data("""{"title":"Neues von Ihren Paketen","items":[{"title":"Packstationen in 41 Städten","text":"Tag und Nacht offen."}]}""") }, crowd, changes: false);
                break;
            case 27:
                await RequestAsync(PrivacyRight.Access, crowd[31], "Asked by mail from the address itself.");
                await RequestAsync(PrivacyRight.Erasure, crowd[77], "Asked at the counter, with an identity card.");
                break;
        }
    }

    private async ValueTask NoonAsync(int number, List<Somebody> crowd)
    {
        switch (number)
        {
            case 6:
                await TextAsync(crowd, 3, "STOP");
                break;
            case 15:
                await TextAsync(crowd, 9, "Stopp bitte");
                break;
            case 21:
                await CampaignAsync("de30000000000005", new CampaignDefinition { Name = "Offer by text message", Topic = TopicKey.Promotions, Channel = Channel.Sms, Template = Letters.OfferText, Audience = new Audience(TopicKey.Promotions, Channel.Sms) }, crowd, changes: false);
                break;
            case 24:
                await RequestAsync(PrivacyRight.Objection, crowd[52], "By letter.");
                break;
        }
    }

    // What needs a person today.
    private async ValueTask TodayAsync(List<Somebody> crowd)
    {
        await TextAsync(crowd, 14, "Can you stop by at 5 instead? Nobody is home before");
        await TextAsync(crowd, 21, "who are you and why do I get this, remove?");
        await EventAsync(ProviderReports.EmailReport, """{"status":"Delivered","messageId":"a4b1"}""");
        await _past.GetRequiredService<SealedWorkQueue>().EnqueueAsync(Queues.Inbound, "{\"nothing\":\"that is an event\"}"u8.ToArray());
        await UntilAsync(_now);
        Assume(Address.TryParse(Channel.Email, crowd[111].Email, out var address, out _));
        var opened = _now.AddDays(-25).AddMinutes(-90);
        var request = new PrivacyRequest
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{opened.ToUnixTimeMilliseconds():D15}-de300000"), Type = PrivacyRight.Portability, Addresses = [$"email:{address.Value}"], AddressKeys = [_past.GetRequiredService<KeyRing>().KeyOf(address).Value],
            OpenedAt = opened, DueAt = opened.AddMonths(1), Actor = Agent, Note = "By phone; called back at the number on file.",
        };
        await _past.GetRequiredService<ITableStore>().CommitAsync(Tables.Requests, "requests", [RowChange.Put(request.Id, JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Default.PrivacyRequest))]);
    }

    // From here on in the present: these go on after the start, and launch by themselves.
    private async ValueTask GoOnAsync()
    {
        var desk = _live.GetRequiredService<CampaignDesk>();
        var letter = new CampaignDefinition { Name = "Last days to post", Topic = TopicKey.Newsletter, Channel = Channel.Email, Template = Letters.Letter, Audience = new Audience(TopicKey.Newsletter, Channel.Email), Data = Data("""{"title":"The last days to post","items":[{"title":"Letters until the eighteenth","text":"Parcels until the twentieth, and the lockers until the evening before."}]}""") };
        var draft = await desk.CreateAsync(letter with { Name = "Winter offer", Topic = TopicKey.Promotions, Template = Letters.Offer, Audience = new Audience(TopicKey.Promotions, Channel.Email), Data = Data("""{"title":"Warm hands, cold parcels","intro":"Two kilograms for the price of one until the first of the month."}""") }, "de30000000000006", Marketer, default);
        await desk.DryRunAsync(draft.Id, Marketer, default);
        var planned = await desk.CreateAsync(letter with { Name = "New year letter" }, "de30000000000007", Marketer, default);
        await desk.ScheduleAsync(planned.Id, new CampaignSchedule(_now.UtcDateTime.Date.AddDays(6).AddHours(9), CampaignSchedule.Recipient, "Europe/Lisbon"), null, Marketer, default);
        var running = await desk.CreateAsync(letter with { Throttle = new CampaignThrottle(120) }, Running, Marketer, default);
        await desk.DryRunAsync(running.Id, Marketer, default);
        await desk.LaunchAsync(running.Id, null, Marketer, default);
    }

    private async ValueTask CampaignAsync(string id, CampaignDefinition definition, List<Somebody> crowd, bool changes)
    {
        var desk = _past.GetRequiredService<CampaignDesk>();
        await desk.CreateAsync(definition, id, Marketer, default);
        await desk.DryRunAsync(id, Marketer, default);
        Assume(Address.TryParse(definition.Channel, definition.Channel == Channel.Email ? "marta@example.com" : "+351911000000", out var marta, out _));
        await desk.TestAsync(id, [marta], Marketer, default);
        await UntilAsync(_clock.GetUtcNow().AddMinutes(20));

        // Between the dry run and the launch life goes on: the report must explain it.
        if (changes)
        {
            foreach (var person in crowd.Where(p => p.Topics.Contains(definition.Topic)).Skip(_random.Next(200)).Take(3)) await LeaveAsync(person.Email, definition.Topic);
            foreach (var person in Crowd.Gather(3, 40 + (int)definition.Name.Length)) await AgreeAsync(person.Email, definition.Topic, person.Locale);
        }

        await desk.LaunchAsync(id, null, Marketer, default);
        await UntilAsync(_clock.GetUtcNow().AddSeconds(40));
    }

    // Parcels move from early to late; some of their followers have said stop since, and get nothing.
    private async ValueTask ParcelsAsync(List<Somebody> crowd, int number, int hour)
    {
        var ids = _past.GetRequiredService<MessageIds>();
        var ring = _past.GetRequiredService<KeyRing>();
        var queue = _past.GetRequiredService<SendQueue>();
        var weekend = (number + 2) % 7 >= 5;
        for (var i = _random.Next(weekend ? 1 : 2, weekend ? 3 : 6); i > 0; i--)
        {
            var person = crowd[_random.Next(crowd.Count)];
            if (!person.Topics.Contains(TopicKey.PackageUpdates) || !Address.TryParse(Channel.Email, person.Email, out var to, out _)) continue;
            var data = $$"""{"description":"{{Steps[_random.Next(Steps.Length)]}}","location":"{{(person.Locale == "de" ? "Leipzig, Germany" : "Lisbon, Portugal")}}"}""";
            await queue.EnqueueAsync(new SendRequest { Id = ids.Derive(ring.KeyOf(to), $"month/{number}/{hour}/{i}").ToString(), Channel = to.Channel, To = to.Value, Topic = TopicKey.PackageUpdates, Data = Data(data), Client = "shop-backend", AcceptedAt = _clock.UtcNowMs() }, default);
        }

        await UntilAsync(_clock.GetUtcNow());
    }

    private async ValueTask ComeAndGoAsync(List<Somebody> crowd, int number, int hour)
    {
        if (_random.NextDouble() < 0.42)
        {
            var person = Crowd.Gather(1, 1000 + number * 24 + hour)[0];
            foreach (var topic in person.Topics) await AgreeAsync(person.Email, topic, person.Locale);
        }

        if (_random.NextDouble() < 0.09) await LeaveAsync(crowd[_random.Next(crowd.Count)].Email, TopicKey.Newsletter);
        if (_random.NextDouble() < 0.03 && Address.TryParse(Channel.Email, crowd[_random.Next(crowd.Count)].Email, out var caller, out _))
        {
            var key = _past.GetRequiredService<KeyRing>().KeyOf(caller);
            var (result, _) = await _past.GetRequiredService<ConsentDesk>().OptOutAsync(caller, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "console-phone", Agent) { Wording = "Called: no more offers, please." }, default);
            if (result == ConsentResult.Recorded) await _past.GetRequiredService<AuditLog>().WriteAsync(Agent, "consent.revoke", key.Value, "subscribed", "unsubscribed", default);
        }
    }

    // What became of what was sent: nearly all arrives, some of it is read, a little comes back.
    private async ValueTask ReportAsync()
    {
        var (emails, texts) = _post.Take();
        foreach (var mail in emails)
        {
            var fate = _random.NextDouble();
            var marketing = mail.Headers.Any(h => h.Key == "List-Unsubscribe-Post");
            var status = fate < 0.009 ? "Bounced" : fate < 0.014 ? "Failed" : "Delivered";
            await EventAsync(ProviderReports.EmailReport, $$"""{"recipient":"{{mail.To}}","messageId":"{{mail.Id.OperationId}}","status":"{{status}}"}""");
            if (status != "Delivered" || !marketing) continue;
            var reads = _random.NextDouble();
            if (reads < 0.41) await EventAsync(EngagementReports.Engagement, $$"""{"recipient":"{{mail.To}}","messageId":"{{mail.Id}}","engagementType":"view"}""");
            if (reads < 0.11) await EventAsync(EngagementReports.Engagement, $$"""{"recipient":"{{mail.To}}","messageId":"{{mail.Id}}","engagementType":"click"}""");
            if (reads is > 0.41 and < 0.418) await ClickAwayAsync(mail);
            if (reads > 0.9992) await EventAsync(ProviderReports.Complaint, $$"""{"recipient":"{{mail.To}}","messageId":"{{mail.Id}}"}""");
        }

        foreach (var text in texts) await EventAsync(ProviderReports.SmsReport, $$"""{"to":"{{text.To}}","tag":"{{text.Id}}","deliveryStatus":"{{(_random.NextDouble() < 0.02 ? "Failed" : "Delivered")}}"}""");
        await UntilAsync(_clock.GetUtcNow().AddSeconds(15));
    }

    // The link is taken from the mail, as the person would.
    private async ValueTask ClickAwayAsync(OutgoingEmail mail)
    {
        var header = mail.Headers.First(h => h.Key == "List-Unsubscribe").Value;
        var url = header[(header.IndexOf("/u/", StringComparison.Ordinal) + 3)..];
        var token = _past.GetRequiredService<LinkTokens>().Read(LinkPurpose.Unsubscribe, url[..url.IndexOf('>', StringComparison.Ordinal)]);
        Assume(token is not null);
        await _past.GetRequiredService<Unsubscriber>().StopAsync(token!, UnsubscribeScope.Named, "one-click", default);
    }

    private async ValueTask AgreeAsync(string email, string topic, string locale)
    {
        Assume(Address.TryParse(Channel.Email, email, out var address, out _));
        var draft = new LedgerDraft(LedgerAction.OptIn, topic, "sign-up", "person") { PolicyVersion = "2026-01-01", Wording = $"Yes, send me {topic}.", Evidence = """{"confirmed":true,"url":"https://example.com/sign-up"}""" };
        await _past.GetRequiredService<ConsentDesk>().OptInAsync(address, _past.GetRequiredService<TopicCatalog>().Find(topic)!, draft, confirmed: true, locale, default);
    }

    private async ValueTask LeaveAsync(string email, string topic)
    {
        Assume(Address.TryParse(Channel.Email, email, out var address, out _));
        await _past.GetRequiredService<Unsubscriber>().StopAsync(new LinkToken(LinkPurpose.Unsubscribe, _past.GetRequiredService<KeyRing>().KeyOf(address), Channel.Email) { Topic = topic }, UnsubscribeScope.Named, "preferences", default);
    }

    private async ValueTask TextAsync(List<Somebody> crowd, int which, string words)
    {
        var from = crowd.Where(p => p.Phone is not null).ElementAt(which).Phone;
        await EventAsync(SmsConversation.SmsReceived, $$"""{"from":"{{from}}","to":"+18005550100","message":"{{words}}","receivedTimestamp":"{{_clock.GetUtcNow():O}}"}""");
        await UntilAsync(_clock.GetUtcNow());
    }

    private async ValueTask EventAsync(string type, string data) =>
        await _past.GetRequiredService<SealedWorkQueue>().EnqueueAsync(Queues.Inbound, JsonSerializer.SerializeToUtf8Bytes(new InboundEvent(string.Create(CultureInfo.InvariantCulture, $"month-{++_events}"), type, Data(data), _clock.UtcNowMs()), CoreJson.Default.InboundEvent));

    private async ValueTask ImportAsync(byte[] csv, ImportSettings settings)
    {
        var desk = _past.GetRequiredService<ImportDesk>();
        var id = desk.NewId();
        var upload = await desk.ReceiveAsync(id, new MemoryStream(csv), settings, default);
        await desk.CreateAsync(id, upload!, settings, Marketer, default);
        await UntilAsync(_clock.GetUtcNow().AddSeconds(1));
    }

    private async ValueTask SaveAsync(TemplateSource template, int seen)
    {
        var (result, _, linted) = await _past.GetRequiredService<TemplateDesk>().SaveAsync(template, seen, Marketer, default);
        if (result != TemplateSave.Saved) throw new InvalidOperationException($"The demo's template {template.Name} was not saved: {string.Join(" ", linted.Findings.Select(f => f.Message))}");
    }

    private async ValueTask SegmentAsync(string name, string filter)
    {
        var problems = new List<SegmentProblem>();
        var segment = SegmentReader.Read(Data(filter), "", problems);
        Assume(segment is not null);
        var made = await _past.GetRequiredService<StoredSegments>().CreateAsync(name, segment!, default);
        await _past.GetRequiredService<AuditLog>().WriteAsync(Marketer, "segment.create", made.Id, null, filter, default);
    }

    private async ValueTask<string> SegmentIdAsync(string name) => (await _past.GetRequiredService<StoredSegments>().ListAsync(null, 100, default)).First(s => s.Name == name).Id;

    private async ValueTask ListAsync(string name, IEnumerable<Somebody> people)
    {
        var lists = _past.GetRequiredService<StaticLists>();
        var ring = _past.GetRequiredService<KeyRing>();
        var list = await lists.CreateAsync(name, default);
        var keys = people.Select(p => Address.TryParse(Channel.Email, p.Email, out var address, out _) ? ring.KeyOf(address) : throw new InvalidOperationException("The crowd has an address that is none.")).ToList();
        await lists.AddAsync(list.Id, keys, default);
        var audit = _past.GetRequiredService<AuditLog>();
        await audit.WriteAsync(Marketer, "list.create", list.Id, null, name, default);
        await audit.WriteAsync(Marketer, "list.members", list.Id, null, $"+{keys.Count} -0", default);
    }

    private async ValueTask RequestAsync(PrivacyRight right, Somebody person, string note)
    {
        Assume(Address.TryParse(Channel.Email, person.Email, out var address, out _));
        await _past.GetRequiredService<PrivacyDesk>().OpenAsync(right, [address], null, note, null, Agent, default);
    }

    private async ValueTask KeyAsync(string name, string[] scopes)
    {
        var (key, _) = await _past.GetRequiredService<ApiKeys>().CreateAsync(name, scopes, default); // Nobody learns the secret: the demo signs in with the local key.
        await _past.GetRequiredService<AuditLog>().WriteAsync(Operator, "key.create", key.Id, null, $"{name}: {string.Join(' ', scopes)}", default);
    }

    /// <summary>Lets the clock run to a moment; what comes due on the way is done at its time.</summary>
    private async ValueTask UntilAsync(DateTimeOffset moment)
    {
        while (_queue.NextDue is { } due && due <= moment)
        {
            _clock.MoveTo(due);
            foreach (var name in Queues.All)
            {
                await WorkAsync(name);
                await WorkAsync(Queues.Poison(name));
            }
        }

        _clock.MoveTo(moment);
    }

    // Many at once, so that the store writes them together.
    private async ValueTask WorkAsync(string name)
    {
        var queue = _past.GetRequiredService<SealedWorkQueue>();
        var work = _past.GetRequiredService<Work>();
        while (await queue.ReceiveAsync(name, 256, TimeSpan.FromMinutes(1)) is { Count: > 0 } items)
        {
            await Task.WhenAll(items.Select(async item =>
            {
                var outcome = await work.DoAsync(name, item.Body, item.DequeueCount, default);
                if (outcome.Result == WorkResult.Done) await queue.CompleteAsync(item);
                else if (outcome.Result == WorkResult.Later) await queue.ReleaseAsync(item, outcome.Delay);
                else await queue.PoisonAsync(item);
            }));
        }
    }

    private static void Assume(bool holds)
    {
        if (!holds) throw new InvalidOperationException("The demo's story does not hold together.");
    }

    private static JsonElement Data(string json) => JsonElement.Parse(json);
}

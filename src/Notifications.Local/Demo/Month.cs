using System.Globalization;
using System.Text.Json;
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
using Notifications.Storage;
using Notifications.Timers;

namespace Notifications.Local.Demo;

/// <summary>
/// The company's last thirty days. They are lived, not written: the product runs in the past (<see cref="Past"/>), and people agree, read,
/// leave and complain in it. What every screen of the console then shows has come about as it always does. The one row laid down by hand is
/// a rights request that a crash has left half done, because no crash comes when it is called.
/// </summary>
internal sealed class Month : IAsyncDisposable
{
    // The last thing that is done: where it stands, the month was lived.
    private const string Running = "de30000000000003";
    private static readonly string[] Steps =
        ["Departed from facility", "Arrived at the sorting centre", "Out for delivery", "Delivered", "Waiting at the post office"];

    private readonly IServiceProvider _live;
    private readonly Past _past;
    private readonly PastPeople _people;
    private readonly PastStaff _staff;
    private readonly Random _random = new(1717);

    private Month(IServiceProvider live)
    {
        _live = live;
        _past = new Past(live);
        _people = new PastPeople(_past, _random);
        _staff = new PastStaff(_past);
    }

    /// <summary>Lives the month, unless it was lived before. Nothing else may work on the store meanwhile.</summary>
    public static async ValueTask LiveAsync(IServiceProvider live)
    {
        if (await live.GetRequiredService<CampaignDesk>().FindAsync(Running, default) is not null) return;
        var sending = live.GetRequiredService<SendingOptions>();
        var hold = sending.Hold;
        sending.Hold = false; // What is held today was not held then, or the month would never end.
        await using var month = new Month(live);
        await month.LiveAsync();
        sending.Hold = hold;
    }

    public ValueTask DisposeAsync() => _past.DisposeAsync();

    private async ValueTask LiveAsync()
    {
        var crowd = Crowd.Gather(420, 1);
        await BeginAsync(crowd);
        var first = new DateTimeOffset(_past.Now.UtcDateTime.Date.AddDays(-29), TimeSpan.Zero);
        for (var day = first; day <= _past.Now; day = day.AddDays(1)) await DayAsync(day, (int)(day - first).TotalDays, crowd);
        await _past.UntilAsync(_past.Now);
        await TodayAsync(crowd);
        await _past.Get<Statistics>().FlushAsync(default);
        await GoOnAsync();
    }

    // Before the first day that the charts show: the staff, the old system's list, the first letter.
    private async ValueTask BeginAsync(List<Somebody> crowd)
    {
        await _staff.KeyAsync("ines", Scope.All);
        await _staff.KeyAsync("marta", [Scope.Campaigns, Scope.Contacts]);
        await _staff.KeyAsync("tomas", [Scope.Privacy, Scope.Contacts]);
        await _staff.KeyAsync("shop-backend", [Scope.Send, Scope.Contacts]);
        await _staff.ImportAsync(Crowd.Csv(crowd, _past.Clock.GetUtcNow().AddDays(-20), "old-system"), new ImportSettings());
        await _staff.SaveAsync(Letters.First, 0);
        await _staff.SaveAsync(Letters.German, 0);
        await _staff.SaveAsync(Letters.Promotion, 0);
        await _staff.SegmentAsync("Readers in German", """{"locale":["de"]}""");
        await _staff.SegmentAsync("Read us in the last 60 days", """{"engagedSince":"P60D"}""");
    }

    private async ValueTask DayAsync(DateTimeOffset day, int number, List<Somebody> crowd)
    {
        await _past.UntilAsync(day.AddMinutes(11));
        await _past.Get<TimerCatalog>().RunAsync(TimerCatalog.Seal, default);
        for (var hour = 7; hour <= 20; hour++)
        {
            var at = day.AddHours(hour).AddMinutes(_random.Next(5, 50));
            if (at > _past.Now) return;
            await _past.UntilAsync(at);
            await ParcelsAsync(crowd, number, hour);
            await ComeAndGoAsync(crowd, number, hour);
            if (hour == 9) await MorningAsync(number, crowd);
            if (hour == 11) await NoonAsync(number, crowd);
            await _people.ReportAsync();
        }
    }

    private async ValueTask MorningAsync(int number, List<Somebody> crowd)
    {
        switch (number)
        {
            case 1:
                await CampaignAsync(
                    "de30000000000001",
                    new CampaignDefinition
                    {
                        Name = "Monthly letter",
                        Topic = TopicKey.Newsletter,
                        Channel = Channel.Email,
                        Template = Letters.Letter,
                        Audience = new Audience(TopicKey.Newsletter, Channel.Email),
                        Data = JsonElement.Parse(
                            """{"title":"Your parcels this month","items":[{"title":"Lockers in forty-one cities","text":"Open day and night, and none of them asks for an app."},{"title":"A new way to wait","text":"Choose the hour, not the day."}]}"""),
                    },
                    crowd, changes: true);
                break;
            case 2:
                await _staff.RequestAsync(
                    PrivacyRight.Restriction, crowd.Where(p => p.Topics.Contains(TopicKey.Promotions)).ElementAt(5),
                    "By mail: contests that we hold the address rightly.");
                break;
            case 4:
                await _staff.KeyAsync("crm-sync", [Scope.Contacts]);
                break;
            case 8:
                await _staff.ImportAsync(
                    Crowd.Csv(Crowd.Gather(60, 2), _past.Clock.GetUtcNow(), "trade-fair")
                        .Concat(
                            "not an address,,newsletter,email,subscribed,trade-fair,2026-01-01,Yes,,true,en,,fair\nfair.guest@example.com,,newsletter,email,perhaps,trade-fair,2026-01-01,Yes,,true,en,,fair\n,+0049,promotions,sms,subscribed,trade-fair,2026-01-01,Yes,,true,de,,fair\nnobody@example,,newsletter,email,subscribed,trade-fair,,,,true,en,,fair\n"u8.ToArray())
                        .ToArray(),
                    new ImportSettings { Tags = ["fair"] });
                await _staff.ListAsync(
                    "Trade fair visitors", Crowd.Gather(60, 2).Where(p => p.Topics.Contains(TopicKey.Newsletter)).Take(34));
                break;
            case 12:
                await _staff.SaveAsync(Letters.Second, 1);
                break;
            case 14:
                await CampaignAsync(
                    "de30000000000002",
                    new CampaignDefinition
                    {
                        Name = "Ten parcels, the eleventh free",
                        Topic = TopicKey.Promotions,
                        Channel = Channel.Email,
                        Template = Letters.Offer,
                        Audience = new Audience(TopicKey.Promotions, Channel.Email),
                    },
                    crowd, changes: true);
                break;
            case 17:
                await _staff.ImportAsync(
                    "email,status\ngone.one@example.com,blocked\ngone.two@example.com,blocked\ngone.three@example.org,blocked\n"u8.ToArray(),
                    new ImportSettings { SuppressionsOnly = true });
                break;
            case 19:
                await _staff.SaveAsync(Letters.Text, 0);
                break;
            case 20:
                // Our own fault, and an operator is told (R18): nobody is blocked for it.
                await _people.EventAsync(
                    ProviderReports.EmailReport,
                    $$$"""{"recipient":"{{{crowd[7].Email}}}","status":"Failed","deliveryStatusDetails":{"statusMessage":"550 5.7.515 Access denied, sending domain does not meet the required authentication level"}}""");
                break;
            case 22:
                await CampaignAsync(
                    "de30000000000004",
                    new CampaignDefinition
                    {
                        Name = "Letter to readers in German",
                        Topic = TopicKey.Newsletter,
                        Channel = Channel.Email,
                        Template = Letters.Letter,
                        Audience = new Audience(TopicKey.Newsletter, Channel.Email)
                        {
                            Segment = new SegmentRef(await _staff.SegmentIdAsync("Readers in German")),
                        },
                        Subject = "Neues von Ihren Paketen",
                        Data = JsonElement.Parse(
                            """{"title":"Neues von Ihren Paketen","items":[{"title":"Packstationen in 41 Städten","text":"Tag und Nacht offen."}]}"""),
                    },
                    crowd, changes: false);
                break;
            case 27:
                await _staff.RequestAsync(PrivacyRight.Access, crowd[31], "Asked by mail from the address itself.");
                await _staff.RequestAsync(PrivacyRight.Erasure, crowd[77], "Asked at the counter, with an identity card.");
                break;
        }
    }

    private async ValueTask NoonAsync(int number, List<Somebody> crowd)
    {
        switch (number)
        {
            case 6:
                await _people.TextAsync(crowd, 3, "STOP");
                break;
            case 15:
                await _people.TextAsync(crowd, 9, "Stopp bitte");
                break;
            case 21:
                await CampaignAsync(
                    "de30000000000005",
                    new CampaignDefinition
                    {
                        Name = "Offer by text message",
                        Topic = TopicKey.Promotions,
                        Channel = Channel.Sms,
                        Template = Letters.OfferText,
                        Audience = new Audience(TopicKey.Promotions, Channel.Sms),
                    },
                    crowd, changes: false);
                break;
            case 24:
                await _staff.RequestAsync(PrivacyRight.Objection, crowd[52], "By letter.");
                break;
        }
    }

    // What needs a person today.
    private async ValueTask TodayAsync(List<Somebody> crowd)
    {
        await _people.TextAsync(crowd, 14, "Can you stop by at 5 instead? Nobody is home before");
        await _people.TextAsync(crowd, 21, "who are you and why do I get this, remove?");
        await _people.EventAsync(ProviderReports.EmailReport, """{"status":"Delivered","messageId":"a4b1"}""");
        await _past.Get<SealedWorkQueue>().EnqueueAsync(Queues.Inbound, "nothing that is an event"u8.ToArray());
        await _past.UntilAsync(_past.Now);
        var address = Past.Parse(Channel.Email, crowd[111].Email);
        var opened = _past.Now.AddDays(-25).AddMinutes(-90);
        var request = new PrivacyRequest
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{opened.ToUnixTimeMilliseconds():D15}-de300000"),
            Type = PrivacyRight.Portability, Addresses = [$"email:{address.Value}"],
            AddressKeys = [_past.Get<KeyRing>().KeyOf(address).Value],
            OpenedAt = opened, DueAt = opened.AddMonths(1), Actor = PastStaff.Agent, Note = "By phone; called back at the number on file.",
        };
        await _past.Get<PrivacyRequests>().AddAsync(request, default);
    }

    // From here on in the present: these go on after the start, and launch by themselves.
    private async ValueTask GoOnAsync()
    {
        var desk = _live.GetRequiredService<CampaignDesk>();
        var letter = new CampaignDefinition
        {
            Name = "Last days to post",
            Topic = TopicKey.Newsletter,
            Channel = Channel.Email,
            Template = Letters.Letter,
            Audience = new Audience(TopicKey.Newsletter, Channel.Email),
            Data = JsonElement.Parse(
                """{"title":"The last days to post","items":[{"title":"Letters until the eighteenth","text":"Parcels until the twentieth, and the lockers until the evening before."}]}"""),
        };
        var draft = await desk.CreateAsync(
            letter with
            {
                Name = "Winter offer",
                Topic = TopicKey.Promotions,
                Template = Letters.Offer,
                Audience = new Audience(TopicKey.Promotions, Channel.Email),
                Data = JsonElement.Parse(
                    """{"title":"Warm hands, cold parcels","intro":"Two kilograms for the price of one until the first of the month."}"""),
            },
            "de30000000000006", PastStaff.Marketer, default);
        await desk.DryRunAsync(draft.Id, PastStaff.Marketer, default);
        var planned = await desk.CreateAsync(letter with { Name = "New year letter" }, "de30000000000007", PastStaff.Marketer, default);
        await desk.ScheduleAsync(
            planned.Id,
            new CampaignSchedule(_past.Now.UtcDateTime.Date.AddDays(6).AddHours(9), CampaignSchedule.Recipient, "Europe/Lisbon"), null,
            PastStaff.Marketer, default);
        var running = await desk.CreateAsync(letter with { Throttle = new CampaignThrottle(120) }, Running, PastStaff.Marketer, default);
        await desk.DryRunAsync(running.Id, PastStaff.Marketer, default);
        await desk.LaunchAsync(running.Id, null, PastStaff.Marketer, default);
    }

    private async ValueTask CampaignAsync(string id, CampaignDefinition definition, List<Somebody> crowd, bool changes)
    {
        var desk = _past.Get<CampaignDesk>();
        await desk.CreateAsync(definition, id, PastStaff.Marketer, default);
        await desk.DryRunAsync(id, PastStaff.Marketer, default);
        var marta = Past.Parse(definition.Channel, definition.Channel == Channel.Email ? "marta@example.com" : "+351911000000");
        await desk.TestAsync(id, [marta], PastStaff.Marketer, default);
        await _past.UntilAsync(_past.Clock.GetUtcNow().AddMinutes(20));

        // Between the dry run and the launch life goes on: the report must explain it.
        if (changes)
        {
            foreach (var person in crowd.Where(p => p.Topics.Contains(definition.Topic)).Skip(_random.Next(100)).Take(3))
                await _people.LeaveAsync(person.Email, definition.Topic);
            foreach (var person in Crowd.Gather(3, 40 + (int)definition.Name.Length))
                await _people.AgreeAsync(person.Email, definition.Topic, person.Locale);
        }

        await desk.LaunchAsync(id, null, PastStaff.Marketer, default);
        await _past.UntilAsync(_past.Clock.GetUtcNow().AddSeconds(40));
    }

    // Parcels move from early to late; some of their followers have said stop since, and get nothing.
    private async ValueTask ParcelsAsync(List<Somebody> crowd, int number, int hour)
    {
        var ids = _past.Get<MessageIds>();
        var ring = _past.Get<KeyRing>();
        var queue = _past.Get<SendQueue>();
        var weekend = (number + 2) % 7 >= 5;
        for (var i = _random.Next(weekend ? 1 : 2, weekend ? 3 : 6); i > 0; i--)
        {
            var person = crowd[_random.Next(crowd.Count)];
            if (!person.Topics.Contains(TopicKey.PackageUpdates) || !Address.TryParse(Channel.Email, person.Email, out var to, out _))
                continue;
            var data =
                $$"""{"description":"{{Steps[_random.Next(Steps.Length)]}}","location":"{{(person.Locale == "de" ? "Leipzig, Germany" : "Lisbon, Portugal")}}"}""";
            await queue.EnqueueAsync(
                new SendRequest
                {
                    Id = ids.Derive(ring.KeyOf(to), $"month/{number}/{hour}/{i}").ToString(),
                    Channel = to.Channel,
                    To = to.Value,
                    Topic = TopicKey.PackageUpdates,
                    Data = JsonElement.Parse(data),
                    Client = "shop-backend",
                    AcceptedAt = _past.Clock.UtcNowMs(),
                },
                default);
        }

        await _past.UntilAsync(_past.Clock.GetUtcNow());
    }

    private async ValueTask ComeAndGoAsync(List<Somebody> crowd, int number, int hour)
    {
        if (_random.NextDouble() < 0.42)
        {
            var person = Crowd.Gather(1, 1000 + number * 24 + hour)[0];
            foreach (var topic in person.Topics) await _people.AgreeAsync(person.Email, topic, person.Locale);
        }

        if (_random.NextDouble() < 0.09) await _people.LeaveAsync(crowd[_random.Next(crowd.Count)].Email, TopicKey.Newsletter);
        if (_random.NextDouble() < 0.03 && Address.TryParse(Channel.Email, crowd[_random.Next(crowd.Count)].Email, out var caller, out _))
        {
            var key = _past.Get<KeyRing>().KeyOf(caller);
            var (result, _) = await _past.Get<ConsentDesk>().OptOutAsync(
                caller,
                new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "console-phone", PastStaff.Agent)
                {
                    Wording = "Called: no more offers, please.",
                },
                default);
            if (result == ConsentResult.Recorded)
                await _past.Get<AuditLog>().WriteAsync(PastStaff.Agent, "consent.revoke", key.Value, "subscribed", "unsubscribed", default);
        }
    }
}

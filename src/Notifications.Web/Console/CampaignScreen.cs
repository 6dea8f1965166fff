using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Templates;
using Notifications.Web.Campaigns;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Campaigns from the draft on: dry run, test, schedule, launch, live progress, pause, report.</summary>
internal sealed class CampaignScreen(
    CampaignDesk desk, TemplateDesk templates, TopicCatalog topics, StoredSegments segments, StaticLists lists, TimeProvider time)
{
    private const int PageSize = 50;

    // Of the field that asks by which clock a campaign launches; the other answer is CampaignSchedule.Recipient.
    private const string OneZone = "one";
    private static readonly string[] Zones = ["UTC", .. PreferencePage.Zones.Order(StringComparer.Ordinal)];
    private static readonly TimeSpan LiveEvery = TimeSpan.FromSeconds(2);

    // A browser comes back by itself, and is asked anew who it is.
    private static readonly TimeSpan LiveFor = TimeSpan.FromMinutes(2);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/campaigns", Scope.Campaigns, ListAsync);
        routes.MapScreen("/console/campaigns/{id}", Scope.Campaigns, http => ShowAsync(http, Html.None));
        routes.MapScreen("/console/campaigns/{id}/live", Scope.Campaigns, http => ValueTask.FromResult<IResult>(new Live(LiveAsync)));
        routes.MapAct(
            "/console/campaigns/{id}/dry-run", Scope.Campaigns,
            async (http, _) =>
            {
                var (outcome, forecast) = await desk.DryRunAsync(http.Id(), http.User().Actor, http.RequestAborted);
                return await AnswerAsync(http, outcome, forecast is { UnderWay: true } ? "counting" : "counted");
            });
        routes.MapAct("/console/campaigns/{id}/test", Scope.Campaigns, TestAsync);
        routes.MapAct(
            "/console/campaigns/{id}/schedule", Scope.Campaigns, ScheduleAsync, leave: (http, form) => ShowAsync(http, Html.None, form: form));
        routes.MapAct(
            "/console/campaigns/{id}/launch", Scope.Campaigns,
            async (http, form) =>
                await AnswerAsync(
                    http, await desk.LaunchAsync(http.Id(), Count(form), http.User().Actor, CancellationToken.None, Seen(form)), "launched",
                    form),
            leave: (http, form) => ShowAsync(http, Html.None, form: form));
        routes.MapAct(
            "/console/campaigns/{id}/pause", Scope.Campaigns,
            async (http, form) =>
                await AnswerAsync(
                    http,
                    await desk.PauseAsync(
                        http.Id(), form["why"]?.Trim() is { Length: > 0 and <= 200 } why ? why : null, http.User().Actor,
                        CancellationToken.None),
                    "paused"));
        routes.MapAct(
            "/console/campaigns/{id}/resume", Scope.Campaigns,
            async (http, _) =>
                await AnswerAsync(http, await desk.ResumeAsync(http.Id(), http.User().Actor, CancellationToken.None), "resumed"));
        routes.MapAct("/console/campaigns/{id}/copy", Scope.Campaigns, CopyAsync);
        routes.MapAct(
            "/console/campaigns/{id}/cancel", Scope.Campaigns,
            async (http, _) =>
                await AnswerAsync(http, await desk.CancelAsync(http.Id(), null, http.User().Actor, CancellationToken.None), "cancelled"),
            ask: AskAsync);
    }

    private async ValueTask<Question?> AskAsync(HttpContext http, PublicForm form)
    {
        if (await desk.FindAsync(http.Id(), http.RequestAborted) is not { } campaign) return null;
        var (name, path) = (campaign.Definition.Name, "/console/campaigns/" + campaign.Id);
        return campaign.Status switch
        {
            CampaignStatus.Draft => new(
                $"Discard the draft {name}?", "It is gone from every list, for good. Nothing of it was sent.", "Discard the draft", path),
            CampaignStatus.Scheduled => new(
                $"Cancel the campaign {name}?", "It does not launch at its time, and ends for good. Nothing of it was sent.",
                "Cancel the campaign", path),
            CampaignStatus.Running or CampaignStatus.Paused => new(
                $"Cancel the campaign {name}?", "It ends for good: what is not sent yet stays unsent. What went out stays sent.",
                "Cancel the campaign", path),
            _ => null, // It is over: the act says so.
        };
    }

    private async ValueTask<IResult> ListAsync(HttpContext http)
    {
        CampaignStatus? status = Enum.GetValues<CampaignStatus>()
            .Cast<CampaignStatus?>()
            .FirstOrDefault(s => Parts.Word(s!.Value) == http.Request.Query["status"]);
        var after = http.Request.Query["after"].ToString() is { Length: > 0 and <= 64 } from && Inputs.IsId(from) ? from : null;
        var page = await desk.ListAsync(status, after, PageSize, http.RequestAborted);
        var path = "/console/campaigns" + (status is { } s ? "?status=" + Parts.Word(s) : "");
        return new ConsolePage("Campaigns", Html.Of($"""
            <div class="head"><h1>Campaigns</h1><a class="button primary" href="/console/campaigns/new">New campaign</a></div>
            <p class="tabs"><a href="/console/campaigns"{(status is null ? new Html(" aria-current=\"page\"") : Html.None)}>All</a>{Html.Join(Enum.GetValues<CampaignStatus>().Select(one => Html.Of($"<a href=\"/console/campaigns?status={Parts.Word(one)}\"{(one == status ? new Html(" aria-current=\"page\"") : Html.None)}>{Title(one)}</a>")))}</p>
            {Parts.Table("Campaigns", ["Name", "Status", "Topic", "Channel", "Template", "When"], page.Campaigns.Select(c => (Html[])[Html.Of($"<a href=\"/console/campaigns/{c.Id}\"><strong>{c.Definition.Name}</strong></a>"), Badge(c.Status), Html.Of($"{NameOf(c.Definition.Topic)}"), Html.Of($"{Parts.Spoken(c.Definition.Channel)}"), Html.Of($"{c.PinnedTemplate ?? c.Definition.Template}"), When(c)]), status is null ? "There is no campaign yet. Make the first one." : "No campaign has this status.")}
            {Parts.Pager(path, page.Next, after is not null)}
            """));
    }

    private async ValueTask<IResult> ShowAsync(
        HttpContext http, Html notice, int code = 200, PublicForm? form = null, FieldErrors? errors = null)
    {
        if (await desk.FindAsync(http.Id(), http.RequestAborted) is not { } campaign) return Missing();
        var d = campaign.Definition;
        var open = campaign.Status is CampaignStatus.Draft or CampaignStatus.Scheduled;
        var moving = campaign.Status is CampaignStatus.Running or CampaignStatus.Paused;
        var numbers = campaign.LaunchedAt is null ? null : await desk.StatsAsync(campaign.Id, http.RequestAborted);
        var progress = numbers is null
            ? Html.None
            : Html.Of(
                $"<section{(moving ? Html.Of($" data-live=\"/console/campaigns/{campaign.Id}/live\"") : Html.None)} aria-label=\"Progress\">\n{CampaignProgress.Render(campaign, numbers)}</section>\n");
        // A version before this one left the reason of a pause at a cancelled campaign.
        var hold = campaign.Status != CampaignStatus.Cancelled || campaign.Hold?.At == campaign.EndedAt ? campaign.Hold : null;
        return new ConsolePage(d.Name, Html.Of($"""
            <p><a href="/console/campaigns">All campaigns</a></p>
            <div class="head"><h1>{d.Name} {Badge(campaign.Status)}</h1><div class="inline wrap">{(open ? Html.Of($"<a class=\"button\" href=\"/console/campaigns/{campaign.Id}/edit\">Edit</a>") : Html.None)}{(moving ? Running(http, campaign) : Html.None)}{Parts.Button(http, $"/console/campaigns/{campaign.Id}/copy", "Copy")}{(open ? Parts.Button(http, $"/console/campaigns/{campaign.Id}/cancel", campaign.Status == CampaignStatus.Draft ? "Discard the draft" : "Cancel the campaign", "danger") : Html.None)}</div></div>
            {notice}{(hold is null ? Html.None : Html.Of($"<p class=\"warn\">{hold.Why} <span class=\"dim\">{RecordWords.Actor(hold.By)}, {Parts.Time(hold.At)}</span></p>"))}
            {Parts.Facts(("Topic", Html.Of($"{NameOf(d.Topic)}")), ("Channel", Html.Of($"{Parts.Spoken(d.Channel)}")), ("Template", Html.Of($"{campaign.PinnedTemplate ?? d.Template}")), ("Subject", Html.Of($"{await SubjectAsync(campaign, http.RequestAborted)}")), ("Audience", await AudienceAsync(d, http.RequestAborted)), ("Rate", Html.Of($"{Rate(d.Throttle)}")), ("Launches", campaign is { LaunchedAt: null, DueAt: { } due } ? Launches(d.Schedule, due) : Html.None), ("Launched", campaign.LaunchedAt is { } at ? Parts.Time(at) : Html.None), ("Ended", campaign.EndedAt is { } ended ? Parts.Time(ended) : Html.None), ("Made by", Html.Of($"{RecordWords.Actor(campaign.CreatedBy)}")))}
            {progress}{(open ? await DraftAsync(http, campaign, form, errors) : Html.None)}
            """)) { Status = code, Refresh = moving ? (5, "/console/campaigns/" + campaign.Id) : null };
    }

    private async ValueTask<Html> DraftAsync(HttpContext http, Campaign campaign, PublicForm? form, FieldErrors? errors)
    {
        string? Wrong(string field) => errors?.All.FirstOrDefault(e => e.Field == field)?.Message;
        var path = "/console/campaigns/" + campaign.Id;
        var forecast = await desk.ForecastAsync(campaign, http.RequestAborted);
        var soFar = await desk.UnderWayAsync(campaign, http.RequestAborted);
        var counts = forecast is null
            ? Html.Of(
                $"<p class=\"empty\">Nobody has counted it as it stands. A dry run decides for everyone in the audience, and sends nothing.</p>")
            : Html.Of($"""
                <div class="stats">{Parts.Stat("In the audience", Parts.Number(forecast.Selected))}{Parts.Stat("Would be sent", Parts.Number(forecast.Allowed), null, "good")}{Parts.Stat("Skipped", Parts.Number(forecast.Skipped.Values.Sum()))}{Parts.Stat("Later", Parts.Number(forecast.Deferred.Values.Sum()))}</div>
                {(forecast.Skipped.Count + forecast.Deferred.Count == 0 ? Html.None : Html.Of($"<div class=\"charts\">{Chart.Bars("Who would get nothing, or not now", "people", [.. forecast.Skipped.Concat(forecast.Deferred).Select(r => (ReasonWords.Of(r.Key), r.Value))], "")}</div>"))}
                <p class="hint">Counted {Parts.Time(forecast.At)}.</p>
                """);
        var schedule = campaign.Definition.Schedule;
        var clock = form?["clock"] ?? (schedule is { ByRecipient: true } ? CampaignSchedule.Recipient : OneZone);
        var zone = form?["zone"] ?? (schedule is { ByRecipient: true } ? schedule.FallbackZone : schedule?.Zone) ?? "UTC";
        // One that the API took and the list leaves out, such as Etc/GMT+1, stays.
        string[] zones = ZoneName.IsValid(zone) && !Zones.Contains(zone) ? [.. Zones, zone] : Zones;
        return Html.Of($"""
            <h2>Dry run</h2>
            {counts}{(soFar is null ? Html.None : Html.Of($"<p class=\"warn\">A dry run is not through: it has decided for {Parts.Number(soFar.Selected)} so far, of whom {Parts.Number(soFar.Allowed)} would be sent it.</p>\n"))}{Parts.Button(http, path + "/dry-run", soFar is not null ? "Go on counting" : forecast is null ? "Dry run" : "Count again", "quiet")}
            <h2>Try it, then send it</h2>
            <div class="cards">
            {Parts.Form(http, path + "/test", Html.Of($"<h3>Test</h3>{Parts.Area("to", "To whom", form?["to"], 3, $"Up to {CampaignDesk.MostTests} addresses, one a line. Marked as a test, outside the numbers.", 4000, required: true, wrong: Wrong("to"))}<button>Send the test</button>"), "card")}
            {Parts.Form(http, path + "/schedule", Html.Of($"<h3>Schedule</h3>{Parts.Field("at", "At", form?["at"] ?? schedule?.At.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture), "datetime-local", max: 20, required: true, wrong: Wrong("at"))}{Parts.Select("clock", "By which clock", [(OneZone, "One, for everybody at once"), (CampaignSchedule.Recipient, "Each recipient’s own")], clock)}{Parts.Select("zone", "Time zone", zones.Select(z => (z, z)), zone, "With each recipient’s own: of those whose own is not known.", Wrong("zone"))}{Ask()}<button>Schedule…</button>"), "card")}
            {Parts.Form(http, path + "/launch", Html.Of($"<h3>Launch now</h3><p class=\"hint\">Audience and template are fixed from here on. You are asked to confirm the number of recipients.</p>{Ask()}<button class=\"primary\">Launch…</button>"), "card")}
            </div>
            """);
    }

    // By whose clock, and which moment that is for everybody else.
    private static Html Launches(CampaignSchedule? schedule, DateTimeOffset due)
    {
        if (schedule is null || schedule.Zone == "UTC") return Html.Of($"{Parts.Time(due)} UTC");
        var local = schedule.At.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);
        return schedule.ByRecipient
            ? Html.Of(
                $"<span class=\"wide\">{local} where each recipient is, or in {schedule.FallbackZone} where that is not known; the first at {Parts.Time(due)} UTC</span>")
            : Html.Of($"<span class=\"wide\">{local} in {schedule.Zone}, which is {Parts.Time(due)} UTC</span>");
    }

    // No campaign has this number of recipients, so what it comes to is told, and asked for.
    private static Html Ask() => new("<input type=\"hidden\" name=\"confirm\" value=\"-1\">");

    private static Html Running(HttpContext http, Campaign campaign)
    {
        var path = "/console/campaigns/" + campaign.Id;
        var hold = campaign.Status == CampaignStatus.Running
            ? Parts.Button(http, path + "/pause", "Pause", "quiet")
            : Parts.Button(http, path + "/resume", "Resume", "primary");
        return Html.Of($"{hold}{Parts.Button(http, path + "/cancel", "Cancel the campaign", "danger")}");
    }

    private async ValueTask<IResult> TestAsync(HttpContext http, PublicForm form)
    {
        if (await desk.FindAsync(http.Id(), http.RequestAborted) is not { } campaign) return Missing();
        var to = AddressLines.Read(form["to"]);
        var errors = new FieldErrors();
        if (to.Count is 0 or > CampaignDesk.MostTests) errors.Add("to", $"A test goes to 1 to {CampaignDesk.MostTests} addresses.");
        var addresses = new List<Address>();
        foreach (var (text, line) in to)
        {
            if (Address.TryParse(campaign.Definition.Channel, text, out var address, out var problem)) addresses.Add(address);
            else errors.Add("to", $"Line {line} of the test {problem}. Nothing was sent.");
        }

        if (errors.Any) return await ShowAsync(http, Html.None, 400, form, errors);

        var withheld = await desk.WithheldAsync(campaign, addresses, http.RequestAborted);
        if (withheld.Count > 0)
            return await ShowAsync(
                http,
                Html.Of(
                    $"<div class=\"warn\" role=\"alert\"><p>Nothing was sent. A test does not go to</p><ul>{Html.Join(withheld.Select(w => Html.Of($"<li>{w.Address.Value}: {Explainer.Words(w.Why)}</li>")))}</ul></div>\n"),
                409, form);
        return await AnswerAsync(
            http, (await desk.TestAsync(campaign.Id, addresses, http.User().Actor, CancellationToken.None)).Outcome, "tested", form);
    }

    private async ValueTask<IResult> ScheduleAsync(HttpContext http, PublicForm form)
    {
        static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        var errors = new FieldErrors();
        var at = Some(form["at"]) is { } typed ? typed.Length == 16 ? typed + ":00" : typed : null;
        var (clock, zone) = (Some(form["clock"]), Some(form["zone"]));
        var own = clock == CampaignSchedule.Recipient;
        var input = own ? new ScheduleInput(at, CampaignSchedule.Recipient, zone) : new ScheduleInput(at, zone);
        var schedule = CampaignReader.Schedule(errors, input, time.GetUtcNow(), "");
        if (errors.Any || schedule is null)
        {
            // The zone that each recipient's own stands in for is in the same field.
            var shown = new FieldErrors();
            foreach (var error in errors.All) shown.Add(error.Field == "fallbackZone" ? "zone" : error.Field, error.Message);
            return await ShowAsync(http, Html.None, 400, form, shown);
        }

        var outcome = await desk.ScheduleAsync(http.Id(), schedule, Count(form), http.User().Actor, CancellationToken.None, Seen(form));
        var again = Html.Of(
            $"<input type=\"hidden\" name=\"at\" value=\"{form["at"]}\"><input type=\"hidden\" name=\"clock\" value=\"{clock}\"><input type=\"hidden\" name=\"zone\" value=\"{zone}\">");
        return await AnswerAsync(
            http, outcome, "scheduled", "schedule",
            $"It launches by itself on {schedule.At.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)}, {(own ? $"at that time where each recipient is, or in {zone} where that is not known" : $"by the clock of {zone}")}.",
            again, form);
    }

    private ValueTask<IResult> AnswerAsync(HttpContext http, CampaignOutcome outcome, string said, PublicForm? form = null) =>
        AnswerAsync(
            http, outcome, said, "launch", "Each is decided when its turn comes; whoever has said stop by then gets nothing.", Html.None,
            form);

    private async ValueTask<IResult> AnswerAsync(
        HttpContext http, CampaignOutcome outcome, string said, string act, string what, Html fields, PublicForm? form)
    {
        if (outcome.Done)
            return ConsolePage.Go(
                outcome.Campaign is { IsDiscarded: true }
                    ? "/console/campaigns?said=draft-gone"
                    : $"/console/campaigns/{http.Id()}?said={said}");
        if (outcome.Refusal == CampaignRefusal.NotFound) return Missing();
        if (outcome is not { Refusal: CampaignRefusal.Unconfirmed, Count: { } count })
            return await ShowAsync(http, Warn(outcome.Why ?? "That is not possible."), 409, form);

        if (count == 0 && act == "launch")
            return await ShowAsync(http, Warn("Nobody is in the audience, so there is nothing to launch."), 409, form);
        var campaign = outcome.Campaign!;
        var moved = form is not null && Seen(form) is { } seen && seen != campaign.Epoch;
        var forecast = await desk.ForecastAsync(campaign, http.RequestAborted);
        if (act == "launch" && campaign.Status == CampaignStatus.Scheduled)
            what += " Its schedule is dropped: it does not launch once more at that time.";

        // Not an error: the number is asked for by asking for it. What is confirmed is this number of this very campaign.
        return await ShowAsync(http, Html.Of($"""
            <div class="card confirm" role="alert">{(moved ? Html.Of($"<p class=\"warn\">It was changed since you were asked. This is how it stands now.</p>") : Html.None)}<p class="lead">This goes to <strong>{Parts.Number(count)}</strong> {(count == 1 ? "recipient" : "recipients")}.</p>
            {Foretold(forecast, count)}
            {Parts.Facts(("Campaign", Html.Of($"{campaign.Definition.Name}")), ("Subject", Html.Of($"{await SubjectAsync(campaign, http.RequestAborted)}")), ("Template", Html.Of($"{campaign.Definition.Template}")))}<p>{what}</p>
            <div class="inline wrap">{Parts.Form(http, $"/console/campaigns/{http.Id()}/{act}", Html.Of($"{fields}<input type=\"hidden\" name=\"confirm\" value=\"{count}\"><input type=\"hidden\" name=\"seen\" value=\"{campaign.Epoch}\"><p class=\"inline wrap\"><button class=\"primary\">Yes, {act} to {Parts.Number(count)}</button>{KeptForm.LeaveButton("Not now")}</p>"), "act")}</div></div>

            """), form: form);
    }

    // Without the schedule: that is asked for anew, as everything that sends.
    private async ValueTask<IResult> CopyAsync(HttpContext http, PublicForm form)
    {
        if (await desk.FindAsync(http.Id(), http.RequestAborted) is not { } campaign) return Missing();
        var copy = await desk.CreateAsync(
            campaign.Definition with { Name = FreeText.Cut(campaign.Definition.Name, 93) + " (copy)", Schedule = null }, null,
            http.User().Actor, CancellationToken.None);
        return ConsolePage.Go($"/console/campaigns/{copy.Id}?said=copied");
    }

    // What the dry run had said, and why the number is another where it is.
    private static Html Foretold(CampaignForecast? forecast, long count)
    {
        if (forecast is null) return Html.Of($"<p>Without a dry run it is not known how many of them get nothing.</p>");
        var (more, at) = (count - forecast.Selected, Parts.Time(forecast.At));
        var nothing = forecast.Selected - forecast.Allowed;
        if (more == 0)
            return nothing == 0
                ? Html.Of($"<p>By the dry run of {at} all of them are sent to.</p>")
                : Html.Of($"<p>By the dry run of {at} {Parts.Number(nothing)} of them would get nothing, or not at once.</p>");
        var moved = $"{Parts.Number(Math.Abs(more))} {(more > 0 ? "more" : "fewer")}";
        return Html.Of(
            $"<p>The dry run of {at} counted {Parts.Number(forecast.Selected)}. People come into the audience and leave it: since then there are {moved}. Count again, and the dry run tells of them too.</p>");
    }

    // As most people read it: with the campaign's data, in the template's first language.
    private async ValueTask<string?> SubjectAsync(Campaign campaign, CancellationToken cancel)
    {
        var d = campaign.Definition;
        if (d.Channel == Channel.Sms) return null;
        try
        {
            var read = new List<string>();
            foreach (var subject in d.SubjectTest?.Subjects ?? (IReadOnlyList<string?>)[d.Subject])
                read.Add(await templates.SubjectAsync(campaign.PinnedTemplate ?? d.Template, d.Topic, subject, d.Data, cancel));
            return string.Join(" / ", read);
        }
        catch (TemplateException broken)
        {
            return "It cannot be shown: " + broken.Message;
        }
    }

    private static Html Warn(string why) => Html.Of($"<p class=\"warn\" role=\"alert\">{why}</p>\n");

    /// <summary>The progress as server-sent events until the campaign moves on: each the HTML that the page would show.</summary>
    private async Task LiveAsync(HttpContext http)
    {
        if (await desk.FindAsync(http.Id(), http.RequestAborted) is not { } first)
        {
            await Missing().ExecuteAsync(http);
            return;
        }

        http.Response.ContentType = "text/event-stream";
        if (HttpMethods.IsHead(http.Request.Method)) return;
        // Whoever ends this process waits for those who are being answered, and this answer would go on for minutes.
        var ending = http.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, ending);
        var last = "";
        for (var ends = time.GetUtcNow() + LiveFor; time.GetUtcNow() < ends;)
        {
            if (await desk.FindAsync(first.Id, http.RequestAborted) is not { } campaign
                || campaign.Status != first.Status
                || await desk.StatsAsync(first.Id, http.RequestAborted) is not { } stats)
            {
                await http.Response.WriteAsync("event: end\ndata:\n\n", http.RequestAborted);
                return;
            }

            var html = CampaignProgress.Render(campaign, stats).Value;
            if (html != last)
            {
                var frame = new StringBuilder("event: html\n");
                foreach (var line in html.Split('\n')) frame.Append("data: ").Append(line.TrimEnd('\r')).Append('\n');
                await http.Response.WriteAsync(frame.Append('\n').ToString(), http.RequestAborted);
                last = html;
            }
            else await http.Response.WriteAsync(": still\n\n", http.RequestAborted);

            await http.Response.Body.FlushAsync(http.RequestAborted);
            if (campaign.Status is not (CampaignStatus.Running or CampaignStatus.Paused)) return;
            await Task.Delay(LiveEvery, time, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over.IsCancellationRequested) return;
        }
    }

    private async ValueTask<Html> AudienceAsync(CampaignDefinition d, CancellationToken cancel)
    {
        var audience = d.Audience;
        var words = new List<string> { audience.Segment is null && audience.List is null ? "everyone subscribed" : "who is subscribed" };
        if (audience.Topic != d.Topic) words[0] += " to " + NameOf(audience.Topic);
        if (audience.Segment is { } segment) words.Add("in the segment " + await NameAsync(segment, cancel));
        if (audience.List is { } list) words.Add("on the list " + ((await lists.FindAsync(list, cancel))?.Name ?? "that is gone"));
        if (audience.Exclude?.Segment is { } without) words.Add("not in the segment " + await NameAsync(without, cancel));
        if (audience.Exclude?.List is { } off)
            words.Add("not on the list " + ((await lists.FindAsync(off, cancel))?.Name ?? "that is gone"));
        return Html.Of($"{string.Join(", ", words)}");
    }

    private async ValueTask<string> NameAsync(SegmentRef segment, CancellationToken cancel) =>
        segment.Id is { } id
            ? (await segments.FindAsync(id, cancel))?.Name ?? "that is gone"
            : $"({SegmentFields.Say(JsonSerializer.Serialize(segment.Inline, CoreJson.Default.Segment))})";

    private static string Rate(CampaignThrottle? throttle) =>
        throttle is null
            ? "as fast as the provider takes it"
            : $"{Parts.Number(throttle.PerHour)} messages an hour{(throttle.RampUp is { } ramp ? $", rising from {Parts.Number(ramp.From)} over {ramp.Days} days" : "")}";

    private static long? Count(PublicForm form) =>
        long.TryParse(form["confirm"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) ? count : -1;

    private static int? Seen(PublicForm form) =>
        int.TryParse(form["seen"], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : null;

    private static Html When(Campaign campaign) => campaign switch
    {
        { LaunchedAt: { } at } => Parts.Time(at),
        { Status: CampaignStatus.Scheduled, DueAt: { } due } => Html.Of($"due {Parts.Time(due)} UTC"),
        _ => Html.Of($"<span class=\"dim\">changed {Parts.Day(campaign.ChangedAt)}</span>"),
    };

    /// <summary>A campaign's status as a coloured word.</summary>
    private static Html Badge(CampaignStatus status) =>
        Parts.Badge(
            Parts.Word(status),
            status switch
            {
                CampaignStatus.Running or CampaignStatus.Completed => "good",
                CampaignStatus.Paused or CampaignStatus.Scheduled => "warn",
                CampaignStatus.Cancelled => "bad",
                _ => "",
            });

    private static string Title(CampaignStatus status) => status.ToString();

    private string NameOf(string topic) => topics.Find(topic)?.Name ?? topic;

    private static ConsolePage Missing() => ConsolePage.Missing("No campaign has this id.");

    private sealed class Live(RequestDelegate run) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => run(httpContext);
    }
}

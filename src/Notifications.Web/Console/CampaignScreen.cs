using System.Globalization;
using System.Text;
using System.Text.Json;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Web.Campaigns;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>One campaign after its draft: forecast, test, schedule, launch, live progress, pause, report, recipients.</summary>
internal sealed class CampaignScreen(CampaignDesk desk, TopicCatalog topics, StoredSegments segments, StaticLists lists, TimeProvider time)
{
    private const int PageSize = 50;
    private static readonly TimeSpan LiveEvery = TimeSpan.FromSeconds(2);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/campaigns", Scope.Campaigns, ListAsync);
        routes.MapScreen("/console/campaigns/{id}", Scope.Campaigns, http => ShowAsync(http, null));
        routes.MapScreen("/console/campaigns/{id}/live", Scope.Campaigns, http => ValueTask.FromResult<IResult>(new Live(LiveAsync)));
        routes.MapScreen("/console/campaigns/{id}/recipients", Scope.Campaigns, RecipientsAsync);
        routes.MapAct("/console/campaigns/{id}/dry-run", Scope.Campaigns, async (http, _) => await AnswerAsync(http, (await desk.DryRunAsync(Id(http), http.User().Actor, http.RequestAborted)).Outcome, "counted"));
        routes.MapAct("/console/campaigns/{id}/test", Scope.Campaigns, TestAsync);
        routes.MapAct("/console/campaigns/{id}/schedule", Scope.Campaigns, ScheduleAsync);
        routes.MapAct("/console/campaigns/{id}/launch", Scope.Campaigns, async (http, form) => await AnswerAsync(http, await desk.LaunchAsync(Id(http), Count(form), http.User().Actor, CancellationToken.None), "launched"));
        routes.MapAct("/console/campaigns/{id}/pause", Scope.Campaigns, async (http, form) => await AnswerAsync(http, await desk.PauseAsync(Id(http), form["why"]?.Trim() is { Length: > 0 and <= 200 } why ? why : null, http.User().Actor, CancellationToken.None), "paused"));
        routes.MapAct("/console/campaigns/{id}/resume", Scope.Campaigns, async (http, _) => await AnswerAsync(http, await desk.ResumeAsync(Id(http), http.User().Actor, CancellationToken.None), "resumed"));
        routes.MapAct("/console/campaigns/{id}/cancel", Scope.Campaigns, async (http, _) => await AnswerAsync(http, await desk.CancelAsync(Id(http), http.User().Actor, CancellationToken.None), "cancelled"));
    }

    private async ValueTask<IResult> ListAsync(HttpContext http)
    {
        CampaignStatus? status = Enum.GetValues<CampaignStatus>().Cast<CampaignStatus?>().FirstOrDefault(s => Parts.Word(s!.Value) == http.Request.Query["status"]);
        var after = http.Request.Query["after"].ToString() is { Length: > 0 and <= 64 } from && Inputs.IsId(from) ? from : null;
        var page = await desk.ListAsync(status, after, PageSize, http.RequestAborted);
        var path = "/console/campaigns" + (status is { } s ? "?status=" + Parts.Word(s) : "");
        return new ConsolePage("Campaigns", Html.Of($"""
            <div class="head"><h1>Campaigns</h1><a class="button primary" href="/console/campaigns/new">New campaign</a></div>
            <p class="tabs"><a href="/console/campaigns"{(status is null ? new Html(" aria-current=\"page\"") : Html.None)}>All</a>{Html.Join(Enum.GetValues<CampaignStatus>().Select(one => Html.Of($"<a href=\"/console/campaigns?status={Parts.Word(one)}\"{(one == status ? new Html(" aria-current=\"page\"") : Html.None)}>{Parts.Word(one)}</a>")))}</p>
            {Parts.Table("Campaigns", ["Name", "Status", "Topic", "Channel", "Template", "Launched"], page.Campaigns.Select(c => (Html[])[Html.Of($"<a href=\"/console/campaigns/{c.Id}\"><strong>{c.Definition.Name}</strong></a>"), Status(c.Status), Html.Of($"{NameOf(c.Definition.Topic)}"), Html.Of($"{c.Definition.Channel.Name()}"), Html.Of($"{c.PinnedTemplate ?? c.Definition.Template}"), c.LaunchedAt is { } at ? Parts.Time(at) : c.DueAt is { } due ? Html.Of($"due {Parts.Time(due)}") : Html.None]), "No campaign stands here. Make the first one.")}
            {Parts.Pager(path, page.Next, after is not null)}
            """));
    }

    private async ValueTask<IResult> ShowAsync(HttpContext http, CampaignOutcome? refused)
    {
        if (await desk.FindAsync(Id(http), http.RequestAborted) is not { } campaign) return Missing();
        var forecast = await desk.ForecastAsync(campaign.Id, http.RequestAborted);
        var d = campaign.Definition;
        var open = campaign.Status is CampaignStatus.Draft or CampaignStatus.Scheduled;
        var moving = campaign.Status is CampaignStatus.Running or CampaignStatus.Paused;
        var live = open ? Html.None : Html.Of($"<section{(moving ? Html.Of($" data-live=\"/console/campaigns/{campaign.Id}/live\"") : Html.None)} aria-label=\"Progress\">\n{Progress(campaign, (await desk.StatsAsync(campaign.Id, http.RequestAborted))!)}</section>\n");
        return new ConsolePage(d.Name, Html.Of($"""
            <p><a href="/console/campaigns">All campaigns</a></p>
            <div class="head"><h1>{d.Name} {Status(campaign.Status)}</h1>{(open ? Html.Of($"<a class=\"button\" href=\"/console/campaigns/{campaign.Id}/edit\">Edit</a>") : Html.None)}</div>
            {(refused is null ? Html.None : Refused(http, campaign, refused))}{(campaign.Hold is { } hold ? Html.Of($"<p class=\"warn\">{hold.Why} <span class=\"dim\">({hold.By}, {Parts.Time(hold.At)})</span></p>") : Html.None)}
            {Parts.Facts(("Topic", Html.Of($"{NameOf(d.Topic)}")), ("Channel", Html.Of($"{d.Channel.Name()}")), ("Template", Html.Of($"{campaign.PinnedTemplate ?? d.Template}")), ("Subject", Html.Of($"{d.Subject}")), ("Audience", await AudienceAsync(d.Audience, http.RequestAborted)), ("Rate", d.Throttle is { } t ? Html.Of($"{Parts.Number(t.PerHour)} an hour") : Html.Of($"as fast as it is taken")), ("Due", campaign.DueAt is { } due ? Parts.Time(due) : Html.None), ("Launched", campaign.LaunchedAt is { } at ? Parts.Time(at) : Html.None), ("Ended", campaign.EndedAt is { } ended ? Parts.Time(ended) : Html.None), ("Made by", Html.Of($"{campaign.CreatedBy}")))}
            {live}{(moving ? Running(http, campaign) : Html.None)}{(open ? Draft(http, campaign, forecast) : Html.None)}
            """)) { Status = refused is null ? 200 : 409, RefreshSeconds = moving ? 5 : null };
    }

    private static Html Refused(HttpContext http, Campaign campaign, CampaignOutcome refused) => refused is { Refusal: CampaignRefusal.Unconfirmed, Count: { } count }
        ? Html.Of($"""
            <div class="card confirm" role="alert"><p class="lead">This goes to <strong>{Parts.Number(count)}</strong> recipients.</p>
            <p>Each is decided when its turn comes; whoever has said stop by then gets nothing.</p>
            {Parts.Form(http, $"/console/campaigns/{campaign.Id}/launch", Html.Of($"<input type=\"hidden\" name=\"confirm\" value=\"{count}\"><button class=\"primary\">Yes, launch to {Parts.Number(count)}</button>"), "act")} <a class="button" href="/console/campaigns/{campaign.Id}">Not now</a></div>

            """)
        : Html.Of($"<p class=\"warn\" role=\"alert\">{refused.Why}</p>\n");

    private static Html Draft(HttpContext http, Campaign campaign, CampaignForecast? forecast)
    {
        var path = "/console/campaigns/" + campaign.Id;
        var counts = forecast is null
            ? Html.Of($"<p class=\"empty\">Nobody has counted yet. A dry run decides for everyone in the audience, and sends nothing.</p>")
            : Html.Of($"""
                <div class="stats">{Parts.Stat("In the audience", Parts.Number(forecast.Selected))}{Parts.Stat("Would be sent", Parts.Number(forecast.Allowed), null, "good")}{Parts.Stat("Skipped", Parts.Number(forecast.Skipped.Values.Sum()))}{Parts.Stat("Later", Parts.Number(forecast.Deferred.Values.Sum()))}</div>
                {(forecast.Skipped.Count + forecast.Deferred.Count == 0 ? Html.None : Chart.Bars("Who would get nothing, or not now", "people", [.. forecast.Skipped.Concat(forecast.Deferred).Select(r => (r.Key, r.Value))], ""))}
                <p class="hint">Counted {Parts.Time(forecast.At)}.</p>
                """);
        return Html.Of($"""
            <h2>Dry run</h2>
            {counts}{Parts.Button(http, path + "/dry-run", forecast is null ? "Dry run" : "Count again", "quiet")}
            <h2>Try it, then send it</h2>
            <div class="cards">{Parts.Form(http, path + "/test", Html.Of($"<h3>Test</h3>{Parts.Area("to", "To whom", null, 3, "Up to ten addresses, one a line. Marked as a test, outside the numbers.", 4000, required: true)}<button>Send the test</button>"), "card")}{Parts.Form(http, path + "/schedule", Html.Of($"<h3>Schedule</h3>{Parts.Field("at", "At", campaign.Definition.Schedule?.At.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture), "datetime-local", max: 20, required: true)}{Parts.Field("zone", "Time zone", campaign.Definition.Schedule?.Zone ?? "UTC", hint: "Such as Europe/Lisbon; or recipient, for each at that time where they are.", max: 64, required: true)}{Parts.Field("fallback", "Zone where it is not known", campaign.Definition.Schedule?.FallbackZone, hint: "With recipient only.", max: 64)}<input type=\"hidden\" name=\"confirm\" value=\"{forecast?.Selected.ToString(CultureInfo.InvariantCulture)}\"><button>Schedule</button>"), "card")}{Parts.Form(http, path + "/launch", Html.Of($"<h3>Launch</h3><p class=\"hint\">Audience and template are fixed from here on. You are asked to confirm the number of recipients.</p><input type=\"hidden\" name=\"confirm\" value=\"-1\"><button class=\"primary\">Launch…</button>"), "card")}</div>
            {(campaign.Status == CampaignStatus.Scheduled ? Parts.Button(http, path + "/cancel", "Cancel the campaign", "danger", "Cancel it? It cannot be taken back.") : Html.None)}
            """);
    }

    private static Html Running(HttpContext http, Campaign campaign)
    {
        var path = "/console/campaigns/" + campaign.Id;
        var hold = campaign.Status == CampaignStatus.Running ? Parts.Button(http, path + "/pause", "Pause", "quiet") : Parts.Button(http, path + "/resume", "Resume", "primary");
        return Html.Of($"<p class=\"inline wrap\">{hold}{Parts.Button(http, path + "/cancel", "Cancel the campaign", "danger", "Cancel it? What was not sent stays unsent; it cannot be taken back.")}</p>\n");
    }

    private static Html Progress(Campaign campaign, CampaignStats s)
    {
        var skipped = s.Skipped.Values.Sum();
        double Share(long count) => s.Selected == 0 ? 0 : 100.0 * count / s.Selected;
        var x = 0.0;
        var bars = new List<Html>();
        foreach (var (look, count, name) in new[] { ("s1", s.Sent, "sent"), ("s2", skipped, "skipped"), ("s4", s.Failed + s.Unknown, "failed or unknown") })
        {
            if (count == 0) continue;
            bars.Add(Html.Of($"<rect class=\"{look}\" x=\"{x.ToString("0.##", CultureInfo.InvariantCulture)}\" y=\"0\" width=\"{Share(count).ToString("0.##", CultureInfo.InvariantCulture)}\" height=\"10\"><title>{Parts.Number(count)} {name}</title></rect>"));
            x += Share(count);
        }

        var done = s.Selected - s.Deferred;
        return Html.Of($"""
            <div class="card progress"><p class="inline wrap"><strong>{Parts.Number(done)} of {Parts.Number(s.Selected)} settled</strong> {(s.Selecting ? Parts.Badge("still selecting", "warn") : Html.None)}{Status(campaign.Status)}</p>
            <svg class="bar-line thick" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{Parts.Number(s.Sent)} sent, {Parts.Number(skipped)} skipped, {Parts.Number(s.Failed + s.Unknown)} failed or unknown, {Parts.Number(s.Deferred)} open, of {Parts.Number(s.Selected)}">{Html.Join(bars)}</svg></div>
            <div class="stats">{Parts.Stat("Selected", Parts.Number(s.Selected), null, "", $"/console/campaigns/{campaign.Id}/recipients")}{Parts.Stat("Sent", Parts.Number(s.Sent), null, "", $"/console/campaigns/{campaign.Id}/recipients?status=sent")}{Parts.Stat("Skipped", Parts.Number(skipped), null, "", $"/console/campaigns/{campaign.Id}/recipients?status=skipped")}{Parts.Stat("Open", Parts.Number(s.Deferred))}{Parts.Stat("Failed", Parts.Number(s.Failed), null, s.Failed > 0 ? "warn" : "")}{Parts.Stat("Unknown", Parts.Number(s.Unknown), null, s.Unknown > 0 ? "warn" : "")}</div>
            <div class="stats">{Of("Delivered", s.Delivered, s)}{Of("Opened", s.Opened, s)}{Of("Clicked", s.Clicked, s)}{Of("Unsubscribed", s.Unsubscribed, s)}{Of("Bounced", s.Bounced, s)}{Of("Complained", s.Complained, s)}</div>
            <div class="charts">{Chart.Bars("Why some get nothing", "skipped", [.. s.Skipped.Select(r => (r.Key, r.Value))], "Everybody may get it.")}{(s.Deferred == 0 ? Html.None : Chart.Bars("What is still open", "open", [.. s.DeferredBy.Select(r => (r.Key, r.Value))], "Nothing."))}</div>
            {Subjects(s)}{Forecast(s)}
            """);
    }

    private static Html Of(string label, long count, CampaignStats s) => Parts.Stat(label, Parts.Number(count), s.Sent == 0 ? null : Parts.Percent((double)count / s.Sent) + " of sent");

    private static Html Subjects(CampaignStats s) => s.Subjects.Count == 0 ? Html.None : Html.Of($"""
        <h2>Subjects</h2>
        {Parts.Table("Subjects", ["Subject", "Sent", "Opened", "Clicked", "Unsubscribed", ""], s.Subjects.Select(x => (Html[])[Html.Of($"{x.Subject}"), Html.Of($"{Parts.Number(x.Sent)}"), Html.Of($"{Parts.Number(x.Opened)}"), Html.Of($"{Parts.Number(x.Clicked)}"), Html.Of($"{Parts.Number(x.Unsubscribed)}"), x.Winner ? Parts.Badge("winner", "good") : Html.None]), "")}
        """);

    private static Html Forecast(CampaignStats s)
    {
        if (s.Forecast is not { } f) return Html.None;
        var reasons = f.Skipped.Keys.Concat(s.Skipped.Keys).Distinct().Order(StringComparer.Ordinal);
        return Html.Of($"""
            <h2>Forecast against what came</h2>
            {Parts.Table("Forecast against what came", ["", "Forecast", "Came"], [[Html.Of($"in the audience"), Html.Of($"{Parts.Number(f.Selected)}"), Html.Of($"{Parts.Number(s.Selected)}")], [Html.Of($"sent"), Html.Of($"{Parts.Number(f.Allowed)}"), Html.Of($"{Parts.Number(s.Sent)}")], .. reasons.Select(r => (Html[])[Html.Of($"skipped: {r}"), Html.Of($"{Parts.Number(f.Skipped.GetValueOrDefault(r))}"), Html.Of($"{Parts.Number(s.Skipped.GetValueOrDefault(r))}")])], "")}
            {Parts.Table("Differences", ["Forecast was", "Came", "Because", "People"], f.Differences.Select(x => (Html[])[Html.Of($"{x.Forecast}"), Html.Of($"{x.Actual}"), Html.Of($"{x.Because}"), Html.Of($"{Parts.Number(x.Count)}")]), "It came as forecast, for everyone.")}
            """);
    }

    private async ValueTask<IResult> RecipientsAsync(HttpContext http)
    {
        if (await desk.FindAsync(Id(http), http.RequestAborted) is not { } campaign) return Missing();
        var query = http.Request.Query;
        MessageStatus? status = Enum.GetValues<MessageStatus>().Cast<MessageStatus?>().FirstOrDefault(s => Parts.Word(s!.Value) == query["status"]);
        var reason = ReasonNames.Parse(query["reason"]);
        var after = query["after"].ToString() is { Length: > 0 } from && CampaignRecipients.IsPosition(from) ? from : null;
        var page = await desk.RecipientsAsync(campaign.Id, status, reason, after, PageSize, http.RequestAborted);
        var path = $"/console/campaigns/{campaign.Id}/recipients";
        var filter = (status is { } s ? "status=" + Parts.Word(s) : "") + (reason is { } r ? (status is null ? "" : "&") + "reason=" + r.Name() : "");
        var people = http.User().May(Scope.Privacy);
        return new ConsolePage("Recipients", Html.Of($"""
            <p><a href="/console/campaigns/{campaign.Id}">{campaign.Definition.Name}</a></p>
            <h1>Recipients</h1>
            <form method="get" action="{path}" class="line">{Parts.Select("status", "Status", [("", "any"), .. Enum.GetValues<MessageStatus>().Select(x => (Parts.Word(x), Parts.Word(x)))], status is { } w ? Parts.Word(w) : "")}{Parts.Select("reason", "Reason", [("", "any"), .. Enum.GetValues<Reason>().Select(x => (x.Name(), x.Name()))], reason?.Name() ?? "")}<button>Show</button></form>
            {Parts.Table("Recipients", ["Address", "Status", "Why", "Then", "Receipt"], page!.Recipients.Select(x => (Html[])[Html.Of($"{(people ? x.Address ?? "not known any more" : Masked(campaign.Definition.Channel, x.Address))}"), PeopleScreen.Status(x.Status), Html.Of($"{Explainer.Words(x.Reason)}"), Html.Of($"{Then(x)}"), people && MessageId.TryParse(x.MessageId, out var id) ? Html.Of($"<a href=\"{Parts.Person(id.Address)}/messages/{id.Suffix}\">Receipt</a>") : Html.None]), page.Next is null ? "Nobody stands here." : "Nobody on this page; go on.")}
            {Parts.Pager(filter.Length == 0 ? path : path + "?" + filter, page.Next, after is not null)}
            """));
    }

    private static string Masked(Channel channel, string? address) => address is null ? "not known any more" : new Address(channel, address).Masked();

    private static string Then(CampaignRecipient r) => string.Join(", ", new[] { r.Opened ? "opened" : "", r.Clicked ? "clicked" : "", r.Unsubscribed ? "unsubscribed" : "", r.Complained ? "complained" : "" }.Where(t => t.Length > 0));

    private async ValueTask<IResult> TestAsync(HttpContext http, PublicForm form)
    {
        if (await desk.FindAsync(Id(http), http.RequestAborted) is not { } campaign) return Missing();
        var to = (form["to"] ?? "").Split(['\n', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (to.Length is 0 or > CampaignDesk.MostTests) return await ShowAsync(http, new CampaignOutcome(campaign, CampaignRefusal.NotReady, $"A test goes to 1 to {CampaignDesk.MostTests} addresses."));
        var addresses = new List<Address>();
        foreach (var (text, line) in to.Select((t, i) => (t, i + 1)))
        {
            if (!Address.TryParse(campaign.Definition.Channel, text, out var address, out var problem)) return await ShowAsync(http, new CampaignOutcome(campaign, CampaignRefusal.NotReady, $"Line {line} of the test {problem}."));
            addresses.Add(address);
        }

        return await AnswerAsync(http, (await desk.TestAsync(campaign.Id, addresses, http.User().Actor, CancellationToken.None)).Outcome, "tested");
    }

    private async ValueTask<IResult> ScheduleAsync(HttpContext http, PublicForm form)
    {
        var errors = new FieldErrors();
        static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        var at = Some(form["at"]) is { } typed ? typed.Length == 16 ? typed + ":00" : typed : null;
        var schedule = CampaignReader.Schedule(errors, new ScheduleInput(at, Some(form["zone"]), Some(form["fallback"])));
        if (errors.Any || schedule is null) return await ShowAsync(http, new CampaignOutcome(null, CampaignRefusal.NotReady, string.Join(" ", errors.All.Select(e => $"{e.Field} {e.Message}."))));
        return await AnswerAsync(http, await desk.ScheduleAsync(Id(http), schedule, Count(form), http.User().Actor, CancellationToken.None), "scheduled");
    }

    private async ValueTask<IResult> AnswerAsync(HttpContext http, CampaignOutcome outcome, string said) => outcome.Refusal switch
    {
        CampaignRefusal.None => ConsolePage.Go($"/console/campaigns/{Id(http)}?said={said}"),
        CampaignRefusal.NotFound => Missing(),
        _ => await ShowAsync(http, outcome),
    };

    /// <summary>The progress as server-sent events until the campaign moves on: each the HTML that the page would show.</summary>
    private async Task LiveAsync(HttpContext http)
    {
        if (await desk.FindAsync(Id(http), http.RequestAborted) is not { } first)
        {
            await Missing().ExecuteAsync(http);
            return;
        }

        http.Response.ContentType = "text/event-stream";
        if (HttpMethods.IsHead(http.Request.Method)) return;
        var last = "";
        while (true)
        {
            if (await desk.FindAsync(first.Id, http.RequestAborted) is not { } campaign || campaign.Status != first.Status || await desk.StatsAsync(first.Id, http.RequestAborted) is not { } stats)
            {
                await http.Response.WriteAsync("event: end\ndata:\n\n", http.RequestAborted);
                return;
            }

            var html = Progress(campaign, stats).Value;
            if (html != last)
            {
                var frame = new StringBuilder("event: html\n");
                foreach (var line in html.Split('\n')) frame.Append("data: ").Append(line.TrimEnd('\r')).Append('\n');
                await http.Response.WriteAsync(frame.Append('\n').ToString(), http.RequestAborted);
                last = html;
            }
            else await http.Response.WriteAsync(": still\n\n", http.RequestAborted);

            await http.Response.Body.FlushAsync(http.RequestAborted);
            await Task.Delay(LiveEvery, time, http.RequestAborted);
        }
    }

    private async ValueTask<Html> AudienceAsync(Audience audience, CancellationToken cancel)
    {
        var words = new List<string> { audience.Segment is null && audience.List is null ? "everyone subscribed" : "subscribed" };
        if (audience.Segment is { } segment) words.Add("in the segment " + await NameAsync(segment, cancel));
        if (audience.List is { } list) words.Add("on the list " + ((await lists.FindAsync(list, cancel))?.Name ?? "that is gone"));
        if (audience.Exclude?.Segment is { } without) words.Add("not in " + await NameAsync(without, cancel));
        if (audience.Exclude?.List is { } off) words.Add("not on " + ((await lists.FindAsync(off, cancel))?.Name ?? "a list that is gone"));
        return Html.Of($"{string.Join(", ", words)}");
    }

    private async ValueTask<string> NameAsync(SegmentRef segment, CancellationToken cancel) => segment.Id is { } id ? (await segments.FindAsync(id, cancel))?.Name ?? "that is gone" : "written out";

    private static long? Count(PublicForm form) => long.TryParse(form["confirm"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) ? count : null;

    /// <summary>A campaign's status as a coloured word.</summary>
    private static Html Status(CampaignStatus status) => Parts.Badge(Parts.Word(status), status switch { CampaignStatus.Running or CampaignStatus.Completed => "good", CampaignStatus.Paused or CampaignStatus.Scheduled => "warn", CampaignStatus.Cancelled => "bad", _ => "" });

    private string NameOf(string topic) => topics.Find(topic)?.Name ?? topic;

    private static ConsolePage Missing() => ConsolePage.Missing("No campaign has this id.");

    private static string Id(HttpContext http) => http.Request.RouteValues["id"] as string ?? "";

    private sealed class Live(RequestDelegate run) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => run(httpContext);
    }
}

using System.Globalization;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Campaigns;
using Notifications.Events;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Who did what (R68), what rang, and whether the ledgers are whole (P10).</summary>
internal sealed class AuditScreen(
    AuditLog audit, OperatorAlerts alerts, LedgerSeals seals, PrivacyRequests requests, CampaignDesk campaigns, TimeProvider time)
{
    private const int PageSize = 100;
    private const int MostAlerts = 500;
    private const int LedgersAtOnce = 10_000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/audit", Scope.Admin, async http => await AuditAsync(http, null));
        routes.MapAct("/console/audit", Scope.Admin, VerifyChainAsync, "It only looks.");
        routes.MapScreen("/console/alerts", Scope.Admin, AlertsAsync);
        routes.MapScreen("/console/ledger", Scope.Admin, async http => await LedgerAsync(http, null));
        routes.MapAct("/console/ledger", Scope.Admin, VerifyAsync, "It only looks.");
    }

    // As far as one request can; the form of the answer goes on from there.
    private async ValueTask<IResult> VerifyChainAsync(HttpContext http, PublicForm form)
    {
        PassedOver.Begin(); // A chain with a row that no key opens does not hold, and the acts are shown all the same.
        var after = long.TryParse(form["from"], NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : 0;
        return await AuditAsync(http, await audit.VerifyAsync(http.RequestAborted, after));
    }

    // Newest first: a page is the entries up to a number, and the next page the ones before them.
    private async ValueTask<IResult> AuditAsync(HttpContext http, (bool Holds, long? Next)? whole)
    {
        var newest = (await audit.NewestAsync(http.RequestAborted)).Seq;
        var last =
            long.TryParse(http.Request.Query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out var before)
                && before > 0
                && before <= newest
                ? before - 1
                : newest;
        var (page, holds) = await audit.PageAsync(Math.Max(0, last - PageSize), PageSize, http.RequestAborted);
        var entries = page.Where(e => e.Seq <= last).Reverse().ToList();
        var chain = whole switch
        {
            (true, { } come) => Parts.Badge(string.Create(CultureInfo.InvariantCulture, $"The chain holds up to no. {come}")),
            (true, null) => Parts.Badge("The whole chain holds", "good"),
            (false, _) => Parts.Badge("The chain is broken", "bad"),
            null => holds ? Parts.Badge("The chain of this page holds", "good") : Parts.Badge("The chain of this page is broken", "bad"),
        };
        return new ConsolePage("Audit", Html.Of($"""
            <h1>Audit</h1>
            <p role="status">{chain} {Parts.Number(newest)} administrative {(newest == 1 ? "act" : "acts")}, each under the hash of the one before, newest first.</p>
            {Parts.Table("Audit", ["No.", "When", "Who", "Act", "On", "Change", "Hash"], entries.Select(e => (Html[])[Html.Of($"{Parts.Number(e.Seq)}"), Parts.Time(e.At), Html.Of($"{RecordWords.Actor(e.Actor)}"), RecordWords.Beside(AuditWords.Act(e.Action), e.Action), AuditWords.On(e, http.User()), AuditWords.Change(e), Parts.Short(e.Hash, 7)]), "Nobody has done anything yet.", brief: entries.Select(e => Html.Of($"<strong>{AuditWords.Act(e.Action) ?? e.Action}</strong> <span class=\"dim\">{RecordWords.Actor(e.Actor)}, {Parts.Time(e.At)}</span>")))}
            {Parts.Form(http, "/console/audit", whole?.Next is { } next ? Html.Of($"<input type=\"hidden\" name=\"from\" value=\"{next}\"><button class=\"primary\">Go on verifying</button><p class=\"hint\">More acts come after that one.</p>") : Html.Of($"<button>Verify the whole chain now</button><p class=\"hint\">It reads every act, for 20 seconds at a time.</p>"))}
            {Parts.Pager("/console/audit", entries.Count > 0 && entries[^1].Seq > 1 ? entries[^1].Seq.ToString(CultureInfo.InvariantCulture) : null, last < newest)}
            """));
    }

    private async ValueTask<IResult> AlertsAsync(HttpContext http)
    {
        var (found, more) = await alerts.NewestAsync(time.GetUtcNow().AddDays(-30), MostAlerts, http.RequestAborted);
        var rows = new List<Html[]>();
        foreach (var alert in found)
            rows.Add(
                [
                    Again(alert), RecordWords.Beside(RecordWords.Alert(alert.Kind), alert.Kind), await AboutAsync(http, alert),
                    Html.Of($"{RecordWords.Remedy(alert.Kind)}"),
                ]);
        return new ConsolePage("Alerts", Html.Of($"""
            <h1>Alerts</h1>
            <p class="lead">What only an operator can mend, of the last thirty days; one line for each kind, subject and hour, the newest first; where it rang more than once, it says what it said last. What to do stands whole in <code>docs/operate.md</code>, under the kind.{(more ? $" There were more than these {MostAlerts}: the older ones are in the log." : "")}</p>
            {Parts.Table("Alerts", ["When", "Kind", "What", "What to do"], rows, "Nothing rang in thirty days.")}
            """));
    }

    private static Html Again(OperatorAlert alert) =>
        alert.LastAt is { } last ? Html.Of($"{Parts.Time(alert.At)} {alert.Times} times, last {Parts.Time(last)}") : Parts.Time(alert.At);

    // An alert stands in the log too and names nobody: whoever may look sees here whose it is.
    private async ValueTask<Html> AboutAsync(HttpContext http, OperatorAlert alert)
    {
        var (user, kind, about) = (http.User(), alert.Kind, alert.Subject ?? "");
        try
        {
            if (kind.StartsWith("campaign-", StringComparison.Ordinal)
                && user.May(Scope.Campaigns)
                && await campaigns.FindAsync(about, http.RequestAborted) is { } campaign)
            {
                var said = alert.Detail.Replace("Campaign " + about, "It", StringComparison.Ordinal);
                return Html.Of($"<a href=\"/console/campaigns/{about}\">{campaign.Definition.Name}</a>: {said}");
            }

            if (kind.StartsWith("request-", StringComparison.Ordinal)
                && user.May(Scope.Privacy)
                && await requests.FindAsync(about, http.RequestAborted) is { } asked)
            {
                var answered = asked.Status == PrivacyStatus.Completed ? " It is completed by now." : "";
                return Html.Of(
                    $"<a href=\"/console/requests/{about}\">{asked.Type.ToString()}</a> of {RequestScreen.Whose(asked)}, to be answered by {Parts.Day(asked.DueAt)}.{answered}");
            }
        }
        catch (UnreadableRowException)
        {
            // What the alert itself says is still true.
        }

        return Html.Of($"{alert.Detail}");
    }

    /// <summary>
    /// So many ledgers as one request can, and with those that the requests before it came to: the form carries what they found.
    /// </summary>
    private async ValueTask<IResult> VerifyAsync(HttpContext http, PublicForm form)
    {
        AddressKey? after = AddressKey.TryParse(form["after"], out var key) ? key : null;
        var report = await seals.VerifyAsync(http.RequestAborted, after, LedgersAtOnce, LedgerSeals.Turn);
        if (after is null) return await LedgerAsync(http, report);
        long Before(string name) => long.TryParse(form[name], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
        var broken = (form["broken"] ?? "").Split(' ').Where(b => AddressKey.TryParse(b, out _)).Concat(report.Broken);
        return await LedgerAsync(http, report with
        {
            Addresses = Before("addresses") + report.Addresses,
            Entries = Before("entries") + report.Entries,
            Broken = [.. broken.Take(LedgerSeals.MostBroken)],
            Root = "",
        });
    }

    private async ValueTask<IResult> LedgerAsync(HttpContext http, LedgerReport? report)
    {
        var sealedDays = (await seals.ListAsync(http.RequestAborted)).Reverse().Take(60).ToList();
        var broken = report?.Broken.Count ?? 0;
        var found = report is null ? Html.None : Html.Of($"""
            <div role="status" class="card"><p class="lead">{(broken > 0 ? Parts.Badge($"{(broken == LedgerSeals.MostBroken ? "At least " : "")}{broken} ledgers do not verify", "bad") : report.Next is null ? Parts.Badge("Every ledger verifies", "good") : Parts.Badge("Every ledger so far verifies"))}</p>
            {Parts.Facts(("Addresses", Html.Of($"{Parts.Number(report.Addresses)}")), ("Entries", Html.Of($"{Parts.Number(report.Entries)}")), ("Merkle root now", report is { Root.Length: > 0, Next: null } ? Html.Of($"<span class=\"wide\">{Parts.Code(report.Root)}</span>") : Html.None))}
            {(broken == 0 ? Html.None : Html.Of($"<ul>{Html.Join(report.Broken.Select(b => http.User().May(Scope.Privacy) ? Html.Of($"<li><a href=\"/console/people/{b}\">{b}</a></li>") : Html.Of($"<li>{Parts.Code(b)}</li>")))}</ul>"))}{(report.Next is null ? Html.None : GoOn(http, report))}</div>

            """);
        return new ConsolePage("Ledger", Html.Of($"""
            <h1>Ledger</h1>
            <p class="lead">Every consent stands in a hash chain of its own address. Once a day the heads of all of them are sealed under one root: written down elsewhere, it proves of a copy of that night that nobody has altered it.</p>
            {found}{Parts.Form(http, "/console/ledger", Html.Of($"<button>Verify every ledger now</button><p class=\"hint\">It reads every address, {Parts.Number(LedgersAtOnce)} at a time and for 20 seconds at most; the root is told where those are all.</p>"))}
            <h2>Daily seals</h2>
            {Parts.Table("Daily seals", ["Day", "Sealed", "Addresses", "Root"], sealedDays.Select(s => (Html[])[Parts.Day(s.At), Parts.Time(s.At), Html.Of($"{Parts.Number(s.Addresses)}"), Parts.Code(s.Root)]), "No day is sealed yet; the first seal is made in the night.", brief: sealedDays.Select(s => Html.Of($"<strong>{Parts.Day(s.At)}</strong> <span class=\"dim\">{Parts.Number(s.Addresses)} addresses</span>")))}
            """));
    }

    private static Html GoOn(HttpContext http, LedgerReport report) => Parts.Form(http, "/console/ledger", Html.Of($"""
        <input type="hidden" name="after" value="{report.Next}"><input type="hidden" name="addresses" value="{report.Addresses}"><input type="hidden" name="entries" value="{report.Entries}"><input type="hidden" name="broken" value="{string.Join(' ', report.Broken)}"><button class="primary">Go on with the next</button><p class="hint">More addresses come after these.</p>
        """));
}

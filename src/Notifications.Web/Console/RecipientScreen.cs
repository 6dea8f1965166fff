using Notifications.Access;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Web.Campaigns;
using Notifications.Web.Http;
using Notifications.Web.Imports;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// Whom a campaign has selected and what came of each, a page at a time, or all of them as a file. Whole addresses only for who may look
/// people up.
/// </summary>
internal sealed class RecipientScreen(CampaignDesk desk)
{
    private const int PageSize = 50;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/campaigns/{id}/recipients", Scope.Campaigns, ShowAsync);
        routes.MapAct("/console/campaigns/{id}/recipients", Scope.Campaigns, ExportAsync);
    }

    private async ValueTask<IResult> ShowAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } campaign) return Missing();
        var query = http.Request.Query;
        var status = Status(query["status"]);
        var reason = ReasonNames.Parse(query["reason"]);
        var after = query["after"].ToString() is { Length: > 0 } from && CampaignRecipients.IsPosition(from) ? from : null;
        var page = await desk.RecipientsAsync(campaign.Id, status, reason, after, PageSize, http.RequestAborted);
        if (page is null) return Missing();
        var path = $"/console/campaigns/{campaign.Id}/recipients";
        var filter = string.Join(
            '&',
            ((string[])[status is { } s ? "status=" + Parts.Word(s) : "", reason is { } r ? "reason=" + r.Name() : ""]).Where(
                f => f.Length > 0));
        var name = Naming(http, campaign);
        return new ConsolePage("Recipients", Html.Of($"""
            <p><a href="/console/campaigns/{campaign.Id}">{campaign.Definition.Name}</a></p>
            <div class="head"><h1>Recipients</h1>{Parts.Form(http, path, Html.Of($"<input type=\"hidden\" name=\"status\" value=\"{(status is { } x ? Parts.Word(x) : "")}\"><input type=\"hidden\" name=\"reason\" value=\"{reason?.Name()}\"><button>Download as CSV</button>"), "act")}</div>
            <form method="get" action="{path}" class="line">{Parts.Select("status", "Status", [("", "any"), .. Enum.GetValues<MessageStatus>().Select(o => (Parts.Word(o), o == MessageStatus.Sent ? "sent, whatever came of it" : Parts.Word(o)))], status is { } w ? Parts.Word(w) : "")}{Parts.Select("reason", "Reason", [("", "any"), .. Enum.GetValues<Reason>().Select(o => (o.Name(), ReasonWords.Of(o)))], reason?.Name() ?? "")}<button>Show</button></form>
            {Parts.Table("Recipients", ["Address", "Status", "Why", "Then", "Receipt"], page.Recipients.Select(m => (Html[])[Parts.Address(name(m.Address)), MessageScreen.Status(m.Status), Html.Of($"{Explainer.Words(m.Status, m.Reason ?? Reason.Allowed)}"), Html.Of($"{Then(m)}"), Receipt(http, m)]), "Nobody stands here.")}
            {Parts.Pager(filter.Length == 0 ? path : path + "?" + filter, page.Next, after is not null)}
            """));
    }

    // A POST, because taking a list of people away is an act that stands in the audit (M16).
    private async ValueTask<IResult> ExportAsync(HttpContext http, PublicForm form)
    {
        if (await FindAsync(http) is not { } campaign) return Missing();
        var status = Status(form["status"]);
        var reason = ReasonNames.Parse(form["reason"]);
        await desk.NoteExportAsync(campaign.Id, status, reason, http.User().Actor, CancellationToken.None);
        return new CsvAnswer(
            $"campaign-{campaign.Id}.csv",
            CampaignRecipientsEndpoint.CsvAsync(desk, campaign.Id, status, reason, Naming(http, campaign), http.RequestAborted));
    }

    private static Func<string?, string> Naming(HttpContext http, Campaign campaign) =>
        http.User().May(Scope.Privacy)
            ? address => address ?? "not known any more"
            : address => address is null ? "not known any more" : new Address(campaign.Definition.Channel, address).Masked();

    private static Html Receipt(HttpContext http, CampaignRecipient r) =>
        http.User().May(Scope.Privacy) && r.Status != MessageStatus.Queued && MessageId.TryParse(r.MessageId, out var id)
            ? Html.Of($"<a href=\"{Parts.Person(id.Address)}/messages/{id.Suffix}\">Receipt</a>")
            : Html.None;

    private static string Then(CampaignRecipient r) =>
        string.Join(
            ", ",
            ((string[])[
                r.Opened ? "opened" : "", r.Clicked ? "clicked" : "", r.Unsubscribed ? "unsubscribed" : "",
                r.Complained ? "complained" : "",
            ]).Where(
                t => t.Length > 0));

    private static MessageStatus? Status(string? word) =>
        Enum.GetValues<MessageStatus>().Cast<MessageStatus?>().FirstOrDefault(s => Parts.Word(s!.Value) == word);

    private async ValueTask<Campaign?> FindAsync(HttpContext http) =>
        await desk.FindAsync(http.Id(), http.RequestAborted);

    private static ConsolePage Missing() => ConsolePage.Missing("No campaign has this id.");
}

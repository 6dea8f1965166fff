using Notifications.Access;
using Notifications.Addresses;
using Notifications.Review;
using Notifications.Storage;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>What people wrote that only a person understands (R41): read, and decided with one button.</summary>
internal sealed class ReviewScreen(ReviewDesk desk, ITableStore tables)
{
    private const int PageSize = 50;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/review", Scope.Admin, ListAsync);
        routes.MapAct(
            "/console/review/{id}", Scope.Admin, DecideAsync,
            ask: async (http, form) =>
                form["verdict"] == "revoke"
                    && IsItem(http.Id())
                    && await desk.FindAsync(http.Id(), http.RequestAborted) is { Verdict: null } item
                    ? new Question(
                        $"Stop everything for {Who(item)}?",
                        $"They wrote: “{FreeText.Cut(item.Text, 200)}”. Everything by {Parts.Spoken(item.Channel)} stops, from the moment they wrote. Only they can take that back.",
                        "Stop everything", "/console/review")
                    : null);
    }

    private static string Who(ReviewItem item) =>
        item.From ?? (item.AddressKey is null ? "somebody whose address cannot be read" : "a mailbox provider, about this person");

    private async ValueTask<IResult> ListAsync(HttpContext http)
    {
        var resolved = http.Request.Query["show"] == "decided";
        var after = http.Request.Query["after"].ToString() is { Length: > 0 and <= 80 } from && IsItem(from) ? from : null;
        var items = await desk.ListAsync(resolved, after, PageSize, http.RequestAborted);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in items.Select(i => i.AddressKey).OfType<string>().Distinct())
            if (await PassedOver.ShownAsync(
                Tables.Addresses, () => tables.GetAsync(Tables.Addresses, key, Rows.State, http.RequestAborted)) is not null)
            {
                known.Add(key);
            }

        return new ConsolePage("Review", Html.Of($"""
            <h1>Review</h1>
            <p class="lead">{(resolved ? "What was decided, oldest first." : "People wrote this. Their marketing waits until somebody says what they meant.")}</p>
            <p class="tabs"><a href="/console/review"{(resolved ? Html.None : new Html(" aria-current=\"page\""))}>Open</a><a href="/console/review?show=decided"{(resolved ? new Html(" aria-current=\"page\"") : Html.None)}>Decided</a></p>
            {(items.Count == 0 ? Html.Of($"<p class=\"empty\">{(resolved ? "Nothing was decided yet." : "Nothing waits. Everybody was understood.")}</p>") : Html.Join(items.Select(i => Item(http, i, i.AddressKey is { } key && known.Contains(key)))))}
            {Parts.Pager(resolved ? "/console/review?show=decided" : "/console/review", items.Count == PageSize ? items[^1].Id : null, after is not null)}
            """));
    }

    // Somebody of whom nothing is stored has no page.
    private static Html Item(HttpContext http, ReviewItem item, bool known)
    {
        var who = Who(item);
        var from = known && item.AddressKey is { } key && http.User().May(Scope.Privacy)
            ? Html.Of($"<a href=\"/console/people/{key}\">{who}</a>")
            : Html.Of($"{who}");
        var acts = item.Verdict is { } verdict
            ? Html.Of(
                $"<p>{Parts.Badge(RecordWords.Of(verdict), "good")} <span class=\"dim\">by {RecordWords.Actor(item.Actor)}{(item.ResolvedAt is { } at ? Html.Of($", {Parts.Time(at)}") : Html.None)}</span></p>")
            : Html.Of(
                $"<div class=\"inline wrap\">{Parts.Button(http, "/console/review/" + item.Id, "They want it to stop", "danger", name: "verdict", value: "revoke", about: who)}{Parts.Button(http, "/console/review/" + item.Id, "They mean something else", "quiet", name: "verdict", value: "not-a-revocation", about: who)}</div>");
        return Html.Of($"""
            <article class="card item">
            <p class="dim">{(item.Channel == Channel.Sms ? "Text" : "Mail")} from {from}, {Parts.Time(item.At)}</p>
            <blockquote>{item.Text}</blockquote>
            {acts}
            </article>

            """);
    }

    private async ValueTask<IResult> DecideAsync(HttpContext http, PublicForm form)
    {
        ReviewVerdict? verdict = form["verdict"] switch
        {
            "revoke" => ReviewVerdict.Revoke,
            "not-a-revocation" => ReviewVerdict.NotARevocation,
            _ => null,
        };
        var id = http.Id();
        if (verdict is not { } decided || !IsItem(id)) return ConsolePage.Missing("Nothing of this id waits.");
        return await desk.ResolveAsync(id, decided, http.User().Actor, CancellationToken.None) switch
        {
            ReviewResult.Done => ConsolePage.Go("/console/review?said=decided"),
            // Whoever has pressed twice is the one who decided.
            ReviewResult.AlreadyResolved => ConsolePage.Go(
                await desk.FindAsync(id, CancellationToken.None) is { } stands
                    && (stands.Verdict, stands.Actor) == (decided, http.User().Actor)
                    ? "/console/review?said=decided"
                    : "/console/review?said=decided-before"),
            _ => ConsolePage.Missing("Nothing of this id waits."),
        };
    }

    private static bool IsItem(string text) =>
        text.Length is > 0 and <= 80 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

using System.Globalization;
using System.Text.Json;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Web.Audiences;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Segments: filters over who is subscribed, with how many they come to.</summary>
internal sealed class SegmentScreen(StoredSegments segments, AudienceDesk desk, AudienceCounter counter, TopicCatalog topics)
{
    private const int PageSize = 50;

    // What is wrong with no field of it: that none is filled in.
    private const string Nothing = "nothing";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/segments", Scope.Campaigns, AllAsync);
        routes.MapScreen(
            "/console/segments/new", Scope.Campaigns,
            http => ValueTask.FromResult<IResult>(Editor(http, null, _ => null, new FieldErrors(), Html.None)));
        routes.MapAct("/console/segments/new", Scope.Campaigns, (http, form) => SaveAsync(http, form, null));
        routes.MapScreen(
            "/console/segments/{id}", Scope.Campaigns,
            async http =>
                await FindAsync(http) is { } segment ? Editor(http, segment, Fields(segment), new FieldErrors(), Html.None) : Missing());
        routes.MapAct(
            "/console/segments/{id}", Scope.Campaigns,
            async (http, form) => await FindAsync(http) is { } segment ? await SaveAsync(http, form, segment) : Missing());
        routes.MapAct(
            "/console/segments/{id}/delete", Scope.Campaigns, DeleteAsync,
            ask: async (http, _) =>
                await FindAsync(http) is { } segment
                    ? new Question(
                        $"Delete the segment {segment.Name}?",
                        "Nobody’s permission changes; a campaign that names the segment, or leaves it out, is refused from then on.",
                        "Delete the segment", "/console/segments/" + segment.Id)
                    : null);
    }

    private async ValueTask<IResult> AllAsync(HttpContext http)
    {
        var after = http.Request.Query["after"].ToString() is var text && StoredSegments.IsId(text) ? text : null;
        var found = await segments.ListAsync(after, PageSize, http.RequestAborted);
        return new ConsolePage("Segments", Html.Of($"""
            <div class="head"><h1>Segments</h1><a class="button primary" href="/console/segments/new">New segment</a></div>
            <p class="lead">Filters over who is subscribed, looked at anew whenever somebody is selected.</p>
            {Parts.Table("Segments", ["Name", "Filter", "Changed"], found.Select(s => (Html[])[Html.Of($"<a href=\"/console/segments/{s.Id}\"><strong>{s.Name}</strong></a>"), Html.Of($"{SegmentFields.Say(Json(s))}"), Parts.Day(s.UpdatedAt)]), "There is no segment yet. A campaign without one goes to everybody who is subscribed.")}
            {Parts.Pager("/console/segments", found.Count == PageSize ? found[^1].Id : null, after is not null)}
            """));
    }

    private ConsolePage Editor(HttpContext http, StoredSegment? segment, Func<string, string?> field, FieldErrors errors, Html count)
    {
        // Written out, the filter is one field. Else what is wrong stands at the field that it is of: filter.country[1] is the countries.
        var written = field("filter") is { Length: > 0 };
        string Place(string of) =>
            !of.StartsWith("filter", StringComparison.Ordinal) ? of
            : !written && of.Length > 7 && of[7..].Split('[')[0] is var part && SegmentFields.All.Contains(part) ? part
            : "filter";
        string? Wrong(string name) =>
            errors.All.FirstOrDefault(e => Place(e.Field) == name) is not { } error ? null
            : SegmentFields.IsMoment(name) ? SegmentFields.MomentTakes
            : error.Message;
        var seen = field("seen") ?? segment?.UpdatedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var action = segment is null ? "/console/segments/new" : "/console/segments/" + segment.Id;
        var body = Html.Of($"""
            {Parts.Enter("act", "save")}{(segment is null ? Html.None : Html.Of($"<input type=\"hidden\" name=\"seen\" value=\"{seen}\">"))}
            <div class="columns"><section class="card"><h2>Who</h2>
            {(Wrong("") is { } whole ? Html.Of($"<p class=\"warn\" role=\"alert\">{whole}</p>") : Html.None)}{Parts.Field("name", "Name", field("name"), max: 100, required: true, wrong: Wrong("name"))}
            <div id="nothing" data-answer>{(Wrong(Nothing) is { } nothing ? Html.Of($"<p class=\"warn\" role=\"alert\">{nothing}</p>") : Html.None)}</div>
            <p class="hint">Everything that you fill in must hold. Leave out what does not matter.</p>
            <div class="line">{Parts.Field("locale", "Languages", field("locale"), hint: "Such as de, pt-BR; any of them will do.", wrong: Wrong("locale"))}{Parts.Field("country", "Countries", field("country"), hint: "Such as PT, ES; any of them will do.", wrong: Wrong("country"))}{Parts.Field("tag", "Tags", field("tag"), hint: "Any of them will do.", wrong: Wrong("tag"))}</div>
            <div class="line">{Parts.Field("subscribedSince", "Subscribed since", field("subscribedSince"), hint: "A date such as 2026-01-31, or a time back such as 90 days.", max: 30, wrong: Wrong("subscribedSince"))}{Parts.Field("subscribedBefore", "Subscribed before", field("subscribedBefore"), max: 30, wrong: Wrong("subscribedBefore"))}{Parts.Field("engagedSince", "Opened or clicked since", field("engagedSince"), max: 30, wrong: Wrong("engagedSince"))}</div>
            {Parts.Select("watching", "Follows a package", [("", "does not matter"), ("yes", "yes"), ("no", "no")], field("watching"))}
            <details{(written || Wrong("filter") is not null ? new Html(" open") : Html.None)}><summary>Or write it out, as JSON</summary>{Parts.Area("filter", "Filter", field("filter"), 6, "With all, any and not; stands in place of the fields above.", 20_000, wrong: Wrong("filter"), look: "code")}</details>
            </section><section class="card"><h2>How many</h2>
            {Parts.Select("among", "Of those subscribed to", topics.All.SelectMany(t => Enum.GetValues<Channel>().Select(c => ($"{t.Key}/{c.Name()}", $"{t.Name}, {Parts.Spoken(c)}"))), field("among") ?? $"{Parts.FirstTopic(topics).Key}/{Channel.Email.Name()}")}
            <div id="count" data-answer aria-live="polite">{count}</div>
            <p><button name="act" value="count" formnovalidate>Count</button></p>
            </section></div>
            <p class="inline wrap"><button class="primary" name="act" value="save">{(segment is null ? "Make the segment" : "Save")}</button><a class="button" href="/console/segments">Leave it</a></p>
            """);
        return new ConsolePage(segment?.Name ?? "New segment", Html.Of($"""
            <p><a href="/console/segments">All segments</a></p>
            <h1>{segment?.Name ?? "New segment"}</h1>
            {Parts.Form(http, action, body, ask: "count")}
            {(segment is null ? Html.None : Parts.Button(http, action + "/delete", "Delete the segment", "danger", name: "seen", value: seen))}
            """)) { Status = errors.Any ? 400 : 200 };
    }

    private async ValueTask<IResult> SaveAsync(HttpContext http, PublicForm form, StoredSegment? before)
    {
        var counts = form["act"] == "count";
        var errors = new FieldErrors();
        var name = counts ? null : errors.Required("name", form["name"]?.Trim(), 100);
        var written = form["filter"]?.Trim() is { Length: > 0 } whole ? whole : SegmentFields.Write(f => form[f]);
        var filter = written == "{}" ? null : Filter(errors, written);
        if (written == "{}" && !counts) errors.Add(Nothing, "Fill in one of the fields at least: everybody needs no segment.");
        if (errors.Any) return Editor(http, before, f => form[f], errors, Html.None);
        if (counts)
        {
            var among = (form["among"] ?? "").Split('/');
            var audience = new Audience(topics.Find(among[0])?.Key ?? topics.All[0].Key, ChannelNames.Parse(among[^1]) ?? Channel.Email)
            {
                Segment = filter is null ? null : new SegmentRef(filter),
            };
            return Editor(http, before, f => form[f], errors, Parts.Counted(await counter.CountAsync(audience, http.RequestAborted)));
        }

        if (before is null)
        {
            var made = await desk.CreateSegmentAsync(name!, filter!, http.User().Actor, CancellationToken.None);
            return ConsolePage.Go($"/console/segments/{made.Id}?said=saved");
        }

        var (stood, after) = await desk.UpdateSegmentAsync(
            before.Id, name!, filter!, Seen(form), http.User().Actor, CancellationToken.None);
        if (stood is null) return Missing();
        if (after is null)
        {
            errors.Add(
                "",
                "The segment was changed by somebody else meanwhile; nothing was saved. Load it anew, and bring both together; what you have typed stands here.");
            return Editor(http, before, f => form[f], errors, Html.None);
        }

        return ConsolePage.Go($"/console/segments/{after.Id}?said=saved");
    }

    private async ValueTask<IResult> DeleteAsync(HttpContext http, PublicForm form)
    {
        var (before, done) = await desk.DeleteSegmentAsync(
            http.Id(), Seen(form), http.User().Actor, CancellationToken.None);
        return ConsolePage.Go(
            before is null
                ? "/console/segments?said=gone"
                : done ? "/console/segments?said=deleted" : $"/console/segments/{before.Id}?said=stale");
    }

    // What the form does not say was never seen.
    private static DateTimeOffset Seen(PublicForm form) =>
        long.TryParse(form["seen"], NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : DateTimeOffset.MinValue;

    private static Segment? Filter(FieldErrors errors, string filter)
    {
        try
        {
            using var json = JsonDocument.Parse(filter);
            var segment = SegmentInput.Read(errors, "filter", json.RootElement);
            // One that is none would select nobody.
            if (!errors.Any
                && SegmentFields.Read(filter)?.GetValueOrDefault("locale") is { } locales
                && locales.Split(", ").FirstOrDefault(l => !Parts.IsLanguage(l)) is { } word)
            {
                errors.Add("filter.locale", $"must be language tags such as de or pt-BR, and none is {word}");
            }

            return segment;
        }
        catch (JsonException)
        {
            errors.Add("filter", "must be valid JSON");
            return null;
        }
    }

    private static Func<string, string?> Fields(StoredSegment segment)
    {
        var simple = SegmentFields.Read(Json(segment));
        return name =>
            name == "name" ? segment.Name : simple is not null ? simple.GetValueOrDefault(name) : name == "filter" ? Json(segment) : null;
    }

    private static string Json(StoredSegment segment) => JsonSerializer.Serialize(segment.Filter, CoreJson.Default.Segment);

    private async ValueTask<StoredSegment?> FindAsync(HttpContext http) =>
        await segments.FindAsync(http.Id(), http.RequestAborted);

    private static ConsolePage Missing() => ConsolePage.Missing("No segment has this id.");
}

using System.Globalization;
using System.Text.Json;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Web.Audiences;
using Notifications.Web.Campaigns;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Writes a campaign's draft, and counts its audience by reason without saving anything.</summary>
internal sealed class CampaignEditor(CampaignDesk desk, TemplateBook templates, TopicCatalog topics, StoredSegments segments, StaticLists lists, AudienceCounter counter)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/campaigns/new", Scope.Campaigns, async http => await FormAsync(http, null, new CampaignInput(), new FieldErrors(), null));
        routes.MapAct("/console/campaigns/new", Scope.Campaigns, (http, form) => SaveAsync(http, form, null));
        routes.MapScreen("/console/campaigns/{id}/edit", Scope.Campaigns, EditAsync);
        routes.MapAct("/console/campaigns/{id}/edit", Scope.Campaigns, async (http, form) => await FindAsync(http) is { } campaign ? await SaveAsync(http, form, campaign) : ConsolePage.Missing("No campaign has this id."));
    }

    private async ValueTask<IResult> EditAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } campaign) return ConsolePage.Missing("No campaign has this id.");
        var d = campaign.Definition;
        var input = new CampaignInput(d.Name, d.Topic, d.Channel.Name(), d.Template, new AudienceInput(d.Audience.Topic, d.Channel.Name(), Quoted(d.Audience.Segment?.Id), d.Audience.List, new AudienceExclusionInput(Quoted(d.Audience.Exclude?.Segment?.Id), d.Audience.Exclude?.List)), d.Subject, d.Data, null, d.Throttle is { } t ? new ThrottleInput(t.PerHour) : null);
        return await FormAsync(http, campaign, input, new FieldErrors(), null);
    }

    private async ValueTask<IResult> SaveAsync(HttpContext http, PublicForm form, Campaign? campaign)
    {
        var errors = new FieldErrors();
        var input = Read(form, errors);
        var definition = await CampaignReader.ReadAsync(errors, input, topics, segments, lists, http.RequestAborted);
        if (definition is not null && await templates.PinAsync(definition.Template, definition.Channel, http.RequestAborted) is null) errors.Add("template", $"must be the name of a template for {definition.Channel.Name()}");
        if (errors.Any || definition is null) return await FormAsync(http, campaign, input, errors, null);
        if (form["act"] == "count") return await FormAsync(http, campaign, input, errors, await counter.CountAsync(definition.Audience, null, http.RequestAborted));

        // What this form does not show is kept as it was.
        if (campaign?.Definition is { } before) definition = definition with { Schedule = before.Schedule, SubjectTest = before.SubjectTest };
        if (campaign is null)
        {
            var made = await desk.CreateAsync(definition, null, http.User().Actor, CancellationToken.None);
            return ConsolePage.Go($"/console/campaigns/{made.Id}?said=saved");
        }

        var outcome = await desk.UpdateAsync(campaign.Id, definition, http.User().Actor, CancellationToken.None);
        return ConsolePage.Go($"/console/campaigns/{campaign.Id}?said={(outcome.Done ? "saved" : "not-possible")}");
    }

    private static CampaignInput Read(PublicForm form, FieldErrors errors)
    {
        static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        JsonElement? data = null;
        if (Some(form["data"]) is { } json)
        {
            try
            {
                data = JsonElement.Parse(json);
            }
            catch (JsonException)
            {
                errors.Add("data", "must be valid JSON, such as {\"title\":\"Hello\"}");
            }
        }

        var exclude = Some(form["without-segment"]) is null && Some(form["without-list"]) is null ? null : new AudienceExclusionInput(Quoted(Some(form["without-segment"])), Some(form["without-list"]));
        var audience = new AudienceInput(null, null, Quoted(Some(form["segment"])), Some(form["list"]), exclude);
        ThrottleInput? throttle = null;
        if (Some(form["per-hour"]) is { } rate) throttle = new ThrottleInput(int.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var perHour) ? perHour : 0);
        return new CampaignInput(Some(form["name"]), Some(form["topic"]), Some(form["channel"]), Some(form["template"]), audience, Some(form["subject"]), data, null, throttle);
    }

    private async ValueTask<ConsolePage> FormAsync(HttpContext http, Campaign? campaign, CampaignInput input, FieldErrors errors, AudienceCount? count)
    {
        var cancel = http.RequestAborted;
        var stored = await templates.ListAsync(null, 200, cancel);
        (string, string)[] names = [.. stored.Where(h => h.Languages.Length > 0).Select(h => (h.Name, $"{h.Name} ({h.Channel.Name()}, {h.Topic})")), .. DefaultTemplates.Names.Select(n => (n, n + " (built in)"))];
        (string, string)[] knownSegments = [("", "–"), .. (await segments.ListAsync(null, 200, cancel)).Select(s => (s.Id, s.Name))];
        (string, string)[] knownLists = [("", "–"), .. (await lists.ListAsync(null, 200, cancel)).Lists.Select(l => (l.Id, l.Name))];
        var action = campaign is null ? "/console/campaigns/new" : $"/console/campaigns/{campaign.Id}/edit";
        string? Wrong(string field) => errors.All.FirstOrDefault(e => e.Field == field)?.Message;
        var others = errors.All.Where(e => e.Field is not ("name" or "topic" or "channel" or "template" or "subject" or "data" or "throttle.perHour")).ToList();
        return new ConsolePage(campaign is null ? "New campaign" : "Edit campaign", Html.Of($"""
            <h1>{(campaign is null ? "New campaign" : campaign.Definition.Name)}</h1>
            {(errors.Any ? Html.Of($"<div class=\"warn\" role=\"alert\"><p>Something is missing or wrong; nothing was saved.</p>{(others.Count == 0 ? Html.None : Html.Of($"<ul>{Html.Join(others.Select(e => Html.Of($"<li>{e.Field} {e.Message}</li>")))}</ul>"))}</div>") : Html.None)}
            {Parts.Form(http, action, Html.Of($"""
            <div class="columns"><section class="card"><h2>What</h2>
            {Parts.Field("name", "Name", input.Name, hint: "For you; recipients do not see it.", max: 100, required: true, wrong: Wrong("name"))}{Parts.Select("topic", "Topic", topics.All.Select(t => (t.Key, t.Name)), input.Topic, "Only who agreed to it gets anything.", Wrong("topic"))}{Parts.Select("channel", "Channel", [("email", "Email"), ("sms", "Text message")], input.Channel, wrong: Wrong("channel"))}{Parts.Select("template", "Template", names, input.Template, wrong: Wrong("template"))}{Parts.Field("subject", "Subject in place of the template’s", input.Subject, max: 200, wrong: Wrong("subject"))}{Parts.Area("data", "Data for the template, as JSON", input.Data?.GetRawText(), 5, "What the template reads as data.", 60000, wrong: Wrong("data"), look: "code")}
            </section><section class="card"><h2>To whom, and how fast</h2>
            {Parts.Select("segment", "Only this segment", knownSegments, Id(input.Audience?.Segment))}{Parts.Select("list", "Only this list", knownLists, input.Audience?.List)}{Parts.Select("without-segment", "Without this segment", knownSegments, Id(input.Audience?.Exclude?.Segment))}{Parts.Select("without-list", "Without this list", knownLists, input.Audience?.Exclude?.List)}{Parts.Field("per-hour", "At most, an hour", input.Throttle?.PerHour?.ToString(CultureInfo.InvariantCulture), hint: "Empty: as fast as the provider takes it.", max: 8, wrong: Wrong("throttle.perHour"))}
            {(count is null ? Html.None : Counted(count))}<p><button name="act" value="count">Count the audience</button></p>
            </section></div>
            <p class="inline wrap"><button class="primary" name="act" value="save">Save the draft</button><a class="button" href="{(campaign is null ? "/console/campaigns" : "/console/campaigns/" + campaign.Id)}">Leave it</a></p>
            """))}
            """)) { Status = errors.Any ? 400 : 200 };
    }

    private static Html Counted(AudienceCount count) => Html.Of($"""
        <div role="status"><div class="stats">{Parts.Stat("In the audience", Parts.Number(count.Selected))}{Parts.Stat("Would be sent now", Parts.Number(count.Allowed), null, "good")}</div>
        {(count.Skipped.Count + count.Deferred.Count == 0 ? Html.None : Chart.Bars("Who would get nothing, or not now", "people", [.. count.Skipped.Concat(count.Deferred).Select(r => (r.Key.Name(), r.Value))], ""))}</div>
        """);

    private async ValueTask<Campaign?> FindAsync(HttpContext http) => http.Request.RouteValues["id"] is string id ? await desk.FindAsync(id, http.RequestAborted) : null;

    private static JsonElement? Quoted(string? id) => StoredSegments.IsId(id) ? JsonElement.Parse($"\"{id}\"") : null;

    private static string? Id(JsonElement? segment) => segment is { ValueKind: JsonValueKind.String } id ? id.GetString() : null;
}

using System.Globalization;
using System.Text.Json;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Templates;
using Notifications.Web.Audiences;
using Notifications.Web.Campaigns;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Writes a campaign's draft, and counts its audience by reason without saving anything.</summary>
internal sealed class CampaignEditor(
    CampaignDesk desk, TemplateBook templates, TopicCatalog topics, StoredSegments segments, StaticLists lists, AudienceCounter counter,
    TimeProvider time)
{
    // Chosen for a segment that was written out through the API: it stays as it is.
    private const string Kept = "kept";

    // Chosen where an audience is not narrowed, and where nobody is taken out of it.
    private const string All = "everybody";
    private const string Nobody = "nobody";

    // What is wrong with no field of it.
    private const string Whole = "";
    private static readonly string[] Fields =
        [
            "name", "topic", "channel", "template", "subject", "data", "throttle.perHour", "throttle.rampUp.from", "throttle.rampUp.days",
            "subjectTest", "subjectTest.subjects", "subjectTest.share", "subjectTest.decideAfterMinutes", "subjectTest.by",
            "audience.topic", "audience.segment", "audience.list", "audience.exclude.segment", "audience.exclude.list",
        ];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen(
            "/console/campaigns/new", Scope.Campaigns,
            async http => await FormAsync(http, null, await BlankAsync(http.RequestAborted), null, new FieldErrors(), Html.None));
        routes.MapAct("/console/campaigns/new", Scope.Campaigns, (http, form) => SaveAsync(http, form, null));
        routes.MapScreen("/console/campaigns/{id}/edit", Scope.Campaigns, EditAsync);
        routes.MapAct(
            "/console/campaigns/{id}/edit", Scope.Campaigns,
            async (http, form) => await FindAsync(http) is { } campaign ? await SaveAsync(http, form, campaign) : Missing());
    }

    private async ValueTask<IResult> EditAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } campaign) return Missing();
        if (campaign.Status is not (CampaignStatus.Draft or CampaignStatus.Scheduled))
            return ConsolePage.Go($"/console/campaigns/{campaign.Id}?said=not-possible");
        var d = campaign.Definition;
        var audience = new AudienceInput(
            d.Audience.Topic == d.Topic ? null : d.Audience.Topic, null, Json(d.Audience.Segment), d.Audience.List,
            new AudienceExclusionInput(Json(d.Audience.Exclude?.Segment), d.Audience.Exclude?.List));
        var throttle = d.Throttle is { } t
            ? new ThrottleInput(t.PerHour, null, t.RampUp is { } ramp ? new RampUpInput(ramp.From, ramp.Days) : null)
            : null;
        var test = d.SubjectTest is { } s
            ? new SubjectTestInput(s.Subjects, s.Share, (int)s.DecideAfter.TotalMinutes, Parts.Word(s.By))
            : null;
        return await FormAsync(
            http, campaign,
            new CampaignInput(d.Name, d.Topic, d.Channel.Name(), d.Template, audience, d.Subject, d.Data, null, throttle, test), null,
            new FieldErrors(), Html.None);
    }

    private async ValueTask<IResult> SaveAsync(HttpContext http, PublicForm form, Campaign? campaign)
    {
        var errors = new FieldErrors();
        var input = Read(form, errors, campaign);
        var seen = campaign is null
            ? (int?)null
            : int.TryParse(form["seen"], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : -1;
        if (await MisfitAsync(input, http.RequestAborted) is { } misfit) errors.Add("template", misfit);
        if (form["act"] == "count")
            return await FormAsync(http, campaign, input, form, errors, await CountAsync(input, errors, http.RequestAborted));
        if (input is { SubjectTest: not null, Subject: not null })
            errors.Add("subject", "must be empty where subjects are tried against each other");
        if (input.Throttle is { PerHour: null }) errors.Add("throttle.perHour", "is required to begin slower");
        var definition = await CampaignReader.ReadAsync(errors, input, topics, segments, lists, time.GetUtcNow(), http.RequestAborted);
        if (definition is not null && !errors.Any && await desk.TemplateProblemAsync(definition, http.RequestAborted) is { } problem)
            errors.Add("template", $"cannot be used: {problem}");
        if (errors.Any || definition is null) return await FormAsync(http, campaign, input, form, errors, Html.None);
        if (campaign is null)
        {
            var made = await desk.CreateAsync(definition, null, http.User().Actor, CancellationToken.None);
            return ConsolePage.Go($"/console/campaigns/{made.Id}?said=saved");
        }

        // The one thing that is set elsewhere.
        var outcome = await desk.UpdateAsync(
            campaign.Id, definition with { Schedule = campaign.Definition.Schedule }, http.User().Actor, CancellationToken.None, seen);
        if (outcome.Done)
            return ConsolePage.Go(
                $"/console/campaigns/{campaign.Id}?said={(campaign.Status == CampaignStatus.Scheduled ? "unscheduled" : "saved")}");
        if (outcome.Refusal is not (CampaignRefusal.NotReady or CampaignRefusal.Stale))
            return ConsolePage.Go($"/console/campaigns/{campaign.Id}?said=not-possible");
        errors.Add(
            outcome.Refusal == CampaignRefusal.Stale ? Whole : definition.Throttle is null ? "subjectTest" : "throttle.perHour",
            outcome.Refusal == CampaignRefusal.Stale
                ? "The campaign was changed by somebody else meanwhile; nothing was saved. Load it anew, and bring both together; what you have typed stands below."
                : outcome.Why!);
        return await FormAsync(http, campaign, input, form, errors, Html.None);
    }

    // What is missing besides the audience does not matter to its number.
    private async ValueTask<Html> CountAsync(CampaignInput input, FieldErrors errors, CancellationToken cancel)
    {
        var wrong = new FieldErrors();
        var definition = await CampaignReader.ReadAsync(
            wrong, new CampaignInput("-", input.Topic, input.Channel, "-", input.Audience), topics, segments, lists, time.GetUtcNow(),
            cancel);
        foreach (var error in wrong.All) errors.Add(error.Field, error.Message);
        if (definition is not null
            && input.Template is { } template
            && errors.All.All(e => e.Field != "template")
            && await desk.TemplateProblemAsync(definition with { Template = template }, cancel) is { } problem)
        {
            errors.Add("template", $"cannot be used: {problem}");
        }

        return definition is null
            ? Html.None
            : Parts.Counted(await counter.CountAsync(definition.Audience, cancel, definition.Topic));
    }

    // What a template is for; of those that come with the product, null is any.
    private string For(string? topic, Channel? channel) =>
        topic is null ? "Any topic" : $"{NameOf(topic)}, {(channel is { } by ? Parts.Spoken(by) : "whichever channel")}";

    private string NameOf(string topic) => topics.Find(topic)?.Name ?? topic;

    /// <summary>What is wrong with a template that is for another topic or channel.</summary>
    private async ValueTask<string?> MisfitAsync(CampaignInput input, CancellationToken cancel)
    {
        if (input is not { Template: { } template, Topic: { } topic } || ChannelNames.Parse(input.Channel) is not { } channel) return null;
        var others = DefaultTemplates.TopicOf(template) is { } own ? own == topic ? [] : [For(own, null)] : new List<string>();
        if (!TemplateName.IsBuiltIn(template) && TemplateName.TryParse(template, out var name, out _))
        {
            foreach (var one in (Channel[])[channel, .. Enum.GetValues<Channel>().Where(c => c != channel)])
            {
                if (await templates.HeadAsync(name, one, cancel) is not { Languages.Length: > 0 } head) continue;
                if (one == channel && head.Topic == topic) return null;
                others.Add(For(head.Topic, one));
            }
        }

        return others.Count == 0 ? null : $"is for {string.Join(" and ", others)}: choose another, or that topic and channel";
    }

    private static CampaignInput Read(PublicForm form, FieldErrors errors, Campaign? campaign)
    {
        string? Some(string name) => string.IsNullOrWhiteSpace(form[name]) ? null : form[name]!.Trim();
        // Thousands may stand apart as Parts.Number writes them; what could be another number is none.
        int? Number(string name) =>
            Some(name) is not { } text
                ? null
                : int.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number)
                    && (text == Parts.Number(number) || text.All(char.IsAsciiDigit))
                    ? number
                    : 0;
        // What is no id is no segment either, and not everybody.
        JsonElement? Segment(string name, SegmentRef? before) =>
            Some(name) is not { } id
                ? null
                : id == Kept && Json(before) is { } kept ? kept : JsonElement.Parse($"\"{(StoredSegments.IsId(id) ? id : "")}\"");
        JsonElement? data = null;
        if (Some("data") is { } json)
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

        var before = campaign?.Definition.Audience;
        var exclude = Some("without-segment") is null && Some("without-list") is null
            ? null
            : new AudienceExclusionInput(Segment("without-segment", before?.Exclude?.Segment), Some("without-list"));
        var audience = new AudienceInput(Some("among"), null, Segment("segment", before?.Segment), Some("list"), exclude);
        var rampUp = Some("ramp-from") is null && Some("ramp-days") is null
            ? null
            : new RampUpInput(Number("ramp-from"), Number("ramp-days"));
        var throttle = Some("per-hour") is null && rampUp is null ? null : new ThrottleInput(Number("per-hour"), null, rampUp);
        var subjects = (form["subjects"] ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var test = subjects.Length == 0 ? null : new SubjectTestInput(subjects, Number("share"), Number("decide"), Some("by"));
        return new CampaignInput(
            Some("name"), Some("topic"), Some("channel"), Some("template"), audience, Some("subject"), data, null, throttle, test);
    }

    // A topic and a template that go together, so that what nobody chose is no mistake.
    private async ValueTask<CampaignInput> BlankAsync(CancellationToken cancel)
    {
        var topic = Parts.FirstTopic(topics);
        var stored = (await templates.ListAsync(
            null, 200, cancel)).FirstOrDefault(h => h.Languages.Length > 0 && h.Channel == Channel.Email && h.Topic == topic.Key);
        return new CampaignInput(
            null, topic.Key, Channel.Email.Name(),
            stored?.Name ?? DefaultTemplates.Names.FirstOrDefault(n => DefaultTemplates.TopicOf(n) == topic.Key) ?? "message");
    }

    private async ValueTask<ConsolePage> FormAsync(
        HttpContext http, Campaign? campaign, CampaignInput input, PublicForm? form, FieldErrors errors, Html count)
    {
        ConsoleMap.Looks();
        var cancel = http.RequestAborted;
        var audience = input.Audience;
        var stored = await templates.ListAsync(null, 200, cancel);
        var channel = ChannelNames.Parse(input.Channel);
        // The one that is chosen is among them, whether or not it is one of the first, and with its version.
        TemplateSet? chosen = input.Template is { } named && stored.All(h => h.Name != named)
            ? await templates.FindAsync(named, channel ?? Channel.Email, cancel)
            : null;
        // Under what each is for, and first what fits: of one name by both channels, that stands for both.
        var names = stored.Where(h => h.Languages.Length > 0)
            .Select(h => (h.Name, Label: h.Name, Topic: (string?)h.Topic, Channel: (Channel?)h.Channel))
            .Concat(
                DefaultTemplates.Names.Select(
                    n => (Name: n, Label: n + " (built in)", Topic: DefaultTemplates.TopicOf(n), Channel: (Channel?)null)))
            .Concat(chosen is null ? [] : [(input.Template!, input.Template!, chosen.Topic, chosen.Channel)])
            .OrderBy(n => (n.Topic ?? input.Topic) == input.Topic && (n.Channel ?? channel) == channel ? 0 : 1)
            .DistinctBy(n => n.Name)
            .ToList();
        var firstSegments = await segments.ListAsync(null, 200, cancel);
        var firstLists = (await lists.ListAsync(null, 200, cancel)).Lists;

        // What is chosen is among them, whether or not it is one of the first: only what is gone is not.
        async ValueTask<List<(string, string)>> SegmentsAsync(string none, JsonElement? chosen)
        {
            List<(string, string)> all = [("", none), .. firstSegments.Select(s => (s.Id, s.Name))];
            if (chosen is { ValueKind: JsonValueKind.Object }) all.Add((Kept, "as written out through the API"));
            else if (Id(chosen) is { } id && firstSegments.All(s => s.Id != id) && await segments.FindAsync(id, cancel) is { } later)
                all.Add((id, later.Name));
            return all;
        }

        async ValueTask<List<(string, string)>> ListsAsync(string none, string? chosen)
        {
            List<(string, string)> all = [("", none), .. firstLists.Select(l => (l.Id, l.Name))];
            if (chosen is not null && firstLists.All(l => l.Id != chosen) && await lists.FindAsync(chosen, cancel) is { } later)
                all.Add((chosen, later.Name));
            return all;
        }

        string? Typed(string name, string? known) => form is null ? known : form[name];
        string? Digits(string name, int? known) => Typed(name, known?.ToString(CultureInfo.InvariantCulture));
        string? Wrong(string field) => errors.All.FirstOrDefault(e => e.Field == field)?.Message;
        var others = errors.All.Where(e => !Fields.Contains(e.Field) && Line(e.Field) is null).ToList();
        var subjects = Wrong("subjectTest.subjects")
            ?? Wrong("subjectTest")
            ?? errors.All.Where(e => Line(e.Field) is not null).Select(e => $"line {Line(e.Field)} {e.Message}").FirstOrDefault();
        var back = campaign is null ? "/console/campaigns" : "/console/campaigns/" + campaign.Id;
        var body = Html.Of($"""
            {Parts.Enter("act", "save")}{(campaign is null ? Html.None : Html.Of($"<input type=\"hidden\" name=\"seen\" value=\"{Typed("seen", campaign.Epoch.ToString(CultureInfo.InvariantCulture))}\">"))}
            <div class="columns"><section class="card"><h2>What</h2>
            {Parts.Field("name", "Name", Typed("name", input.Name), hint: "For you; recipients do not see it.", max: 100, required: true, wrong: Wrong("name"))}{Parts.Select("topic", "Topic", topics.All.Select(t => (t.Key, t.Name)), input.Topic, "Only who agreed to it gets anything.", Wrong("topic"))}{Parts.Select("channel", "Channel", [("email", "Email"), ("sms", "Text message")], input.Channel, wrong: Wrong("channel"))}<div id="templates" data-answer>{Parts.Select("template", "Template", names.Select(n => (n.Name, n.Label)), input.Template, "Those that fit come first.", Wrong("template"), group: value => names.Find(n => n.Name == value) is { Name: not null } n ? For(n.Topic, n.Channel) : null)}</div>{Parts.Field("subject", "Subject in place of the template’s", Typed("subject", input.Subject), max: 200, wrong: Wrong("subject"))}
            <details{(input.SubjectTest is null && subjects is null ? Html.None : new Html(" open"))}><summary>Try subjects against each other</summary>{Parts.Area("subjects", "Subjects", Typed("subjects", input.SubjectTest is { Subjects: { } tried } ? string.Join('\n', tried) : null), 3, "Two to four, one a line, in place of the one above.", 1000, wrong: subjects)}{Parts.Field("share", "Try them on, in percent", Digits("share", input.SubjectTest?.Share ?? 20), "number", max: 2, wrong: Wrong("subjectTest.share"))}{Parts.Field("decide", "Decide after, in minutes", Digits("decide", input.SubjectTest?.DecideAfterMinutes ?? 120), "number", max: 5, wrong: Wrong("subjectTest.decideAfterMinutes"))}{Parts.Select("by", "The better one has", [("opens", "more opens"), ("clicks", "more clicks"), ("unsubscribes", "fewer people who leave")], Typed("by", input.SubjectTest?.By), "Opens and clicks are known only where a tracker reports them (the event Notifications.Engagement): without one the first subject is taken.", Wrong("subjectTest.by"))}</details>
            <details{(input.Data is null && Wrong("data") is null ? Html.None : new Html(" open"))}><summary>Data for the template</summary>{Parts.Area("data", "As JSON", Typed("data", input.Data?.GetRawText()), 5, "What the template reads as data.", 60000, wrong: Wrong("data"), look: "code")}</details>
            </section><section class="card"><h2>To whom, and how fast</h2>
            {Parts.Select("segment", "Only this segment", await SegmentsAsync(All, audience?.Segment), Id(audience?.Segment), wrong: Wrong("audience.segment"))}{Parts.Select("list", "Only this list", await ListsAsync(All, audience?.List), audience?.List, wrong: Wrong("audience.list"))}{Parts.Select("without-segment", "Leave out this segment", await SegmentsAsync(Nobody, audience?.Exclude?.Segment), Id(audience?.Exclude?.Segment), wrong: Wrong("audience.exclude.segment"))}{Parts.Select("without-list", "Leave out this list", await ListsAsync(Nobody, audience?.Exclude?.List), audience?.Exclude?.List, wrong: Wrong("audience.exclude.list"))}
            <details{(audience?.Topic is null ? Html.None : new Html(" open"))}><summary>Of those subscribed to another topic</summary>{Parts.Select("among", "Subscribed to", [("", "the campaign’s own topic"), .. topics.All.Select(t => (t.Key, t.Name))], audience?.Topic, "Each of them is still asked for the campaign’s own.", Wrong("audience.topic"))}</details>
            <div id="count" data-answer aria-live="polite">{count}</div><p><button name="act" value="count" formnovalidate>Count the audience</button></p>
            {Parts.Field("per-hour", "Messages an hour, at most", Digits("per-hour", input.Throttle?.PerHour), hint: "Empty: as fast as the provider takes it.", max: 10, wrong: Wrong("throttle.perHour"))}
            <details{(input.Throttle?.RampUp is null ? Html.None : new Html(" open"))}><summary>Begin slower</summary>{Parts.Field("ramp-from", "Messages an hour at first", Digits("ramp-from", input.Throttle?.RampUp?.From), max: 10, wrong: Wrong("throttle.rampUp.from"))}{Parts.Field("ramp-days", "Days until the full rate", Digits("ramp-days", input.Throttle?.RampUp?.Days), max: 2, wrong: Wrong("throttle.rampUp.days"))}</details>
            </section></div>
            <p class="inline wrap"><button class="primary" name="act" value="save">Save the draft</button><a class="button" href="{back}">Leave it</a></p>
            """);
        return new ConsolePage(campaign is null ? "New campaign" : "Edit campaign", Html.Of($"""
            <p><a href="{back}">{(campaign is null ? "All campaigns" : "Back to the campaign")}</a></p>
            <h1>{(campaign is null ? "New campaign" : campaign.Definition.Name)}</h1>
            {(campaign?.Status == CampaignStatus.Scheduled ? Html.Of($"<p class=\"warn\">It is scheduled. Saving any change makes it a draft again, which launches no more by itself until it is scheduled anew.</p>") : Html.None)}
            {(Wrong(Whole) is { } whole ? Html.Of($"<p class=\"warn\" role=\"alert\">{whole}</p>") : errors.Any ? Html.Of($"<div class=\"warn\" role=\"alert\"><p>Something is missing or wrong; nothing was saved.</p>{(others.Count == 0 ? Html.None : Html.Of($"<ul>{Html.Join(others.Select(e => Html.Of($"<li>{e.Field} {e.Message}</li>")))}</ul>"))}</div>") : Html.None)}
            {Parts.Form(http, campaign is null ? "/console/campaigns/new" : $"/console/campaigns/{campaign.Id}/edit", body, ask: "count")}
            """)) { Status = errors.Any ? 400 : 200 };
    }

    private async ValueTask<Campaign?> FindAsync(HttpContext http) =>
        http.Request.RouteValues["id"] is string id ? await desk.FindAsync(id, http.RequestAborted) : null;

    /// <summary>The line of a subject that is wrong: the name of its field says which of them it is, from 0.</summary>
    private static int? Line(string field) =>
        field.StartsWith("subjectTest.subjects[", StringComparison.Ordinal)
            && int.TryParse(
                field.AsSpan("subjectTest.subjects[".Length, field.Length - "subjectTest.subjects[".Length - 1), NumberStyles.None,
                CultureInfo.InvariantCulture, out var place)
            ? place + 1
            : null;

    private static ConsolePage Missing() => ConsolePage.Missing("No campaign has this id.");

    private static JsonElement? Json(SegmentRef? segment) =>
        segment switch
        {
            { Id: { } id } => JsonElement.Parse($"\"{id}\""),
            { Inline: { } inline } => JsonSerializer.SerializeToElement(inline, CoreJson.Default.Segment),
            _ => null,
        };

    private static string? Id(JsonElement? segment) =>
        segment switch { { ValueKind: JsonValueKind.String } id => id.GetString(), { ValueKind: JsonValueKind.Object } => Kept, _ => null };
}

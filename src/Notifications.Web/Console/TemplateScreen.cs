using System.Globalization;
using System.Text.Json;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Web.Http;
using Notifications.Web.Pages;
using Notifications.Web.Templates;

namespace Notifications.Web.Console;

/// <summary>
/// Templates and their versions, written with their preview beside them: desktop, phone, dark, plain text, or the bubble of a text message
/// with its segments.
/// </summary>
internal sealed class TemplateScreen(TemplateBook book, TemplateDesk desk, CampaignDesk campaigns, TopicCatalog topics)
{
    private const int PageSize = 50;
    private const int ShownVersions = 50;
    private static readonly TemplateInput Blank = new(
        Layout: "standard", Locale: "en", Subject: "Hello from {{ sender.name }}",
        Html: "<h1>{{ data.title | default: \"A headline\" }}</h1>\n<p>Write here.</p>\n");

    // Those that have texts of ours around the template; it may be in any other.
    private static readonly (string Tag, string Name)[] Languages =
        [
            .. PackageTexts.Languages.Select(tag => (tag, CultureInfo.GetCultureInfo(tag).EnglishName))
                .OrderBy(l => l.EnglishName, StringComparer.Ordinal),
        ];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/templates", Scope.Campaigns, ListAsync);
        routes.MapScreen("/console/templates/new", Scope.Campaigns, NewAsync);
        routes.MapAct("/console/templates/new", Scope.Campaigns, (http, form) => SaveAsync(http, form, null));
        routes.MapScreen("/console/templates/{id}", Scope.Campaigns, ShowAsync);
        routes.MapAct(
            "/console/templates/{id}", Scope.Campaigns,
            async (http, form) => Id(http) is { } id ? await SaveAsync(http, form, id) : Missing());
        routes.MapScreen("/console/templates/{id}/versions", Scope.Campaigns, VersionsAsync);
        routes.MapAct("/console/templates/{id}/delete", Scope.Campaigns, DeleteAsync, ask: AskAsync);
    }

    private async ValueTask<IResult> ListAsync(HttpContext http)
    {
        var after = TemplateId.Parse(http.Request.Query["after"] + ":en");
        var heads = await book.ListAsync(
            after is null ? null : Rows.TemplateHead(after.Name, after.Channel), PageSize, http.RequestAborted);
        return new ConsolePage("Templates", Html.Of($"""
            <div class="head"><h1>Templates</h1><a class="button primary" href="/console/templates/new">New template</a></div>
            <p class="lead">In as many languages as you like. Every save is a version; a campaign keeps the one it was launched with.</p>
            {Parts.Table("Templates", ["Name", "Channel", "Topic", "Languages", "Version", "Last saved"], heads.Where(h => h.Languages.Length > 0).Select(h => (Html[])[Html.Of($"<a href=\"/console/templates/{new TemplateId(h.Name, h.Channel, h.Languages[0].Locale).ToString()}\"><strong>{h.Name}</strong></a>"), Html.Of($"{Parts.Spoken(h.Channel)}"), Html.Of($"{topics.Find(h.Topic)?.Name ?? h.Topic}"), Html.Join(h.Languages.Select(l => Html.Of($"<a class=\"tag\" href=\"/console/templates/{new TemplateId(h.Name, h.Channel, l.Locale).ToString()}\">{l.Locale}<span class=\"hidden\"> of {h.Name}</span></a> "))), Html.Of($"{h.Version}"), Parts.Time(h.Languages.Max(l => l.SavedAt))]), "None is stored yet. Those that come with the product can be used at once.")}
            {Parts.Pager("/console/templates", heads.Count == PageSize ? $"{heads[^1].Name}:{heads[^1].Channel.Name()}" : null, after is not null)}
            """));
    }

    // A further language of one begins as a copy of it.
    private async ValueTask<IResult> NewAsync(HttpContext http)
    {
        if (!http.Request.Query.TryGetValue("of", out var of))
            return await EditorAsync(http, null, Blank, 0, new FieldErrors(), [], default, null);
        if (TemplateId.Parse(of) is not { } id
            || (await book.HeadAsync(id.Name, id.Channel, http.RequestAborted))?.Find(id.Locale) is not { } language
            || await book.VersionAsync(id.Name, id.Channel, language.Version, http.RequestAborted) is not { Source: { } source })
        {
            return Missing();
        }

        return await EditorAsync(http, null, InputOf(source) with { Locale = null }, 0, new FieldErrors(), [], default, null);
    }

    private static TemplateInput InputOf(TemplateSource source) => new(
        source.Name, source.Topic, source.Channel.Name(), source.Locale, source.Subject, source.Html, source.Text,
        source.Layout == TemplateLayout.None ? "none" : "standard");

    // An old version is shown in the editor as any other: saving it makes it the newest.
    private async ValueTask<IResult> ShowAsync(HttpContext http)
    {
        if (Id(http) is not { } id) return Missing();
        var newest = (await book.HeadAsync(id.Name, id.Channel, http.RequestAborted))?.Find(id.Locale)?.Version ?? 0;
        var shown = int.TryParse(http.Request.Query["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var old)
            ? old
            : newest;
        if (await book.VersionAsync(id.Name, id.Channel, shown, http.RequestAborted) is not { Source: { } source }
            || source.Locale != id.Locale)
        {
            return Missing();
        }

        var linted = await desk.CheckAsync(source, http.RequestAborted);
        return await EditorAsync(
            http, id, InputOf(source), newest, new FieldErrors(), linted.Findings,
            await PreviewAsync(source, linted, null, http.RequestAborted), null, old: shown == newest ? null : shown);
    }

    private async ValueTask<IResult> VersionsAsync(HttpContext http)
    {
        if (Id(http) is not { } id) return Missing();
        var (versions, _) = await book.VersionsAsync(id.Name, id.Channel, int.MaxValue, ShownVersions, http.RequestAborted);
        if (versions.Count == 0) return Missing();
        return new ConsolePage("Versions", Html.Of($"""
            <p><a href="/console/templates/{id.ToString()}">{id.Name}</a></p>
            <h1>Versions of {id.Name}</h1>
            <p class="lead">Each save of any language is one. The newest {ShownVersions} are shown.</p>
            {Parts.Table("Versions", ["Version", "Language", "What", "Saved", "By"], versions.Select(v => (Html[])[v.Source is null ? Html.Of($"{v.Head.Version}") : Html.Of($"<a href=\"/console/templates/{new TemplateId(id.Name, id.Channel, v.Locale).ToString()}?version={v.Head.Version}\">{v.Head.Version}</a>"), Html.Of($"{v.Locale}"), v.Source is null ? Parts.Badge("deleted", "warn") : Html.Of($"{v.Source.Subject}"), Parts.Time(v.SavedAt), Html.Of($"{RecordWords.Actor(v.By)}")]), "")}
            """));
    }

    private async ValueTask<IResult> SaveAsync(HttpContext http, PublicForm form, TemplateId? id)
    {
        static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
        var errors = new FieldErrors();
        var sms = (id?.Channel ?? ChannelNames.Parse(form["channel"])) == Channel.Sms;
        var input = new TemplateInput(
            id?.Name ?? Some(form["name"])?.Trim(), Some(form["topic"]), id?.Channel.Name() ?? form["channel"],
            id?.Locale ?? Some(form["locale"])?.Trim(), Some(form["subject"])?.Trim(), Some(form["html"]), Some(form["text"]),
            form["layout"] == "none" ? "none" : "standard");
        var seen = int.TryParse(form["seen"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var saves = form["act"] == "save";
        JsonElement? data = null;
        if (Some(form["data"]) is { } json)
        {
            try
            {
                data = JsonElement.Parse(json);
                if (Inputs.ProblemOf(data.Value) is { } problem) errors.Add("data", problem);
            }
            catch (JsonException)
            {
                errors.Add("data", "must be valid JSON");
            }
        }

        // What is only looked at needs no name and no language yet, or no proper ones. A text message has neither subject nor HTML; what
        // stands in their fields stays there, should it become an email again.
        var meant = sms ? input with { Subject = null, Html = null } : input;
        var language = id is null ? LanguageFault(input.Locale) : null;
        if (language is not null) meant = meant with { Locale = Blank.Locale };
        var source = (saves || (input.Name is { } name && TemplateName.IsValid(name)) ? meant : meant with { Name = "unnamed" }).Read(errors, topics, id);
        var right = !errors.Any && (language is null || !saves);
        if (language is not null) errors.Add("locale", language);
        if (!right || source is null) return await EditorAsync(http, id, input, seen, errors, [], default, form["data"]);
        if (saves)
        {
            var (result, head, refused) = await desk.SaveAsync(source, seen, http.User().Actor, CancellationToken.None);
            if (result == TemplateSave.Saved)
            {
                var said = refused.Findings.Count == 0 ? "saved" : "saved-warned";
                var saved = new TemplateId(source.Name, source.Channel, source.Locale);
                // The data to try it with are kept nowhere and may stand in no URL: with them the page is answered at once, and sent again
                // it is refused, as its version is not the newest any more.
                return data is null
                    ? ConsolePage.Go($"/console/templates/{saved}?said={said}")
                    : await EditorAsync(
                        http, saved, input, head!.Version, errors, refused.Findings,
                        await PreviewAsync(source, refused, data, http.RequestAborted), form["data"], said: said);
            }

            if (result is { } why)
            {
                errors.Add("name", why switch
                {
                    TemplateSave.OtherTopic => $"belongs to a template of the topic {topics.Find(head!.Topic)?.Name ?? head.Topic}; use that topic, or another name",
                    TemplateSave.TooManyLanguages => "has 50 languages already",
                    TemplateSave.TooLarge => TemplateEndpoints.TooLarge,
                    _ => seen == 0
                        ? "exists in this language; open it from the list"
                        : "was saved by somebody else meanwhile; load it anew, and bring both together",
                });
            }

            return await EditorAsync(
                http, id, input, seen, errors, refused.Findings, await PreviewAsync(source, refused, data, http.RequestAborted),
                form["data"], refused: result is null);
        }

        var linted = await desk.CheckAsync(source, http.RequestAborted);
        return await EditorAsync(
            http, id, input, seen, errors, linted.Findings, await PreviewAsync(source, linted, data, http.RequestAborted), form["data"]);
    }

    private async ValueTask<IResult> DeleteAsync(HttpContext http, PublicForm form)
    {
        if (Id(http) is not { } id) return Missing();
        var seen = int.TryParse(form["seen"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var done = await desk.RemoveAsync(id.Name, id.Channel, id.Locale, seen, http.User().Actor, CancellationToken.None);
        if (done == TemplateSave.Saved) return ConsolePage.Go("/console/templates?said=language-gone");
        var stands = (await book.HeadAsync(id.Name, id.Channel, http.RequestAborted))?.Find(id.Locale) is not null;
        return ConsolePage.Go(stands ? $"/console/templates/{id}?said=stale" : "/console/templates?said=gone");
    }

    /// <summary>
    /// The scheduled campaigns that would find no template at their time: of those that name a version none, and none while another
    /// language is left.
    /// </summary>
    private async ValueTask<IReadOnlyList<Campaign>> WaitingAsync(TemplateId id, CancellationToken cancel)
    {
        if (await book.HeadAsync(id.Name, id.Channel, cancel) is not { Languages: [{ } last] } || last.Locale != id.Locale) return [];
        var scheduled = await campaigns.ListAsync(CampaignStatus.Scheduled, null, 200, cancel);
        return [.. scheduled.Campaigns.Where(c => c.Definition.Template == id.Name && c.Definition.Channel == id.Channel)];
    }

    private async ValueTask<Question?> AskAsync(HttpContext http, PublicForm form)
    {
        if (Id(http) is not { } id) return null;
        var waiting = await WaitingAsync(id, http.RequestAborted);
        return new Question(
            $"Delete the language {id.Locale} of the template {id.Name}?",
            waiting.Count == 0
                ? "Campaigns that were launched with it keep it, and its versions can still be looked at."
                : $"It is the template’s last language, and what is scheduled with it would not launch: {string.Join(", ", waiting.Select(c => c.Definition.Name))}.",
            $"Delete {id.Locale}", "/console/templates/" + id);
    }

    private async ValueTask<(TemplatePreview? Shown, string? Wrong)> PreviewAsync(
        TemplateSource source, LintedTemplate linted, JsonElement? data, CancellationToken cancel)
    {
        if (linted.Compiled is not { } compiled) return (null, "It has errors, so there is nothing to show.");
        try
        {
            return (await desk.PreviewAsync(source, compiled, null, source.Locale, data, cancel), null);
        }
        catch (TemplateException broken)
        {
            return (null, FindingWords.Of(broken.Message));
        }
    }

    private async ValueTask<ConsolePage> EditorAsync(
        HttpContext http, TemplateId? id, TemplateInput input, int seen, FieldErrors errors, IReadOnlyList<TemplateFinding> findings,
        (TemplatePreview? Shown, string? Wrong) preview, string? data, bool refused = false, int? old = null,
        string? said = null)
    {
        string? Wrong(string field) => errors.All.FirstOrDefault(e => e.Field == field)?.Message;
        var sms = input.Channel == "sms";
        var path = "/console/templates/" + (id?.ToString() ?? "new");
        var names = id is null
            ? Html.Of(
                $"<div class=\"line\">{Parts.Field("name", "Name", input.Name, hint: "Small letters, digits, - and _, such as spring-news.", max: 64, required: true, wrong: Wrong("name"))}{Parts.Select("channel", "Channel", [("email", "Email"), ("sms", "Text message")], input.Channel, wrong: Wrong("channel"))}{Parts.Field("locale", "Language", input.Locale, hint: "Such as en or pt-BR.", max: 35, required: true, wrong: Wrong("locale"), known: Languages)}</div>")
            : Html.None;
        var clash = id is null ? null : Wrong("name");
        var others = id is null || seen == 0
            ? []
            : (await book.HeadAsync(id.Name, id.Channel, http.RequestAborted))?.Languages.Where(l => l.Locale != id.Locale).ToList() ?? [];
        var languages = others.Count == 0
            ? Html.None
            : Html.Of(
                $"<p class=\"languages\"><span class=\"dim\">Also in</span> {Html.Join(others.Select(l => Html.Of($"<a class=\"tag\" href=\"/console/templates/{new TemplateId(id!.Name, id.Channel, l.Locale).ToString()}\">{l.Locale}</a> ")))}</p>\n");
        var mail = id is { Channel: Channel.Sms }
            ? Html.None
            : Html.Of(
                $"{Parts.Field("subject", "Subject (email)", input.Subject, max: 1000, wrong: Wrong("subject"))}{Parts.Area("html", "HTML (email)", input.Html, 16, max: 100_000, wrong: Wrong("html"), look: "code")}{Parts.Select("layout", "Around it", [("standard", "The shared layout, with what the law wants"), ("none", "Nothing: the template carries it itself")], input.Layout)}");
        var title = id is null ? "New template" : id.Name;
        var body = Html.Of($"""
            <input type="hidden" name="seen" value="{seen}">
            {names}{Parts.Select("topic", "Topic", topics.All.Select(t => (t.Key, t.Name)), input.Topic ?? Parts.FirstTopic(topics).Key, wrong: Wrong("topic"))}{mail}{Parts.Area("text", sms ? "Text" : "Plain text (or the text message)", input.Text, sms ? 6 : 4, sms ? null : "Empty: taken from the HTML.", 50_000, wrong: Wrong("text"), look: "code")}
            <details><summary>What it can say</summary><p class="hint"><code>{new Html("{{ data.anything }}")}</code>, <code>{new Html("{{ contact.name }}")}</code>, <code>{new Html("{{ contact.locale }}")}</code>, <code>{new Html("{{ topic.name }}")}</code>, <code>{new Html("{{ sender.name }}")}</code>, <code>{new Html("{{ sender.postalAddress }}")}</code>, <code>{new Html("{{ unsubscribeUrl }}")}</code>, <code>{new Html("{{ preferencesUrl }}")}</code>, <code>{new Html("{{ package.trackingNumber }}")}</code>, and all of Liquid’s filters.</p></details>
            {Parts.Area("data", "Data to try it with, as JSON", data, 3, "For the preview only.", 20_000, wrong: Wrong("data"), look: "code")}
            <p class="inline wrap"><button name="act" value="preview" formnovalidate>Check and preview</button><button class="primary" name="act" value="save">{(old is null ? "Save" : "Save as the newest")}</button></p>
            """);
        return new ConsolePage(title, Html.Of($"""
            {(ConsoleMessages.Find(said) is { } words ? Html.Of($"<p class=\"said\" role=\"status\">{words}</p>\n") : Html.None)}<p><a href="/console/templates">All templates</a></p>
            <div class="head"><h1>{title}{(id is null ? Html.None : Html.Of($" {Parts.Badge(Parts.Spoken(id.Channel))} {Parts.Badge(id.Locale)} {Parts.Badge("version " + (old ?? seen).ToString(CultureInfo.InvariantCulture), old is null ? "" : "warn")}"))}</h1>{(id is null ? Html.None : Html.Of($"<div class=\"inline wrap\"><a class=\"button\" href=\"{path}/versions\">Versions</a>{(seen == 0 ? Html.None : Html.Of($"<a class=\"button\" href=\"/console/templates/new?of={id.ToString()}\">Add a language</a>"))}{(seen == 0 ? Html.None : Parts.Form(http, path + "/delete", Html.Of($"<input type=\"hidden\" name=\"seen\" value=\"{seen}\"><button class=\"danger\">Delete</button>"), "act"))}</div>"))}</div>
            {languages}{(old is null ? Html.None : Html.Of($"<p class=\"warn\">This is how version {old.Value} stood. {(seen == 0 ? "The language was deleted since; saving brings it back." : $"Version {seen} is the newest.")}</p>"))}{(refused ? Html.Of($"<p class=\"warn\" role=\"alert\">It was not saved: these errors must be mended first.</p>") : clash is not null ? Html.Of($"<p class=\"warn\" role=\"alert\">The template {clash}. Nothing was saved.</p>") : errors.Any ? Html.Of($"<p class=\"warn\" role=\"alert\">Something is missing or wrong; nothing was saved.</p>") : Html.None)}
            <div class="editor">
            <div class="found" id="found" data-answer>{Findings(findings, sms)}</div>
            {Parts.Form(http, path, body, "card", ask: "preview")}
            <section class="preview" id="preview" data-answer aria-label="Preview">
            {Show(preview, sms)}
            </section>
            </div>
            """)) { Status = errors.Any || refused ? 400 : 200, ShowsMail = true };
    }

    private static Html Findings(IReadOnlyList<TemplateFinding> findings, bool sms) => findings.Count == 0 ? Html.None : Html.Of($"""
        <ul class="findings" aria-label="Findings">{Html.Join(findings.Select(f => Html.Of($"<li>{Parts.Badge(f.Severity == FindingSeverity.Error ? "error" : "warning", f.Severity == FindingSeverity.Error ? "bad" : "warn")} <strong>{FindingWords.Place(f, sms)}</strong>: {FindingWords.Of(f.Message)} <span class=\"dim\">{FindingWords.Of(f.Remedy)}</span></li>\n")))}</ul>

        """);

    // Each mail in a sandbox that runs nothing, sends nothing and is of no origin; it inherits this page's policy, which lets it load
    // nothing either.
    private static Html Show((TemplatePreview? Shown, string? Wrong) preview, bool sms)
    {
        if (preview.Shown is not { } shown)
            return preview.Wrong is { } wrong
                ? Html.Of($"<p class=\"warn\" role=\"alert\">{wrong}</p>")
                : Html.Of($"<p class=\"empty\">The preview stands here{(sms ? "" : ": desktop, phone, dark and plain text")}.</p>");
        if (shown.Segments is { } segments)
        {
            var forcing = segments.Forcing.Count == 0
                ? ""
                : " These characters make it dearer: " + string.Join(" ", segments.Forcing) + ".";
            return Html.Of(
                $"<div class=\"thread card\"><p class=\"bubble\">{shown.Text}</p></div>\n<p>{Parts.Badge($"{segments.Segments} {(segments.Segments == 1 ? "segment" : "segments")}", segments.Segments > TemplateDesk.ManySegments ? "warn" : "good")} It counts as {Parts.Number(segments.Units)} characters{(segments.Encoding == SmsEncoding.Gsm7 ? "" : " of the wide alphabet, of which a segment holds less than half as many")}.{forcing}</p>");
        }

        var light = TemplatePreviews.Light(shown.Html ?? "");
        var images = light.Contains("<img", StringComparison.OrdinalIgnoreCase)
            || light.Contains("url(", StringComparison.OrdinalIgnoreCase);
        return Html.Of($"""
            <p class="lead"><span class="dim">Subject:{(string.IsNullOrWhiteSpace(shown.Subject) ? " empty with these data" : "")}</span> {shown.Subject}</p>
            {(images ? Html.Of($"<p class=\"hint\">Images from elsewhere are not loaded here: their servers would learn who looks at this page.</p>") : Html.None)}
            <div class="frames">
            <figure class="desktop"><figcaption>Desktop</figcaption><iframe title="Desktop" sandbox srcdoc="{light}"></iframe></figure>
            <figure class="phone"><figcaption>Phone</figcaption><iframe title="Phone" sandbox srcdoc="{light}"></iframe></figure>
            {(shown.DarkHtml is null ? Html.None : Html.Of($"<figure class=\"phone dark\"><figcaption>Dark</figcaption><iframe title=\"Dark\" sandbox srcdoc=\"{shown.DarkHtml}\"></iframe></figure>"))}
            </div>
            <details class="card"><summary>Plain text</summary><pre tabindex="0">{shown.Text}</pre></details>
            """);
    }

    private static string? LanguageFault(string? tag)
    {
        const string tags = "must be a language tag such as en or pt-BR";
        return tag is null ? "is required"
            : !LanguageTag.IsValid(tag) ? tags
            : Parts.IsLanguage(tag) ? null
            : $"{tags}, and none is {tag}";
    }

    private static TemplateId? Id(HttpContext http) => TemplateId.Parse(http.Request.RouteValues["id"] as string);

    private static ConsolePage Missing() => ConsolePage.Missing("No template has this name and language.");
}

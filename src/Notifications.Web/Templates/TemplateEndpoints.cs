using System.Globalization;
using System.Text.Json;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Web.Http;

namespace Notifications.Web.Templates;

/// <summary>Templates: saved and read (R23-R25).</summary>
internal sealed class TemplateEndpoints(TemplateBook book, TemplateDesk desk, TopicCatalog topics, Idempotency idempotency) : IEndpoints
{
    /// <summary>What is wrong with one that is <see cref="TemplateSave.TooLarge"/>.</summary>
    internal static readonly string TooLarge =
        $"is too large: as it is written and with its styles inline it may have {TemplateBook.LargestRow / 1024} KiB together; a letter that is not Latin counts as 2 or 3 bytes, an emoji as 12";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "POST", "/v1/templates", Scope.Campaigns, PostAsync,
            new("Save a new template", typeof(TemplateInput), (201, typeof(TemplateView)))
            {
                GivesETag = true,
                GivesLocation = true,
                Refuses = typeof(RefusedTemplate),
                Description = "Liquid, one language of a set. It is checked first: errors refuse it (422, findings name rule, part, line and remedy), warnings come with the answer. HTML is cleaned, and its styles are moved inline; as it is written and so it may have 500 KiB together, where a letter that is not Latin has 2 or 3 bytes and an emoji 12. A template is sent only for its topic. With layout standard what the law wants of its topic is added; with none the template must carry it itself. Left out, a mail that carries it stands as it is (none), marketing mail that does not is refused, and other mail and texts are standard: of a text only what it does not say itself is added. 409 when the language exists.",
            });
        routes.MapApi(
            "GET", "/v1/templates", Scope.Campaigns, ListAsync,
            new("The templates", null, (200, typeof(TemplateList)))
            {
                Query = [("name", "Only of this name."), ("channel", "Only of this channel: email or sms."), .. Api.Paging],
            });
        routes.MapApi("GET", "/v1/templates/{id}", Scope.Campaigns, GetAsync, new("A template", null, (200, typeof(TemplateView)))
        {
            GivesETag = true,
            Description = "The id is name:channel:locale. The ETag is what a PUT or DELETE must send as If-Match.",
            Query = [new("version", "The set's version that saved it; the newest when left out.") { Type = typeof(int) }],
        });
        routes.MapApi(
            "PUT", "/v1/templates/{id}", Scope.Campaigns, PutAsync,
            new("Save a template again", typeof(TemplateChangeInput), (200, typeof(TemplateView)))
            {
                NeedsIfMatch = true,
                GivesETag = true,
                GivesLocation = true,
                Refuses = typeof(RefusedTemplate),
                Description = "Needs If-Match with the ETag that was read: 428 without it, 412 when somebody else has saved meanwhile. The old version stays for whatever names it. What a GET has answered can be put back: what is not the caller's to set is passed over.",
            });
        routes.MapApi("DELETE", "/v1/templates/{id}", Scope.Campaigns, DeleteAsync, new("Delete a template", null, (204, null))
        {
            NeedsIfMatch = true,
            Description = "Needs If-Match. Its versions stay readable, and running campaigns that name one keep it.",
        });
        routes.MapApi(
            "GET", "/v1/templates/{id}/versions", Scope.Campaigns, VersionsAsync,
            new("The versions of a template's set, newest first", null, (200, typeof(TemplateVersionList))) { Query = [.. Api.Paging] });
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(http, async body =>
    {
        if (body.Parse(WebJson.Default.TemplateInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        if (input.Read(errors, topics, null) is not { } source) return errors.Answer();
        return await SaveAsync(http, source, 0);
    }, TemplateInput.Limit);

    private async ValueTask<Answer> PutAsync(HttpContext http)
    {
        if (IdOf(http) is not { } id) return NotFound();
        var (body, problem) = await RequestBody.ReadAsync(http, TemplateInput.Limit);
        if (problem is not null) return problem;
        if (AsShown.Parse(
            body!, id.ToString(), WebJson.Default.TemplateChangeInput, WebJson.Default.TemplateView, out var input) is { } wrong)
        {
            return wrong;
        }

        var errors = new FieldErrors();
        if (input.Read(errors, topics, id) is not { } source) return errors.Answer();
        if ((await book.HeadAsync(id.Name, id.Channel, http.RequestAborted))?.Find(id.Locale) is not { } current) return NotFound();
        return Unseen(http, current.Version, out var seen) ?? await SaveAsync(http, source, seen);
    }

    private async ValueTask<Answer> DeleteAsync(HttpContext http)
    {
        if (IdOf(http) is not { } id
            || (await book.HeadAsync(id.Name, id.Channel, http.RequestAborted))?.Find(id.Locale) is not { } current)
        {
            return NotFound();
        }

        if (Unseen(http, current.Version, out var seen) is { } unseen) return unseen;
        return await desk.RemoveAsync(id.Name, id.Channel, id.Locale, seen, http.Actor(), CancellationToken.None) == TemplateSave.Saved
            ? Answer.Nothing
            : Stale();
    }

    private async ValueTask<Answer> SaveAsync(HttpContext http, TemplateSource source, int seen)
    {
        var (result, head, linted) = await desk.SaveAsync(source, seen, http.Actor(), CancellationToken.None);
        switch (result)
        {
            case null:
                var wrong = linted.Findings.Where(f => f.Severity == FindingSeverity.Error)
                    .Take(50)
                    .Select(f => new FieldError(f.Part, f.Line == 0 ? f.Message : $"line {f.Line}: {f.Message}"))
                    .ToList();
                return Answer.Json(
                    new RefusedTemplate(
                        "urn:notifications:problem:template-refused", "The template has errors and was not saved.", 422,
                        wrong.Count == 1 ? wrong[0].Message : $"{wrong.Count} errors; see findings.", wrong, linted.Findings),
                    WebJson.Default.RefusedTemplate,
                    StatusCodes.Status422UnprocessableEntity) with { ContentType = "application/problem+json" };
            case TemplateSave.OtherTopic:
                return Problem.Conflict(
                    "template-topic", $"The other languages of this template are for the topic {head!.Topic}; use that, or another name.");
            case TemplateSave.TooManyLanguages:
                return Problem.Conflict("template-languages", "The template has 50 languages; delete one first.");
            case TemplateSave.TooLarge:
                return Problem.Invalid(source.Html is null ? "text" : "html", TooLarge);
            case TemplateSave.Stale when seen == 0 && await MadeAsync(http, source, head) is { } made:
                return View(made, head!, linted, StatusCodes.Status201Created);
            case TemplateSave.Stale when seen == 0:
                return Problem.Conflict("template-exists", "This template exists in this language; change it with PUT.");
            case TemplateSave.Stale: return Stale();
        }

        var stored = (await book.VersionAsync(source.Name, source.Channel, head!.Version, CancellationToken.None))!;
        return View(stored, head, linted, seen == 0 ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    /// <summary>What an earlier run of the request saved before it was answered, where it still stands so; or null.</summary>
    private async ValueTask<TemplateVersion?> MadeAsync(HttpContext http, TemplateSource source, TemplateHead? head) =>
        KeyedRun.Of(http) is { Again: true } run
            && head?.Find(source.Locale) is { } stands
            && await book.VersionAsync(source.Name, source.Channel, stands.Version, CancellationToken.None) is { } version
            && version.Source == source
            && version.By == http.Actor()
            && version.SavedAt >= run.At
            ? version
            : null;

    private static Answer View(TemplateVersion version, TemplateHead head, LintedTemplate linted, int status) =>
        Answer.Json(TemplateView.Of(version, head, linted.Findings), WebJson.Default.TemplateView, status) with
        {
            ETag = IfMatch.Tag(version.Head.Version),
            Location = $"/v1/templates/{new TemplateId(head.Name, head.Channel, version.Locale)}",
        };

    private async ValueTask<Answer> GetAsync(HttpContext http)
    {
        if (IdOf(http) is not { } id || await book.HeadAsync(id.Name, id.Channel, http.RequestAborted) is not { } head) return NotFound();
        var number = head.Find(id.Locale)?.Version ?? 0;
        if (http.Request.Query.TryGetValue("version", out var text)
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0))
        {
            return Problem.Invalid("version", "must be a whole number from 1");
        }

        if (number == 0
            || await book.VersionAsync(id.Name, id.Channel, number, http.RequestAborted) is not { Source: not null } stored
            || stored.Locale != id.Locale)
        {
            return number == 0 || text.Count == 0 ? NotFound() : NoVersion();
        }

        return Answer.Json(TemplateView.Of(stored, head), WebJson.Default.TemplateView) with { ETag = IfMatch.Tag(number) };
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var name = http.Request.Query.TryGetValue("name", out var n) ? n.ToString() : null;
        if (name is not null && !TemplateName.IsValid(name)) errors.Add("name", TemplateInput.NameIs);
        var channel = http.Request.Query.TryGetValue("channel", out var c) ? ChannelNames.Parse(c) : null;
        if (c.Count > 0 && channel is null) errors.Add("channel", "must be email or sms");
        var after = http.Request.Query.TryGetValue("after", out var a) ? TemplateId.Parse(a) : null;
        if (a.Count > 0 && after is null) errors.Add("after", Paging.NotNext);
        if (errors.Any) return errors.Answer();

        // A set can have languages left after the cursor, so its own head is read again.
        var lines = new List<TemplateLine>(limit + 1);
        if (after is not null
            && await PassedOver.ShownAsync(Tables.Templates, () => book.HeadAsync(after.Name, after.Channel, http.RequestAborted))
                is { } begun)
        {
            Add(begun);
        }

        var cursor = after is null ? null : Rows.TemplateHead(after.Name, after.Channel);
        string? shut = null;
        while (lines.Count <= limit && shut is null)
        {
            var heads = await book.ListAsync(cursor, 100, http.RequestAborted);
            foreach (var head in heads) Add(head);
            // Of what no key of the ring opens nobody knows the languages: the next page goes on behind all of them.
            shut = PassedOver.Current?.EndedAt is { } row ? row[Rows.TemplateHeadPrefix.Length..] + ":zzzzzzzz" : null;
            if (heads.Count == 0) break;
            cursor = Rows.TemplateHead(heads[^1].Name, heads[^1].Channel);
        }

        var page = lines.Take(limit).ToList();
        return Answer.Json(new TemplateList(page, lines.Count > limit ? page[^1].Id : shut), WebJson.Default.TemplateList);

        void Add(TemplateHead head)
        {
            if ((name is not null && head.Name != name) || (channel is not null && head.Channel != channel)) return;
            foreach (var l in head.Languages.OrderBy(l => l.Locale, StringComparer.Ordinal))
            {
                if (after is not null
                    && head.Name == after.Name
                    && head.Channel == after.Channel
                    && string.CompareOrdinal(l.Locale, after.Locale) <= 0)
                {
                    continue;
                }

                lines.Add(new TemplateLine(
                    new TemplateId(head.Name, head.Channel, l.Locale).ToString(), head.Name, head.Topic, head.Channel, l.Locale, l.Subject,
                    l.Version, head.Version, l == head.Languages[0], l.SavedAt, l.By));
            }
        }
    }

    private async ValueTask<Answer> VersionsAsync(HttpContext http)
    {
        if (IdOf(http) is not { } id) return NotFound();
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var before = int.MaxValue;
        if (http.Request.Query.TryGetValue("after", out var text)
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out before) && before > 0))
        {
            errors.Add("after", Paging.NotNext);
        }

        if (errors.Any) return errors.Answer();
        if (await book.HeadAsync(id.Name, id.Channel, http.RequestAborted) is null) return NotFound();
        // A few at a time: a version may have half a megabyte, of which a line says little.
        var lines = new List<TemplateVersionLine>();
        int? next = before;
        while (lines.Count < limit && next is { } from && PassedOver.Current is not { IsFull: true })
        {
            (var versions, next) = await book.VersionsAsync(
                id.Name, id.Channel, from, Math.Min(limit - lines.Count, 20), http.RequestAborted);
            lines.AddRange(versions.Select(
                v => new TemplateVersionLine(v.Head.Version, v.Locale, v.Source is null, v.Source?.Subject, v.SavedAt, v.By)));
        }

        return Answer.Json(new TemplateVersionList(lines, next), WebJson.Default.TemplateVersionList);
    }

    internal static TemplateId? IdOf(HttpContext http) => TemplateId.Parse(http.Id());

    // Nothing is changed unseen: no If-Match is 428 here, and a version, unlike a state, is never zero.
    private static Answer? Unseen(HttpContext http, int current, out int seen)
    {
        seen = current;
        if (http.Request.Headers.IfMatch.Count == 0)
            return Problem.Of(
                428, "precondition-required", "Say which version you have read.",
                "Send its ETag as If-Match, so that nobody's work is lost.");
        if (!IfMatch.TrySeen(http, out var said) || said is 0 or > int.MaxValue) return IfMatch.Wrong();
        seen = (int)(said ?? current);
        return null;
    }

    private static Answer Stale() => IfMatch.Stale("template-changed", "Somebody else has saved this template meanwhile.");

    internal static Answer NotFound() => Problem.NotFound("No template has this id; it is name:channel:locale, such as spring:email:en.");

    internal static Answer NoVersion() =>
        Problem.NotFound("The template has no such version in this language; /versions lists those that it has.");
}

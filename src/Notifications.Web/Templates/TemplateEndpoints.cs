using System.Globalization;
using System.Text.Json;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Web.Http;

namespace Notifications.Web.Templates;

/// <summary>Templates: saved, read, previewed and tried out (R23-R25).</summary>
internal sealed class TemplateEndpoints(TemplateBook book, TemplateDesk desk, TopicCatalog topics, ContactDesk contacts, Idempotency idempotency)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi("POST", "/v1/templates", Scope.Campaigns, PostAsync, new("Save a new template", typeof(TemplateInput), (201, typeof(TemplateView)))
        {
            GivesETag = true,
            GivesLocation = true,
            Refuses = typeof(RefusedTemplate),
            Description = "Liquid, one language of a set. It is checked first: errors refuse it (422, findings name rule, part, line and remedy), warnings come with the answer. HTML is cleaned, and its styles are moved inline. A template is sent only for its topic. layout standard, the default, adds what the law wants of its topic; with none the template must carry it itself. 409 when the language exists.",
        });
        routes.MapApi("GET", "/v1/templates", Scope.Campaigns, ListAsync, new("The templates", null, (200, typeof(TemplateList))) { Query = [("name", "Only of this name."), ("channel", "Only of this channel: email or sms."), .. Api.Paging] });
        routes.MapApi("POST", "/v1/templates/preview", Scope.Campaigns, DraftAsync, new("Check and preview a template without saving it", typeof(DraftPreviewInput), (200, typeof(PreviewView)))
        {
            Description = "As the person with this email, phone or contactId would get it; as nobody in particular without. Its links look real and do nothing. A template with errors is answered 200 with its findings and nothing rendered.",
        });
        routes.MapApi("GET", "/v1/templates/{id}", Scope.Campaigns, GetAsync, new("A template", null, (200, typeof(TemplateView)))
        {
            GivesETag = true,
            Description = "The id is name:channel:locale. The ETag is what a PUT or DELETE must send as If-Match.",
            Query = [("version", "The set's version that saved it; the newest when left out.")],
        });
        routes.MapApi("PUT", "/v1/templates/{id}", Scope.Campaigns, PutAsync, new("Save a template again", typeof(TemplateInput), (200, typeof(TemplateView)))
        {
            NeedsIfMatch = true,
            GivesETag = true,
            GivesLocation = true,
            Refuses = typeof(RefusedTemplate),
            Description = "Needs If-Match with the ETag that was read: 428 without it, 412 when somebody else has saved meanwhile. The old version stays for whatever names it.",
        });
        routes.MapApi("DELETE", "/v1/templates/{id}", Scope.Campaigns, DeleteAsync, new("Delete a template", null, (204, null))
        {
            NeedsIfMatch = true,
            Description = "Needs If-Match. Its versions stay readable, and running campaigns that name one keep it.",
        });
        routes.MapApi("GET", "/v1/templates/{id}/versions", Scope.Campaigns, VersionsAsync, new("The versions of a template's set, newest first", null, (200, typeof(TemplateVersionList))) { Query = [.. Api.Paging] });
        routes.MapApi("POST", "/v1/templates/{id}/preview", Scope.Campaigns, PreviewAsync, new("Preview a saved template", typeof(PreviewInput), (200, typeof(PreviewView)))
        {
            Description = "In the template's own language, or the one that fits the given locale or person. Its links look real and do nothing.",
        });
        routes.MapApi("POST", "/v1/templates/{id}/test", Scope.Campaigns, TestAsync, new("Send a saved template to named addresses as a test", typeof(TemplateTestInput), (202, typeof(TemplateTestAccepted)))
        {
            Description = "At most 10. Each goes the way of every message, marked [Test], and leaves a receipt. Consent is not needed; whoever has unsubscribed, said stop, is suppressed or was erased gets none.",
        });
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await WithBodyAsync(http, TemplateInput.Limit, async body =>
    {
        if (body.Parse(WebJson.Default.TemplateInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        if (input.Read(errors, topics, null) is not { } source) return errors.Answer();
        return await SaveAsync(http, source, 0);
    });

    private async ValueTask<Answer> PutAsync(HttpContext http)
    {
        if (IdOf(http) is not { } id) return NotFound();
        var (body, problem) = await RequestBody.ReadAsync(http, TemplateInput.Limit);
        if (problem is not null) return problem;
        if (body!.Parse(WebJson.Default.TemplateInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        if (input.Read(errors, topics, id) is not { } source) return errors.Answer();
        if ((await book.HeadAsync(id.Name, id.Channel, http.RequestAborted))?.Find(id.Locale) is not { } current) return NotFound();
        return Seen(http, current.Version) is { } seen ? await SaveAsync(http, source, seen) : NoSeen(http);
    }

    private async ValueTask<Answer> DeleteAsync(HttpContext http)
    {
        if (IdOf(http) is not { } id || (await book.HeadAsync(id.Name, id.Channel, http.RequestAborted))?.Find(id.Locale) is not { } current) return NotFound();
        if (Seen(http, current.Version) is not { } seen) return NoSeen(http);
        return await desk.RemoveAsync(id.Name, id.Channel, id.Locale, seen, http.Actor(), CancellationToken.None) == TemplateSave.Saved ? Answer.Nothing : Stale();
    }

    private async ValueTask<Answer> SaveAsync(HttpContext http, TemplateSource source, int seen)
    {
        var (result, head, linted) = await desk.SaveAsync(source, seen, http.Actor(), CancellationToken.None);
        switch (result)
        {
            case null:
                var wrong = linted.Findings.Where(f => f.Severity == FindingSeverity.Error).Take(50).Select(f => new FieldError(f.Part, f.Line == 0 ? f.Message : $"line {f.Line}: {f.Message}")).ToList();
                return Answer.Json(new RefusedTemplate("urn:notifications:problem:template-refused", "The template has errors and was not saved.", 422, wrong.Count == 1 ? wrong[0].Message : $"{wrong.Count} errors; see findings.", wrong, linted.Findings), WebJson.Default.RefusedTemplate, StatusCodes.Status422UnprocessableEntity) with { ContentType = "application/problem+json" };
            case TemplateSave.OtherTopic: return Problem.Conflict("template-topic", $"The other languages of this template are for the topic {head!.Topic}; use that, or another name.");
            case TemplateSave.TooManyLanguages: return Problem.Conflict("template-languages", "The template has 50 languages; delete one first.");
            case TemplateSave.TooLarge: return Problem.Invalid(source.Html is null ? "text" : "html", "is too large once its styles are inline; shorten it");
            case TemplateSave.Stale when seen == 0: return Problem.Conflict("template-exists", "This template exists in this language; change it with PUT.");
            case TemplateSave.Stale: return Stale();
        }

        var stored = (await book.VersionAsync(source.Name, source.Channel, head!.Version, CancellationToken.None))!;
        var id = new TemplateId(source.Name, source.Channel, source.Locale);
        return Tagged(Answer.Json(TemplateView.Of(stored, head, linted.Findings), WebJson.Default.TemplateView, seen == 0 ? StatusCodes.Status201Created : StatusCodes.Status200OK), head.Version) with { Location = $"/v1/templates/{id}" };
    }

    private async ValueTask<Answer> GetAsync(HttpContext http)
    {
        if (IdOf(http) is not { } id || await book.HeadAsync(id.Name, id.Channel, http.RequestAborted) is not { } head) return NotFound();
        var number = head.Find(id.Locale)?.Version ?? 0;
        if (http.Request.Query.TryGetValue("version", out var text) && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0)) return Problem.Invalid("version", "must be a whole number from 1");
        if (number == 0 || await book.VersionAsync(id.Name, id.Channel, number, http.RequestAborted) is not { Source: not null } stored || stored.Locale != id.Locale) return number == 0 || text.Count == 0 ? NotFound() : NoVersion();
        return Tagged(Answer.Json(TemplateView.Of(stored, head), WebJson.Default.TemplateView), number);
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = AddressInput.Limit(http, errors);
        var name = http.Request.Query.TryGetValue("name", out var n) ? n.ToString() : null;
        if (name is not null && !TemplateName.IsValid(name)) errors.Add("name", "must have 1 to 64 of a-z 0-9 - _");
        var channel = http.Request.Query.TryGetValue("channel", out var c) ? ChannelNames.Parse(c) : null;
        if (c.Count > 0 && channel is null) errors.Add("channel", "must be email or sms");
        var after = http.Request.Query.TryGetValue("after", out var a) ? TemplateId.Parse(a) : null;
        if (a.Count > 0 && after is null) errors.Add("after", "must be the next of the page before");
        if (errors.Any) return errors.Answer();

        // A set can have languages left after the cursor, so its own head is read again.
        var lines = new List<TemplateLine>(limit + 1);
        if (after is not null && await book.HeadAsync(after.Name, after.Channel, http.RequestAborted) is { } begun) Add(begun);
        var cursor = after is null ? null : Rows.TemplateHead(after.Name, after.Channel);
        while (lines.Count <= limit && await book.ListAsync(cursor, 100, http.RequestAborted) is { Count: > 0 } heads)
        {
            foreach (var head in heads) Add(head);
            cursor = Rows.TemplateHead(heads[^1].Name, heads[^1].Channel);
        }

        var page = lines.Take(limit).ToList();
        return Answer.Json(new TemplateList(page, lines.Count > limit ? page[^1].Id : null), WebJson.Default.TemplateList);

        void Add(TemplateHead head)
        {
            if ((name is not null && head.Name != name) || (channel is not null && head.Channel != channel)) return;
            foreach (var l in head.Languages.OrderBy(l => l.Locale, StringComparer.Ordinal))
            {
                if (after is not null && head.Name == after.Name && head.Channel == after.Channel && string.CompareOrdinal(l.Locale, after.Locale) <= 0) continue;
                lines.Add(new TemplateLine(new TemplateId(head.Name, head.Channel, l.Locale).ToString(), head.Name, head.Topic, head.Channel, l.Locale, l.Subject, l.Version, head.Version, l == head.Languages[0], l.SavedAt, l.By));
            }
        }
    }

    private async ValueTask<Answer> VersionsAsync(HttpContext http)
    {
        if (IdOf(http) is not { } id) return NotFound();
        var errors = new FieldErrors();
        var limit = Math.Min(AddressInput.Limit(http, errors), 100);
        var before = int.MaxValue;
        if (http.Request.Query.TryGetValue("after", out var text) && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out before) && before > 0)) errors.Add("after", "must be the next of the page before");
        if (errors.Any) return errors.Answer();
        if (await book.HeadAsync(id.Name, id.Channel, http.RequestAborted) is null) return NotFound();
        var versions = await book.VersionsAsync(id.Name, id.Channel, before, limit, http.RequestAborted);
        var lines = versions.Select(v => new TemplateVersionLine(v.Head.Version, v.Locale, v.Source is null, v.Source?.Subject, v.SavedAt, v.By)).ToList();
        return Answer.Json(new TemplateVersionList(lines, lines.Count == limit && lines[^1].Version > 1 ? lines[^1].Version : null), WebJson.Default.TemplateVersionList);
    }

    private async ValueTask<Answer> DraftAsync(HttpContext http) => await WithBodyAsync(http, TemplateInput.Limit, async body =>
    {
        if (body.Parse(WebJson.Default.DraftPreviewInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        if (input.Template is null) errors.Add("template", "is required");
        var source = input.Template?.Read(errors, topics, null, "template.");
        var person = await PersonAsync(errors, source?.Channel, input.Email, input.Phone, input.ContactId, http.RequestAborted);
        Check(errors, input.Data);
        var locale = Inputs.Locale(errors, input.Locale);
        if (errors.Any) return errors.Answer();
        var linted = await desk.CheckAsync(source!, http.RequestAborted);
        if (linted.Compiled is not { } compiled) return Answer.Json(new PreviewView(null, null, null, null, null, null, linted.Findings), WebJson.Default.PreviewView);
        return await ShowAsync(async () => await desk.PreviewAsync(source!, compiled, person, locale, input.Data, http.RequestAborted), linted.Findings);
    });

    private async ValueTask<Answer> PreviewAsync(HttpContext http) => await WithBodyAsync(http, RequestBody.Limit, async body =>
    {
        if (IdOf(http) is not { } id) return NotFound();
        if (body.Parse(WebJson.Default.PreviewInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        if (input.Version is < 1) errors.Add("version", "must be a whole number from 1");
        var person = await PersonAsync(errors, id.Channel, input.Email, input.Phone, input.ContactId, http.RequestAborted);
        Check(errors, input.Data);
        var locale = Inputs.Locale(errors, input.Locale);
        if (errors.Any) return errors.Answer();
        var set = await book.FindAsync(input.Version is { } version ? TemplateName.Pinned(id.Name, version) : id.Name, id.Channel, http.RequestAborted);
        if (set is null || !set.Languages.Any(l => l.Locale == id.Locale)) return input.Version is null || await book.HeadAsync(id.Name, id.Channel, http.RequestAborted) is null ? NotFound() : NoVersion();
        return await ShowAsync(async () => await desk.PreviewAsync(set, person, locale ?? (person is null ? id.Locale : null), input.Data, http.RequestAborted), []);
    });

    private async ValueTask<Answer> TestAsync(HttpContext http) => await WithBodyAsync(http, RequestBody.Limit, async body =>
    {
        if (IdOf(http) is not { } id) return NotFound();
        if (body.Parse(WebJson.Default.TemplateTestInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        Check(errors, input.Data);
        var to = new List<Address>();
        if (input.To is not { Count: >= 1 and <= TemplateDesk.MostTests }) errors.Add("to", $"must have 1 to {TemplateDesk.MostTests} addresses");
        else
        {
            for (var i = 0; i < input.To.Count; i++)
            {
                if (Address.TryParse(id.Channel, input.To[i], out var address, out var problem)) to.Add(address);
                else errors.Add($"to[{i}]", problem);
            }
        }

        if (errors.Any) return errors.Answer();
        if (await book.PinAsync(id.Name, id.Channel, http.RequestAborted) is not { } pinned || await book.FindAsync(pinned, id.Channel, http.RequestAborted) is not { } set || !set.Languages.Any(l => l.Locale == id.Locale)) return NotFound();
        var seed = Idempotency.KeyOf(http) is { } key ? $"template-test/{http.Key().Id}/{id}/{key}" : null;
        var sent = await desk.TestAsync(set, id.Locale, [.. to.Distinct()], input.Data, seed, http.Actor(), CancellationToken.None);
        return Answer.Json(new TemplateTestAccepted(sent), WebJson.Default.TemplateTestAccepted, StatusCodes.Status202Accepted);
    });

    private async ValueTask<Answer> WithBodyAsync(HttpContext http, int limit, Func<RequestBody, ValueTask<Answer>> work)
    {
        var (body, problem) = await RequestBody.ReadAsync(http, limit);
        return problem ?? await idempotency.RunAsync(http, body!, () => work(body!));
    }

    private async ValueTask<Address?> PersonAsync(FieldErrors errors, Channel? channel, string? email, string? phone, string? contactId, CancellationToken cancel)
    {
        if ((email is null ? 0 : 1) + (phone is null ? 0 : 1) + (contactId is null ? 0 : 1) > 1) errors.Add("email", "phone and contactId exclude each other");
        else if (contactId is not null)
        {
            if (!Inputs.IsId(contactId) || await contacts.GetAsync(contactId, cancel) is not { } contact) errors.Add("contactId", "is not a known contact");
            else
            {
                foreach (var (_, candidate) in contact.Addresses)
                    if (candidate.Channel == channel) return candidate;
                errors.Add("contactId", "names a contact without such an address");
            }
        }
        else if (email is not null || phone is not null)
        {
            var address = AddressInput.Read(errors, "", email, phone);
            if (address is { } person && channel is not null && person.Channel != channel) errors.Add(email is null ? "phone" : "email", "is not of the template's channel");
            return address;
        }

        return null;
    }

    private static void Check(FieldErrors errors, JsonElement? data)
    {
        if (data is { } json && (json.ValueKind != JsonValueKind.Object || !Inputs.IsText(json))) errors.Add("data", "must be a JSON object of valid text");
    }

    private static async ValueTask<Answer> ShowAsync(Func<ValueTask<TemplatePreview>> render, IReadOnlyList<TemplateFinding> findings)
    {
        try
        {
            return Answer.Json(PreviewView.Of(await render(), findings), WebJson.Default.PreviewView);
        }
        catch (TemplateException broken)
        {
            return Problem.Of(422, "template-fails", "The template cannot be rendered with these data.", broken.Message);
        }
    }

    private static TemplateId? IdOf(HttpContext http) => TemplateId.Parse(http.Request.RouteValues["id"] as string);

    // Strong tags of our own shape only: "7". A star stands for whatever is there (RFC 9110 section 13.1.1).
    private static int? Seen(HttpContext http, int current) => http.Request.Headers.IfMatch is ["*"] ? current
        : http.Request.Headers.IfMatch is [{ Length: >= 3 } tag] && tag[0] == '"' && tag[^1] == '"' && int.TryParse(tag.AsSpan(1, tag.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0 ? version : null;

    private static Answer NoSeen(HttpContext http) => http.Request.Headers.IfMatch.Count > 0
        ? Problem.Invalid("If-Match", "must be one ETag as it was given, in quotes such as \"7\", or *")
        : Problem.Of(428, "precondition-required", "Say which version you have read.", "Send its ETag as If-Match, so that nobody's work is lost.");

    private static Answer Stale() => Problem.Of(412, "template-changed", "Somebody else has saved this template meanwhile.", "Read it again, bring the changes together, and send its new ETag.");

    private static Answer NotFound() => Problem.NotFound("No template has this id; it is name:channel:locale, such as spring:email:en.");

    private static Answer NoVersion() => Problem.NotFound("The template has no such version in this language; /versions lists those that it has.");

    private static Answer Tagged(Answer answer, int version) => answer with { ETag = string.Create(CultureInfo.InvariantCulture, $"\"{version}\"") };
}

using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Templates;
using Notifications.Web.Http;

namespace Notifications.Web.Templates;

/// <summary>Templates tried out: previewed, and sent as a test.</summary>
internal sealed class TemplateTrialEndpoints(
    TemplateBook book, TemplateDesk desk, TopicCatalog topics, ContactDesk contacts, Idempotency idempotency) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "POST", "/v1/templates/preview", Scope.Campaigns, DraftAsync,
            new("Check and preview a template without saving it", typeof(DraftPreviewInput), (200, typeof(PreviewView)))
            {
                Description = "As the person with this email, phone or contactId would get it, which the key must have the scope contacts or privacy for too; as nobody in particular without. Its links look real and do nothing. A template with errors is answered 200 with its findings and nothing rendered.",
            });
        routes.MapApi(
            "POST", "/v1/templates/{id}/preview", Scope.Campaigns, PreviewAsync,
            new("Preview a saved template", typeof(PreviewInput), (200, typeof(PreviewView)))
            {
                NeedsBody = false,
                Description = "In the template's own language, or the one that fits the given locale or person, whom only a key that has the scope contacts or privacy too may name. Its links look real and do nothing.",
            });
        routes.MapApi(
            "POST", "/v1/templates/{id}/test", Scope.Campaigns, TestAsync,
            new("Send a saved template to named addresses as a test", typeof(TemplateTestInput), (202, typeof(TemplateTestAccepted)))
            {
                Description = "At most 10. Each goes the way of every message, marked [Test], and leaves a receipt. Consent is not needed; whoever has unsubscribed, said stop, is suppressed or was erased gets none. data may have 64 KiB, as those of a campaign.",
            });
    }

    private async ValueTask<Answer> DraftAsync(HttpContext http) => await idempotency.AskAsync(http, async body =>
    {
        if (body.Parse(WebJson.Default.DraftPreviewInput, out var input) is { } wrong) return wrong;
        if (Refused(http, input.Email ?? input.Phone ?? input.ContactId) is { } refused) return refused;
        var errors = new FieldErrors();
        if (input.Template is null) errors.Add("template", "is required");
        var source = input.Template?.Read(errors, topics, null, "template.");
        var person = await PersonAsync(errors, source?.Channel, input.Email, input.Phone, input.ContactId, http.RequestAborted);
        Inputs.Given(errors, input.Data);
        var locale = Inputs.Locale(errors, input.Locale);
        if (errors.Any) return errors.Answer();
        var linted = await desk.CheckAsync(source!, http.RequestAborted);
        if (linted.Compiled is not { } compiled)
            return Answer.Json(new PreviewView(null, null, null, null, null, null, linted.Findings), WebJson.Default.PreviewView);
        return await ShowAsync(
            async () => await desk.PreviewAsync(source!, compiled, person, locale, input.Data, http.RequestAborted), linted.Findings);
    }, TemplateInput.Limit);

    private async ValueTask<Answer> PreviewAsync(HttpContext http) => await idempotency.AskAsync(http, async body =>
    {
        if (TemplateEndpoints.IdOf(http) is not { } id) return TemplateEndpoints.NotFound();
        if (body.Parse(WebJson.Default.PreviewInput, out var input) is { } wrong) return wrong;
        if (Refused(http, input.Email ?? input.Phone ?? input.ContactId) is { } refused) return refused;
        var errors = new FieldErrors();
        if (input.Version is < 1) errors.Add("version", "must be a whole number from 1");
        var person = await PersonAsync(errors, id.Channel, input.Email, input.Phone, input.ContactId, http.RequestAborted);
        Inputs.Given(errors, input.Data);
        var locale = Inputs.Locale(errors, input.Locale);
        if (errors.Any) return errors.Answer();
        var set = await book.FindAsync(
            input.Version is { } version ? TemplateName.Pinned(id.Name, version) : id.Name, id.Channel, http.RequestAborted);
        if (set is null || !set.Languages.Any(l => l.Locale == id.Locale))
            return input.Version is null || await book.HeadAsync(id.Name, id.Channel, http.RequestAborted) is null
                ? TemplateEndpoints.NotFound()
                : TemplateEndpoints.NoVersion();
        return await ShowAsync(
            async () =>
                await desk.PreviewAsync(set, person, locale ?? (person is null ? id.Locale : null), input.Data, http.RequestAborted),
            []);
    });

    private async ValueTask<Answer> TestAsync(HttpContext http) => await idempotency.RunAsync(http, async body =>
    {
        if (TemplateEndpoints.IdOf(http) is not { } id) return TemplateEndpoints.NotFound();
        if (body.Parse(WebJson.Default.TemplateTestInput, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        Inputs.Data(errors, input.Data);
        var to = new List<Address>();
        if (input.To is not { Count: >= 1 and <= TemplateDesk.MostTests })
            errors.Add("to", $"must have 1 to {TemplateDesk.MostTests} addresses");
        else
        {
            for (var i = 0; i < input.To.Count; i++)
            {
                if (Address.TryParse(id.Channel, input.To[i], out var address, out var problem)) to.Add(address);
                else errors.Add($"to[{i}]", problem);
            }
        }

        if (errors.Any) return errors.Answer();
        if (await book.PinAsync(id.Name, id.Channel, http.RequestAborted) is not { } pinned
            || await book.FindAsync(pinned, id.Channel, http.RequestAborted) is not { } set
            || !set.Languages.Any(l => l.Locale == id.Locale))
        {
            return TemplateEndpoints.NotFound();
        }

        var sent = await desk.TestAsync(
            set, id.Locale, [.. to.Distinct()], input.Data, KeyedRun.Of(http)?.Seed, http.Actor(), CancellationToken.None);
        return Answer.Json(new TemplateTestAccepted(sent), WebJson.Default.TemplateTestAccepted, StatusCodes.Status202Accepted);
    });

    /// <summary>What a template says of a person, their name and language, is for who may look people up (M12).</summary>
    private static Answer? Refused(HttpContext http, string? person) =>
        person is null || http.Key().May(Scope.Contacts) || http.Key().May(Scope.Privacy)
            ? null
            : Problem.Of(
                StatusCodes.Status403Forbidden, "forbidden", "The API key may not do this.",
                $"To preview as a person it needs the scope '{Scope.Contacts}' or '{Scope.Privacy}' too.");

    private async ValueTask<Address?> PersonAsync(
        FieldErrors errors, Channel? channel, string? email, string? phone, string? contactId, CancellationToken cancel)
    {
        if ((email is null ? 0 : 1) + (phone is null ? 0 : 1) + (contactId is null ? 0 : 1) > 1)
            errors.Add("email", "phone and contactId exclude each other");
        else if (contactId is not null)
        {
            if (!Inputs.IsId(contactId) || await contacts.GetAsync(contactId, cancel) is not { } contact)
                errors.Add("contactId", "is not a known contact");
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
            if (address is { } person && channel is not null && person.Channel != channel)
                errors.Add(email is null ? "phone" : "email", "is not of the template's channel");
            return address;
        }

        return null;
    }

    private static async ValueTask<Answer> ShowAsync(
        Func<ValueTask<TemplatePreview>> render, IReadOnlyList<TemplateFinding> findings)
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
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Microsoft.AspNetCore.Http.Features;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Privacy;

/// <summary>The rights of persons (M9, R31 to R36).</summary>
internal sealed class PrivacyEndpoints(
    PrivacyDesk desk, PersonImports imports, PersonHtml readable, OurAddresses ours, Idempotency idempotency,
    PrivacyOptions options, TimeProvider time) : IEndpoints
{
    /// <summary>
    /// The largest export that is taken in, in bytes: a person of ten years has a few hundred messages a year, each of a few kilobytes.
    /// </summary>
    public const int LargestImport = 64 * 1024 * 1024;

    /// <summary>The schema of an export (JSON Schema 2020-12), from the types themselves.</summary>
    public static readonly Lazy<string> Schema = new(
        () =>
            CoreJson.Default.PersonExport.GetJsonSchemaAsNode(
                new() { TransformSchemaNode = AsWritten }).ToJsonString(new JsonSerializerOptions { WriteIndented = true }));

    private const string Filter =
        """{"anyOf":[{"enum":["all","delivery","problems"]},{"type":"array","items":{"type":"string"}}]}""";

    // An export leaves out what is null, so no file has to have it.
    private static JsonNode AsWritten(JsonSchemaExporterContext at, JsonNode schema)
    {
        // Its converter says nothing of what it writes.
        if (at.TypeInfo.Type == typeof(WatchFilter)) return JsonNode.Parse(Filter)!;
        if (schema["required"] is JsonArray required)
            required.RemoveAll(name => at.TypeInfo.Properties.Any(p => p.Name == (string?)name && p.IsGetNullable));
        return schema;
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "POST", "/v1/privacy/requests", Scope.Privacy, PostAsync,
            new("Record a person's request and carry it out", typeof(PrivacyInput), (201, typeof(PrivacyView)))
            {
                GivesLocation = true,
                Description = "type is access, portability, rectification, erasure, restriction or objection; give email, phone or contactId (here also . or .., which earlier versions took and no path leads to). A rectification names what is right: name, locale, timeZone, newEmail or newPhone. receivedAt is when it came, where that was before today, as by letter, at most as long ago as a request is kept: the month runs from then, and where it is over the request is overdue at once. Erasure cannot be undone. Each is carried out at once, but access and portability: they run until their export was handed over, which /complete says, and so does a rectification whose new address belongs to another account (outcome says so). A rectification that names a former address of the person is of the one in its place, and recorded again it changes nothing; an erasure by a former address is of that alone, and the outcome says that the person goes on under another. A request about an erased address is answered with that, and nothing is written of it. An erasure has emptied the records of the person and blocked their addresses when it is answered; where so much is kept for others that what it says of the person was not looked for in 20 seconds, it runs until a timer has done that (outcome says so).",
            });
        routes.MapApi(
            "GET", "/v1/privacy/requests", Scope.Privacy, ListAsync,
            new("Requests, oldest first", null, (200, typeof(PrivacyList)))
            {
                Description = "Of everybody, or of one address or contact. Those of an address whose owner was erased are found by it still.",
                Query = [.. Api.ByAddress, ("contactId", "A contact's id, in place of an address."), .. Api.Paging],
            });
        routes.MapApi("GET", "/v1/privacy/requests/{id}", Scope.Privacy, GetAsync, new("One request", null, (200, typeof(PrivacyView))));
        routes.MapApi(
            "GET", "/v1/privacy/requests/{id}/export", Scope.Privacy, ExportAsync,
            new("What is held of the person", null, (200, typeof(PersonExport)))
            {
                Description = "Read at this moment and stored nowhere. Reading it does not complete the request: the person is to have it. JSON, its schema at /v1/privacy/schema; format=html gives the same to read.",
                AlsoGives = "text/html",
                Query = [new("format", "In which form: json, the default, or html.") { Words = ["json", "html"] }],
            });
        routes.MapApi(
            "POST", "/v1/privacy/requests/{id}/extend", Scope.Privacy,
            http => TellAsync(http, desk.ExtendAsync, "It is done, was extended before, or is overdue."),
            new("Extend the clock by two months, and tell the person so", typeof(NoticeInput), (200, typeof(PrivacyView)))
            {
                Description = "The notice is sent to each address of the request that can be written to: the new last day in the person's language, and below it the words that are given; told has the messages, and unreached says how many addresses got none: tell those by another way.",
            });
        routes.MapApi(
            "POST", "/v1/privacy/requests/{id}/complete", Scope.Privacy,
            http => TellAsync(http, desk.CompleteAsync, "It is done, or carries itself out."),
            new("Complete a request that waits for somebody's hand, with what the person was told", typeof(NoticeInput),
                (200, typeof(PrivacyView)))
            {
                Description = "For access and portability, once the export was handed over; for a rectification that waits, in place of it.",
            });
        routes.MapApi(
            "POST", "/v1/privacy/requests/{id}/lift", Scope.Privacy,
            http => TellAsync(http, desk.LiftAsync, "It restricts nothing, or was lifted before."),
            new("Tell the person, and lift a restriction", typeof(NoticeInput), (200, typeof(PrivacyView)))
            {
                Description = "The notice is sent to each address of the request that can be written to: that the restriction ends and what is sent again, in the person's language, and below it the words that are given. The restriction is lifted once it is on its way; told has the messages, and unreached says how many addresses got none: tell those by another way, before.",
            });
        routes.MapApi(
            "POST", "/v1/privacy/imports", Scope.Privacy, ImportAsync,
            new("Take in an export where nothing is known of the person", typeof(PersonExport), (201, typeof(PersonImported)))
            {
                Description = "The ledger must verify. An address of which anything is known, even only that its owner was erased, is refused, and so is an account whose id is taken: 409. An import that was cut off is completed by sending the same export again within a day. Up to 64 MiB.",
            });
        routes.MapApi(
            "GET", "/v1/privacy/schema", Scope.Privacy, _ => ValueTask.FromResult(new Answer(200, Encoding.UTF8.GetBytes(Schema.Value))),
            new("The JSON Schema of an export", null, (200, typeof(JsonElement))));
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(
        http, async body => body.Parse(WebJson.Default.PrivacyInput, out var input) ?? await OpenAsync(http, input));

    private async ValueTask<Answer> OpenAsync(HttpContext http, PrivacyInput input)
    {
        var errors = new FieldErrors();
        PrivacyRight? right = input.Type switch
        {
            "access" => PrivacyRight.Access,
            "portability" => PrivacyRight.Portability,
            "rectification" => PrivacyRight.Rectification,
            "erasure" => PrivacyRight.Erasure,
            "restriction" => PrivacyRight.Restriction,
            "objection" => PrivacyRight.Objection,
            _ => null,
        };
        if (right is null) errors.Add("type", "must be access, portability, rectification, erasure, restriction or objection");
        Address? address = null;
        if (input.ContactId is null) address = AddressInput.Read(errors, "", input.Email, input.Phone, third: "contactId");
        else if (input.Email is not null || input.Phone is not null)
            errors.Add("contactId", "excludes email and phone; send one request for each");
        else if (!ContactId.MayStand(input.ContactId))
            errors.Add("contactId", ContactId.Rule);
        var note = errors.Optional("note", input.Note, 1000);
        var actor = ActorInput.Read(http, errors, input.Agent);
        var change = ReadChange(errors, right, address, input);
        var came = PrivacyInput.Came(errors, input.ReceivedAt, time.GetUtcNow(), options);
        if (errors.Any) return errors.Answer();
        var id = KeyedRun.Of(http) is { } run ? PrivacyRequest.IdOf(run.At, run.Hex(8)) : null;
        var request = id is null ? null : await desk.CarryOnAsync(id, CancellationToken.None);
        if (request is null)
        {
            if (await desk.ResolveAsync(address, input.ContactId, CancellationToken.None) is not { } addresses)
                return Problem.NotFound("No contact has this id.");
            request = await desk.OpenAsync(
                right!.Value, addresses, input.ContactId, note, change, actor, CancellationToken.None, id, came);
        }

        // An Idempotency-Key keeps this answer: what people wrote freely stays out of it, for an erasure could not find it there.
        return Show(request with { Note = null }, StatusCodes.Status201Created) with { Location = "/v1/privacy/requests/" + request.Id };
    }

    private Rectification? ReadChange(FieldErrors errors, PrivacyRight? right, Address? address, PrivacyInput input)
    {
        // Of one who is to be left without a name it is empty; beside any other right it says as little as none.
        var name = right == PrivacyRight.Rectification && input.Name is { } given && string.IsNullOrWhiteSpace(given)
            ? ""
            : errors.Optional("name", input.Name, 200);
        var change = new Rectification(name, Inputs.Locale(errors, input.Locale), Inputs.TimeZone(errors, input.TimeZone));
        if (input.NewEmail is not null || input.NewPhone is not null)
        {
            if (address is not { } from) errors.Add("newEmail", "and newPhone need the old address, as email or phone");
            else if (AddressInput.Read(errors, "new", input.NewEmail, input.NewPhone) is { } to)
            {
                if (to.Channel != from.Channel) errors.Add("newEmail", "and newPhone must be of the same kind as the old address");
                AddressInput.NotOurs(errors, ours, "new", to);
                change = change with { NewAddress = to.Value };
            }
        }

        var empty = change == new Rectification();
        if (right == PrivacyRight.Rectification && empty && input is { NewEmail: null, NewPhone: null })
            errors.Add("name", "or locale, timeZone, newEmail or newPhone is required");
        if (right is not (null or PrivacyRight.Rectification) && !empty)
            errors.Add("type", "must be rectification where something is corrected");
        return empty ? null : change;
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var after = Paging.After(http, errors, PrivacyRequest.IsId);
        var query = http.Request.Query;
        Address? address = query.ContainsKey("email") || query.ContainsKey("phone") ? AddressInput.Query(http, errors) : null;
        var contact = query.TryGetValue("contactId", out var given) ? given.ToString() : null;
        if (contact is not null && query.Keys.Any(static k => k is "email" or "phone"))
            errors.Add("contactId", "excludes email and phone; send one request for each");
        if (errors.Any) return errors.Answer();
        var found = await desk.ListAsync(after, limit, address, contact, http.RequestAborted);
        var now = time.GetUtcNow();
        return Answer.Json(
            new PrivacyList([.. found.Select(r => PrivacyView.Of(r, now))], Paging.Next(found.Count == limit ? found[^1].Id : null)),
            WebJson.Default.PrivacyList);
    }

    private async ValueTask<Answer> GetAsync(HttpContext http) => await FindAsync(http) is { } request ? Show(request) : NotFound();

    private async ValueTask<Answer> ExportAsync(HttpContext http)
    {
        var html = false;
        if (http.Request.Query.TryGetValue("format", out var format) && !(html = format == "html") && format != "json")
            return Problem.Invalid("format", "must be json or html");
        if (await FindAsync(http) is not { } request || await desk.ExportAsync(request, http.RequestAborted) is not { } export)
            return Problem.NotFound("No access or portability request has this id.");
        if (!HttpMethods.IsHead(http.Request.Method))
            await desk.NoteExportAsync(request, html, http.Actor(), CancellationToken.None);
        return html
            ? new Answer(200, readable.Write(export, Texts.For(http)), "text/html; charset=utf-8")
            : Answer.Json(export, CoreJson.Default.PersonExport);
    }

    private async ValueTask<Answer> TellAsync(
        HttpContext http, Func<PrivacyRequest, string, string, CancellationToken, ValueTask<PrivacyRequest?>> act, string refused) =>
        await idempotency.RunAsync(http, async body =>
        {
            if (body.Parse(WebJson.Default.NoticeInput, out var input) is { } wrong) return wrong;
            var errors = new FieldErrors();
            var notice = errors.Required("notice", input.Notice, 1000);
            var actor = ActorInput.Read(http, errors, input.Agent);
            if (errors.Any) return errors.Answer();
            if (await FindAsync(http) is not { } request) return NotFound();
            return await act(request, notice!, actor, CancellationToken.None) is { } done
                // An Idempotency-Key keeps the answer without what people wrote freely, for an erasure could not find it there.
                ? Show(done) with { Kept = Show(done with { Note = null, Notice = null }).Body }
                : Problem.Conflict("not-possible", refused);
        });

    private async ValueTask<Answer> ImportAsync(HttpContext http)
    {
        // One byte more than is allowed, so that it is us who say what the limit is.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LargestImport + 1;
        return await idempotency.RunAsync(http, body => ImportAsync(http, body), LargestImport);
    }

    private async ValueTask<Answer> ImportAsync(HttpContext http, RequestBody body)
    {
        if (body.Parse(CoreJson.FromOutside.PersonExport, out var export) is { } wrong) return wrong;
        if (export is not { Format: PersonExport.Version1, Addresses: not null }
            || export.Addresses.Any(
                a => a is not { Address: not null, State: not null, Ledger: not null, Messages: not null, Watches: not null }))
        {
            return Problem.Invalid("body", "must be an export of the form " + PersonExport.Version1);
        }

        if (export.Contact is { } contact && !Inputs.IsId(contact.Id))
            return Problem.Invalid("contact.id", ContactId.Rule);
        return await imports.ImportAsync(export, http.Actor(), CancellationToken.None) switch
        {
            ImportResult.NotValid =>
                Problem.Invalid("addresses", "must each be an address whose ledger verifies and permits what its state does"),
            ImportResult.Known =>
                Problem.Conflict("address-known", "Something is known of one of the addresses, or of the account, already."),
            _ => Answer.Json(new PersonImported(export.Addresses.Count), WebJson.Default.PersonImported, StatusCodes.Status201Created),
        };
    }

    private async ValueTask<PrivacyRequest?> FindAsync(HttpContext http) =>
        http.Id() is var id && PrivacyRequest.IsId(id) ? await desk.FindAsync(id, http.RequestAborted) : null;

    private Answer Show(PrivacyRequest request, int status = StatusCodes.Status200OK) =>
        Answer.Json(PrivacyView.Of(request, time.GetUtcNow()), WebJson.Default.PrivacyView, status);

    private static Answer NotFound() => Problem.NotFound("No request has this id.");
}

using Microsoft.AspNetCore.Http.Features;
using Notifications.Access;
using Notifications.Consent;
using Notifications.Imports;
using Notifications.Web.Http;

namespace Notifications.Web.Imports;

/// <summary>Takes files of contacts and blocks in, and shows what became of them.</summary>
internal sealed class ImportEndpoints(
    ImportDesk desk, Importer importer, TopicCatalog topics, ImportOptions options, Idempotency idempotency) : IEndpoints
{
    private const int PreviewBytes = 1 << 20;
    private const int PreviewRows = 20;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi("POST", "/v1/imports", Scope.Contacts, PostAsync, new("Import a CSV file", null, (202, typeof(ImportAccepted)))
        {
            Description = "UTF-8, or UTF-16 with a byte order mark; comma, semicolon or tab, which a line such as sep=; above the header may name. Our own shape has the columns email, phone or address (either of them), topic, channel, status, source, policyVersion, wording, at, ip, confirmed, confirmedAt, locale, timeZone, contactId, tags, age and birthDate, in any order; "
                + "exports of Mailchimp, SendGrid, listmonk and Twilio, and the recipients of a campaign, are recognised by their headers. A subscribed row needs evidence: source, policyVersion, wording and at, and for marketing after an objection the ip, confirmed or confirmedAt; a row that says by age or birthDate that the person is under 18 may only lower; anything may lower, and then a column beside the address, the status and the topic that cannot be read is passed over. "
                + "A file without a header that can be read is refused, and no import is made of it. What cannot be read further down fails it as a whole: see failure.",
            Takes = ApiDoc.Csv,
            Query = ImportSettingsInput.Query,
            ChecksQuery = true,
            GivesLocation = true,
        });
        routes.MapApi(
            "POST", "/v1/imports/preview", Scope.Contacts, PreviewAsync,
            new("How a CSV file would be read", null, (200, typeof(ImportPreview)))
            {
                Description = $"Send the beginning of a file, at most {PreviewBytes >> 20} MiB. The answer shows the shape, what each column means, and what the first {PreviewRows} rows would come to. Nothing is written.",
                Takes = ApiDoc.Csv,
                Query = ImportSettingsInput.Query,
                ChecksQuery = true,
            });
        routes.MapApi(
            "GET", "/v1/imports", Scope.Contacts, ListAsync,
            new("The imports, newest first", null, (200, typeof(ImportList))) { Query = Api.Paging });
        routes.MapApi(
            "GET", "/v1/imports/{id}", Scope.Contacts, GetAsync, new("An import and its progress", null, (200, typeof(ImportView)))
            {
                Description = "Counts are of rows, by what held after them, whether the row brought it about or it held already. rejected rows are in the errors; lowered are those of the accepted that take permission away; of passedOver a column that could not be read was passed over, which stands in the errors too.",
            });
        routes.MapApi("GET", "/v1/imports/{id}/errors", Scope.Contacts, ErrorsAsync, new("What was wrong, row by row", null, (200, null))
        {
            Description = "Row (the header is 1), column, and what is wrong and would be right; or that the column was passed over, and why. Values of the file are not repeated.",
            Gives = ApiDoc.Csv,
        });
    }

    private async ValueTask<Answer> PostAsync(HttpContext http)
    {
        if (!IsCsv(http)) return Problem.NotCsv();
        var errors = new FieldErrors();
        var settings = ImportSettingsInput.Read(http, errors, topics);
        if (errors.Any) return errors.Answer();
        if (http.Request.ContentLength > options.MaxBytes) return Problem.FileTooLarge(options.MaxBytes);

        // One byte more than is allowed, so that it is us who say what the limit is.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = options.MaxBytes + 1;
        var id = desk.NewId();
        if (await desk.ReceiveAsync(id, http.Request.Body, settings, http.RequestAborted) is not { } upload)
            return Problem.FileTooLarge(options.MaxBytes);
        // It is answered once all has come: many a client that is answered before takes that for a broken connection.
        if (upload is { NamesNoColumns: true, Failure: { } failure })
            return Problem.Invalid("body", "cannot be imported: " + failure.Message.TrimEnd('.'));

        // The file had to be read before it could be told from another one. If this was asked before, what was kept of it just now goes
        // again, and so it does where that made its import and died before it answered.
        var created = false;
        try
        {
            return await idempotency.RunAsync(http, $"{upload.Hash} {http.Request.QueryString}", async () =>
            {
                var run = KeyedRun.Of(http);
                var import = run is { Again: true } ? await desk.MadeAsync(run.Hex(32), run.At, CancellationToken.None) : null;
                if (import is null)
                {
                    import = await desk.CreateAsync(id, upload, settings, http.Actor(), CancellationToken.None, run?.Hex(32));
                    created = true;
                }

                return Answer.Json(
                    new ImportAccepted(import.Id, import.Status, import.Failure), WebJson.Default.ImportAccepted,
                    StatusCodes.Status202Accepted) with { Location = "/v1/imports/" + import.Id };
            });
        }
        finally
        {
            // Recorded and not queued, it is brought back by the timer and needs its file.
            if (!created && await desk.FindAsync(id, CancellationToken.None) is null) await desk.DiscardAsync(id);
        }
    }

    private async ValueTask<Answer> PreviewAsync(HttpContext http)
    {
        if (!IsCsv(http)) return Problem.NotCsv();
        var errors = new FieldErrors();
        var settings = ImportSettingsInput.Read(http, errors, topics);
        if (errors.Any) return errors.Answer();
        var (body, problem) = await RequestBody.ReadRawAsync(http, PreviewBytes);
        if (problem is not null) return problem;
        return await idempotency.RunAsync(http, body!, async () =>
        {
            var (mapping, failure, rows) = await importer.PreviewAsync(body!.Bytes, settings, PreviewRows, http.RequestAborted);
            return Answer.Json(new ImportPreview(
                mapping?.Shape,
                mapping?.Delimiter.ToString(),
                [.. (mapping?.Header ?? []).Select((name, i) => new ColumnView(name, mapping!.Columns[i]?.Name()))],
                [
                    .. rows.Select(
                        r => new RowPreview(
                            r.Row, r.Rejected ? "rejected" : r.Lowers ? "lowered" : "accepted", r.Says,
                            r.Errors.Count == 0 ? null : [.. r.Errors.Select(e => new RowProblem(e.Column, e.Problem))])),
                ],
                failure), WebJson.Default.ImportPreview);
        });
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var after = Paging.After(http, errors, ImportDesk.IsId);
        if (errors.Any) return errors.Answer();
        var found = await desk.ListAsync(after, limit, http.RequestAborted);
        return Answer.Json(
            new ImportList([.. found.Select(ImportView.Of)], Paging.Next(found.Count == limit ? found[^1].Id : null)),
            WebJson.Default.ImportList);
    }

    private async ValueTask<Answer> GetAsync(HttpContext http) =>
        await FindAsync(http) is { } import ? Answer.Json(ImportView.Of(import), WebJson.Default.ImportView) : NotFound();

    private async ValueTask<IResult> ErrorsAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } import) return NotFound();
        return new CsvAnswer($"import-{import.Id}-errors.csv", desk.ErrorsAsync(import.Id, http.RequestAborted));
    }

    private async ValueTask<Import?> FindAsync(HttpContext http) =>
        http.Id() is var id && ImportDesk.IsId(id) ? await desk.FindAsync(id, http.RequestAborted) : null;

    private static Answer NotFound() => Problem.NotFound("There is no import with this id.");

    private static bool IsCsv(HttpContext http) =>
        System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            && string.Equals(type.MediaType, ApiDoc.Csv, StringComparison.OrdinalIgnoreCase);
}

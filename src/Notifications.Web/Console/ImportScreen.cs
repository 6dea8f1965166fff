using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Imports;
using Notifications.Web.Http;
using Notifications.Web.Imports;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Takes files in, shows how they would be read, how far they are, and what was wrong.</summary>
internal sealed partial class ImportScreen(
    ImportDesk desk, Importer importer, TopicCatalog topics, ImportOptions options, Sessions sessions)
{
    private static readonly string[] Defaults = ["topic", "source", "policyVersion", "wording", "tags"];
    private static readonly Dictionary<string, string> NoFields = [];
    private static readonly string OwnColumns = string.Join(", ", ImportFields.Mappable.Select(f => f.Name()));
    private const int PageSize = 50;
    private const int PreviewBytes = 1 << 20;
    private const int PreviewRows = 20;
    private const int MostColumns = 100;

    // More than 4,000 characters of any script, which is what the longest of them may have.
    private const int FieldBytes = 16 * 1024;
    private const int MostFields = 20 + 3 * MostColumns;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/imports", Scope.Contacts, ListAsync);
        routes.MapMethods("/console/imports", ["POST"], async http => await (await UploadAsync(http)).ExecuteAsync(http))
            .WithMetadata(new ConsoleRoute(Scope.Contacts, ReadsForm: false))
            .ExcludeFromDescription();
        routes.MapScreen("/console/imports/{id}", Scope.Contacts, ShowAsync);
        routes.MapScreen("/console/imports/{id}/errors", Scope.Contacts, ErrorsAsync);
    }

    private async ValueTask<IResult> ListAsync(HttpContext http)
    {
        var after = http.Request.Query["after"].ToString() is { Length: > 0 } from && Inputs.IsId(from) ? from : null;
        var found = await desk.ListAsync(after, PageSize, http.RequestAborted);
        return new ConsolePage("Imports", Html.Of($"""
            <h1>Imports</h1>
            <p class="lead">Contacts and blocks as CSV: our own shape, or an export of Mailchimp, SendGrid, listmonk or Twilio. Only evidence raises permission; anything may lower it.</p>
            {Upload(http, NoFields, Html.None, Html.None)}
            <h2>What was imported</h2>
            {Parts.Table("Imports", ["Taken in", "Status", "What", "Rows", "Accepted", "Rejected", "By"], found.Select(i => (Html[])[Html.Of($"<a href=\"/console/imports/{i.Id}\">{Parts.Time(i.CreatedAt)}</a>"), Status(i), Html.Of($"{What(i)}"), Html.Of($"{Parts.Number(i.Rows)}"), Html.Of($"{Parts.Number(i.Accepted)}"), i.Rejected > 0 ? Parts.Badge(Parts.Number(i.Rejected), i.Unopened > 0 ? "bad" : "warn") : Html.Of($"0"), Html.Of($"{RecordWords.Actor(i.Actor)}")]), "Nothing was imported yet.")}
            {Parts.Pager("/console/imports", found.Count == PageSize ? found[^1].Id : null, after is not null)}
            """));
    }

    // The file comes last: what is to be done with it must be known before it arrives.
    private Html Upload(
        HttpContext http, IReadOnlyDictionary<string, string> fields, Html mapping, Html rows, ImportFailure? failure = null)
    {
        string? Field(string name) => fields.GetValueOrDefault(name);
        Html Choice(string act, string label, string hint) =>
            Html.Of(
                $"<label class=\"choice\"><input type=\"radio\" name=\"act\" value=\"{act}\"{((Field("act") ?? "preview") == act ? new Html(" checked") : Html.None)}><span><strong>{label}</strong><small>{hint}</small></span></label>\n");
        var stands = Array.Exists(Defaults, f => Field(f) is { Length: > 0 });
        return Html.Of($"""
            <div id="failure" data-answer>{(failure is null ? Html.None : Html.Of($"<p class=\"warn\" role=\"alert\">{Words(failure)}</p>"))}</div>
            {Parts.FileForm(http, "/console/imports", Html.Of($"""
            <fieldset class="choices"><legend class="hidden">What to do</legend>
            {Choice("preview", "Show how it would be read", $"The columns and the first {PreviewRows} rows. Nothing is kept.")}{Choice("validate", "Check every row", "A report of every row, and nothing written.")}{Choice("import", "Import", "Rows in error are left out and listed. It begins at once, and there is no undo.")}</fieldset>
            {Parts.Select("kind", "What the rows are", [("contacts", "Contacts with their consents"), ("suppressions", "Blocks: every row blocks its address")], Field("kind"))}
            <details{(stands ? new Html(" open") : Html.None)}><summary>For rows that do not say it themselves</summary>{Parts.Select("topic", "Topic", [("", "–"), .. topics.All.Select(t => (t.Key, t.Name))], Field("topic"))}{Parts.Field("source", "Where they agreed", Field("source"), max: 100)}{Parts.Field("policyVersion", "Policy version", Field("policyVersion"), max: 64)}{Parts.Field("wording", "The words agreed to", Field("wording"), max: 4000)}{Parts.Field("tags", "Tags for everybody", Field("tags"), hint: "Separated by commas.", max: 1000)}</details>
            <div id="mapping" data-answer aria-live="polite">{mapping}</div>
            <p class="field"><label for="file">The file</label><input type="file" id="file" name="file" accept=".csv,text/csv" required aria-describedby="file-hint"><small id="file-hint">Drop it here or choose it; up to {Size(options.MaxBytes)}. The columns of our own shape, in any order and any of them missing: {OwnColumns}.</small></p>
            <button class="primary">Go on</button>
            """), "card", ask: "preview")}
            <div id="rows" data-answer>{rows}</div>
            """);
    }

    // Read as it comes: the fields first, with the token among them, and then the file, which may be larger than memory.
    private async ValueTask<IResult> UploadAsync(HttpContext http)
    {
        // The fields of one that is too large are read all the same: it is us who say so, on the page, with all that was typed.
        var large = http.Request.ContentLength > options.MaxBytes + PreviewBytes;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = large ? null : options.MaxBytes + PreviewBytes;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        IResult Refused(string why) => Again(http, fields, why);
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var media)
            || HeaderUtilities.RemoveQuotes(media.Boundary).Value is not { Length: > 0 and <= 100 } boundary)
        {
            return Refused("Choose a file first.");
        }

        var reader = new MultipartReader(boundary, http.Request.Body) { HeadersCountLimit = 8, HeadersLengthLimit = 4096 };
        try
        {
            while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
            {
                if (section.GetContentDispositionHeader() is not { } disposition) continue;
                var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
                if (name == "file")
                {
                    if (!sessions.Verify(http.User().Session, fields.GetValueOrDefault(Sessions.TokenField)))
                        return Refused("The form was not made for this sign-in. Load the page anew.");
                    return large ? Refused(TooLarge) : await TakeAsync(http, section.Body, fields);
                }

                if (fields.Count > MostFields) return Refused("The form has too many fields.");
                var buffer = new byte[FieldBytes + 1];
                var length = await section.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
                var text = Encoding.UTF8.GetString(buffer, 0, Math.Min(length, FieldBytes));
                if (length > FieldBytes) return Refused($"The field {name} is longer than {Parts.Number(FieldBytes)} bytes.");
                fields[name] = text;
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return Refused("The file did not arrive whole. Nothing was kept.");
        }

        return Refused("Choose a file first.");
    }

    private string TooLarge => $"The file is larger than {Size(options.MaxBytes)}.";

    private async ValueTask<IResult> TakeAsync(HttpContext http, Stream file, Dictionary<string, string> fields)
    {
        string? Some(string name) => fields.GetValueOrDefault(name)?.Trim() is { Length: > 0 } text ? text : null;
        var errors = new FieldErrors();
        var tags = (Some("tags") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (tags.Length > 50 || tags.Any(t => t.Length > 64)) errors.Add("Tags", "must be at most 50 of 1 to 64 characters");
        else if (tags.Any(t => Tags.Given(t) is null)) errors.Add("Tags", "must have no semicolons, bars and quotation marks in them");
        if (Some("topic") is { } topic && topics.Find(topic) is null) errors.Add("Topic", $"must be one of {topics.Known}");
        var chosen = Columns(fields, errors);
        var settings = new ImportSettings
        {
            ValidateOnly = Some("act") != "import", SuppressionsOnly = Some("kind") == "suppressions", Topic = Some("topic"),
            Source = errors.Optional("Where they agreed", Some("source"), 100),
            PolicyVersion = errors.Optional("Policy version", Some("policyVersion"), 64),
            Wording = errors.Optional("Wording", Some("wording"), 4000),
            Tags = [.. tags.Select(t => t.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)],
            Columns = chosen.ToDictionary(c => c.Key, c => fields[$"column-{c.Value}"]), Places = chosen,
        };
        if (errors.Any)
        {
            // A browser that is answered before it has sent everything takes it for a failure.
            await file.CopyToAsync(Stream.Null, http.RequestAborted);
            return Again(http, fields, string.Join(" ", errors.All.Select(e => $"{e.Field} {e.Message}.")));
        }

        if (Some("act") is not ("import" or "validate")) return await PreviewAsync(http, file, settings, fields);
        var id = desk.NewId();
        if (await desk.ReceiveAsync(id, file, settings, http.RequestAborted) is not { } upload)
            return Again(http, fields, TooLarge);
        await desk.CreateAsync(id, upload, settings, http.User().Actor, CancellationToken.None);
        return ConsolePage.Go("/console/imports/" + id);
    }

    // Only what the author chose otherwise than it was recognised.
    private static Dictionary<ImportField, int> Columns(Dictionary<string, string> fields, FieldErrors errors)
    {
        var chosen = new Dictionary<ImportField, int>();
        for (var i = 0; i < MostColumns; i++)
        {
            if (!fields.ContainsKey($"column-{i}")
                || fields.GetValueOrDefault($"map-{i}") is not { Length: > 0 } name
                || name == fields.GetValueOrDefault($"was-{i}")
                || ImportFields.Parse(name) is not { } field)
            {
                continue;
            }

            if (!chosen.TryAdd(field, i)) errors.Add(field.Name(), "can be read from one column only");
        }

        return chosen;
    }

    private async ValueTask<IResult> PreviewAsync(HttpContext http, Stream file, ImportSettings settings, Dictionary<string, string> fields)
    {
        var buffer = new byte[PreviewBytes];
        var length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
        // A browser that is answered before it has sent everything takes it for a failure.
        await file.CopyToAsync(Stream.Null, http.RequestAborted);
        var start = buffer.AsMemory(0, length);
        var (mapping, failure, rows) = await importer.PreviewAsync(start, settings, PreviewRows, http.RequestAborted);
        var (recognised, _, _) = await importer.PreviewAsync(start, settings with { Columns = [] }, 0, http.RequestAborted);
        var header = await importer.HeaderAsync(start, http.RequestAborted);
        var told = Html.Of($"""
            {(rows.Count == 0 ? failure is null ? Html.Of($"<p class=\"warn\" role=\"alert\">The file has no row below its header.</p>") : Html.None : Html.Of($"<h2>The first rows</h2>\n{Parts.Table("The first rows", ["Row", "Would be", "Says", "What is wrong"], rows.Select(r => (Html[])[Html.Of($"{Parts.Number(r.Row)}"), r.Rejected ? Parts.Badge("rejected", "bad") : r.Lowers ? Parts.Badge("lowered", "warn") : Parts.Badge("accepted", "good"), Html.Of($"{(r.Says is { } says ? Parts.Word(says) : null)}"), Html.Of($"{string.Join("; ", r.Errors.Select(e => $"{e.Column} {Here(e.Problem)}"))}")]), "")}"))}
            <p class="dim apart">Nothing was kept. Choose what to do above, and the file once more where it is not chosen still.</p>
            """);
        return new ConsolePage("How it would be read", Html.Of($"""
            <p><a href="/console/imports">Imports</a></p>
            <h1>How it would be read</h1>
            {Upload(http, fields, Mapping(header, mapping, recognised, fields), told, failure)}
            """));
    }

    private static Html Mapping(
        string[] header, ImportMapping? mapping, ImportMapping? recognised, Dictionary<string, string> fields)
    {
        if (header.Length == 0) return Html.None;
        ImportField? Chosen(int at, string name) =>
            fields.GetValueOrDefault($"column-{at}") == name ? ImportFields.Parse(fields.GetValueOrDefault($"map-{at}", "")) : null;
        var rows = header.Take(MostColumns).Select((name, i) =>
        {
            var was = recognised?.Columns[i];
            var now = mapping is not null ? mapping.Columns[i] : Chosen(i, name) ?? was;
            var fixedly = now is { } field && !ImportFields.Mappable.Contains(field);
            return (Html[])[Html.Of($"{name}"), fixedly ? Html.Of($"{now!.Value.Name()}") : Html.Of($"""
                <input type="hidden" name="column-{i}" value="{name}"><input type="hidden" name="was-{i}" value="{was?.Name()}"><select name="map-{i}" aria-label="{name} is read as">{(was is null || now is null ? Html.Of($"<option value=\"\">not used</option>") : Html.None)}{Html.Join(ImportFields.Mappable.Select(f => Html.Of($"<option value=\"{f.Name()}\"{(f == now ? new Html(" selected") : Html.None)}>{f.Name()}</option>")))}</select>
                """)];
        });
        return Html.Of(
            $"<h2>Columns{(mapping is { Shape: not "own" } known ? $" ({known.Shape})" : "")}</h2>\n{Parts.Table("Columns", ["Column of the file", "Read as"], rows, "")}");
    }

    private async ValueTask<IResult> ShowAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } i) return ConsolePage.Missing("No import has this id.");
        var processed = i.Accepted + i.Rejected;
        var share = i.Rows == 0 ? 0 : 100.0 * processed / i.Rows;
        var looks = i.Settings.ValidateOnly;
        return new ConsolePage("Import", Html.Of($"""
            <p><a href="/console/imports">Imports</a></p>
            <h1>{(looks ? "Check of every row" : "Import")} {Status(i)}</h1>
            {(looks && i.Status == ImportStatus.Completed ? Html.Of($"<p class=\"said\">Checked, nothing was written.</p>") : Html.None)}
            {(i.Failure is { } failure ? Html.Of($"<p class=\"warn\" role=\"alert\">{(i.IsLooking || i.Parts == 0 ? "Nothing was imported." : "It was given up; what was accepted before stands.")} {Words(failure)}</p>") : Html.None)}
            {(i.Unopened > 0 ? Html.Of($"<p class=\"warn\" role=\"alert\">{Parts.Number(i.Unopened)} {(i.Unopened == 1 ? "row is" : "rows are")} about a record that no key opens, and {(i.Unopened == 1 ? "is" : "are")} not, or not wholly, imported. Keep the file, tell an operator, and send it again once the key is back: stops may be among them.</p>") : Html.None)}
            <div class="card progress"><p><strong>{Parts.Number(processed)} of {Parts.Number(i.Rows)} rows</strong></p>{Parts.Bar($"{Parts.Number(processed)} of {Parts.Number(i.Rows)} rows", ("s1", share, $"{Parts.Number(processed)} rows"))}</div>
            <div class="stats">{Parts.Stat(looks ? "Would be accepted" : "Accepted", Parts.Number(i.Accepted), null, "good")}{Parts.Stat("Of them lowering permission", Parts.Number(i.Lowered))}{Parts.Stat(looks ? "Would be rejected" : "Rejected", Parts.Number(i.Rejected), null, i.Rejected > 0 ? "warn" : "")}{(i.PassedOver == 0 ? Html.None : Parts.Stat("Rows with columns passed over", Parts.Number(i.PassedOver), "in rows that lower", "warn"))}</div>
            {(i.Rejected + i.PassedOver > 0 ? Html.Of($"<p><a class=\"button\" href=\"/console/imports/{i.Id}/errors\">What was wrong, row by row (CSV)</a></p>") : Html.None)}
            {Parts.Facts(("Taken in", Parts.Time(i.CreatedAt)), ("By", Html.Of($"{RecordWords.Actor(i.Actor)}")), ("What", Html.Of($"{What(i)}")), ("Size", Html.Of($"{Parts.Number(i.Bytes)} bytes")), ("Ended", i.FinishedAt is { } at ? Parts.Time(at) : Html.None))}
            {(i.Mapping is not { } m ? Html.None : Html.Of($"<h2>Columns</h2>\n{Parts.Table("Columns", ["Column of the file", "Read as"], m.Header.Select((name, at) => (Html[])[Html.Of($"{name}"), m.Columns[at] is { } field ? Parts.Badge(field.Name(), "good") : Html.Of($"not used")]), "")}"))}
            """)) { Refresh = i.IsFinal ? null : (2, "/console/imports/" + i.Id), Reloads = !i.IsFinal };
    }

    private async ValueTask<IResult> ErrorsAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } import) return ConsolePage.Missing("No import has this id.");
        return new CsvAnswer($"import-{import.Id}-errors.csv", desk.ErrorsAsync(import.Id, http.RequestAborted));
    }

    private async ValueTask<Import?> FindAsync(HttpContext http) =>
        http.Id() is var id && Inputs.IsId(id) ? await desk.FindAsync(id, http.RequestAborted) : null;

    private static string Size(long bytes) =>
        bytes >= 1_000_000_000
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.#} GB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB");

    // What the file itself is wrong in names its row already.
    private static string Words(ImportFailure failure) =>
        failure.Message.StartsWith("Row ", StringComparison.Ordinal)
            ? Here(failure.Message)
            : $"Row {Parts.Number(failure.Row)}: {Here(failure.Message)}";

    // Without how the API's callers mend it.
    private static string Here(string problem) => InTheApi().Replace(problem, "");

    [GeneratedRegex(@" \(in the API with [^)]*\)")]
    private static partial Regex InTheApi();

    private static string What(Import i) =>
        $"{(i.Settings.SuppressionsOnly ? "blocks" : "contacts")}{(i.Mapping is { Shape: not "own" } m ? " from " + m.Shape : "")}{(i.Settings.ValidateOnly ? ", checked only" : "")}";

    private static Html Status(Import import) =>
        Parts.Badge(
            Parts.Word(import.Status) + (import is { Status: ImportStatus.Completed, Unopened: > 0 } ? ", but not all" : ""),
            import.Status switch { ImportStatus.Completed => import.Unopened > 0 ? "warn" : "good", ImportStatus.Failed => "bad", _ => "warn" });

    // With all that was typed. The file alone has to be chosen anew: no page can do that.
    private ConsolePage Again(HttpContext http, Dictionary<string, string> fields, string why) => new("The file was not taken", Html.Of($"""
        <p><a href="/console/imports">Imports</a></p>
        <h1>The file was not taken</h1>
        <p class="warn" role="alert">{why}</p>
        {Upload(http, fields, Html.None, Html.None)}
        """)) { Status = 400 };
}

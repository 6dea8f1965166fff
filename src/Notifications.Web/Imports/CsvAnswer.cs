using System.Text;
using Notifications.Storage;
using Notifications.Web.Http;

namespace Notifications.Web.Imports;

/// <summary>
/// A CSV file, sent piece by piece as it is made, and the first piece begins with its header. What no key of the ring opens ends it no
/// sooner: the file goes on, and its last record says what is missing, in the first column for who opens it in a spreadsheet, and with
/// <c>unreadable</c> for a status for what reads it. No header of the answer could, for they are gone by then; and an import of the file
/// rejects that record. Any other failure on the way cuts the connection, so that nobody takes half a file for a whole one.
/// </summary>
internal sealed class CsvAnswer(string name, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces) : IResult
{
    /// <summary>What the description of the API says of it.</summary>
    public const string LastRecord =
        "Where entries cannot be read, because no key of the ring opens them, the file has all others, and a last record whose status is unreadable and whose first column says what is missing.";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = ApiDoc.Csv + "; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (HttpMethods.IsHead(httpContext.Request.Method)) return;
        PassedOver.Begin();
        string[]? columns = null;
        await foreach (var piece in pieces.WithCancellation(httpContext.RequestAborted))
        {
            columns ??= Encoding.UTF8.GetString(piece.Span[..piece.Span.IndexOf("\r\n"u8)]).Split(',');
            await response.Body.WriteAsync(piece, httpContext.RequestAborted);
        }

        if (PassedOver.Current is not { Rows: > 0 and var rows, Names: var names } || columns is null) return;
        Failures.TellUnreadable(httpContext, rows, names[0]);
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(Missing(columns, rows, names)), httpContext.RequestAborted);
    }

    private static string Missing(string[] columns, int rows, IReadOnlyList<string> names)
    {
        var others = rows > names.Count ? $" and {rows - names.Count} more" : "";
        var says = $"This file is incomplete: {rows} {(rows == 1 ? "entry" : "entries")} could not be read, for no key of the ring opens {string.Join(", ", names)}{others}";
        return string.Join(
            ',',
            columns.Select(
                (c, i) => i == 0 ? $"\"{says.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : c == "status" ? "unreadable" : ""))
            + "\r\n";
    }
}

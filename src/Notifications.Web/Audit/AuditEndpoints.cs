using System.Globalization;
using Notifications.Access;
using Notifications.Audit;
using Notifications.Web.Http;

namespace Notifications.Web.Audit;

/// <summary>A page of the audit.</summary>
/// <param name="Verified">
/// Whether the hash chain holds from the entry before this page to its end, or as far as was asked for with <c>verify</c>.
/// </param>
/// <param name="Entries">The acts, oldest first.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
/// <param name="VerifyNext">
/// The act up to which <c>verified</c> speaks, where the whole chain took too long for one request: the same request with this as
/// <c>verify</c> goes on after it.
/// </param>
internal sealed record AuditView(bool Verified, IReadOnlyList<AuditEntry> Entries, long? Next, long? VerifyNext) : Listed;

/// <summary>Shows who did what (R68).</summary>
internal sealed class AuditEndpoints(AuditLog audit) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapApi("GET", "/v1/audit", Scope.Admin, ListAsync, new("Administrative acts, oldest first", null, (200, typeof(AuditView)))
        {
            Description = "Each entry carries the hash of the one before. verified says whether the chain holds from the entry before this page to its end; with verify=true whether the whole chain does. That is verified for 20 seconds at most: where verifyNext is there, verified is about the acts up to that one, and the same request with verify=verifyNext goes on after it. The whole chain holds where each answer says so.",
            Query =
            [
                .. Api.Paging,
                ("verify",
                    "True to verify the whole chain, or the `verifyNext` of the answer before to go on; only this page when left out."),
            ],
        });

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var after = Paging.AfterNumber(http, errors);
        long? whole = null;
        if (http.Request.Query.TryGetValue("verify", out var verify))
        {
            if (long.TryParse(verify, NumberStyles.None, CultureInfo.InvariantCulture, out var from)) whole = from;
            else if (bool.TryParse(verify, out var all)) whole = all ? 0 : null;
            else errors.Add("verify", "must be true, false or the verifyNext of the answer before");
        }

        if (errors.Any) return errors.Answer();
        var (entries, verified) = await audit.PageAsync(after, limit, http.RequestAborted);
        var next = Paging.Next(entries.Count == limit ? entries[^1].Seq.ToString(CultureInfo.InvariantCulture) : null);
        long? goOn = null;
        if (whole is { } start) (verified, goOn) = await audit.VerifyAsync(http.RequestAborted, start);
        return Answer.Json(
            new AuditView(verified, entries, next is null ? null : long.Parse(next, CultureInfo.InvariantCulture), goOn),
            WebJson.Default.AuditView);
    }
}

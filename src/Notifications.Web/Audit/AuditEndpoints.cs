using Notifications.Access;
using Notifications.Audit;
using Notifications.Web.Http;

namespace Notifications.Web.Audit;

/// <summary>
/// A page of the audit; <paramref name="Verified"/> is about its entries, or about the whole chain where that was asked for.
/// </summary>
internal sealed record AuditView(bool Verified, IReadOnlyList<AuditEntry> Entries, long? Next);

/// <summary>Shows who did what (R68).</summary>
internal sealed class AuditEndpoints(AuditLog audit)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapApi("GET", "/v1/audit", Scope.Admin, ListAsync, new("Administrative acts, oldest first", null, (200, typeof(AuditView)))
        {
            Description = "Each entry carries the hash of the one before. verified says whether the chain holds from the entry before this page to its end; with verify=true whether the whole chain does, which takes the longer the more acts there are.",
            Query = [.. Api.Paging, ("verify", "true to verify the whole chain; only this page when left out.")],
        });

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var after = Paging.AfterNumber(http, errors);
        var whole = false;
        if (http.Request.Query.TryGetValue("verify", out var verify) && !bool.TryParse(verify, out whole))
            errors.Add("verify", "must be true or false");
        if (errors.Any) return errors.Answer();
        var (entries, verified) = await audit.PageAsync(after, limit, http.RequestAborted);
        if (whole) verified = await audit.VerifyAsync(http.RequestAborted);
        return Answer.Json(new AuditView(verified, entries, entries.Count == limit ? entries[^1].Seq : null), WebJson.Default.AuditView);
    }
}

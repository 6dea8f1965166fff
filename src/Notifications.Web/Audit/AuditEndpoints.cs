using System.Globalization;
using Notifications.Access;
using Notifications.Audit;
using Notifications.Web.Http;

namespace Notifications.Web.Audit;

/// <summary>A page of the audit; <paramref name="Verified"/> is about the whole chain.</summary>
internal sealed record AuditView(bool Verified, IReadOnlyList<AuditEntry> Entries, long? Next);

/// <summary>Shows who did what (R68).</summary>
internal sealed class AuditEndpoints(AuditLog audit)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapApi("GET", "/v1/audit", Scope.Admin, ListAsync, new("Administrative acts, oldest first", null, (200, typeof(AuditView)))
        {
            Description = "Each entry carries the hash of the one before. verified says whether the whole chain holds.",
            Query = Api.Paging,
        });

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = AddressInput.Limit(http, errors);
        var after = 0L;
        if (http.Request.Query.TryGetValue("after", out var text) && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after)) errors.Add("after", "must be the next of the page before");
        if (errors.Any) return errors.Answer();
        var entries = await audit.ListAsync(after, limit, http.RequestAborted);
        return Answer.Json(new AuditView(await audit.VerifyAsync(http.RequestAborted), entries, entries.Count == limit ? entries[^1].Seq : null), WebJson.Default.AuditView);
    }
}

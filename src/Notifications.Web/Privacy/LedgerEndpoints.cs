using Notifications.Access;
using Notifications.Addresses;
using Notifications.Privacy;
using Notifications.Web.Http;

namespace Notifications.Web.Privacy;

/// <summary>Verifies the ledgers (P10).</summary>
internal sealed class LedgerEndpoints(LedgerSeals seals) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapApi(
            "GET", "/v1/ledger/verify", Scope.Admin, VerifyAsync,
            new("Verify every consent ledger, hash by hash", null, (200, typeof(LedgerReport)))
            {
                Description = "Reads every address's ledger, with limit that many, and for 20 seconds at most: where next is there, more come after it, and the same request with it as after goes on with them. Every ledger holds where each answer says so. root is the Merkle root over the heads as they are now, of those that were read; lastSeal is the newest daily seal, of all of them.",
                Query =
                [
                    ("limit", "How many addresses at most, 1 to 1000; as many as 20 seconds do when left out."),
                    ("after", "The `next` of the answer before."),
                ],
            });

    private async ValueTask<Answer> VerifyAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        int? most = http.Request.Query.ContainsKey("limit") ? Paging.Limit(http, errors) : null;
        var after = Paging.AfterKey(http, errors);
        return errors.Any
            ? errors.Answer()
            : Answer.Json(await seals.VerifyAsync(http.RequestAborted, after, most, LedgerSeals.Turn), WebJson.Default.LedgerReport);
    }
}

using Notifications.Access;
using Notifications.Privacy;
using Notifications.Web.Http;

namespace Notifications.Web.Privacy;

/// <summary>Verifies the ledgers (P10).</summary>
internal sealed class LedgerEndpoints(LedgerSeals seals)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapApi("GET", "/v1/ledger/verify", Scope.Admin, async http => Answer.Json(await seals.VerifyAsync(http.RequestAborted), WebJson.Default.LedgerReport), new("Verify every consent ledger, hash by hash", null, (200, typeof(LedgerReport)))
        {
            Description = "Reads every address's ledger. root is the Merkle root over the heads as they are now; lastSeal is the newest daily seal. Takes long where there are many addresses.",
        });
}

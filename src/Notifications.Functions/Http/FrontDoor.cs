using System.Net;
using Microsoft.AspNetCore.Http;

namespace Notifications.Functions.Http;

/// <summary>
/// Who calls when Azure Front Door stands before the app: limits and evidence need it (R62, R26). The Functions host takes the place of
/// whatever stood in <c>X-Forwarded-For</c>, so of the way before it only Front Door's own headers are left.
/// </summary>
/// <param name="id">The profile's id, which Front Door says of itself; null where none stands there.</param>
internal sealed class FrontDoor(Guid? id)
{
    /// <summary>
    /// The caller's address as Front Door's connection has it, or null where the request did not come through our Front Door. Not
    /// <c>X-Azure-ClientIP</c>: what that says is taken from an <c>X-Forwarded-For</c> that the caller may have written.
    /// </summary>
    public IPAddress? Caller(HttpRequest request) =>
        id is not null
            && Guid.TryParse(request.Headers["X-Azure-FDID"], out var through) && through == id
            && IPEndPoint.TryParse(request.Headers["X-Azure-SocketIP"].ToString(), out var caller)
                ? caller.Address
                : null;
}

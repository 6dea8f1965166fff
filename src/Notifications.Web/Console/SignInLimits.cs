using System.Net;
using Notifications.Web.Http;

namespace Notifications.Web.Console;

/// <summary>
/// Bounds how often one network may fail to sign in. Whoever has spent it is refused also with a right key, or the limit would tell a right
/// one from a wrong one.
/// </summary>
internal sealed class SignInLimits() : NetworkLimits(Burst, 1, TimeSpan.FromSeconds(SecondsEach))
{
    /// <summary>Failures in a row from one network.</summary>
    public const int Burst = 10;

    /// <summary>After that, seconds for each further one.</summary>
    public const int SecondsEach = 30;

    /// <summary>Whether the network may try; nothing is counted.</summary>
    public bool MayTry(IPAddress? client) => WouldAllow(client);

    /// <summary>Counts a failure.</summary>
    public void Failed(IPAddress? client) => Allow(client);
}

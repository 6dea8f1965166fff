using Azure;
using Azure.Identity;
using Notifications.Sending;

namespace Notifications.Functions.Communication;

/// <summary>
/// What an exception of an SDK call means: whether the provider can have the message decides between unavailable and unknown.
/// </summary>
internal static class Failures
{
    /// <summary>The meaning, or null for what nobody planned.</summary>
    public static HandOff? Classify(Exception failure, OutcomeTable table, TimeProvider time) => failure switch
    {
        AuthenticationFailedException => HandOff.Unavailable("The app's identity could not sign in; nothing was sent."),
        RequestFailedException { Status: > 0 } answered =>
            table.Classify(answered.Status, answered.ErrorCode, RetryAfter.Of(answered.GetRawResponse(), time)),
        RequestFailedException lost => Connection(lost.InnerException),
        OperationCanceledException => HandOff.Unknown("The provider did not answer in time."),
        ArgumentException =>
            HandOff.Rejected("The SDK refuses the message: a header, the subject, the content or an address is empty or malformed."),
        _ => null,
    };

    private static HandOff Connection(Exception? cause) =>
        cause is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError
            or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError } before
            ? HandOff.Unavailable($"No connection to the provider ({before.HttpRequestError}); nothing was sent.")
            : HandOff.Unknown("The connection broke before the answer came.");
}

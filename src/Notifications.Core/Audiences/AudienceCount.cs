using Notifications.Sending;

namespace Notifications.Audiences;

/// <summary>What would become of an audience if it were sent to now: selected = allowed + skipped + deferred.</summary>
/// <param name="Selected">How many are in the audience.</param>
/// <param name="Allowed">How many would be sent to at once.</param>
/// <param name="Skipped">How many never, by the reason that decides.</param>
/// <param name="Deferred">How many later, by the reason that decides.</param>
public sealed record AudienceCount(
    long Selected, long Allowed, IReadOnlyDictionary<Reason, long> Skipped, IReadOnlyDictionary<Reason, long> Deferred);

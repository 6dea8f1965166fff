namespace Notifications.Audiences;

/// <summary>
/// An audience names a stored segment or a static list that is not there. Nobody is selected then: an exclusion that cannot be read must
/// not let anybody through.
/// </summary>
public sealed class AudienceException(string message) : Exception(message);

namespace Notifications;

/// <summary>How people sign in to the console. Validated at start.</summary>
public sealed class ConsoleOptions
{
    /// <summary>
    /// How long a sign-in with a key lasts without being used, 5 minutes to 24 hours. Default 8 hours. Used, it goes on, for 24 hours in
    /// all. Revoking the key ends it within five seconds.
    /// </summary>
    public TimeSpan SessionLength { get; set; } = TimeSpan.FromHours(8);

    /// <summary>
    /// Whether App Service authentication (Entra ID) stands in front and signs people in, in place of keys. Default false. Set it only
    /// where the platform does: its header is believed then.
    /// </summary>
    public bool AppServiceAuthentication { get; set; }

    /// <summary>
    /// App roles by name, each with the scope it gives: <c>send</c>, <c>contacts</c>, <c>campaigns</c>, <c>privacy</c> or <c>admin</c>. A
    /// role that is named like a scope needs no entry.
    /// </summary>
    public Dictionary<string, string> Roles { get; set; } = [];

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value cannot be used.</exception>
    public void Validate()
    {
        if (SessionLength < TimeSpan.FromMinutes(5) || SessionLength > TimeSpan.FromHours(24))
            throw new ArgumentException("Notifications:Console:SessionLength must be 00:05:00 to 1.00:00:00.");
        foreach (var (role, scope) in Roles)
            if (Array.IndexOf(Access.Scope.All, scope) < 0)
                throw new ArgumentException($"Notifications:Console:Roles:{role} must be one of {string.Join(", ", Access.Scope.All)}.");
    }
}

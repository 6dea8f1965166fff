namespace Notifications.Functions.Communication;

/// <summary>How one channel reaches Azure Communication Services (<c>Notifications:Email</c>, <c>Notifications:Sms</c>).</summary>
internal class CommunicationOptions
{
    /// <summary>The resource's endpoint, <c>https://NAME.communication.azure.com</c>, reached with the app's managed identity.</summary>
    public string? Endpoint { get; set; }

    /// <summary>A connection string in place of the endpoint. It is a secret: prefer the endpoint.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// Messages per minute to begin at most, of one instance, 0 to 1,000,000; 0 is no limit of ours. The provider's quotas are per
    /// subscription (email: 30 a minute on a custom domain until raised) or per number (SMS: 200 a minute toll-free), so set the granted
    /// quota divided by the instances you allow. Default: 30 for email, 200 for SMS, whatever it leaves by.
    /// </summary>
    public int MaxPerMinute { get; set; }

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value cannot be used.</exception>
    public virtual void Validate(string section)
    {
        if (string.IsNullOrEmpty(Endpoint) == string.IsNullOrEmpty(ConnectionString))
            throw new ArgumentException(
                $"{section} needs exactly one of Endpoint and ConnectionString: set {Setting(section, nameof(Endpoint))} to https://NAME.communication.azure.com. {Else}");
        if (!string.IsNullOrEmpty(Endpoint)
            && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"{section}:Endpoint must be an https address such as https://NAME.communication.azure.com.");
        }

        ValidatePace(section);
    }

    /// <summary>What may be set in place of either.</summary>
    protected virtual string Else => "";

    /// <summary>Whether the resource is named.</summary>
    protected bool Named => !string.IsNullOrEmpty(Endpoint) || !string.IsNullOrEmpty(ConnectionString);

    /// <summary>The setting's name as an environment variable has it.</summary>
    protected static string Setting(string section, string name) => $"{section.Replace(":", "__", StringComparison.Ordinal)}__{name}";

    /// <summary>The part of <see cref="Validate"/> that holds whatever the channel leaves by.</summary>
    protected void ValidatePace(string section)
    {
        if (MaxPerMinute is < 0 or > 1_000_000) throw new ArgumentException($"{section}:MaxPerMinute must be 0 to 1000000.");
    }
}

using NodaTime;

namespace Notifications;

/// <summary>Names of IANA time zones, such as Europe/Lisbon.</summary>
public static class ZoneName
{
    /// <summary>Whether a text is one.</summary>
    public static bool IsValid(string text) => text.Length <= 64 && DateTimeZoneProviders.Tzdb.GetZoneOrNull(text) is not null;
}

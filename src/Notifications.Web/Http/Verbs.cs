namespace Notifications.Web.Http;

/// <summary>HEAD is mapped beside GET explicitly: the Functions host needs it so.</summary>
internal static class Verbs
{
    public static readonly string[] Read = ["GET", "HEAD"];
}

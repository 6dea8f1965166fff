using System.Globalization;
using System.Reflection;

namespace Notifications.Local;

/// <summary>What a newcomer needs to know, once, at start.</summary>
internal static class Banner
{
    public static async Task WriteAsync(
        TextWriter console, LocalOptions options, NotificationsOptions settings, DataDirectory data, string key, bool made,
        DateTimeOffset? revoked)
    {
        var version = typeof(Banner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split(
            '+')[0];
        var address = options.Address;
        var given = options.ApiKey is not null;
        var bearer = given ? "YOUR-KEY" : $"$(cat '{data.ApiKeyFile}')";
        await console.WriteLineAsync($$"""

            Notifications {{version}} is running. Everything is kept in {{data.FullPath}}

              Inbox    {{address}}/inbox
              Console  {{address}}/console
              Health   {{address}}/health/ready
              OpenAPI  {{address}}/openapi/v1.json
              API key  {{(made ? $"{key}  (made now, kept in {data.ApiKeyFile})" : given ? "the one you gave" : $"kept in {data.ApiKeyFile}")}}

            Sign somebody up, then look at the inbox:
              curl -s {{address}}/v1/consents -H "Authorization: Bearer {{bearer}}" -H 'Content-Type: application/json' -d '{"email":"ana@example.com","topic":"newsletter","action":"opt-in","source":"terminal","wording":"Send me the newsletter."}'

            """);
        foreach (var warning in Warnings(settings, revoked, byMail: options.Email is not null)) await console.WriteLineAsync("! " + warning);
        await console.WriteLineAsync("Ctrl+C ends it.\n");
    }

    internal static IEnumerable<string> Warnings(
        NotificationsOptions settings, DateTimeOffset? revoked = null, bool byMail = false)
    {
        if (revoked is { } at)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"This API key was revoked on {at:yyyy-MM-dd} at {at:HH:mm} UTC and opens nothing. Use another, or start with --api-key and a new one.");
        if (!settings.PublicUrl.StartsWith("https://", StringComparison.Ordinal))
            yield return "Links in messages begin with "
                + settings.PublicUrl + ". One-click unsubscribe needs https (RFC 8058): set --public-url before real mail is sent.";
        if (byMail)
            yield return "Mail goes out by SMTP and texts have no way out: each ends as failed. Texts need Azure Communication Services (docs/deploy.md).";
        foreach (var warning in StartWarnings.Of(settings)) yield return warning;
    }
}

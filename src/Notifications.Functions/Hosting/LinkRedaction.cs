using System.Diagnostics;
using System.Text.RegularExpressions;
using OpenTelemetry;

namespace Notifications.Functions.Hosting;

/// <summary>
/// Takes the token out of what a trace says about an unsubscribe, preference or confirmation link: whoever reads <c>/u/{token}</c> with its
/// token can follow it, and links never expire (R22, R67). Works on what is asked of us and on whatever repeats it. Stands before the
/// exporter.
/// </summary>
internal sealed partial class LinkRedaction : BaseProcessor<Activity>
{
    // The attributes of OpenTelemetry's HTTP conventions that hold a path, the stable ones and those before them.
    private static readonly string[] Paths = ["url.path", "url.full", "http.route", "http.target", "http.url"];

    public override void OnEnd(Activity data)
    {
        data.DisplayName = Redact(data.DisplayName);
        foreach (var name in Paths)
        {
            if (data.GetTagItem(name) is string value) data.SetTag(name, Redact(value));
        }
    }

    private static string Redact(string text) => Link().Replace(text, "$1$2/{token}");

    // Perhaps a method, perhaps scheme and host, the link's first segment, and all of its path that follows. Routes match in any case.
    [GeneratedRegex(@"^((?:[A-Z]+ )?(?:https?://[^/?#\s]+)?/?)([upc])/[^?#]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Link();
}

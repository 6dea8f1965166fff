using System.Net;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Subscribe;

/// <summary>What somebody is asked to confirm after a sign-up, and what the page of the question says.</summary>
internal static partial class Asked
{
    /// <summary>Somebody signs an address up by the form, and the question goes out.</summary>
    public static async Task SignUpAsync(this ProductFixture product, Address address, params string[] chosen)
    {
        await product.FormAsync(
            "/subscribe", "en", [("email", address.Value), ("age", "adult"), .. chosen.Select(t => ("topic-email-" + t, "yes"))]);
        await product.WorkAsync();
    }

    /// <summary>The same with a package alone.</summary>
    public static async Task SignUpForPackageAsync(this ProductFixture product, Address address)
    {
        await product.FormAsync(
            "/subscribe", "en", ("email", address.Value), ("package", "RR123456785PT"), ("watch-email", "yes"), ("age", "adult"));
        await product.WorkAsync();
    }

    /// <summary>Where the link of the newest question leads.</summary>
    public static string AskedPath(this ProductFixture product, Address address) =>
        new Uri(Link().Match(product.Sent.Emails.Last(m => m.To == address.Value).Text!).Value).AbsolutePath;

    public static async Task<string> ShowAsync(this ProductFixture product, string path) =>
        WebUtility.HtmlDecode((await product.OpenAsync(path)).Text);

    /// <summary>What a page sends along unseen.</summary>
    public static (string Name, string Value)[] Fields(string body) =>
        [.. Hidden().Matches(body).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];

    [GeneratedRegex("https?://\\S+/c/\\S+")]
    private static partial Regex Link();

    [GeneratedRegex("type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]+)\"")]
    private static partial Regex Hidden();
}

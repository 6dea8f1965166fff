using System.Net;
using System.Text.RegularExpressions;

namespace Notifications.Tests.ConsolePages;

/// <summary>A browser without scripts: keeps the console's cookie, sends forms with the token of the page before.</summary>
internal sealed partial class ConsoleClient(HttpClient http)
{
    public string? Cookie { get; set; }

    /// <summary>That of the form that signs in.</summary>
    public string? FormCookie { get; set; }

    public string? Token { get; set; }

    public string? LastCookie { get; private set; }

    public async Task<Screen> GetAsync(string path) => await SendAsync(HttpMethod.Get, path, null);

    public async Task<Screen> PostAsync(string path, params (string Name, string Value)[] fields) =>
        await SendAsync(
            HttpMethod.Post, path,
            new FormUrlEncodedContent(
                [
                    .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)),
                    .. Token is null ? (KeyValuePair<string, string>[])[] : [new("form", Token)],
                ]));

    public Task<Screen> PostAsync(string path, IReadOnlyDictionary<string, string> fields, params (string Name, string Value)[] more) =>
        PostAsync(path, [.. fields.Where(f => more.All(m => m.Name != f.Key)).Select(f => (f.Key, f.Value)), .. more]);

    /// <summary>Gets a page, so that its token is the next form's, and posts.</summary>
    public async Task<Screen> SignInAsync(string secret, string to = "/console")
    {
        await GetAsync("/console/sign-in");
        var answer = await PostAsync("/console/sign-in", ("key", secret), ("to", to));
        if (answer.Status == HttpStatusCode.SeeOther) await GetAsync("/console");
        return answer;
    }

    public async Task<Screen> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (Cookie is not null || FormCookie is not null)
            request.Headers.TryAddWithoutValidation("Cookie", $"console={Cookie}; console-sign-in={FormCookie}");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        if (response.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            LastCookie = cookies.Single();
            var pair = LastCookie.Split(';')[0].Split('=', 2);
            var value = pair[1].Length > 0 ? pair[1] : null;
            if (pair[0] == "console") Cookie = value;
            else FormCookie = value;
        }

        // Where a line may end is no part of a word: without that, an address is found, or missing, as it is.
        var text = (await response.Content.ReadAsStringAsync()).Replace("<wbr>", "", StringComparison.Ordinal);
        if (TokenField().Match(text) is { Success: true } match) Token = match.Groups[1].Value;
        return new Screen(response.StatusCode, response.Headers.Location?.ToString(), response, text);
    }

    [GeneratedRegex("name=\"form\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}

using System.Net;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Tests.Infrastructure;

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

internal sealed record Screen(HttpStatusCode Status, string? Location, HttpResponseMessage Response, string Text)
{
    public IDocument Document => new HtmlParser().ParseDocument(Text);

    public string? Header(string name) => Response.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    /// <summary>
    /// What a browser would send of a form that nobody touched, but for its token: of a list where nothing is chosen, the first.
    /// </summary>
    public Dictionary<string, string> Fields(string action)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in Document.QuerySelector($"form[action='{action}']")!
            .QuerySelectorAll("input[name], textarea[name], select[name]"))
        {
            if (field.GetAttribute("name")! is var name
                && (name == "form" || (field.GetAttribute("type") is "checkbox" or "radio" && !field.HasAttribute("checked"))))
            {
                continue;
            }

            fields[name] = field.LocalName switch
            {
                "textarea" => field.TextContent,
                "select" => (field.QuerySelector("option[selected]") ?? field.QuerySelector("option")!).GetAttribute("value")!,
                _ => field.GetAttribute("value") ?? "",
            };
        }

        return fields;
    }
}

/// <summary>Whom console tests need.</summary>
internal static class ConsolePeople
{
    /// <summary>Signs somebody in with a key of these scopes.</summary>
    public static async Task<ConsoleClient> SignedInAsync(this ProductFixture product, string name, params string[] scopes)
    {
        var (_, secret) = await product.Get<ApiKeys>().CreateAsync(name, scopes, default);
        var browser = new ConsoleClient(product.Anonymous);
        await browser.SignInAsync(secret);
        return browser;
    }

    /// <summary>Somebody to whom nothing is sent.</summary>
    public static async Task<AddressKey> BlockAsync(
        this ProductFixture product, Address address, SuppressionReason reason = SuppressionReason.Manual)
    {
        await product.Get<Suppressions>().AddAsync(
            address, reason, null, new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "test", "test"), default);
        return product.Get<KeyRing>().KeyOf(address);
    }

    /// <summary>Somebody who agreed to the newsletter.</summary>
    public static async Task<AddressKey> PersonAsync(this ProductFixture product, string email)
    {
        var address = CoreProduct.Email(email);
        var topic = product.Get<TopicCatalog>().Find(TopicKey.Newsletter)!;
        await product.Get<ConsentDesk>().OptInAsync(
            address, topic, new LedgerDraft(LedgerAction.OptIn, topic.Key, "test", "person"), confirmed: true, "en", default);
        return product.Get<KeyRing>().KeyOf(address);
    }
}

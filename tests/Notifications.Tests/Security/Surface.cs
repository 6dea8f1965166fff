using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;
using Notifications.Web.Console;
using Notifications.Web.Http;

namespace Notifications.Tests.Security;

/// <summary>One method of one route that the pipeline serves, as it is mapped: what is mapped tomorrow is attacked tomorrow.</summary>
internal sealed record Door(string Method, string Pattern, RouteEndpoint Route)
{
    public bool IsPublic => Route.Metadata.GetMetadata<PublicRoute>() is not null;

    public bool IsConsole => Route.Metadata.GetMetadata<ConsoleRoute>() is not null;

    public bool IsApi => Route.Metadata.GetMetadata<RequiredScope>() is not null;

    /// <summary>The path with every parameter filled in.</summary>
    public string Path => PathWith("x1");

    public string PathWith(string value) => string.Join('/', Pattern.Split('/').Select(s => s.StartsWith('{') ? value : s));

    /// <summary>The path; where it takes a link's token, with one that is right, of somebody nothing is known of.</summary>
    public string LinkPath(ProductFixture product)
    {
        LinkPurpose? purpose = Pattern switch
        {
            "/u/{token}" => LinkPurpose.Unsubscribe,
            "/p/{token}" => LinkPurpose.Preferences,
            "/c/{token}" => LinkPurpose.Confirm,
            _ => null,
        };
        if (purpose is null) return Path;
        var key = product.Get<KeyRing>().KeyOf(new Address(Channel.Email, "nobody@example.com"));
        return PathWith(
            product.Get<LinkTokens>().Write(
                new LinkToken(purpose.Value, key, Channel.Email) { Topic = TopicKey.Newsletter }));
    }

    public override string ToString() => $"{Method} {Pattern}";

    public static IReadOnlyList<Door> All(ProductFixture product) =>
        [
            .. product.Routes.SelectMany(
                r => r.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => new Door(m, r.RoutePattern.RawText!, r))),
        ];
}

/// <summary>
/// Who knocks: a bearer key, the console's cookie, or nothing. Reads no more of an answer than it must, because some answers have no end.
/// </summary>
internal sealed class Visitor(HttpClient http)
{
    public string? Bearer { get; init; }

    public string? Cookie { get; init; }

    public string? FormCookie { get; init; }

    public async Task<Knock> KnockAsync(
        string method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        if (Bearer is not null) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Bearer);
        if (Cookie is not null) request.Headers.TryAddWithoutValidation("Cookie", "console=" + Cookie);
        if (FormCookie is not null) request.Headers.TryAddWithoutValidation("Cookie", "console-sign-in=" + FormCookie);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var text = response.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "" : await response.Content.ReadAsStringAsync();
        return new Knock(response.StatusCode, response.Headers, response.Content.Headers, text);
    }

    public static HttpContent Form(params (string Name, string Value)[] fields) =>
        new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));

    public static HttpContent Json(string json) =>
        new ByteArrayContent(Encoding.UTF8.GetBytes(json)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}

/// <summary>What was answered.</summary>
internal sealed record Knock(HttpStatusCode Status, HttpResponseHeaders Headers, HttpContentHeaders Content, string Text)
{
    public bool IsHtml => Content.ContentType?.MediaType == "text/html";

    public string? Header(string name) =>
        Headers.TryGetValues(name, out var values) || Content.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    /// <summary>Sent away to sign in.</summary>
    public bool SentToSignIn =>
        Status == HttpStatusCode.SeeOther && Headers.Location!.ToString().StartsWith("/console/sign-in", StringComparison.Ordinal);
}

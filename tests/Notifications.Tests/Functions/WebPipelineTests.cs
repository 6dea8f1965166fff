using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Functions.Http;
using Notifications.Security;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Functions;

/// <summary>A function's request, as the worker gives it: already routed to the function, called by the host.</summary>
public sealed class WebPipelineTests : IDisposable
{
    private const string FrontDoorId = "55ce4ed1-4b06-4bf1-b40e-4638452104da";

    private readonly AzureHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click")]
    [InlineData(
        "multipart/form-data; boundary=\"a b\"",
        "--a b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--a b--\r\n")]
    public async Task R5_A_one_click_through_a_function_is_durable_before_it_answers(string contentType, string body)
    {
        var address = await SubscribeAsync();
        var answer = await CallAsync("POST", "/u/" + Token(address), contentType, body);

        Assert.Equal(200, answer.Status);
        Assert.Equal(SubscriptionStatus.Unsubscribed, await StatusAsync(address));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task R8_Get_and_head_through_a_function_show_the_page_and_change_nothing(string method)
    {
        var address = await SubscribeAsync();
        var answer = await CallAsync(method, "/u/" + Token(address));

        Assert.Equal(200, answer.Status);
        Assert.Equal(method == "GET", answer.Body.Contains("<html", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(SubscriptionStatus.Subscribed, await StatusAsync(address));
    }

    [Fact]
    public async Task Problem_details_pass_through_a_function_whole()
    {
        var answer = await CallAsync("GET", "/v1/nothing-here");

        Assert.Equal((404, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Equal("urn:notifications:problem:not-found", JsonDocument.Parse(answer.Body).RootElement.GetProperty("type").GetString());
    }

    [Fact]
    public async Task The_functions_endpoint_and_route_values_are_gone_before_the_pipeline_routes()
    {
        var http = Request("GET", "/health/live");
        await _host.Get<WebPipeline>().RunAsync(http.Request);

        Assert.Equal(200, http.Response.StatusCode);
        Assert.NotEqual("outer", http.GetEndpoint()?.DisplayName);
        Assert.DoesNotContain("rest", http.Request.RouteValues.Keys);
    }

    [Fact]
    public async Task What_a_function_returns_writes_nothing_more()
    {
        var http = Request("GET", "/health/live");
        var result = await _host.Get<WebPipeline>().RunAsync(http.Request);
        var length = http.Response.Body.Length;
        await result.ExecuteAsync(http);

        Assert.Equal(("live\n".Length, 200), (length, http.Response.StatusCode));
        Assert.Equal(length, http.Response.Body.Length);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("2")]
    public async Task R62_The_caller_is_whom_the_host_says_and_no_header_of_a_proxy_is_believed_without_Front_Door(string proxies)
    {
        var caller = await CallerAsync(
            [("Notifications:TrustedProxies", proxies)],
            ("X-Forwarded-For", "192.0.2.66, 192.0.2.67"), ("X-Original-For", "192.0.2.66"), ("X-Azure-FDID", FrontDoorId),
            ("X-Azure-SocketIP", "192.0.2.66"), ("X-Azure-ClientIP", "192.0.2.66"));

        Assert.Equal("10.0.0.1", caller);
    }

    [Theory]
    [InlineData(FrontDoorId, "203.0.113.7", "203.0.113.7")]
    [InlineData(FrontDoorId, "2001:db8::7", "2001:db8::7")]
    [InlineData(FrontDoorId, "unknown", "10.0.0.1")]
    [InlineData(FrontDoorId, "", "10.0.0.1")]
    [InlineData(FrontDoorId, "203.0.113.7, 192.0.2.66", "10.0.0.1")]
    [InlineData("00000000-0000-0000-0000-000000000000", "203.0.113.7", "10.0.0.1")]
    [InlineData("7b0e64c6-2f0a-4f0e-9a53-1c2d3e4f5a6b", "203.0.113.7", "10.0.0.1")] // Somebody else's Front Door.
    [InlineData(FrontDoorId + ", " + FrontDoorId, "203.0.113.7", "10.0.0.1")]
    [InlineData("", "203.0.113.7", "10.0.0.1")]
    public async Task R26_R62_Through_our_Front_Door_the_caller_is_whom_it_is_connected_to_and_through_no_other(
        string through, string connected, string caller)
    {
        Assert.Equal(
            caller,
            await CallerAsync(
                [("Notifications:FrontDoorId", FrontDoorId)],
                ("X-Azure-FDID", through), ("X-Azure-SocketIP", connected),
                ("X-Forwarded-For", "192.0.2.66"), ("X-Azure-ClientIP", "192.0.2.66"))); // Both may be the caller's own words.
    }

    private async Task<string> CallerAsync((string Name, string? Value)[] settings, params (string Name, string Value)[] headers)
    {
        using var host = new AzureHost(settings: settings);
        var http = Request("GET", "/health/live");
        http.RequestServices = host.Services;
        http.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.1");
        foreach (var (name, value) in headers) http.Request.Headers[name] = value;
        await host.Get<WebPipeline>().RunAsync(http.Request);
        return http.Connection.RemoteIpAddress!.ToString();
    }

    private async Task<(int Status, string? ContentType, string Body)> CallAsync(
        string method, string path, string? contentType = null, string body = "")
    {
        var http = Request(method, path);
        http.Request.ContentType = contentType;
        http.Request.ContentLength = body.Length;
        http.Request.Body = new MemoryStream(Encoding.ASCII.GetBytes(body));
        await _host.Get<WebPipeline>().RunAsync(http.Request);
        return (http.Response.StatusCode, http.Response.ContentType, Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray()));
    }

    private DefaultHttpContext Request(string method, string path)
    {
        var http = new DefaultHttpContext { RequestServices = _host.Services };
        http.Request.Method = method;
        http.Request.Path = path;
        http.Request.RouteValues = new RouteValueDictionary { ["rest"] = path.Split('/')[^1], ["token"] = "outer" };
        http.SetEndpoint(new Endpoint(
            _ => throw new InvalidOperationException("The function's own endpoint was run."), new EndpointMetadataCollection(), "outer"));
        http.Response.Body = new MemoryStream();
        return http;
    }

    private async Task<AddressKey> SubscribeAsync()
    {
        Assert.True(Address.TryParse(Channel.Email, "ana@example.com", out var address, out _));
        var key = _host.Get<KeyRing>().KeyOf(address);
        var draft = new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "test", "test");
        await _host.Get<AddressBook>().ChangeAsync(
            key, ConsentDesk.Blank(address),
            (state, now) => Transitions.OptIn(state, _host.Get<TopicCatalog>().Find(TopicKey.Newsletter)!, draft, confirmed: true, now),
            null, default);
        return key;
    }

    private string Token(AddressKey address) =>
        _host.Get<Links>().UnsubscribeToken(address, Channel.Email, TopicKey.Newsletter, null, null);

    private async Task<SubscriptionStatus> StatusAsync(AddressKey address) =>
        (await _host.Get<AddressBook>().LoadAsync(address, default)).State!.Find(TopicKey.Newsletter)!.Status;
}

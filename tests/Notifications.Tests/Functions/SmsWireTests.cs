using System.Collections.Concurrent;
using System.Text.Json;
using Azure.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Notifications.Functions.Communication;
using Notifications.Sending;

namespace Notifications.Tests.Functions;

/// <summary>The policies in a real Azure.Core pipeline, against a loopback server that speaks the documented wire format.</summary>
public sealed class SmsWireTests : IAsyncLifetime
{
    private const string Taken =
        """{"value":[{"to":"+15555550123","messageId":"Outgoing_1","httpStatusCode":202,"repeatabilityResult":"accepted","successful":true}]}""";
    private readonly ConcurrentQueue<JsonElement> _requests = new();
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers = new();
    private WebApplication _server = null!;
    private Uri _endpoint = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapPost("/sms", async http =>
        {
            _requests.Enqueue((await JsonDocument.ParseAsync(http.Request.Body)).RootElement);
            if (_answers.TryDequeue(out var answer)) await answer(http);
            else await AcceptAsync(http);
        });
        await _server.StartAsync();
        _endpoint = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task P5_Each_attempt_of_a_text_carries_the_same_id_and_the_same_time_of_first_sending()
    {
        _answers.Enqueue(http => Status(http, 503));
        var sender = Sender(new WireOptions { Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(1) } }, sdkRetries: true);
        Assert.Equal(HandOffResult.Accepted, (await sender.SendAsync(Samples.Sms, default)).Result); // The SDK's own retry, were it on,
        // and another process, later.
        Assert.Equal(HandOffResult.Accepted, (await Sender(new WireOptions()).SendAsync(Samples.Sms with { }, default)).Result);

        Assert.Equal(3, _requests.Count);
        foreach (var request in _requests)
        {
            var recipient = Assert.Single(request.GetProperty("smsRecipients").EnumerateArray());
            Assert.Equal(Samples.Id.OperationId.ToString(), recipient.GetProperty("repeatabilityRequestId").GetString());
            Assert.Equal("Tue, 24 Nov 2026 09:30:00 GMT", recipient.GetProperty("repeatabilityFirstSent").GetString());
            Assert.Equal(Samples.Sms.To, recipient.GetProperty("to").GetString());
            Assert.Equal(
                (Samples.Sms.From, Samples.Sms.Text),
                (request.GetProperty("from").GetString(), request.GetProperty("message").GetString()));
            Assert.Equal(Samples.Id.ToString(), request.GetProperty("smsSendOptions").GetProperty("tag").GetString());
            Assert.True(request.GetProperty("smsSendOptions").GetProperty("enableDeliveryReport").GetBoolean());
        }
    }

    [Fact]
    public async Task Texts_under_way_together_keep_their_own_ids()
    {
        var sender = Sender(new WireOptions());
        var texts = Enumerable.Range(0, 20)
            .Select(i => Samples.Sms with { Id = Samples.Id with { Suffix = $"AAAAAAAAAAAAAAAAAAAAAA{i:D2}" }, To = $"+155555501{i:D2}" })
            .ToArray();
        await Task.WhenAll(texts.Select(t => sender.SendAsync(t, default).AsTask()));

        var sent = _requests.Select(r => r.GetProperty("smsRecipients")[0]).ToDictionary(
            r => r.GetProperty("to").GetString()!, r => r.GetProperty("repeatabilityRequestId").GetString());
        Assert.Equal(texts.ToDictionary(t => t.To, t => (string?)t.Id.OperationId.ToString()), sent);
    }

    [Fact]
    public async Task The_sdk_does_not_repeat_a_request_by_itself()
    {
        _answers.Enqueue(http => Status(http, 503));

        Assert.Equal(HandOffResult.Unavailable, (await Sender(new WireOptions()).SendAsync(Samples.Sms, default)).Result);
        Assert.Single(_requests);
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData("0", 1)]
    [InlineData("99999999", 86400)]
    [InlineData("Tue, 24 Nov 2026 09:31:30 GMT", 90)]
    [InlineData("soon", 10)]
    [InlineData(null, 10)]
    public async Task A_429_is_throttled_for_as_long_as_the_provider_asks_and_the_sender_stands_still_meanwhile(
        string? retryAfter, int seconds)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 9, 30, 0, TimeSpan.Zero));
        _answers.Enqueue(http =>
        {
            if (retryAfter is not null) http.Response.Headers.RetryAfter = retryAfter;
            return Status(http, 429);
        });
        var sender = Sender(new WireOptions(), time: time);

        var refused = await OfferAsync(sender);
        Assert.Equal((HandOffResult.Throttled, TimeSpan.FromSeconds(seconds)), (refused.Result, refused.RetryAfter));
        if (seconds <= 2) return; // A pause this short is waited for, not handed back.

        var held = await OfferAsync(sender);
        Assert.Equal(HandOffResult.Throttled, held.Result);
        Assert.True(held.RetryAfter >= TimeSpan.FromSeconds(seconds), held.ToString());
        Assert.Single(_requests); // It was held back here, not sent and refused again.

        time.Advance(TimeSpan.FromSeconds(seconds + 60));
        Assert.Equal(HandOffResult.Accepted, (await OfferAsync(sender)).Result);
    }

    [Fact]
    public async Task Above_its_own_quota_a_sender_hands_back_without_a_request()
    {
        var sender = Sender(new WireOptions(), perMinute: 6, time: new FakeTimeProvider());

        Assert.Equal(HandOffResult.Accepted, (await OfferAsync(sender)).Result);
        var held = await OfferAsync(sender);
        Assert.Equal((HandOffResult.Throttled, TimeSpan.FromSeconds(10)), (held.Result, held.RetryAfter));
        Assert.Single(_requests);
    }

    [Fact]
    public async Task A_connection_that_breaks_after_the_request_is_unknown_and_one_that_never_came_about_is_unavailable()
    {
        _answers.Enqueue(http =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        Assert.Equal(HandOffResult.Unknown, (await Sender(new WireOptions()).SendAsync(Samples.Sms, default)).Result);

        await _server.StopAsync();
        Assert.Equal(HandOffResult.Unavailable, (await Sender(new WireOptions()).SendAsync(Samples.Sms, default)).Result);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_unknown()
    {
        _answers.Enqueue(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        var sender = Sender(new WireOptions { Retry = { NetworkTimeout = TimeSpan.FromMilliseconds(200) } }, keepTimeout: true);

        Assert.Equal(HandOffResult.Unknown, (await OfferAsync(sender)).Result);
    }

    [Fact]
    public async Task A_request_of_another_shape_than_we_know_is_not_sent()
    {
        var client = new WireSmsClient(_endpoint, Bind(new WireOptions(), new AdaptiveQuota(0, TimeProvider.System), TimeProvider.System));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => client.SendAsync("+1", ["+2"], "outside of For", new Azure.Communication.Sms.SmsSendOptions(true)));
        using (RepeatabilityPolicy.For(
            Samples.Sms)) await Assert.ThrowsAsync<InvalidOperationException>(
                () => client.SendAsync("+1", ["+2", "+3"], "two at once", new Azure.Communication.Sms.SmsSendOptions(true)));

        Assert.Empty(_requests);
    }

    /// <summary>As HandOffs does it: first what has to be waited for.</summary>
    private static async Task<HandOff> OfferAsync(AcsSmsSender sender) =>
        await sender.ReadyAsync(default) ?? await sender.SendAsync(Samples.Sms, default);

    private AcsSmsSender Sender(
        WireOptions options, int perMinute = 0, TimeProvider? time = null, bool sdkRetries = false, bool keepTimeout = false)
    {
        var clock = time ?? TimeProvider.System;
        var quota = new AdaptiveQuota(perMinute, clock);
        var (retries, timeout) = (options.Retry.MaxRetries, options.Retry.NetworkTimeout);
        Bind(options, quota, clock);
        if (sdkRetries) options.Retry.MaxRetries = retries;
        if (keepTimeout) options.Retry.NetworkTimeout = timeout;
        return new AcsSmsSender(new WireSmsClient(_endpoint, options), quota, clock);
    }

    private static WireOptions Bind(WireOptions options, AdaptiveQuota quota, TimeProvider time)
    {
        CommunicationServices.Bound(options, quota, time);
        options.AddPolicy(new RepeatabilityPolicy(), HttpPipelinePosition.PerCall);
        return options;
    }

    private static Task AcceptAsync(HttpContext http)
    {
        http.Response.StatusCode = 202;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(Taken);
    }

    private static Task Status(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync("""{"error":{"code":"TooManyRequests","message":"to +15555550123"}}""");
    }
}

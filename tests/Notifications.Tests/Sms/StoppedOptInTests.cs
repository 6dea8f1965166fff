using System.Net;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Sms;

/// <summary>What nobody had confirmed when its phone said STOP, once a START has taken that back: every view says what is sent.</summary>
public sealed class StoppedOptInTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Number = "LX123456785DE";

    [Fact]
    public async Task R49_After_STOP_and_START_the_preferences_the_decision_and_the_page_say_of_package_updates_what_is_sent()
    {
        var phone = CoreProduct.Phone("+14155550177");
        await product.FormAsync(
            "/subscribe", "en", ("phone", phone.Value), ("package", Number), ("watch-sms", "yes"), ("topic-sms-package-updates", "yes"),
            ("topic-sms-promotions", "yes"), ("age", "adult"));
        await product.WorkAsync();
        foreach (var text in (string[])["YES", "STOP", "START"]) await TextAsync(phone, text);
        Assert.Equal(WatchStatus.Active, Assert.Single(await product.WatchesAsync(phone)).Status);
        Assert.DoesNotContain(await product.LedgerAsync(phone), e => e.Action == LedgerAction.OptOut);

        var page = WebUtility.HtmlDecode((await product.OpenAsync(product.PreferencesPath(phone))).Text);
        Assert.Contains("name=\"stop\" value=\"package-updates\"", page, StringComparison.Ordinal); // It is on.
        Assert.Equal(("none", null), await StandsAsync(phone, TopicKey.PackageUpdates));
        Assert.Equal(("allowed", "no-consent"), (await ReasonAsync(phone, Number), await ReasonAsync(phone, null)));

        // What no package speaks for is stopped everywhere.
        var (status, since) = await StandsAsync(phone, TopicKey.Promotions);
        Assert.Equal(("unsubscribed", true), (status, since is not null));
        Assert.Equal("unsubscribed", await ReasonAsync(phone, null, TopicKey.Promotions));
    }

    [Fact]
    public async Task R49_P6_What_a_stop_took_back_raises_nothing_once_START_has_taken_the_stop_back()
    {
        var phone = CoreProduct.Phone("+14155550178");
        await product.FormAsync(
            "/subscribe", "en", ("phone", phone.Value), ("package", Number), ("watch-sms", "yes"), ("topic-sms-package-updates", "yes"),
            ("age", "adult"));
        await product.WorkAsync();
        foreach (var text in (string[])["YES", "STOP", "START", "YES"]) await TextAsync(phone, text);
        Assert.Equal("none", (await StandsAsync(phone, TopicKey.PackageUpdates)).Status);
        var early = await product.PostAsync(
            "/v1/consents",
            new
            {
                phone = phone.Value,
                topic = TopicKey.PackageUpdates,
                action = "confirm",
                source = "form",
                evidence = new { at = product.Time.GetUtcNow().AddMinutes(-3.5) },
            });
        Assert.NotEqual("subscribed", (string?)early["status"]);
        Assert.Equal("no-consent", await ReasonAsync(phone, null));
    }

    private async Task TextAsync(Address phone, string text)
    {
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.Get<IWorkQueue>().EnqueueAsync(
            Queues.Inbound,
            JsonSerializer.SerializeToUtf8Bytes(
                CoreProduct.Text(
                    $"{phone.Value} {text} {product.Time.GetUtcNow():O}", phone.Value.TrimStart('+'), text, product.Time.GetUtcNow()),
                CoreJson.Default.InboundEvent));
        await product.WorkAsync();
    }

    private async Task<(string Status, string? Since)> StandsAsync(Address phone, string topic)
    {
        using var body = JsonDocument.Parse((await product.GetAsync($"/v1/preferences?phone={Uri.EscapeDataString(phone.Value)}")).Text);
        var one = body.RootElement.GetProperty("subscriptions").EnumerateArray().Single(s => s.GetProperty("topic").GetString() == topic);
        return (one.GetProperty("status").GetString()!, one.GetProperty("since").GetString());
    }

    private async Task<string> ReasonAsync(Address phone, string? number, string topic = TopicKey.PackageUpdates) =>
        (string)(await product.PostAsync(
            "/v1/decisions",
            new { topic, to = new { phone = phone.Value }, trackingNumber = number, content = new { text = "t" } }))["reason"]!;
}

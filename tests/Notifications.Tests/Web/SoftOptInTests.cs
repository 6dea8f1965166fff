using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Web;

/// <summary>Marketing to customers without an opt-in (R37): off unless configured, and then only on whole evidence.</summary>
public sealed class SoftOptInTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private SendingOptions Options => product.Get<SendingOptions>();

    [Fact]
    public async Task R37_Unless_it_is_configured_a_soft_opt_in_is_refused_and_nothing_is_stored()
    {
        Options.SoftOptIn = new SendingOptions().SoftOptIn;
        var before = await product.StoredAsync();
        var refused = await AskAsync("off@example.com");
        Assert.Equal((HttpStatusCode.BadRequest, "basis"), (refused.Status, Assert.Single(refused.Fields)));
        Assert.Equal(before, await product.StoredAsync());
    }

    [Theory]
    [InlineData("sale", null)]
    [InlineData("sale", " ")]
    [InlineData("sale", 17)]
    [InlineData("similarProducts", null)]
    [InlineData("similarProducts", false)]
    [InlineData("refusalOffered", null)]
    [InlineData("refusalOffered", "true")]
    public async Task R37_Any_missing_condition_refuses_it(string condition, object? instead)
    {
        Options.SoftOptIn = true;
        var before = await product.StoredAsync();
        var refused = await AskAsync("lacking@example.com", evidence => evidence[condition] = JsonSerializer.SerializeToNode(instead));
        Assert.Equal((HttpStatusCode.BadRequest, "evidence." + condition), (refused.Status, Assert.Single(refused.Fields)));
        Assert.Equal(before, await product.StoredAsync());
    }

    [Fact]
    public async Task R37_With_everything_it_permits_marketing_that_offers_the_refusal_and_turning_the_setting_off_blocks_it_again()
    {
        Options.SoftOptIn = true;
        var customer = CoreProduct.Email("customer@example.com");
        var taken = await AskAsync(customer.Value);
        Assert.Equal((HttpStatusCode.OK, "subscribed", "soft-opt-in: checkout"), (taken.Status, taken["status"], taken["source"]));
        await product.PostAsync(
            "/v1/messages",
            new
            {
                topic = "promotions",
                to = new { email = customer.Value },
                content = new { subject = "More of what you bought", text = "Larger boxes." },
            });
        await product.WorkAsync();
        var mail = Assert.Single(product.Sent.Emails, m => m.To == customer.Value);
        Assert.Contains("/u/", mail.Text, StringComparison.Ordinal); // The refusal, offered in each message.
        Assert.Equal("allowed", await ReasonAsync(customer.Value));
        Assert.Equal("no-consent", await ReasonAsync(customer.Value, "newsletter"));

        var folded = LedgerFold.At(
            await product.LedgerAsync(customer), (await product.StateAsync(customer))!, product.Get<TopicCatalog>(),
            DateTimeOffset.MaxValue)!;
        Assert.Equal(SubscriptionStatus.Subscribed, folded.StatusOf(TopicKey.Promotions));
        Options.SoftOptIn = false;
        Assert.Equal("no-consent", await ReasonAsync(customer.Value));
    }

    [Fact]
    public async Task R37_P6_It_gives_way_to_whatever_the_person_said_and_never_stands_for_a_service_message()
    {
        Options.SoftOptIn = true;
        await product.PostAsync("/v1/consents", new { email = "refused@example.com", topic = "promotions", action = "opt-out" });
        Assert.Equal("unsubscribed", (await AskAsync("refused@example.com"))["status"]);
        await product.PostAsync("/v1/consents", new { email = "stopped@example.com", topic = "*", action = "opt-out" });
        await AskAsync("stopped@example.com");
        Assert.Equal("unsubscribed", await ReasonAsync("stopped@example.com"));
        await product.PostAsync("/v1/privacy/requests", new { type = "erasure", email = "gone@example.com" });
        await AskAsync("gone@example.com");
        Assert.Equal("suppressed-erased", await ReasonAsync("gone@example.com"));
        Assert.Equal(["topic"], (await AskAsync("service@example.com", topic: "package-updates")).Fields);

        // Nobody comes to it by calling another ground by its name, in a request or in a file.
        Assert.Equal(
            ["source"],
            (await product.PostAsync(
                "/v1/consents",
                new
                {
                    email = "named@example.com",
                    topic = "promotions",
                    action = "opt-in",
                    source = "Soft-Opt-In: shop",
                    wording = "w",
                    evidence = new { confirmed = true },
                })).Fields);
        Assert.Equal(
            ["basis"],
            (await product.PostAsync(
                "/v1/consents",
                new
                {
                    email = "named@example.com",
                    topic = "promotions",
                    action = "opt-in",
                    source = "shop",
                    wording = "w",
                    basis = "legitimate-interest",
                })).Fields);
    }

    [Fact]
    public async Task R37_Its_conditions_are_read_in_any_case()
    {
        Options.SoftOptIn = true;
        Assert.Equal(
            HttpStatusCode.OK,
            (await AskAsync("any.case@example.com", evidence =>
            {
                evidence.Clear();
                (evidence["Sale"], evidence["SIMILARPRODUCTS"], evidence["RefusalOffered"]) = ("Order 4712", true, true);
            })).Status);
    }

    private Task<Reply> AskAsync(string email, Action<JsonObject>? change = null, string topic = "promotions")
    {
        var evidence = new JsonObject { ["sale"] = "Order 4711, boxes", ["similarProducts"] = true, ["refusalOffered"] = true };
        change?.Invoke(evidence);
        return product.PostAsync(
            "/v1/consents",
            new
            {
                email,
                topic,
                action = "opt-in",
                source = "checkout",
                basis = "soft-opt-in",
                policyVersion = "2026-01",
                wording = "We send you offers like this. [ ] No, thank you.",
                evidence,
            });
    }

    private async Task<string> ReasonAsync(string email, string topic = "promotions") =>
        (await product.PostAsync(
            "/v1/decisions", new { topic, to = new { email }, content = new { subject = "s", text = "t" } }))["reason"]!;
}

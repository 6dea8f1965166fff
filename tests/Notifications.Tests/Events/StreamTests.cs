using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Events;

/// <summary>What mailbox providers ask of the two streams of mail.</summary>
public sealed class StreamTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

    [Fact]
    public async Task R15_An_opt_out_after_enqueue_and_before_dispatch_is_obeyed()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Ana, null, TopicKey.Newsletter);
        var waiting = product.Message(Ana, TopicKey.Newsletter);
        await product.Queue.EnqueueAsync(waiting, default);
        await product.Consents.OptOutAsync(Ana, new LedgerDraft(LedgerAction.OptOut, TopicKey.Newsletter, "test", "person"), default);
        await product.PumpAsync();
        Assert.Equal(Reason.Unsubscribed, (await product.RecordAsync(waiting.Id))!.Reason);
        Assert.Empty(product.Outbox.Emails);
    }

    [Fact]
    public async Task R16_Marketing_mail_carries_both_headers_and_a_link_and_an_update_carries_a_link()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Ana, null, TopicKey.Newsletter, TopicKey.Promotions, TopicKey.PackageUpdates);
        foreach (var topic in (string[])[TopicKey.Newsletter, TopicKey.Promotions, TopicKey.PackageUpdates])
        {
            await product.SendAsync(product.Message(Ana, topic));
            var mail = product.Outbox.Emails.Last();
            Assert.Contains("https://mail.example.com/u/", mail.Html, StringComparison.Ordinal);
            Assert.Contains("https://mail.example.com/u/", mail.Text, StringComparison.Ordinal);
            if (topic == TopicKey.PackageUpdates) continue;
            Assert.Single(mail.Headers, h => h.Key == "List-Unsubscribe");
            Assert.Single(mail.Headers, h => h is { Key: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click" });
        }
    }

    [Fact]
    public async Task R17_Marketing_and_transactional_mail_come_from_different_addresses()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Ana, null, TopicKey.Newsletter, TopicKey.PackageUpdates);
        await product.SendAsync(product.Message(Ana, TopicKey.Newsletter));
        Assert.Equal(product.Sender.MarketingFrom, product.Outbox.Emails.Last().From);
        await product.SendAsync(product.Message(Ana, TopicKey.PackageUpdates));
        Assert.Equal(product.Sender.TransactionalFrom, product.Outbox.Emails.Last().From);
        Assert.NotEqual(product.Sender.MarketingFrom, product.Sender.TransactionalFrom);
    }
}

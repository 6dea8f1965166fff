using System.Text;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Webhooks;

namespace Notifications.Tests.Events;

/// <summary>Mail that comes to us, from its bytes to what follows from it.</summary>
internal static class IncomingMail
{
    public static async Task<WorkResult> ReceiveAsync(this CoreProduct product, string mime, string id = "m1")
    {
        var mail = InboundMime.Parse(Encoding.UTF8.GetBytes(mime.ReplaceLineEndings("\r\n")));
        var data = JsonSerializer.SerializeToElement(mail, CoreJson.Default.InboundMail);
        var outcome = await product.Inbound.HandleAsync(new(id, InboundMail.EventType, data, product.Now), default);
        await product.PumpAsync();
        return outcome.Result;
    }

    /// <summary>A newsletter that went to somebody who takes package updates too: its id, and where it says how to leave.</summary>
    public static async Task<(string Message, string ListUnsubscribe)> SentNewsletterAsync(this CoreProduct product, Address address)
    {
        await product.SubscribeAsync(address, null, TopicKey.Newsletter, TopicKey.PackageUpdates);
        var message = product.Message(address, TopicKey.Newsletter);
        Assert.Equal(MessageStatus.Sent, (await product.SendAsync(message))!.Status);
        return (message.Id, Assert.Single(product.Outbox.Emails).Headers.First(h => h.Key == "List-Unsubscribe").Value);
    }

    /// <summary>What waits for a person to read it.</summary>
    public static async Task<IReadOnlyList<ReviewItem>> ReviewsAsync(this CoreProduct product) =>
        await product.Reviews.ListAsync(resolved: false, null, 10, default);
}

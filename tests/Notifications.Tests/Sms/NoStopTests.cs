using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sms;

/// <summary>What a text that is no stop leaves of the preferences.</summary>
public sealed class NoStopTests
{
    private const string Number = "+14155552671";

    public static TheoryData<string> Texts =>
    [
        "HELP", "Stop by at 5?", "stop at the corner shop", "thanks", "1", "", "YES", "START", "STOP updates?", "cancel all orders",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task R41_P2_No_text_that_is_no_stop_shows_a_topic_as_unsubscribed_that_was_not(string text)
    {
        Assert.NotEqual(SmsIntent.Stop, SmsKeyword.Read(text).Intent);
        foreach (var said in new[] { "", "asked", "subscribed", "asked, stopped", "subscribed, stopped", "asked, stopped, resumed" })
        {
            var product = new CoreProduct();
            var phone = CoreProduct.Phone(Number);
            if (said.Length > 0)
                await product.Consents.OptInAsync(
                    phone, product.Topics.Find(TopicKey.Promotions)!,
                    new LedgerDraft(LedgerAction.OptIn, TopicKey.Promotions, "form", "person"), said.StartsWith('s'), null, default);
            await product.PumpAsync();
            product.Time.Advance(TimeSpan.FromMinutes(1));
            if (said.Contains("stopped", StringComparison.Ordinal)) await product.TextAsync(Number, "STOP");
            product.Time.Advance(TimeSpan.FromMinutes(1));
            if (said.Contains("resumed", StringComparison.Ordinal)) await product.TextAsync(Number, "START");
            product.Time.Advance(TimeSpan.FromMinutes(1));

            var before = await ShownAsync(product, phone);
            await product.TextAsync(Number, text);
            foreach (var wait in new[] { TimeSpan.Zero, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5) })
            {
                product.Time.Advance(wait);
                var after = await ShownAsync(product, phone);
                foreach (var (topic, status) in after)
                    Assert.True(
                        status != SubscriptionStatus.Unsubscribed || before[topic] == SubscriptionStatus.Unsubscribed,
                        $"{topic} after {said}: {text}");
            }
        }
    }

    private static async Task<Dictionary<string, SubscriptionStatus>> ShownAsync(CoreProduct product, Address phone)
    {
        var (state, _) = await product.Book.LoadAsync(product.Ring.KeyOf(phone), default);
        return product.Topics.All.ToDictionary(t => t.Key, t => state?.ShownStatusOf(t) ?? SubscriptionStatus.None);
    }
}

using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Packages;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Sms;

/// <summary>Who texts us in these tests, and what they asked for before.</summary>
internal static class Texter
{
    public const string Ana = "+14155552671";
    public static readonly Address Phone = CoreProduct.Phone(Ana);

    /// <summary>A product in which Ana takes topics by text: package updates and promotions where none are named.</summary>
    public static async Task<CoreProduct> WithAnaAsync(Action<SmsOptions>? sms = null, params string[] topics)
    {
        var product = new CoreProduct(sms);
        await product.SubscribeAsync(Ana, topics.Length > 0 ? topics : [TopicKey.PackageUpdates, TopicKey.Promotions]);
        return product;
    }

    /// <summary>Ana texts us. Said again at the same moment it is the same text, delivered again.</summary>
    public static async Task TextAsync(this PackagesWorld world, string message, DateTimeOffset at)
    {
        await world.Get<InboundEvents>().HandleAsync(CoreProduct.Text($"{message} {at:O}", Ana, message, at), default);
        await world.PumpAsync();
    }

    /// <summary>Somebody asks for topics in her name: she is asked whether it was her.</summary>
    public static async Task SignUpAsync(this PackagesWorld world, params string[] topics)
    {
        await world.Get<ConsentDesk>().OptInAsync(
            Phone, [.. topics.Select(t => (world.Get<TopicCatalog>().Find(t)!, new LedgerDraft(LedgerAction.OptIn, t, "form", "person")))],
            confirmed: false, null, default);
        await world.PumpAsync();
    }

    /// <summary>The same with a package.</summary>
    public static async Task FollowAsync(
        this PackagesWorld world, string number = PackagesWorld.Number, string source = WatchOptions.PublicForm)
    {
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse(number), Phone, source, "service:test"), default);
        await world.PumpAsync();
    }
}

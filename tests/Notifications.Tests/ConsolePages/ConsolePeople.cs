using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

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

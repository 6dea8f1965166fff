using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Sending;

/// <summary>A confirmation message that still waits on the queue when the person says stop.</summary>
public sealed class ConfirmationAfterStopTests
{
    private const string Ana = "+14155552671";
    private const string Mail = "ana@example.com";
    private static readonly Address Phone = CoreProduct.Phone(Ana);

    [Fact]
    public async Task R43_P1_After_STOP_by_text_it_does_not_go_out()
    {
        var product = new CoreProduct();
        await SignUpAsync(product);
        await product.TextAsync(Ana, "STOP");
        Assert.StartsWith("Parcel Post: you will get no more texts", Assert.Single(product.Outbox.Texts).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R28_One_that_is_asked_for_after_STOP_goes_out_and_its_YES_is_heard()
    {
        var product = new CoreProduct();
        await product.TextAsync(Ana, "STOP");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await SignUpAsync(product);
        await product.PumpAsync();
        Assert.Equal(2, product.Outbox.Texts.Count);
        await product.TextAsync(Ana, "YES");
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));
    }

    [Theory]
    [InlineData(UnsubscribeScope.All)]
    [InlineData(UnsubscribeScope.Topic)]
    public async Task R43_P1_After_a_stop_of_everything_or_of_all_packages_none_goes_out_about_a_package_until_it_is_asked_for_again(
        UnsubscribeScope scope)
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Mail, source: WatchOptions.PublicForm);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, world.KeyOf(Mail), Channel.Email) { Topic = TopicKey.PackageUpdates }, scope, "link",
            default);
        await world.PumpAsync();
        Assert.Empty(world.Outbox.Emails);

        world.Clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(WatchStatus.Pending, (await world.WatchAsync(Mail, source: WatchOptions.PublicForm)).Status);
        await world.PumpAsync();
        Assert.Single(world.Outbox.Emails);
    }

    private static async Task SignUpAsync(CoreProduct product) =>
        await product.Consents.OptInAsync(
            Phone, product.Topics.Find(TopicKey.Newsletter)!, new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"),
            confirmed: false, null, default);
}

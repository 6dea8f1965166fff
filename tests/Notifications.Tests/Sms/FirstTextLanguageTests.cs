using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Sms;

/// <summary>The first texts to a number whose owner has named no language: in that of the number's region, as the answers are.</summary>
public sealed class FirstTextLanguageTests
{
    [Theory]
    [InlineData("+4915112345678", null, "Antworten Sie mit YES")]
    [InlineData("+4915112345678", "fr", "Répondez YES")] // The person's own goes first.
    [InlineData("+14155552671", null, "reply YES")]
    public async Task R55_A_question_by_text_is_in_the_language_of_the_number_where_the_person_has_named_none(
        string number, string? locale, string begins)
    {
        var world = new PackagesWorld();
        var phone = CoreProduct.Phone(number);
        await world.Get<ConsentDesk>().OptInAsync(
            phone, world.Get<TopicCatalog>().Find(TopicKey.Newsletter)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), confirmed: false, locale, default);
        await world.PumpAsync();
        Assert.Contains(begins, Assert.Single(world.Outbox.Texts).Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task R55_So_is_the_news_of_a_package()
    {
        var world = new PackagesWorld();
        await world.Watches.WatchAsync(
            new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), CoreProduct.Phone("+4915112345678"), "app", "service:test"),
            default);
        await world.HappensAsync("one", ParcelStatus.Delivered);
        await world.PumpAsync();
        Assert.Contains("Zugestellt", Assert.Single(world.Outbox.Texts).Text, StringComparison.OrdinalIgnoreCase);
    }
}

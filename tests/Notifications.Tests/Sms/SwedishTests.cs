using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Sms;

/// <summary>A whole exchange in Swedish is in Swedish: the form, the question, the page that confirms it, and the answers.</summary>
public sealed class SwedishTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R55_A_Swedish_number_is_asked_in_Swedish_and_answered_in_Swedish()
    {
        var world = new PackagesWorld();
        var phone = CoreProduct.Phone("+46701234567");
        await world.Get<ConsentDesk>().OptInAsync(
            phone, world.Get<TopicCatalog>().Find(TopicKey.Newsletter)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), confirmed: false, null, default);
        await world.PumpAsync();
        Assert.Contains("svara YES för att få per sms: Nyhetsbrev.", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
        var at = world.Later();
        await world.Get<Notifications.Events.InboundEvents>().HandleAsync(CoreProduct.Text("ja", phone.Value, "ja", at), default);
        await world.PumpAsync();
        Assert.Contains("bekräftat, du får per sms: Nyhetsbrev.", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R51_R55_News_of_a_package_and_its_question_are_in_Swedish_where_that_is_the_persons_language()
    {
        var world = new PackagesWorld();
        var phone = CoreProduct.Phone("+14155552671");
        var watch = new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), phone, "app", "service:test") { Locale = "sv-SE" };
        await world.Watches.WatchAsync(watch, default);
        await world.HappensAsync("one", ParcelStatus.Delivered);
        await world.PumpAsync();
        Assert.Contains(
            $"{PackagesWorld.Number}: Levererat.\nSvara STOPPA för att sluta.", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);

        await world.Watches.WatchAsync(
            watch with { Address = CoreProduct.Phone("+14155552672"), Source = WatchOptions.PublicForm }, default);
        await world.PumpAsync();
        Assert.Contains(
            $"svara YES för att få nytt om paket {PackagesWorld.Number} per sms.", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sv-SE,sv;q=0.9,en;q=0.8", "+14155550181", "svara YES", "bekräftat")]
    [InlineData("da,en;q=0.8", "+14155550182", "reply YES", "confirmed")] // Not one of ours: the next that is asked for.
    [InlineData("pt-BR", "+14155550183", "responda YES", "confirmado")]
    public async Task R55_Who_signs_up_in_a_language_of_the_texts_is_asked_and_answered_in_it(
        string asked, string number, string question, string answer)
    {
        var phone = CoreProduct.Phone(number);
        var (_, page) = await product.FormAsync(
            "/subscribe", asked, ("phone", number), ("topic-sms-newsletter", "yes"), ("age", "adult"));
        if (asked.StartsWith("sv", StringComparison.Ordinal)) Assert.Contains("<html lang=\"sv\"", page, StringComparison.Ordinal);
        await product.WorkAsync();
        Assert.Contains(question, Last(phone), StringComparison.Ordinal);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.Get<IWorkQueue>().EnqueueAsync(
            Queues.Inbound,
            JsonSerializer.SerializeToUtf8Bytes(
                CoreProduct.Text(number, number.TrimStart('+'), "YES", product.Time.GetUtcNow()), CoreJson.Default.InboundEvent));
        await product.WorkAsync();
        Assert.Contains(answer, Last(phone), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R53_The_terms_in_a_first_text_are_in_the_language_of_the_text_also_where_the_number_says_it()
    {
        var world = new PackagesWorld();
        var phone = CoreProduct.Phone("+4915112345678");
        await world.SubscribeAsync(phone, TopicKey.Promotions);
        await world.Get<Notifications.Sending.SendQueue>().EnqueueAsync(
            new Notifications.Sending.SendRequest
            {
                Id = world.Get<Notifications.Sending.MessageIds>().Derive(world.Ring.KeyOf(phone), "first").ToString(),
                Channel = Channel.Sms,
                To = phone.Value,
                Topic = TopicKey.Promotions,
                Data = JsonSerializer.SerializeToElement(new { title = "Frühling" }),
                AcceptedAt = world.Clock.GetUtcNow(),
            },
            default);
        await world.PumpAsync();
        var text = Assert.Single(world.Outbox.Texts).Text;
        Assert.Contains("Beenden: mit STOP antworten", text, StringComparison.Ordinal);
        Assert.Contains("SMS-Meldungen: ", text, StringComparison.Ordinal);
    }

    private string Last(Address phone) => product.Sent.Texts.Last(t => t.To == phone.Value).Text;
}

using System.Net;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Tests.Imports;
using Notifications.Privacy;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Consent;

/// <summary>A topic that was taken out of the settings: nothing of it is sent, and it can still be stopped.</summary>
public sealed class GoneTopicTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Gone = "contests";

    [Fact]
    public async Task P8_M4_A_message_of_it_is_skipped_and_a_campaign_of_it_does_not_launch()
    {
        var world = await CampaignsAsync();
        var campaign = await world.LaunchAsync(Of);
        var draft = await world.DraftAsync(Of);
        world.Options.Topics.Clear();
        world.Restart();
        var stats = await world.CompleteAsync(campaign.Id);
        Assert.Equal((0, 1), (stats.Sent, stats.Skipped["no-consent"]));
        var outcome = await world.Desk.LaunchAsync(draft.Id, null, "service:test", default);
        Assert.Equal(
            (CampaignRefusal.NotReady, "The topic contests is not in the settings any more, so nothing of it is sent."),
            (outcome.Refusal, outcome.Why));
        static CampaignDefinition Of(CampaignDefinition definition) =>
            definition with { Topic = Gone, Template = "message", Audience = new Notifications.Audiences.Audience(Gone, Channel.Email) };
    }

    [Fact]
    public async Task P8_R63_A_confirmation_of_several_asks_about_what_can_still_be_chosen()
    {
        var world = new CampaignWorld(o => o.Topics.Add(new Topic { Key = Gone }));
        var topics = world.Get<TopicCatalog>();
        await world.Get<ConsentDesk>().OptInAsync(
            CampaignWorld.Person(1),
            [
                .. ((string[])[Gone, TopicKey.Newsletter]).Select(
                    t => (topics.Find(t)!, new LedgerDraft(LedgerAction.OptIn, t, "form", "person"))),
            ],
            confirmed: false, "en", default);
        world.Options.Topics.Clear();
        world.Restart();
        await world.PumpAsync();
        var mail = Assert.Single(world.Provider.Emails);
        Assert.Contains("Newsletter", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Gone, mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P8_R63_Nobody_is_asked_about_it_again_and_it_keeps_no_other_question_waiting()
    {
        var world = new CampaignWorld(o => o.Topics.Add(new Topic { Key = Gone }));
        var key = world.Ring.KeyOf(CampaignWorld.Person(1));
        await ChooseAsync(world, Gone);
        var asked = await AskedAtAsync();
        world.Options.Topics.Clear();
        world.Restart();
        world.Clock.Advance(TimeSpan.FromDays(2));
        await world.Get<ConsentQuestions>().AskAgainAsync(key, default);
        Assert.Equal(asked, await AskedAtAsync());
        await ChooseAsync(world, TopicKey.Newsletter);
        Assert.Equal([TopicKey.Newsletter], world.Get<ConsentQuestions>().Asked(await StateAsync()).Select(s => s.Topic));
        await world.PumpAsync();
        Assert.Contains("Newsletter", Assert.Single(world.Provider.Emails).Text, StringComparison.Ordinal);

        // What is chosen within the window is asked about when that ends, with what still can be chosen.
        await ChooseAsync(world, TopicKey.Promotions);
        await world.PassAsync(TimeSpan.FromHours(25), TimeSpan.FromHours(1));
        Assert.Equal(2, world.Provider.Emails.Count);
        Assert.Contains("Promotions", world.Provider.Emails[1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Gone, world.Provider.Emails[1].Text, StringComparison.Ordinal);

        async Task<AddressState> StateAsync() => (await world.Get<AddressBook>().LoadAsync(key, default)).State!;
        async Task<DateTimeOffset?> AskedAtAsync() => (await StateAsync()).Find(Gone)!.ConfirmationAt;
    }

    [Fact]
    public async Task R63_What_is_chosen_right_after_a_topic_is_gone_is_asked_about_at_once_though_that_one_was_just_asked_about()
    {
        var world = new CampaignWorld(o => o.Topics.Add(new Topic { Key = Gone }));
        var key = world.Ring.KeyOf(CampaignWorld.Person(1));
        await ChooseAsync(world, Gone);
        await world.PumpAsync();
        world.Provider.Emails.Clear();
        world.Options.Topics.Clear();
        world.Restart();
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await ChooseAsync(world, TopicKey.Newsletter);
        await world.PumpAsync();
        Assert.Contains("Newsletter", Assert.Single(world.Provider.Emails).Text, StringComparison.Ordinal);
        var state = (await world.Get<AddressBook>().LoadAsync(key, default)).State!;
        // No message has asked about it again.
        Assert.True(state.Find(Gone)!.ConfirmationAt < state.Find(TopicKey.Newsletter)!.ConfirmationAt);
    }

    [Fact]
    public async Task P8_R30_No_page_offers_to_ask_about_it_and_a_YES_by_text_confirms_nothing_of_it()
    {
        var (mail, phone) = (CoreProduct.Email("gone.asked@example.com"), CoreProduct.Phone("+14155552680"));
        foreach (var (address, topics) in ((Address, string[])[])[(mail, [Gone]), (phone, [Gone, TopicKey.Newsletter])])
            await product.Get<ConsentDesk>().OptInAsync(
                address, [.. topics.Select(t => (new Topic { Key = t }, new LedgerDraft(LedgerAction.OptIn, t, "form", "person")))],
                confirmed: false, "en", default);
        var page = product.PreferencesPath(mail);
        Assert.DoesNotContain(
            "name=\"again\"", (await product.OpenAsync(page)).Text,
            StringComparison.Ordinal);

        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.Get<InboundEvents>().HandleAsync(CoreProduct.Text("gone-yes", phone.Value, "YES", product.Time.GetUtcNow()), default);
        var state = (await product.StateAsync(phone))!;
        Assert.Equal(
            (SubscriptionStatus.Pending, SubscriptionStatus.Subscribed), (state.StatusOf(Gone), state.StatusOf(TopicKey.Newsletter)));
    }

    [Theory]
    [InlineData(TopicKind.Marketing, SubscriptionStatus.Unsubscribed)]
    [InlineData(TopicKind.Transactional, SubscriptionStatus.Subscribed)]
    public async Task P6_R36_An_objection_holds_for_it_when_it_is_in_the_settings_again_as_marketing_and_for_nothing_else(
        TopicKind kind, SubscriptionStatus status)
    {
        var world = await CampaignsAsync(kind);
        var topic = world.Options.Topics.Single();
        world.Options.Topics.Clear();
        world.Restart();
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Objection, [CampaignWorld.Person(1)], null, null, null, "agent:mia", default);
        world.Options.Topics.Add(topic);
        world.Restart();
        var state = await world.StateAsync(CampaignWorld.Person(1));
        Assert.Equal(status, state.StatusOf(world.Get<TopicCatalog>().Find(Gone)!));
    }

    [Theory]
    [InlineData("call")]
    [InlineData("patch")]
    [InlineData("page")]
    [InlineData("marketing")]
    [InlineData("row")]
    public async Task P6_M4_Whatever_lowers_reaches_it_by_its_key_where_the_address_has_it(string way)
    {
        var address = CoreProduct.Email($"gone.{way}@example.com");
        await SubscribeAsync(address);
        Assert.Equal("subscribed", await StatusAsync(address));
        Assert.Equal(
            "no-consent",
            (await product.GetAsync($"/v1/explain?email={address.Value}&topic={Gone}")).Json.GetProperty("reason").GetString());
        var page = product.PreferencesPath(address);
        var shown = (await product.OpenAsync(page)).Text;
        Assert.Contains($"name=\"stop\" value=\"{Gone}\"", shown, StringComparison.Ordinal);
        switch (way)
        {
            case "call":
                Assert.Equal(
                    HttpStatusCode.OK,
                    (await product.PostAsync("/v1/consents", new { email = address.Value, topic = Gone, action = "opt-out" })).Status);
                Assert.Equal(
                    HttpStatusCode.BadRequest,
                    (await product.PostAsync(
                        "/v1/consents",
                        new { email = address.Value, topic = Gone, action = "opt-in", source = "form", wording = "Yes." })).Status);
                Assert.Equal(
                    HttpStatusCode.BadRequest,
                    (await product.PostAsync("/v1/consents", new { email = address.Value, topic = "contsts", action = "opt-out" })).Status);
                break;
            case "patch":
                Assert.Equal(
                    HttpStatusCode.OK,
                    (await product.SendAsync(
                        HttpMethod.Patch, "/v1/preferences",
                        new { email = address.Value, subscriptions = new[] { new { topic = Gone, status = "unsubscribed" } } })).Status);
                break;
            case "row":
                var import = await product.ImportAsync(
                    $"email,topic,status\n{address.Value},{Gone},unsubscribed\n{address.Value},contsts,unsubscribed\n");
                Assert.Equal((1, 1), (import.GetProperty("lowered").GetInt32(), import.GetProperty("rejected").GetInt32()));
                break;
            default:
                await product.FormAsync(page, "en", ("stop", way == "page" ? Gone : "~marketing"));
                break;
        }

        Assert.Equal("unsubscribed", await StatusAsync(address));
        // It can be chosen no more.
        Assert.DoesNotContain(Gone, (await product.OpenAsync(page)).Text, StringComparison.Ordinal);
    }

    private static async Task<CampaignWorld> CampaignsAsync(TopicKind kind = TopicKind.Marketing)
    {
        var world = new CampaignWorld(o => o.Topics.Add(new Topic { Key = Gone, Kind = kind }));
        await world.SubscribeAsync(1, 1, Gone);
        return world;
    }

    private async Task SubscribeAsync(Address address) =>
        await product.Get<AddressBook>().ChangeAsync(
            product.Key(address), ConsentDesk.Blank(address),
            (state, now) =>
                Transitions.OptIn(state, new Topic { Key = Gone }, new LedgerDraft(LedgerAction.OptIn, Gone, "form", "person"), true, now),
            null, default);

    private async Task<string?> StatusAsync(Address address) =>
        (await product.GetAsync("/v1/preferences?email=" + address.Value)).Json
            .GetProperty("subscriptions")
            .EnumerateArray()
            .Single(s => s.GetProperty("topic").GetString() == Gone)
            .GetProperty("status")
            .GetString();

    private static async Task ChooseAsync(CampaignWorld world, string topic) =>
        await world.Get<ConsentDesk>()
            .OptInAsync(
                CampaignWorld.Person(1), world.Get<TopicCatalog>().Find(topic)!,
                new LedgerDraft(LedgerAction.OptIn, topic, "form", "person"), confirmed: false, "en", default);
}

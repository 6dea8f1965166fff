using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Review;
using Notifications.Sms;
using Notifications.Tests.Packages;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>A lone "no", which only what came before it explains.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string> Refusals =>
    [
        "no", "No.", "N", "no, please", "nein", "Nö", "non", "não", "NAO", "nee", "nej", "nie", "нет", "hayır", "لا", "いいえ", "아니요", "不要", "no no", "no 🛑",
    ];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task R41_M11_A_lone_no_of_whom_nothing_was_asked_and_who_gets_marketing_is_read_by_a_person(string text)
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Phone, TopicKey.Promotions);
        await world.TextAsync(text, world.Later());
        var state = await world.StateAsync(Phone);
        Assert.True(state.ReviewPending);
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Promotions));
        Assert.Empty(world.Outbox.Texts);
    }

    [Fact]
    public async Task R41_A_lone_no_of_who_gets_package_updates_alone_holds_nothing_back()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Phone, TopicKey.PackageUpdates);
        await world.TextAsync("no", world.Later());
        Assert.False((await world.StateAsync(Phone)).ReviewPending);
    }

    [Fact]
    public async Task R30_R41_A_no_to_a_question_is_its_answer_and_confirms_nothing()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Phone, TopicKey.Promotions);
        await world.SignUpAsync(TopicKey.Newsletter);
        await world.TextAsync("no", world.Later());
        var state = await world.StateAsync(Phone);
        Assert.False(state.ReviewPending);
        Assert.NotEqual(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R41_A_text_of_whom_as_many_wait_to_be_read_as_may_is_read_by_a_person_too()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Phone, TopicKey.Promotions);
        for (var i = 0; i <= AddressTransitions.MostReviews; i++) await world.TextAsync("who gave you my number", world.Later());
        var desk = world.Get<ReviewDesk>();
        Assert.Equal(AddressTransitions.MostReviews + 1, (await desk.ListAsync(resolved: false, null, 100, default)).Count);
        Assert.Equal(AddressTransitions.MostReviews, (await world.StateAsync(Phone)).Reviews.Length);
    }

    [Theory]
    [InlineData("no problem"), InlineData("no?"), InlineData("no, the blue one"), InlineData("keine Ahnung"), InlineData("No 14")]
    public void R41_What_only_begins_with_a_no_is_none(string text) => Assert.Equal(SmsIntent.None, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("no thanks", SmsIntent.Unsure), InlineData("no, stop", SmsIntent.Stop)]
    public void R41_What_stands_beside_a_no_is_heard_as_before(string text, SmsIntent least) =>
        Assert.True(SmsKeyword.Read(text).Intent is var read && (read == SmsIntent.Stop || read == least), $"{read}");
}

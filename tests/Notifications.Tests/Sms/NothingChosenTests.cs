using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>What START and YES are answered where nothing comes back, and a YES with a courtesy.</summary>
public sealed class NothingChosenTests
{
    private const string Noted = "noted. Nothing is sent to this number at present";

    [Theory]
    [InlineData("START"), InlineData("YES")]
    public async Task R49_Who_had_only_been_asked_about_a_topic_is_promised_nothing_after_a_STOP(string word)
    {
        var world = new PackagesWorld();
        await world.SignUpAsync(TopicKey.Newsletter);
        await world.TextAsync("STOP", world.Later());
        await world.TextAsync(word, world.Later());
        var state = await world.StateAsync(Phone);
        Assert.Null(state.Stopped);
        Assert.NotEqual(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Newsletter));
        Assert.Contains(Noted, world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R49_Who_never_chose_anything_is_promised_nothing_after_a_STOP()
    {
        var product = new CoreProduct();
        await product.TextAsync(Ana, "STOP");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.TextAsync(Ana, "START");
        Assert.Contains(Noted, product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R33_R49_A_former_number_is_promised_nothing()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Phone, TopicKey.Promotions);
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), Phone, "shop", "service:shop"), default);
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [Phone], null, null, new Rectification(NewAddress: "+14155552672"), "agent:mia", default);
        await world.PumpAsync();
        await world.TextAsync("START", world.Later());
        Assert.Contains(Noted, world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R49_Who_follows_a_package_and_nothing_else_is_told_that_it_comes_again()
    {
        var world = new PackagesWorld();
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), Phone, "shop", "service:shop"), default);
        await world.TextAsync("STOP", world.Later());
        await world.TextAsync("START", world.Later());
        Assert.Contains("welcome back", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R49_Who_followed_a_package_that_has_ended_since_the_STOP_is_promised_nothing()
    {
        var world = new PackagesWorld();
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), Phone, "shop", "service:shop"), default);
        await world.TextAsync("STOP", world.Later());
        world.Clock.Advance(TimeSpan.FromDays(400));
        Assert.Equal(1, (await world.Repair.RunAsync(default)).Ended);
        await world.TextAsync("START", world.Later());
        Assert.Contains(Noted, world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R49_Packages_that_a_former_build_counts_on_are_counted_anew_where_nothing_else_was_chosen()
    {
        var world = new PackagesWorld();
        await world.Watches.WatchAsync(new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), Phone, "shop", "service:shop"), default);
        await world.Book.ChangeAsync(world.Ring.KeyOf(Phone), null, (s, _) => new Change(s with { Watching = 7 }, []), null, default);
        await world.Get<AudienceRepair>().RunAsync(default);
        Assert.Equal(1, (await world.StateAsync(Phone)).Watching);
    }

    [Fact]
    public async Task R49_What_waits_to_be_read_by_a_person_is_not_promised_by_the_answer_to_START()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Phone, TopicKey.Promotions, TopicKey.PackageUpdates);
        await world.TextAsync("only parcels please", world.Later());
        Assert.True((await world.StateAsync(Phone)).ReviewPending);
        await world.TextAsync("STOP", world.Later());
        await world.TextAsync("START", world.Later());
        Assert.EndsWith(
            "noted. Not sent at present: Promotions. Questions: help@example.com", world.Outbox.Texts[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yes please"), InlineData("ja bitte"), InlineData("Sí, por favor")]
    public async Task R30_A_polite_yes_confirms_what_was_asked(string text)
    {
        var world = new PackagesWorld();
        await world.SignUpAsync(TopicKey.Newsletter);
        await world.TextAsync(text, world.Later());
        Assert.Equal(SubscriptionStatus.Subscribed, (await world.StateAsync(Phone)).StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task P1_A_yes_with_thanks_for_the_answer_to_a_STOP_takes_nothing_back_and_a_polite_START_does()
    {
        var product = await WithAnaAsync();
        await product.TextAsync(Ana, "STOP");
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.TextAsync(Ana, "Yes, thank you");
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);
        Assert.Single(product.Outbox.Texts);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.TextAsync(Ana, "START please");
        Assert.Null((await product.StateAsync(Phone)).Stopped);
        Assert.Contains("welcome back", product.Outbox.Texts.Last().Text, StringComparison.Ordinal);
    }
}

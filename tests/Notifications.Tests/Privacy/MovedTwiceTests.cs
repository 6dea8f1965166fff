using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Privacy;

/// <summary>
/// An address that is changed more than once: the same change recorded again, on to a third address, and back. What a change has stopped at
/// the address that was left is nobody's word, and what its person said goes along.
/// </summary>
public sealed class MovedTwiceTests
{
    private static readonly Address A = CoreProduct.Email("a@example.com");
    private static readonly Address B = CoreProduct.Email("b@example.com");
    private static readonly Address C = CoreProduct.Email("c@example.com");

    [Fact]
    public async Task R33_P6_A_change_that_is_recorded_again_changes_nothing_that_holds_at_the_new_address()
    {
        var world = await OwnedAsync();
        await MoveAsync(world, A, B);
        await ConfirmAsync(world, B);
        var before = await world.StateAsync(B);
        var again = await MoveAsync(world, A, B);
        Assert.Equal((PrivacyStatus.Completed, true), (again.Status, again.Outcome!.StartsWith("Corrected.", StringComparison.Ordinal)));
        Assert.Contains("stays as it is", again.Outcome, StringComparison.Ordinal);
        var after = await world.StateAsync(B);
        Assert.Equal((before.Ledger, null), (after.Ledger, after.Stopped));
        Assert.Equal(before.Subscriptions, after.Subscriptions);
        Assert.Equal(SubscriptionStatus.Subscribed, before.StatusOf(TopicKey.Newsletter));
        Assert.Equal([B], await AddressesAsync(world));
    }

    [Fact]
    public async Task R33_R63_A_change_that_is_recorded_again_before_it_is_confirmed_leaves_what_waits_and_asks_again_when_the_window_is_over()
    {
        var world = await OwnedAsync();
        await MoveAsync(world, A, B);
        var again = await MoveAsync(world, A, B);
        Assert.Contains("has yet to confirm", again.Outcome, StringComparison.Ordinal);
        await world.PumpAsync();
        Assert.Equal(B.Value, Assert.Single(world.Outbox.Emails).To);
        world.Clock.Advance(TimeSpan.FromHours(25));
        await MoveAsync(world, A, B);
        await world.PumpAsync();
        Assert.Equal([B.Value, B.Value], world.Outbox.Emails.Select(m => m.To));
        await ConfirmAsync(world, B);
        Assert.Equal(SubscriptionStatus.Subscribed, (await world.StateAsync(B)).StatusOf(TopicKey.Newsletter));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R33_A_mistyped_new_address_is_corrected_by_itself_or_by_the_old_one_and_the_right_one_is_asked_the_same(bool byOld)
    {
        var world = await OwnedAsync();
        await Mover.FollowAsync(world, A);
        await world.Get<ConsentDesk>().OptOutAsync(
            A, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "page", "person"), default);
        await MoveAsync(world, A, B);
        await world.PumpAsync();
        var mails = world.Outbox.Emails.Count;
        var done = await MoveAsync(world, byOld ? A : B, C);
        Assert.Contains("is asked to confirm", done.Outcome, StringComparison.Ordinal);
        Assert.Equal(byOld, done.Outcome!.Contains("is a former one of the person", StringComparison.Ordinal));
        await world.PumpAsync();
        Assert.Contains(world.Outbox.Emails.Skip(mails), m => m.To == C.Value);
        var state = await world.StateAsync(C);
        Assert.Equal(
            (SubscriptionStatus.Pending, SubscriptionStatus.Unsubscribed, null),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions), state.Stopped));
        Assert.Equal(WatchStatus.Pending, Assert.Single(await world.Watches.OfAsync(world.Ring.KeyOf(C), default)).Watch.Status);
        Assert.Equal([C], await AddressesAsync(world));
        await ConfirmAsync(world, C);
        Assert.Equal(SubscriptionStatus.Subscribed, (await world.StateAsync(C)).StatusOf(TopicKey.Newsletter));
        await ConfirmAsync(world, B);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await world.StateAsync(B)).StatusOf(TopicKey.Newsletter));

        // All of it is the person's, and goes with them.
        var erased = await world.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Erasure, [C], "c1", null, null, "agent:mia", default);
        Assert.Equal(3, erased.AddressKeys.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R33_P6_Who_moves_back_is_asked_at_the_first_address_and_gets_there_what_they_confirm_and_nothing_else(bool confirmed)
    {
        var world = await OwnedAsync();
        await world.SubscribeAsync(A, TopicKey.Promotions);
        await world.Get<ConsentDesk>().OptOutAsync(A, new LedgerDraft(LedgerAction.OptOut, "surveys", "page", "person"), default);
        await MoveAsync(world, A, B);
        if (confirmed) await ConfirmAsync(world, B);
        var back = await MoveAsync(world, B, A);
        Assert.Contains("is asked to confirm", back.Outcome, StringComparison.Ordinal);
        await world.PumpAsync();
        Assert.Equal(A.Value, world.Outbox.Emails[^1].To);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await world.StateAsync(A)).StatusOf(TopicKey.Newsletter)); // Until it confirms.
        await ConfirmAsync(world, A);
        var state = await world.StateAsync(A);
        Assert.Equal(
            (SubscriptionStatus.Subscribed, SubscriptionStatus.Unsubscribed, SubscriptionStatus.Unsubscribed, null),
            (state.StatusOf(TopicKey.Newsletter), state.StatusOf(TopicKey.Promotions), state.StatusOf("surveys"), state.Stopped));
        Assert.NotNull((await world.StateAsync(B)).Stopped);
        Assert.Equal([A], await AddressesAsync(world));

        // And on to the one that was left in between, as if for the first time.
        await MoveAsync(world, A, B);
        await ConfirmAsync(world, B);
        Assert.Equal(SubscriptionStatus.Subscribed, (await world.StateAsync(B)).StatusOf(TopicKey.Newsletter));
        Assert.Equal([B], await AddressesAsync(world));
    }

    [Fact]
    public async Task R33_P6_A_stop_that_was_said_at_the_address_after_it_was_left_stands_there_where_the_person_moves_back()
    {
        var world = await OwnedAsync();
        await MoveAsync(world, A, B);
        await ConfirmAsync(world, B);
        world.Later();
        await world.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, world.Ring.KeyOf(A), Channel.Email), UnsubscribeScope.All, "link", default);
        world.Later();
        await MoveAsync(world, B, A);
        await world.PumpAsync();
        var state = await world.StateAsync(A);
        Assert.NotNull(state.Stopped);
        Assert.DoesNotContain(state.Subscriptions, static s => s.Waits);
        Assert.DoesNotContain(world.Outbox.Emails, static m => m.To == A.Value);
    }

    [Fact]
    public async Task R33_P6_What_the_person_stopped_themselves_goes_along_through_every_change()
    {
        var world = await OwnedAsync();
        await MoveAsync(world, A, B);
        await ConfirmAsync(world, B);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(B), null,
            (s, now) => Transitions.StopAll(s, new LedgerDraft(LedgerAction.StopAll, LedgerDraft.AllTopics, "page", "person"), now), null,
            default);
        var third = await MoveAsync(world, B, C);
        Assert.Contains("is asked nothing", third.Outcome, StringComparison.Ordinal);
        await MoveAsync(world, C, A);
        foreach (var address in new[] { C, A })
            Assert.Equal(SubscriptionStatus.Unsubscribed, (await world.StateAsync(address)).StatusOf(TopicKey.Newsletter));
        await world.PumpAsync();
        Assert.DoesNotContain(world.Outbox.Emails, m => m.To == C.Value || m.To == A.Value);
    }

    [Fact]
    public async Task R33_Where_somebody_has_begun_something_at_the_address_that_was_left_a_change_of_it_is_theirs()
    {
        var world = await OwnedAsync();
        await MoveAsync(world, A, B);
        await ConfirmAsync(world, B);
        await world.Get<ConsentDesk>().OptInAsync(
            A, world.Get<TopicCatalog>().Find(TopicKey.Promotions)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Promotions, "form", "person"), confirmed: false, null, default);
        Assert.Equal(PrivacyStatus.Completed, (await MoveAsync(world, A, C)).Status);
        Assert.Equal(SubscriptionStatus.Subscribed, (await world.StateAsync(B)).StatusOf(TopicKey.Newsletter));
        Assert.Equal([B], await AddressesAsync(world));
    }

    private static async Task<PackagesWorld> OwnedAsync()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(A, TopicKey.Newsletter);
        await world.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [A], "service:x", default);
        return world;
    }

    private static async Task<PrivacyRequest> MoveAsync(PackagesWorld world, Address from, Address to)
    {
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var done = await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [from], null, null, new Rectification(NewAddress: to.Value), "agent:mia", default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        return done;
    }

    private static Task ConfirmAsync(PackagesWorld world, Address address) => Mover.ConfirmAsync(world, address);

    private static async Task<IEnumerable<Address>> AddressesAsync(PackagesWorld world) =>
        (await world.Get<ContactDesk>().GetAsync("c1", default))!.Addresses.Select(a => a.Address);
}

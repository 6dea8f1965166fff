using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using static Notifications.Tests.Privacy.Mover;

namespace Notifications.Tests.Privacy;

/// <summary>
/// What holds sends back at an address, and was shed by moving to another: a disabled account, a break, and with them what waits to be
/// read.
/// </summary>
public sealed class MovedRestraintTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task M8_M6_A_disabled_account_goes_along_to_a_new_address_which_is_not_even_asked(bool deleted)
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        var contacts = world.Get<ContactDesk>();
        await contacts.PutAsync("c1", null, null, null, [Old], "service:x", default);
        await contacts.SetStatusAsync("c1", ContactStatus.Disabled, "api", "service:x", default);
        if (deleted) await contacts.DeleteAsync("c1", default);
        var done = await RectifyAsync(world);
        Assert.Equal(PrivacyStatus.Completed, done.Status);
        Assert.StartsWith("Corrected. The account is disabled", done.Outcome, StringComparison.Ordinal);
        await world.PumpAsync();
        Assert.Empty(world.Outbox.Emails);
        await ConfirmAsync(world, New);
        Assert.Equal(Reason.AccountDisabled, await DecideAsync(world, New));
    }

    [Fact]
    public async Task R33_M6_A_break_goes_along_to_a_new_address()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        var until = await PauseAsync(world, Old);
        await RectifyAsync(world);
        Assert.Equal(until, (await world.StateAsync(New)).PausedUntil);
        await world.PumpAsync();
        Assert.Equal(New.Value, Assert.Single(world.Outbox.Emails).To); // The question is no marketing.
        await ConfirmAsync(world, New);
        Assert.Equal(Reason.FrequencyCap, await DecideAsync(world, New));
    }

    [Fact]
    public async Task R33_Who_uses_the_new_address_already_is_neither_disabled_nor_on_a_break_nor_read_before_it_confirms()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        await world.SubscribeAsync(New, TopicKey.Promotions);
        var until = await PauseAsync(world, Old);
        await WriteAsync(world, Old);
        await RectifyAsync(world);
        Assert.True(await world.StateAsync(New) is { PausedUntil: null, Reviews: [] });
        Assert.Equal(Reason.Allowed, await DecideAsync(world, New, TopicKey.Promotions));
        await ConfirmAsync(world, New);
        var state = await world.StateAsync(New);
        Assert.Equal(until, state.PausedUntil);
        Assert.Equal([Item], state.Reviews);
        Assert.Null(state.Find(TopicKey.Newsletter)!.AlsoHolds);

        // Of a disabled account nothing moves there at all.
        var (disabled, third) = (CoreProduct.Email("off@example.com"), CoreProduct.Email("third@example.com"));
        await world.SubscribeAsync(disabled, TopicKey.Newsletter);
        await world.SubscribeAsync(third, TopicKey.Promotions);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(disabled), null,
            (s, _) => AddressTransitions.SetContact(s, ContactStatus.Disabled, Draft(LedgerAction.Disable)), null, default);
        await world.PumpAsync();
        var mails = world.Outbox.Emails.Count;
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [disabled], null, null, new Rectification(NewAddress: third.Value), "agent:mia", default);
        await world.PumpAsync();
        Assert.Equal(mails, world.Outbox.Emails.Count);
        Assert.Equal(Reason.Allowed, await DecideAsync(world, third, TopicKey.Promotions));
        Assert.Null((await world.StateAsync(third)).Find(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R33_A_new_address_of_the_same_account_is_no_strangers_and_takes_a_break_over_at_once()
    {
        var world = new PackagesWorld();
        await world.SubscribeAsync(Old, TopicKey.Newsletter);
        await world.SubscribeAsync(New, TopicKey.Promotions);
        await world.Get<ContactDesk>().PutAsync("c1", null, null, null, [Old, New], "service:x", default);
        var until = await PauseAsync(world, Old);
        await RectifyAsync(world);
        Assert.Equal(until, (await world.StateAsync(New)).PausedUntil);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task R33_R41_A_break_and_what_waits_to_be_read_come_along_with_a_package_too_once_it_is_confirmed(bool rectified)
    {
        var world = new PackagesWorld();
        await FollowAsync(world, Old);
        await world.SubscribeAsync(New, TopicKey.Newsletter);
        var until = await PauseAsync(world, Old);
        await WriteAsync(world, Old);
        if (rectified) await RectifyAsync(world);
        else await AskAsync(world, Old, New);
        Assert.True(await world.StateAsync(New) is { PausedUntil: null, Reviews: [] }); // Anybody can name another's address.
        Assert.Equal(Reason.Allowed, await DecideAsync(world, New));

        await world.Get<Watches>().ConfirmAsync(world.Ring.KeyOf(New), Number, "form", null, default);
        var state = await world.StateAsync(New);
        Assert.Equal(until, state.PausedUntil);
        Assert.Equal([Item], state.Reviews);
        Assert.Null(Assert.Single(await world.Get<Watches>().OfAsync(world.Ring.KeyOf(New), default)).Watch.MovedFrom);
        await world.Get<ReviewDesk>().ResolveAsync(Item, ReviewVerdict.NotARevocation, "agent:mia", default);
        Assert.True(await world.StateAsync(New) is { Reviews: [], ReviewPending: false });
    }
}

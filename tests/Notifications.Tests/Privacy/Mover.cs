using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>Somebody who moves to another address, and what was said at the old one before.</summary>
internal static class Mover
{
    public const string Number = "RR123456785PT";
    public const string Item = "000001764000000-abcdefghijklmnopqrstuv";
    public static readonly Address Old = CoreProduct.Email("old@example.com");
    public static readonly Address New = CoreProduct.Email("new@example.com");

    public static LedgerDraft Draft(LedgerAction action) => new(action, LedgerDraft.AllTopics, "form", "person");

    public static async Task FollowAsync(PackagesWorld world, Address address)
    {
        Assert.True(TrackingNumber.TryParse(Number, out var number, out _));
        await world.Get<Watches>().WatchAsync(new WatchRequest(number, address, "shop", "service:shop") { Confirmed = true }, default);
    }

    public static async Task<DateTimeOffset> PauseAsync(PackagesWorld world, Address address)
    {
        var until = world.Clock.UtcNowMs().AddDays(90);
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(address), null, (s, _) => AddressTransitions.Pause(s, until, Draft(LedgerAction.Pause)), null, default);
        return until;
    }

    public static async Task WriteAsync(PackagesWorld world, Address address)
    {
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(address), null, (s, _) => AddressTransitions.OpenReview(s, Item, Draft(LedgerAction.Review)), null, default);
        await world.Get<ReviewDesk>().OpenAsync(
            new ReviewItem
            {
                Id = Item,
                Channel = Channel.Email,
                AddressKey = world.Ring.KeyOf(address).Value,
                From = address.Value,
                Text = "Stop by at 5?",
                At = world.Clock.GetUtcNow(),
            },
            default);
    }

    public static async Task<PrivacyRequest> RectifyAsync(PackagesWorld world) =>
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [Old], null, null, new Rectification(NewAddress: New.Value), "agent:mia", default);

    /// <summary>The holder of an address names another, which is asked.</summary>
    public static async Task AskAsync(PackagesWorld world, Address from, Address to)
    {
        var move = world.Get<AddressMove>();
        var draft = Draft(LedgerAction.OptIn) with { Source = ConsentSource.AddressChange };
        await move.AskAsync(
            await move.ReadAsync(world.Ring.KeyOf(from), await world.StateAsync(from), default), to, t => draft with { Topic = t.Key },
            _ => draft, "en", default);
    }

    public static async Task EraseAsync(PackagesWorld world, Address address)
    {
        var key = world.Ring.KeyOf(address);
        await world.Get<Erasure>().RunAsync([address], [key], null, PrivacyDesk.Source, "agent:mia", default);
        Assert.NotNull(await world.Get<ErasureSweep>().TryAsync(new PersonTraces([address], [key.Value]), default));
    }

    public static async Task ConfirmAsync(PackagesWorld world, Address address, string topic = TopicKey.Newsletter) =>
        await world.Get<ConsentDesk>().ConfirmAsync(world.Ring.KeyOf(address), [topic], Draft(LedgerAction.Confirm), default);

    public static async Task<Reason> DecideAsync(PackagesWorld world, Address address, string topic = TopicKey.Newsletter) =>
        (await world.Get<DecisionDesk>().AskAsync(
            new SendRequest
            {
                Id = world.Get<MessageIds>().New(world.Ring.KeyOf(address)).ToString(),
                Channel = address.Channel,
                To = address.Value,
                Topic = topic,
                AcceptedAt = world.Clock.GetUtcNow(),
            },
            default)).Decision.Reason;
}

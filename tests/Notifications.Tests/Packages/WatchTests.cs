using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Packages;

public class WatchTests
{
    private const string Ana = "ana@example.com";

    private static SendRequest Message(PackagesWorld world, string topic, string? number) => new()
    {
        Id = world.Get<MessageIds>().New(world.KeyOf(Ana)).ToString(),
        Channel = Channel.Email,
        To = Ana,
        Topic = topic,
        TrackingNumber = number,
        AcceptedAt = world.Clock.GetUtcNow(),
    };

    private static async Task<MessageRecord> SendAsync(PackagesWorld world, SendRequest request)
    {
        await world.Get<SendQueue>().EnqueueAsync(request, default);
        await world.PumpAsync();
        Assert.True(MessageId.TryParse(request.Id, out var id));
        return (await world.Get<MessageReader>().FindAsync(id, default))!;
    }

    [Fact]
    public async Task R54_A_watch_permits_news_of_its_package_and_nothing_else()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        Assert.Equal(Reason.NoConsent, (await SendAsync(world, Message(world, "promotions", null))).Reason);
        Assert.Equal(Reason.NoConsent, (await SendAsync(world, Message(world, "newsletter", null))).Reason);
        Assert.Equal(Reason.NoConsent, (await SendAsync(world, Message(world, "package-updates", "JD0002"))).Reason);
        Assert.Equal(MessageStatus.Sent, (await SendAsync(world, Message(world, "package-updates", PackagesWorld.Number))).Status);
    }

    [Fact]
    public async Task M10_A_watch_stands_in_the_ledger_with_its_evidence_and_the_chain_verifies()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana, with: r => r with { Evidence = """{"ip":"203.0.113.7"}""", PolicyVersion = "2026-01" });
        await world.WatchAsync(Ana);
        var ledger = await world.Book.LedgerAsync(world.KeyOf(Ana), default);
        var entry = Assert.Single(ledger);
        Assert.Equal(LedgerAction.Watch, entry.Action);
        Assert.Equal("""{"package":"LX123456785CN","given":{"ip":"203.0.113.7"}}""", entry.Detail!.Evidence);
        Assert.True(LedgerChain.Verify(ledger, (await world.Book.LoadAsync(world.KeyOf(Ana), default)).State!.Ledger));
    }

    [Fact]
    public async Task A_watch_of_an_untrusted_source_waits_for_the_address_to_confirm()
    {
        var world = new PackagesWorld();
        Assert.Equal(WatchStatus.Pending, (await world.WatchAsync(Ana, source: WatchOptions.PublicForm)).Status);
        await world.PumpAsync();
        var asked = Assert.Single(world.Outbox.Emails);
        Assert.Contains(PackagesWorld.Number, asked.Text, StringComparison.Ordinal);
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        Assert.Single(world.Outbox.Emails);
        Assert.Equal(Reason.Unconfirmed, (await SendAsync(world, Message(world, "package-updates", PackagesWorld.Number))).Reason);

        var token = world.Get<LinkTokens>().Read(LinkPurpose.Confirm, world.LastToken(LinkPurpose.Confirm))!;
        Assert.Equal(PackagesWorld.Number, token.TrackingNumber);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(
            WatchStatus.Active,
            (await world.Watches.ConfirmAsync(token.Address, token.TrackingNumber!, "confirm-page", null, default))!.Value.Status);
        await world.HappensAsync("e2", ParcelStatus.Delivered);
        await world.PumpAsync();
        Assert.Equal(2, world.Outbox.Emails.Count);
    }

    [Fact]
    public async Task R63_A_thousand_requests_for_one_address_send_one_confirmation_per_window_and_wait_for_few_packages()
    {
        var world = new PackagesWorld();
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(WatchStatus.Pending, (await world.WatchAsync(Ana, source: WatchOptions.PublicForm)).Status);
            if (i % 100 == 0) await world.PumpAsync();
            world.Clock.Advance(TimeSpan.FromMinutes(1)); // Some 17 hours in all.
        }

        await world.PumpAsync();
        Assert.Single(world.Outbox.Emails);
        for (var i = 0; i < 50; i++)
            Assert.Equal(WatchStatus.Pending, (await world.WatchAsync(Ana, $"JD{i:D6}", source: WatchOptions.PublicForm)).Status);
        await world.PumpAsync();
        Assert.Equal(3, world.Outbox.Emails.Count);
        world.Clock.Advance(TimeSpan.FromHours(25));
        await world.WatchAsync(Ana, source: WatchOptions.PublicForm);
        await world.PumpAsync();
        Assert.Equal(4, world.Outbox.Emails.Count);
    }

    [Fact]
    public async Task M1_Unwatching_by_the_link_of_a_message_stops_this_package_and_takes_the_follower_out()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        await world.WatchAsync(Ana, "JD0002");
        await world.HappensAsync("e1", ParcelStatus.InTransit);
        await world.PumpAsync();
        var token = world.Get<LinkTokens>().Read(LinkPurpose.Unsubscribe, world.LastToken(LinkPurpose.Unsubscribe))!;
        await world.Get<Unsubscriber>().StopAsync(token, UnsubscribeScope.Named, "link", default);
        Assert.Empty(await world.Store.RangeAsync(Tables.Packages, PackagesWorld.Number, RowRange.Prefix(Rows.WatcherPrefix), 10));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.HappensAsync("e2", ParcelStatus.Delivered);
        await world.HappensAsync("e3", ParcelStatus.Delivered, number: "JD0002");
        await world.PumpAsync();
        Assert.Equal(2, world.Outbox.Emails.Count);
        Assert.Contains("JD0002", world.Outbox.Emails[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P1_Unwatching_between_fan_out_and_dispatch_is_obeyed()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        await world.HappensAsync("e1", ParcelStatus.InTransit);

        // The provider has no time, so the message waits on its queue.
        world.Outbox.Answer = _ => HandOff.Throttled(TimeSpan.FromMinutes(10), "busy");
        await world.PumpAsync();
        world.Outbox.Answer = _ => null;
        Assert.Equal(1, await world.Get<IWorkQueue>().CountAsync(Queues.Send));
        Assert.True(await world.Watches.UnwatchAsync(world.KeyOf(Ana), PackagesWorld.Number, "api", "service:test", null, default));
        await world.PassAsync(TimeSpan.FromMinutes(11), TimeSpan.FromMinutes(1));
        Assert.Empty(world.Outbox.Emails);
        Assert.Equal(Reason.PackageUnwatched, (await world.MessageAsync(Ana, "e1"))!.Reason);
    }

    [Fact]
    public async Task P6_After_a_stop_a_service_cannot_put_the_watch_back_without_later_evidence()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        await world.Watches.UnwatchAsync(world.KeyOf(Ana), PackagesWorld.Number, "link", "person", null, default);
        world.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(WatchStatus.Pending, (await world.WatchAsync(Ana)).Status);
        Assert.Equal(
            WatchStatus.Pending,
            (await world.WatchAsync(Ana, with: r => r with { ActedAt = world.Clock.GetUtcNow().AddHours(-2) })).Status);
        Assert.Equal(
            WatchStatus.Pending, (await world.WatchAsync(Ana, with: r => r with { ActedAt = world.Clock.GetUtcNow().AddDays(2) })).Status);
        Assert.Equal(WatchStatus.Active, (await world.WatchAsync(Ana, with: r => r with { ActedAt = world.Clock.GetUtcNow() })).Status);
    }

    [Fact]
    public async Task R45_After_stopping_all_package_updates_only_what_is_followed_anew_speaks()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        var desk = world.Get<ConsentDesk>();
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await desk.OptOutAsync(
            CoreProduct.Email(Ana), new LedgerDraft(LedgerAction.OptOut, TopicKey.PackageUpdates, "page", "person"), default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(
            WatchStatus.Active, (await world.WatchAsync(Ana, "JD0002", with: r => r with { ActedAt = world.Clock.GetUtcNow() })).Status);
        Assert.Equal(Reason.Unsubscribed, (await SendAsync(world, Message(world, "package-updates", PackagesWorld.Number))).Reason);
        Assert.Equal(MessageStatus.Sent, (await SendAsync(world, Message(world, "package-updates", "JD0002"))).Status);
        Assert.Equal(Reason.Unsubscribed, (await SendAsync(world, Message(world, "package-updates", "JD0003"))).Reason);

        await desk.OptOutAsync(
            CoreProduct.Email(Ana), new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "page", "person"), default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.WatchAsync(Ana, "JD0004", with: r => r with { ActedAt = world.Clock.GetUtcNow() });
        Assert.Equal(Reason.Unsubscribed, (await SendAsync(world, Message(world, "promotions", "JD0004"))).Reason);
    }

    [Fact]
    public async Task R35_Who_follows_for_a_restricted_address_is_told_what_keeps_it_silent()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        await world.Book.ChangeAsync(
            world.KeyOf(Ana), null,
            (s, now) =>
                AddressTransitions.Restrict(s, new LedgerDraft(LedgerAction.Restrict, LedgerDraft.AllTopics, "page", "person"), now),
            null, default);
        Assert.Equal(Reason.ProcessingRestricted, (await world.WatchAsync(Ana, "JD0002")).Blocked);
    }

    [Fact]
    public async Task R34_An_erased_address_is_not_followed_again()
    {
        var world = new PackagesWorld();
        await world.Get<AddressBook>().ChangeAsync(world.KeyOf(Ana), ConsentDesk.Blank(CoreProduct.Email(Ana)),
            (s, now) =>
                AddressTransitions.Suppress(
                    s with { Value = null }, SuppressionReason.Erased, null,
                    new LedgerDraft(LedgerAction.Suppress, "*", "erasure", "person"), now),
            null, default);
        var answer = await world.WatchAsync(Ana, with: r => r with { Confirmed = true });
        Assert.Equal(Reason.SuppressedErased, answer.Blocked);
        Assert.Null((await world.Book.LoadAsync(world.KeyOf(Ana), default)).State!.Value);
        Assert.Empty(await world.Watches.OfAsync(world.KeyOf(Ana), default));
    }

    [Fact]
    public async Task R34_Forgetting_an_address_takes_it_out_of_every_package()
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana);
        await world.WatchAsync(Ana, "JD0002");
        await world.WatchAsync("ben@example.com");
        await world.Watches.ForgetAsync(world.KeyOf(Ana), default);
        Assert.Empty(await world.Watches.OfAsync(world.KeyOf(Ana), default));
        Assert.Empty(await world.Store.RangeAsync(Tables.Packages, "JD0002", RowRange.Prefix(Rows.WatcherPrefix), 10));
        Assert.Equal(
            Rows.Watcher(world.KeyOf("ben@example.com").Value),
            Assert.Single(await world.Store.RangeAsync(
                Tables.Packages, PackagesWorld.Number, RowRange.Prefix(Rows.WatcherPrefix), 10)).Key);
    }

    [Fact]
    public async Task Requests_at_the_same_time_leave_one_watch_and_one_entry_each()
    {
        var world = new PackagesWorld();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await world.WatchAsync(Ana))));
        Assert.Single(await world.Book.LedgerAsync(world.KeyOf(Ana), default));
    }
}

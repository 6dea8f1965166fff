using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Packages;

/// <summary>What the sign-up form has wait, unasked, for the end of the address's window (R63).</summary>
public sealed class UnaskedWatchTests
{
    private const string Ana = "ana@example.com", A = "RR123456785PT", B = "LX123456785CN", C = "JD0002";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private PackagesWorld _world = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P1_R63_A_stop_of_all_packages_answers_what_waits_unasked_and_only_what_is_asked_for_after_it_is_asked_about(bool anew)
    {
        foreach (var number in (string[])[A, B, C]) await SignUpAsync(number);
        await _world.PumpAsync();
        Assert.Single(_world.Outbox.Emails);
        _world.Clock.Advance(Hour);
        await _world.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, _world.KeyOf(Ana), Channel.Email) { Topic = TopicKey.PackageUpdates },
            UnsubscribeScope.Named, "link", default);
        _world.Clock.Advance(Hour);
        if (anew) await SignUpAsync(B);
        await _world.PassAsync(TimeSpan.FromDays(4), Hour);
        Assert.Equal(anew ? [B, A] : [A], AskedAbout());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P1_R63_What_is_chosen_after_a_stop_of_everything_is_asked_about_when_its_window_comes_unless_that_is_said_again(bool again)
    {
        await StopAsync();
        _world.Clock.Advance(Hour);
        foreach (var number in (string[])[A, B]) await SignUpAsync(number);
        await SignUpToAsync(TopicKey.Newsletter);
        await _world.PumpAsync();
        Assert.Single(_world.Outbox.Emails);
        _world.Clock.Advance(Hour);
        if (again) await StopAsync();
        await _world.PassAsync(TimeSpan.FromDays(4), Hour);
        Assert.Equal(again ? 1 : 3, _world.Outbox.Emails.Count);
        Assert.Equal(again ? [A] : [B, A], AskedAbout());
    }

    [Fact]
    public async Task R34_R63_What_waits_for_the_next_window_waits_in_the_schedule_where_an_erasure_finds_it_however_long_a_window_is()
    {
        _world = new PackagesWorld(o => o.Sending.ConfirmationWindow = TimeSpan.FromDays(30));
        foreach (var number in (string[])[A, B]) await SignUpAsync(number);
        await SignUpToAsync(TopicKey.Newsletter);
        // Which of the two is asked about first is left to the queue.
        for (var asked = 1; asked <= 3; asked++)
        {
            await _world.PumpAsync();
            Assert.Equal(asked, _world.Outbox.Emails.Count);
            Assert.Equal(0, await _world.Store.CountAsync(Queues.Send));
            Assert.Equal(3 - asked, (await _world.Store.ScanAsync(Tables.Schedule, null, 10)).Count);
            _world.Clock.Advance(TimeSpan.FromDays(30) + TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task R28_R63_A_package_that_waits_unasked_is_there_when_its_question_comes_and_has_its_days_from_then()
    {
        _world = new PackagesWorld(o => o.Watches.PendingDays = 1);
        foreach (var number in (string[])[A, B, C]) await SignUpAsync(number);
        await _world.PumpAsync();
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromDays(3); passed += Hour)
        {
            _world.Clock.Advance(Hour);
            await _world.Repair.RunAsync(default);
            await _world.PumpAsync();
        }

        Assert.Equal([C, B, A], AskedAbout());
        Assert.Single(await _world.Watches.OfAsync(_world.KeyOf(Ana), default)); // Asked about last.
        _world.Clock.Advance(TimeSpan.FromDays(2));
        await _world.Repair.RunAsync(default);
        Assert.Empty(await _world.Watches.OfAsync(_world.KeyOf(Ana), default));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task R28_R63_What_waits_unasked_behind_all_that_may_wait_is_not_purged_before_its_question_however_few_days_that_has(
        int window)
    {
        _world = new PackagesWorld(o =>
        {
            o.Sending.ConfirmationWindow = TimeSpan.FromDays(window);
            (o.Privacy.UnconfirmedDays, o.Watches.PendingDays) = (1, 1);
        });
        async Task PassAsync(int windows)
        {
            var end = _world.Clock.GetUtcNow() + windows * TimeSpan.FromDays(window);
            while (_world.Clock.GetUtcNow() < end)
            {
                // And a second: a question that is due at the very step would wait for the next, a fifth of a window longer each time.
                _world.Clock.Advance(TimeSpan.FromDays(window) / 5 + TimeSpan.FromSeconds(1));
                await _world.Get<Retention>().RunAsync(default);
                await _world.Repair.RunAsync(default);
                await _world.PumpAsync();
            }
        }

        await SignUpToAsync(TopicKey.Newsletter);
        foreach (var number in (string[])[A, B, C]) await SignUpAsync(number);
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        await SignUpToAsync(TopicKey.Promotions);
        await PassAsync(6);
        Assert.Equal([C, B, A], AskedAbout());
        Assert.Contains(_world.Outbox.Emails, m => m.Text.Contains("Promotions", StringComparison.Ordinal));
        await PassAsync(6);
        Assert.Empty(await _world.Watches.OfAsync(_world.KeyOf(Ana), default));
        Assert.DoesNotContain((await _world.Book.LoadAsync(_world.KeyOf(Ana), default)).State?.Subscriptions ?? [], s => s.Waits);
    }

    private async Task SignUpToAsync(string topic) =>
        await _world.Get<ConsentDesk>().OptInAsync(
            CoreProduct.Email(Ana), _world.Get<TopicCatalog>().Find(topic)!.Unproven(),
            new LedgerDraft(LedgerAction.OptIn, topic, WatchOptions.PublicForm, "person"), confirmed: false, null, default);

    private async Task SignUpAsync(string number) =>
        await _world.WatchAsync(Ana, number, source: WatchOptions.PublicForm, with: r => r with { SharesWindow = true });

    private async Task StopAsync() =>
        await _world.Book.ChangeAsync(
            _world.KeyOf(Ana), ConsentDesk.Blank(CoreProduct.Email(Ana)),
            // It leaves what waits as it was.
            (s, now) => Transitions.StopByText(s, new LedgerDraft(LedgerAction.StopAll, "*", ConsentSource.Sms, "person"), now), null,
            default);

    private string[] AskedAbout() =>
        [
            .. _world.Outbox.Emails
                .SelectMany(m => ((string[])[A, B, C]).Where(n => m.Text.Contains(n, StringComparison.Ordinal)))
                .Order(StringComparer.Ordinal)
                .Distinct(),
        ];
}

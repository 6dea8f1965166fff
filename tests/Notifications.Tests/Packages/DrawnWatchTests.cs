using Notifications.Consent;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

/// <summary>A watch moves as docs/state-machines.md draws it, and in no other way.</summary>
public sealed class DrawnWatchTests
{
    private PackagesWorld _world = new();

    [Fact]
    public async Task P6_The_page_draws_every_move_of_a_watch_and_no_other()
    {
        Func<string, Task>[] acts =
        [
            async person => await _world.WatchAsync(person),
            async person => await _world.WatchAsync(person, source: "somewhere"),
            async person => await _world.WatchAsync(person, with: r => r with { Confirmed = true }),
            async person => await _world.Watches.ConfirmAsync(_world.KeyOf(person), PackagesWorld.Number, "link", null, default),
            async person =>
                await _world.Watches.UnwatchAsync(_world.KeyOf(person), PackagesWorld.Number, "link", "person", null, default),
            StopTopicAsync,
            async _ =>
            {
                _world.Clock.Advance(TimeSpan.FromDays(8));
                await _world.Repair.RunAsync(default);
            },
        ];
        var made = new HashSet<string>();
        for (var sequence = 0; sequence < acts.Length * acts.Length * acts.Length; sequence++)
        {
            const string person = "ana@example.com";
            _world = new PackagesWorld(o => (o.Watches.PendingDays, o.Watches.EndAfterSilenceDays) = (1, 7));
            await StopTopicAsync(person, "promotions"); // The address is known.
            for (var (rest, step) = (sequence, 0); step < 3; (rest, step) = (rest / acts.Length, step + 1))
            {
                _world.Clock.Advance(TimeSpan.FromMinutes(1));
                var before = await StatusAsync(person);
                await acts[rest % acts.Length](person);
                if (await StatusAsync(person) is var after && after != before) made.Add($"{before} {after}");
            }
        }

        Assert.Equal(DrawnMove.Of("Watch").Select(m => m.Ends).Order(), made.Order());
    }

    private Task StopTopicAsync(string person) => StopTopicAsync(person, TopicKey.PackageUpdates);

    private async Task StopTopicAsync(string person, string topic) =>
        await _world.Book.ChangeAsync(
            _world.KeyOf(person), ConsentDesk.Blank(CoreProduct.Email(person)),
            (state, now) => Transitions.OptOut(state, new LedgerDraft(LedgerAction.OptOut, topic, "link", "person"), now), null, default);

    private async Task<string> StatusAsync(string person) =>
        (await _world.Watches.OfAsync(_world.KeyOf(person), default)) is [var (_, watch)]
            ? $"{watch.Status}".ToLowerInvariant()
            : DrawnMove.Nothing;
}

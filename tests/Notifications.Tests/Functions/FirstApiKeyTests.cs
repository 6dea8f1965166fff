using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Access;
using Notifications.Audit;
using Notifications.Functions.Hosting;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Functions;

/// <summary>The first API key and a store that is away when an instance starts.</summary>
public sealed class FirstApiKeyTests
{
    private const string Secret = "first-0123456789abcdef0123456789abcdef";
    private readonly FakeTimeProvider _time = new();
    private readonly AwayStore _store = new();
    private readonly AppSettings _settings = AppSettings.Read(AzureHost.Settings(("Notifications:FirstApiKey", Secret)));
    private readonly ApiKeys _keys;

    public FirstApiKeyTests() => _keys = new ApiKeys(_store, _settings.KeyRing, _time);

    [Fact]
    public async Task It_is_there_when_the_start_is_over()
    {
        _store.Away = false;
        using var first = New();
        await first.StartAsync(default);
        var key = (await _keys.FindAsync(Secret, default))!;
        Assert.True(key.May(Scope.Admin));
        var made = Assert.Single(await new AuditLog(_store, _time).ListAsync(0, 10, default));
        Assert.Equal(
            ("product:settings", "key.create", key.Id, "first: " + string.Join(' ', Scope.All)),
            (made.Actor, made.Action, made.Subject, made.After)); // R68
        await first.StopAsync(default);
    }

    [Fact]
    public async Task R69_A_store_that_is_away_does_not_stop_the_start_and_the_key_is_there_once_it_is_back()
    {
        using var first = New();
        await first.StartAsync(default);
        await TriedAsync(3); // Again and again.
        _store.Away = false;
        await Poll.UntilAsync(async () =>
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            return await _keys.FindAsync(Secret, default) is not null;
        }, "the key is there");
        await first.StopAsync(default);
    }

    [Fact]
    public async Task What_nobody_planned_still_stops_the_start()
    {
        _store.Trouble = new InvalidDataException();
        using var first = New();
        await Assert.ThrowsAsync<InvalidDataException>(() => first.StartAsync(default));
    }

    private FirstApiKey New() =>
        new(
            new KeyRingCanary(_store, _settings.KeyRing), _keys, new AuditLog(_store, _time), _settings, _time,
            NullLogger<FirstApiKey>.Instance);

    private Task TriedAsync(int times) => Poll.UntilAsync(() =>
    {
        _time.Advance(TimeSpan.FromSeconds(10));
        return Task.FromResult(_store.Tries >= times);
    }, $"{times} tries");

    /// <summary>A store that is away until it is said to be there.</summary>
    private sealed class AwayStore() : PassingStore(new MemoryStore(TimeProvider.System))
    {
        private int _tries;

        public volatile bool Away = true;

        public Exception Trouble { get; set; } = new StorageUnavailableException();

        public int Tries => Volatile.Read(ref _tries);

        protected override ITableStore At(string table)
        {
            Interlocked.Increment(ref _tries);
            return Away ? throw Trouble : Inner;
        }
    }
}

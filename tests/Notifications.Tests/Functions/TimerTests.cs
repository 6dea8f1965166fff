using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Timers;

namespace Notifications.Tests.Functions;

public sealed class TimerTests : IDisposable
{
    private readonly AzureHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Index_repair_lists_the_blocked_addresses_that_are_not_listed_and_takes_out_those_that_are_not_blocked()
    {
        var draft = new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "test", "test");
        var blocked = Email("blocked@example.com");
        await _host.Get<Suppressions>().AddAsync(blocked, SuppressionReason.Bounce, null, draft, default);
        var tables = _host.Get<ITableStore>();
        var key = _host.Get<KeyRing>().KeyOf(blocked);
        await tables.CommitAsync(Tables.Suppressions, key.Value[..1], [RowChange.Delete(key.Value)]); // As a crash between the two leaves it.

        var free = Email("free@example.com");
        var lifted = _host.Get<KeyRing>().KeyOf(free);
        var state = await _host.Get<Suppressions>().AddAsync(free, SuppressionReason.Manual, null, draft, default);
        await _host.Get<Suppressions>().RemoveAsync(free, draft with { Action = LedgerAction.Unsuppress }, default);
        await _host.Get<Suppressions>().IndexAsync(lifted, state, default); // The stale row.
        Assert.Equal([lifted], await ListedAsync());

        await _host.Get<TimerCatalog>().RunAsync(TimerCatalog.IndexRepair, default);
        Assert.Equal([key], await ListedAsync());
    }

    private async Task<AddressKey[]> ListedAsync() => [.. (await _host.Get<Suppressions>().ListAsync(null, 10, default)).Select(s => s.Key)];

    private static Address Email(string text) => Address.TryParse(Channel.Email, text, out var address, out _) ? address : throw new ArgumentException(text);
}

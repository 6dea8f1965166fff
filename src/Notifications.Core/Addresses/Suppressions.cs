using Notifications.Consent;
using Notifications.Security;
using Notifications.Storage;

namespace Notifications.Addresses;

/// <summary>
/// Blocks and unblocks addresses, and lists the blocked. The list follows the records: it is written after them, so a crash in between
/// leaves it behind until the act is repeated or the repair timer comes by. No send looks at the list.
/// </summary>
public sealed class Suppressions(AddressBook book, ITableStore tables, KeyRing ring)
{
    private const string Alphabet = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    /// <summary>Blocks an address; a weaker reason never replaces a stronger one.</summary>
    public async ValueTask<AddressState> AddAsync(
        Address address, SuppressionReason reason, string? note, LedgerDraft draft, CancellationToken cancel)
    {
        var key = ring.KeyOf(address);
        var blank = ConsentDesk.Blank(address);
        var result = (await book.ChangeAsync(
            key, blank, (state, now) => AddressTransitions.Suppress(state, reason, note, draft, now), null, cancel))!;
        await IndexAsync(key, result.State, cancel);
        return result.State;
    }

    /// <summary>
    /// Lifts a block, or the operator's <paramref name="own"/> alone. Null when there was none; the state still carries what may not be
    /// lifted, and what stands on.
    /// </summary>
    public async ValueTask<AddressState?> RemoveAsync(Address address, LedgerDraft draft, CancellationToken cancel, bool own = false)
    {
        var key = ring.KeyOf(address);
        var (before, _) = await book.LoadAsync(key, cancel);
        if (before?.Suppression is null) return null;
        var result = (await book.ChangeAsync(key, null, (state, _) => AddressTransitions.Unsuppress(state, draft, own), null, cancel))!;
        await IndexAsync(key, result.State, cancel);
        return result.State;
    }

    /// <summary>
    /// Writes, or takes out, the list's row of an address. Also the repair. Whoever writes looks at the record once more: of two who write
    /// at the same time the slower one would otherwise leave what no longer holds.
    /// </summary>
    public async ValueTask IndexAsync(AddressKey key, AddressState state, CancellationToken cancel)
    {
        var partition = key.Value[..1];
        while (true)
        {
            var change = state.Suppression is { } suppression
                ? RowChange.Put(
                    key.Value, new SuppressionIndexRow(state.Channel, state.Value, suppression), CoreJson.Default.SuppressionIndexRow)
                : RowChange.Delete(key.Value);
            await tables.CommitAsync(Tables.Suppressions, partition, [change], cancel);
            if ((await book.LoadAsync(key, cancel)).State is not { } now || now.Suppression == state.Suppression) return;
            state = now;
        }
    }

    /// <summary>The blocked addresses in the order of their keys, after a key, at most <paramref name="limit"/>.</summary>
    public async ValueTask<IReadOnlyList<(AddressKey Key, SuppressionIndexRow Row)>> ListAsync(
        AddressKey? after, int limit, CancellationToken cancel)
    {
        var found = new List<(AddressKey, SuppressionIndexRow)>();
        static ValueTask UnreadAsync(string place, string row)
        {
            PassedOver.Current?.Add(Tables.Suppressions, place, row);
            return ValueTask.CompletedTask;
        }

        foreach (var partition in Alphabet)
        {
            if (found.Count == limit) break;
            if (after is { } start && partition < start.Value[0]) continue;
            var range = after is { } from && partition == from.Value[0] ? new RowRange(from.Value + ' ', null) : RowRange.All;
            // What no key opens is passed over: the record decides, and the repair writes its entry anew.
            await foreach (var (_, row) in Legible.RangeAsync(
                tables, Tables.Suppressions, partition.ToString(), range, limit - found.Count, UnreadAsync, cancel))
            {
                if (AddressKey.TryParse(row.Key, out var key)) found.Add((key, row.Read(CoreJson.Default.SuppressionIndexRow)));
                if (found.Count == limit) break;
            }
        }

        return found;
    }
}

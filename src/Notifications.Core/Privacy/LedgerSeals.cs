using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>One day's seal: the Merkle root over the heads of all ledgers, in the order of their address keys.</summary>
/// <param name="Day">The day, such as 2026-11-24, UTC.</param>
/// <param name="At">When it was made.</param>
/// <param name="Addresses">How many ledgers are under it.</param>
/// <param name="Root">The root, SHA-256 in hex.</param>
/// <param name="Audit">The newest entry of the audit then; null in a seal of a former version.</param>
public sealed record LedgerSeal(string Day, DateTimeOffset At, long Addresses, string Root, AuditHead? Audit = null);

/// <summary>What a pass over every ledger found, or over some.</summary>
/// <param name="Verified">Whether every chain that was read holds.</param>
/// <param name="Addresses">How many ledgers were read.</param>
/// <param name="Entries">How many entries they have.</param>
/// <param name="Broken">The address keys of those whose chain does not hold, the first 100.</param>
/// <param name="Root">The Merkle root over the heads of the ledgers that were read, SHA-256 in hex.</param>
/// <param name="LastSeal">The last day's seal; null before the first night.</param>
/// <param name="Next">The last address where more come after it; null where none does.</param>
public sealed record LedgerReport(
    bool Verified, long Addresses, long Entries, IReadOnlyList<string> Broken, string Root, LedgerSeal? LastSeal, string? Next = null);

/// <summary>
/// Verifies every ledger and the audit, and seals their heads once a day (P10, R68). Every entry gives another root, so a root that was
/// written down elsewhere proves of a copy of that night that it is unaltered, and the copy of each ledger that it was only appended to
/// since.
/// </summary>
public sealed class LedgerSeals(ITableStore tables, AddressBook book, AuditLog audit, OperatorAlerts alerts, TimeProvider time)
{
    private const string Partition = "seals";

    /// <summary>
    /// After this long a request answers with what it has verified: Azure ends it after 230 seconds.
    /// </summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(20);

    /// <summary>How many broken ledgers are named.</summary>
    public const int MostBroken = 100;

    /// <summary>
    /// Reads and verifies everything; writes nothing. Where that is too long for one call: <paramref name="most"/> addresses after one, or
    /// as many as fit into a <paramref name="turn"/>, one at least; the root is of them alone.
    /// </summary>
    public async ValueTask<LedgerReport> VerifyAsync(
        CancellationToken cancel, AddressKey? from = null, int? most = null, TimeSpan? turn = null)
    {
        var started = time.GetTimestamp();
        var read = 0;
        string? next = null;
        var root = new MerkleRoot();
        var broken = new List<string>();
        var entries = new List<LedgerEntry>();
        string? partition = null;
        LedgerHead? head = null;
        var shut = false;
        var total = 0L;
        async ValueTask CloseAsync()
        {
            if (partition is null) return;
            read++;

            // The entries were read before the head, so that what was said in between shows in one of them alone: then both are read again.
            var (stands, ledger) = (head, (IReadOnlyList<LedgerEntry>)entries);
            if (!shut && !Holds(ledger, stands) && AddressKey.TryParse(partition, out var again))
                (stands, ledger) = await ReadAgainAsync(again, cancel);
            if (!shut && stands is null && ledger.Count == 0) return;
            if ((shut || !Holds(ledger, stands)) && broken.Count < MostBroken) broken.Add(partition);
            total += ledger.Count;
            root.Add(Leaf(partition, stands ?? LedgerHead.Empty));
        }

        // False where there have been enough.
        async ValueTask<bool> ComeToAsync(string where)
        {
            if (where == partition) return true;
            await CloseAsync();
            if (read == most || (read > 0 && time.GetElapsedTime(started) >= turn))
            {
                (next, partition) = (partition, null);
                return false;
            }

            (partition, head, shut) = (where, null, false);
            entries.Clear();
            return true;
        }

        var pages = new LegiblePages((after, limit) => tables.ScanAsync(Tables.Addresses, after, limit, cancel), 1000)
        {
            After = from is { } key ? (key.Value, "~") : null, // No row's key comes after a tilde.
        };
        while (next is null && !pages.Ended)
        {
            var (rows, closed) = await pages.NextAsync();
            foreach (var (where, row) in rows)
            {
                if (!await ComeToAsync(where)) break;
                if (row.Key == Rows.State) head = row.Read(CoreJson.Default.AddressState).Ledger;
                else if (row.Key.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal))
                    entries.Add(row.Read(CoreJson.Default.LedgerEntry));
            }

            if (closed is not null && await ComeToAsync(closed.Partition))
                shut |= closed.Row == Rows.State || closed.Row.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal);
        }

        await CloseAsync();
        return new LedgerReport(broken.Count == 0, root.Count, total, broken, root.Finish(), await LastAsync(cancel), next);
    }

    /// <summary>
    /// Whether a ledger leads to its head and ends there: what stands behind it would be a stop that no send knows of.
    /// </summary>
    private static bool Holds(IReadOnlyList<LedgerEntry> ledger, LedgerHead? head) =>
        LedgerChain.Verify(ledger, head ?? LedgerHead.Empty);

    /// <summary>
    /// The head and then the ledger, in which every entry up to it stood already; once more where the address was forgotten in between.
    /// </summary>
    private async ValueTask<(LedgerHead? Head, IReadOnlyList<LedgerEntry> Ledger)> ReadAgainAsync(AddressKey key, CancellationToken cancel)
    {
        while (true)
        {
            var (state, etag) = await book.LoadAsync(key, cancel);
            var ledger = await book.LedgerAsync(key, cancel);
            if (Holds(ledger, state?.Ledger) || (await book.LoadAsync(key, cancel)).ETag == etag) return (state?.Ledger, ledger);
        }
    }

    /// <summary>
    /// Seals the day; a day is sealed once, and the first seal stands. What does not verify is sealed as it is, and an operator is told of
    /// it.
    /// </summary>
    public async ValueTask SealAsync(CancellationToken cancel)
    {
        var report = await VerifyAsync(cancel);
        var now = time.UtcNowMs();
        if (!await AuditHoldsAsync(report.LastSeal?.Audit, cancel))
            await alerts.RaiseAsync(
                "audit-broken",
                "The audit of administrative acts does not verify: an entry was changed or taken away past the product, or a key of it is missing. Verify it in the console, and compare with a backup.",
                null, cancel);
        var seal = new LedgerSeal(
            now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), now, report.Addresses, report.Root,
            await audit.NewestAsync(cancel));
        await tables.CommitAsync(Tables.Seals, Partition, [RowChange.Insert(seal.Day, seal, CoreJson.Default.LedgerSeal)], cancel);
        if (!report.Verified)
            await alerts.RaiseAsync(
                "ledger-broken",
                $"The ledger of {(report.Broken.Count < MostBroken ? "" : "at least ")}{report.Broken.Count} of {report.Addresses} addresses does not verify: it was changed past the product, or a key of it is missing. The first is that of {report.Broken[0]}; verify them in the console, and compare with a backup and the seals before.",
                null, cancel);
    }

    /// <summary>Whether every entry of the audit is there, that which was the newest when it was last sealed among them.</summary>
    private async ValueTask<bool> AuditHoldsAsync(AuditHead? known, CancellationToken cancel)
    {
        try
        {
            if (known is not null && !await audit.HasAsync(known, cancel)) return false;
            long? after = 0;
            while (after is { } from)
            {
                (var holds, after) = await audit.VerifyAsync(cancel, from);
                if (!holds) return false;
            }

            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>SHA-256 over a zero byte and <c>{address key}:{seq}:{hash}</c>.</summary>
    public static byte[] Leaf(string addressKey, LedgerHead head) =>
        SHA256.HashData(
            [0, .. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{addressKey}:{head.Seq}:{head.Hash}"))]);

    /// <summary>The Merkle root in hex over leaves in their order; see <see cref="MerkleRoot"/>.</summary>
    public static string Root(IEnumerable<byte[]> leaves)
    {
        var root = new MerkleRoot();
        foreach (var leaf in leaves) root.Add(leaf);
        return root.Finish();
    }

    /// <summary>Every seal, oldest first.</summary>
    public async ValueTask<IReadOnlyList<LedgerSeal>> ListAsync(CancellationToken cancel)
    {
        var rows = tables.RowsAsync(Tables.Seals, Partition, RowRange.All, cancel);
        return await rows.Select(r => r.Read(CoreJson.Default.LedgerSeal)).ToListAsync(cancel);
    }

    private async ValueTask<LedgerSeal?> LastAsync(CancellationToken cancel) => await ListAsync(cancel) is [.., var last] ? last : null;
}

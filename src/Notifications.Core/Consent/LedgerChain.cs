using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Notifications.Addresses;

namespace Notifications.Consent;

/// <summary>
/// How ledger entries are hashed and chained (P10). The hashed bytes are length-prefixed UTF-8 fields in the order below, so that no two
/// different entries give the same bytes; anyone with an exported ledger can recompute them.
/// </summary>
public static class LedgerChain
{
    /// <summary>SHA-256 in hex over seq, UTC milliseconds, topic, action, policy version, detail digest and previous hash.</summary>
    public static string Hash(LedgerEntry entry)
    {
        var fields = new FieldHash();
        fields.Add(entry.Seq);
        fields.Add(entry.At.ToUnixTimeMilliseconds());
        fields.Add(entry.Topic);
        fields.Add((long)entry.Action);
        fields.Add(entry.PolicyVersion);
        fields.Add(entry.DetailDigest);
        fields.Add(entry.Previous);
        return fields.Finish();
    }

    /// <summary>SHA-256 in hex over salt, source, actor, wording and evidence.</summary>
    public static string Digest(LedgerDetail detail)
    {
        var fields = new FieldHash();
        fields.Add(detail.Salt);
        fields.Add(detail.Source);
        fields.Add(detail.Actor);
        fields.Add(detail.Wording);
        fields.Add(detail.Evidence);
        return fields.Finish();
    }

    /// <summary>Builds the entry that follows <paramref name="head"/>.</summary>
    public static LedgerEntry Append(LedgerHead head, LedgerDraft draft, DateTimeOffset now)
    {
        var detail = new LedgerDetail(
            RandomNumberGenerator.GetHexString(32, lowercase: true), draft.Source, draft.Actor, draft.Wording, draft.Evidence);
        var entry = new LedgerEntry
        {
            Seq = head.Seq + 1,
            At = now,
            Topic = draft.Topic,
            Action = draft.Action,
            PolicyVersion = draft.PolicyVersion,
            Detail = detail,
            DetailDigest = Digest(detail),
            Previous = head.Hash,
            Hash = "",
        };
        return entry with { Hash = Hash(entry) };
    }

    /// <summary>
    /// Whether the entries are a whole chain from the first to <paramref name="head"/>: no gap, no edit, nothing cut off at either end.
    /// Entries whose detail was erased still verify.
    /// </summary>
    public static bool Verify(IReadOnlyList<LedgerEntry> entries, LedgerHead head)
    {
        var previous = LedgerHead.Empty;
        foreach (var entry in entries)
        {
            if (entry.Seq != previous.Seq + 1 || entry.Previous != previous.Hash || entry.Hash != Hash(entry)) return false;
            if (entry.Detail is { } detail && entry.DetailDigest != Digest(detail)) return false;
            previous = new LedgerHead(entry.Seq, entry.Hash);
        }

        return previous == head;
    }

    /// <summary>
    /// Fields into one SHA-256: a length, then the bytes; a missing field has length -1. One at a time on a thread, whose buffer it takes.
    /// </summary>
    private readonly struct FieldHash
    {
        [ThreadStatic]
        private static ArrayBufferWriter<byte>? buffer;

        private readonly ArrayBufferWriter<byte> _bytes;

        public FieldHash()
        {
            _bytes = buffer ??= new ArrayBufferWriter<byte>(2048);
            _bytes.Clear();
        }

        public void Add(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(8), value);
            _bytes.Advance(8);
        }

        public void Add(string? value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(4), value is null ? -1 : Encoding.UTF8.GetByteCount(value));
            _bytes.Advance(4);
            if (value is not null) Encoding.UTF8.GetBytes(value, _bytes);
        }

        public string Finish()
        {
            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(_bytes.WrittenSpan, hash);
            return Convert.ToHexStringLower(hash);
        }
    }
}

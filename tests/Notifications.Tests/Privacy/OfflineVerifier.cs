using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Notifications.Tests.Privacy;

/// <summary>
/// What an auditor has: an export or a dump as JSON, docs/person.md and a SHA-256. Nothing of the product is used here, so what verifies
/// here verifies everywhere (P10).
/// </summary>
internal static class OfflineVerifier
{
    /// <summary>The number that stands for each action in the hash.</summary>
    public static readonly Dictionary<string, long> Actions = new(StringComparer.Ordinal)
    {
        ["opt-in"] = 1,
        ["confirm"] = 2, ["opt-out"] = 3, ["stop-all"] = 4, ["resume"] = 5, ["suppress"] = 6, ["unsuppress"] = 7, ["disable"] = 8,
        ["enable"] = 9, ["unwatch"] = 10,
        ["watch"] = 20,
        ["review"] = 30, ["reviewed"] = 31, ["erase"] = 40, ["restrict"] = 41, ["unrestrict"] = 42, ["expire"] = 43, ["rectify"] = 44,
        ["object"] = 45, ["pause"] = 50, ["unpause"] = 51,
    };

    private static readonly string Nothing = new('0', 64);

    /// <summary>
    /// What is wrong with a ledger, or null: a gap, an edit, a detail that is not the one agreed to, or an end that is not the head.
    /// </summary>
    public static string? FaultOf(IEnumerable<JsonElement> entries, JsonElement head)
    {
        var (seq, previous) = (0L, Nothing);
        foreach (var entry in entries)
        {
            if (Number(entry, "seq") != ++seq) return $"entry {seq} is missing";
            if (Text(entry, "previous") != previous) return $"entry {seq} does not follow the one before";
            if (entry.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.Object)
            {
                var digest = Hash(
                    fields => Array.ForEach(["salt", "source", "actor", "wording", "evidence"], name => Write(fields, Text(detail, name))));
                if (Text(entry, "detailDigest") != digest) return $"the detail of entry {seq} was changed";
            }

            var hash = Hash(fields =>
            {
                Write(fields, seq);
                Write(fields, entry.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds());
                Write(fields, Text(entry, "topic"));
                Write(fields, Actions[Text(entry, "action")!]);
                Write(fields, Text(entry, "policyVersion"));
                Write(fields, Text(entry, "detailDigest"));
                Write(fields, previous);
            });
            if (Text(entry, "hash") != hash) return $"entry {seq} was changed";
            previous = hash;
        }

        return Number(head, "seq") == seq && Text(head, "hash") == previous
            ? null
            : $"the ledger ends at entry {seq}, and its head does not";
    }

    /// <summary>The root over the heads of all ledgers, in the order of their address keys.</summary>
    public static string RootOf(IEnumerable<(string AddressKey, JsonElement Head)> heads)
    {
        var level = heads.OrderBy(h => h.AddressKey, StringComparer.Ordinal)
            .Select(h => SHA256.HashData([0, .. Encoding.UTF8.GetBytes($"{h.AddressKey}:{Number(h.Head, "seq")}:{Text(h.Head, "hash")}")]))
            .ToList();
        if (level.Count == 0) return Nothing;
        while (level.Count > 1)
            level = [.. level.Chunk(2).Select(pair => pair.Length == 1 ? pair[0] : SHA256.HashData([1, .. pair[0], .. pair[1]]))];
        return Convert.ToHexStringLower(level[0]);
    }

    private static string Hash(Action<MemoryStream> write)
    {
        using var fields = new MemoryStream();
        write(fields);
        return Convert.ToHexStringLower(SHA256.HashData(fields.ToArray()));
    }

    private static void Write(MemoryStream fields, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        fields.Write(bytes);
    }

    private static void Write(MemoryStream fields, string? text)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : Encoding.UTF8.GetByteCount(text));
        fields.Write(length);
        if (text is not null) fields.Write(Encoding.UTF8.GetBytes(text));
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();
}

using System.Buffers;

namespace Notifications.Storage;

/// <summary>
/// The limits of the ports, checked before any backend is asked, so that what works on a laptop works on Azure. They are the narrower of
/// what the backends and the Azure emulator allow: the emulator accepts entities over 1 MiB, which Azure refuses.
/// </summary>
internal static class Guards
{
    /// <summary>Changes in one commit: an Azure entity group transaction holds no more.</summary>
    public const int MaxChanges = 100;

    /// <summary>Bytes in one row: half of what an Azure entity holds.</summary>
    public const int MaxRowBytes = 512 * 1024;

    /// <summary>Bytes in one commit: half of what an Azure transaction holds, because it travels as base64.</summary>
    public const int MaxCommitBytes = 2 * 1024 * 1024;

    /// <summary>Characters in a prefix of names, which leaves room for the longest name in the 63 that Azure allows.</summary>
    public const int MaxPrefixLength = 20;

    /// <summary>Characters in a key: an Azure key is 1 KiB of UTF-16.</summary>
    public const int MaxKeyLength = 512;

    /// <summary>Rows or names in one answer.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Bytes in one queue item.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>Items in one receive.</summary>
    public const int MaxReceive = 32;

    /// <summary>Bytes in one blob.</summary>
    public const int MaxBlobBytes = 256 * 1024 * 1024;

    /// <summary>The longest delay, and the longest visibility timeout.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(7);

    private static readonly SearchValues<char> PlainKey = SearchValues.Create(
        " !\"$%&'()*+,-.0123456789:;<=>@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private static readonly SearchValues<char> TableName = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> QueueName = SearchValues.Create("-0123456789abcdefghijklmnopqrstuvwxyz");

    /// <summary>3 to 63 lower-case letters and digits, a letter first.</summary>
    public static void Table(string name)
    {
        if (name.Length is < 3 or > 63 || !char.IsAsciiLetterLower(name[0]) || name.AsSpan().ContainsAnyExcept(TableName))
            throw new ArgumentException(
                $"The table name '{name}' is not 3 to 63 lower-case letters and digits with a letter first.", nameof(name));
    }

    /// <summary>3 to 63 lower-case letters, digits and single hyphens, none at an end: queues and blob containers.</summary>
    public static void Queue(string name)
    {
        if (name.Length is < 3 or > 63
            || name.AsSpan().ContainsAnyExcept(QueueName)
            || name[0] == '-'
            || name[^1] == '-'
            || name.Contains("--", StringComparison.Ordinal))
        {
            throw new ArgumentException($"The name '{name}' is not 3 to 63 lower-case letters, digits and single hyphens.", nameof(name));
        }
    }

    /// <summary>
    /// What stands before every table, queue and container name: nothing, or 1 to <see cref="MaxPrefixLength"/> lower-case letters and
    /// digits with a letter first.
    /// </summary>
    public static void Prefix(string prefix)
    {
        if (prefix.Length == 0) return;
        if (prefix.Length > MaxPrefixLength || !char.IsAsciiLetterLower(prefix[0]) || prefix.AsSpan().ContainsAnyExcept(TableName))
            throw new ArgumentException(
                $"The prefix '{prefix}' is not 1 to {MaxPrefixLength} lower-case letters and digits with a letter first.", nameof(prefix));
    }

    /// <summary>
    /// A partition or row key. Characters beyond U+FFFF are refused with the others: only without them do UTF-8 (SQLite) and UTF-16 (Azure)
    /// sort alike.
    /// </summary>
    public static void Key(string key)
    {
        if (key.Length is 0 or > MaxKeyLength)
            throw new ArgumentException($"A key is 1 to {MaxKeyLength} characters, this one has {key.Length}.", nameof(key));
        if (!key.AsSpan().ContainsAnyExcept(PlainKey)) return;
        foreach (var c in key)
        {
            if (c is '/' or '\\' or '#' or '?' || char.IsControl(c) || char.IsSurrogate(c))
                throw new ArgumentException(
                    $"A key must not contain U+{(int)c:X4}: no / \\ # ?, no control character, nothing beyond U+FFFF.", nameof(key));
        }
    }

    /// <summary>The changes of one commit, see <see cref="ITableStore.CommitAsync"/>.</summary>
    /// <returns>The bytes they hold.</returns>
    public static int Changes(IReadOnlyList<RowChange> changes)
    {
        if (changes.Count is 0 or > MaxChanges)
            throw new ArgumentException($"A commit has 1 to {MaxChanges} changes, this one has {changes.Count}.", nameof(changes));
        var total = 0;
        var seen = changes.Count > 16 ? new HashSet<string>(changes.Count, StringComparer.Ordinal) : null;
        for (var i = 0; i < changes.Count; i++)
        {
            var change = changes[i];
            Key(change.Key);
            if (change.Kind == RowChangeKind.Replace && change.ETag is null)
                throw new ArgumentException("A replace needs the ETag that was read.", nameof(changes));
            if (change.Value.Length > MaxRowBytes)
                throw new ArgumentException(
                    $"A row holds at most {MaxRowBytes} bytes, this one has {change.Value.Length}.", nameof(changes));
            total += change.Value.Length;
            if (seen is not null ? !seen.Add(change.Key) : Earlier(changes, i))
                throw new ArgumentException("A commit changes no row twice.", nameof(changes));
        }

        if (total > MaxCommitBytes)
            throw new ArgumentException($"A commit holds at most {MaxCommitBytes} bytes, this one has {total}.", nameof(changes));
        return total;
    }

    /// <summary>How many rows or names to answer with.</summary>
    public static void Limit(int limit) => Between(limit, 1, MaxLimit, nameof(limit));

    /// <summary>How many items to receive, and for how long to hide them: a second (Azure's least) to seven days.</summary>
    public static void Receive(int max, TimeSpan visibility)
    {
        Between(max, 1, MaxReceive, nameof(max));
        if (visibility < TimeSpan.FromSeconds(1) || visibility > MaxDelay)
            throw new ArgumentOutOfRangeException(nameof(visibility), visibility, "A visibility timeout is one second to seven days.");
    }

    /// <summary>A queue item's body.</summary>
    public static void Body(ReadOnlyMemory<byte> body)
    {
        if (body.Length > MaxBodyBytes)
            throw new ArgumentException($"A queue item holds at most {MaxBodyBytes} bytes, this one has {body.Length}.", nameof(body));
    }

    /// <summary>A queue item's delay.</summary>
    public static void Delay(TimeSpan delay)
    {
        if (delay < TimeSpan.Zero || delay > MaxDelay)
            throw new ArgumentOutOfRangeException(nameof(delay), delay, "A delay is zero to seven days.");
    }

    /// <summary>A blob's name: segments split by <c>/</c>, none empty, dots alone or ending in a dot, which URLs would not keep.</summary>
    public static void BlobName(string name)
    {
        if (name.Length is 0 or > MaxKeyLength)
            throw new ArgumentException($"A blob name is 1 to {MaxKeyLength} characters, this one has {name.Length}.", nameof(name));
        foreach (var segment in name.AsSpan().Split('/'))
        {
            var text = name.AsSpan(segment);
            if (text.IsEmpty || text[^1] == '.')
                throw new ArgumentException("A blob name has no empty segment and none that ends in a dot.", nameof(name));
        }

        foreach (var c in name)
        {
            if (c is '\\' or '#' or '?' || char.IsControl(c) || char.IsSurrogate(c))
                throw new ArgumentException($"A blob name must not contain U+{(int)c:X4}.", nameof(name));
        }
    }

    /// <summary>A blob's content.</summary>
    public static void Blob(ReadOnlyMemory<byte> content)
    {
        if (content.Length > MaxBlobBytes)
            throw new ArgumentException($"A blob holds at most {MaxBlobBytes} bytes, this one has {content.Length}.", nameof(content));
    }

    private static bool Earlier(IReadOnlyList<RowChange> changes, int index)
    {
        for (var i = 0; i < index; i++)
        {
            if (changes[i].Key == changes[index].Key) return true;
        }

        return false;
    }

    private static void Between(int value, int least, int most, string name)
    {
        if (value < least || value > most) throw new ArgumentOutOfRangeException(name, value, $"{least} to {most}.");
    }
}

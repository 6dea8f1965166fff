using System.Text.Json;
using Notifications.Addresses;
using Notifications.Storage;

namespace Notifications.Audiences;

/// <summary>Attributes of one subscribed address. No address, no name.</summary>
public sealed record AudienceRow(string? Zone = null);

/// <summary>One member.</summary>
public sealed record AudienceMember(AddressKey Key, AudienceRow Row);

/// <summary>A page; <paramref name="Next"/> is null at the bucket's end.</summary>
public sealed record AudiencePage(IReadOnlyList<AudienceMember> Members, string? Next);

/// <summary>The buckets of an audience.</summary>
public static class AudienceBuckets
{
    /// <summary>The first characters of address keys.</summary>
    public const string All = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
}

/// <summary>Reads the members of an audience.</summary>
public sealed class AudienceReader(ITableStore tables)
{
    /// <summary>A page of one bucket, in the order of the keys.</summary>
    public async ValueTask<AudiencePage> PageAsync(Audience audience, char bucket, string? after, int limit, CancellationToken cancel)
    {
        var rows = await tables.RangeAsync("audience", $"{audience.Topic}:{audience.Channel.Name()}:{bucket}", new RowRange(after is null ? null : after + ' ', null), limit, cancel);
        var members = new List<AudienceMember>(rows.Count);
        foreach (var row in rows)
            if (AddressKey.TryParse(row.Key, out var key)) members.Add(new AudienceMember(key, JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.AudienceRow)!));
        return new AudiencePage(members, rows.Count < limit ? null : rows[^1].Key);
    }
}

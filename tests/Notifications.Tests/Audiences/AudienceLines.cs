using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Packages;
using Notifications.Storage;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Audiences;

/// <summary>The rows of every audience as lines of text, so that what is stored can be compared with what should be.</summary>
internal static class AudienceLines
{
    /// <summary>The index as it is stored.</summary>
    public static async Task<string> IndexAsync(PackagesWorld world)
    {
        var rows = await world.Get<ITableStore>().ScanAsync(Tables.Audience, null, 1000);
        return string.Join('\n', rows.Select(r => Line(r.Partition, r.Row.Key, r.Row.Value)).Order(StringComparer.Ordinal));
    }

    /// <summary>The index as the records alone would have it, by other means than the product's.</summary>
    public static async Task<string> RecordsAsync(PackagesWorld world)
    {
        var lines = new List<string>();
        var watching = new ConcurrentDictionary<string, int>();
        var scanned = new List<ScannedRow>();
        while (await world.Get<ITableStore>().ScanAsync(
            Tables.Addresses, scanned.Count == 0 ? null : (scanned[^1].Partition, scanned[^1].Row.Key), 1000) is { Count: > 0 } page)
        {
            scanned.AddRange(page);
        }

        foreach (var (partition, row) in scanned)
        {
            if (row.Key.StartsWith("watch:", StringComparison.Ordinal)
                && row.Read(CoreJson.Default.WatchRecord).Status == WatchStatus.Active)
            {
                watching.AddOrUpdate(partition, 1, (_, n) => n + 1);
            }
        }

        foreach (var (partition, row) in scanned)
        {
            if (row.Key != "state") continue;
            var state = row.Read(CoreJson.Default.AddressState);
            if (state.Stopped is not null
                || state.Suppression is not null
                || state.RestrictedSince is not null
                || state.Contact != ContactStatus.Active)
            {
                continue;
            }

            foreach (var subscription in state.Subscriptions.Where(s => s.Status == SubscriptionStatus.Subscribed))
            {
                var expected = new AudienceRow(subscription.Since)
                {
                    Locale = state.Locale,
                    Country = state.Region ?? (state.Locale == "de-AT" ? "AT" : state.TimeZone is null ? null : "FR"),
                    TimeZone = state.TimeZone,
                    Tags = state.Tags.Length == 0 ? null : state.Tags,
                    EngagedAt = state.EngagedAt,
                    Watching = watching.GetValueOrDefault(partition),
                };
                lines.Add(Line(
                    $"{subscription.Topic}:{(state.Channel == Channel.Email ? "email" : "sms")}:{partition[0]}", partition,
                    JsonSerializer.SerializeToUtf8Bytes(expected, CoreJson.Default.AudienceRow)));
            }
        }

        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    private static string Line(string partition, string key, ReadOnlyMemory<byte> value) =>
        $"{partition} {key} {Encoding.UTF8.GetString(value.Span)}";
}

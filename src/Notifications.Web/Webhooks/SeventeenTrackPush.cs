using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Notifications.Packages;

namespace Notifications.Web.Webhooks;

/// <summary>
/// Reads the latest event out of a push of 17TRACK. A push has no id of its own: the same news pushed again gives the same id.
/// </summary>
internal static class SeventeenTrackPush
{
    private const string Updated = "TRACKING_UPDATED";

    /// <summary>The event, or null where the push tells none.</summary>
    public static (TrackingNumber Number, PackageEvent Event)? Read(JsonElement push, DateTimeOffset now)
    {
        if (Text(push, "event") != Updated || !TrackingNumber.TryParse(Text(push, "data", "number"), out var number, out _)) return null;
        if (Get(push, "data", "track_info") is { } info) return Read(number, info, now);
        return Get(push, "data", "track") is { } older ? ReadOlder(number, older, now) : null;
    }

    private static (TrackingNumber, PackageEvent)? Read(TrackingNumber number, JsonElement info, DateTimeOffset now)
    {
        if (!StatusTable.Default.TryRead(Text(info, "latest_status", "status"), out var status, out _)) return null;
        var sub = StatusTable.Default.TryRead(Text(info, "latest_status", "sub_status"), out var of, out var named) && of == status
            ? named
            : null;
        var at = Time(Text(info, "latest_event", "time_iso")) ?? Time(Text(info, "latest_event", "time_utc"));
        return (
            number,
            Event(status, sub, at, Text(info, "latest_event", "description"), Text(info, "latest_event", "location"), Carrier(info), now));
    }

    /// <summary>The first API: numbers for statuses, and a time without a zone, which is taken for UTC.</summary>
    private static (TrackingNumber, PackageEvent)? ReadOlder(TrackingNumber number, JsonElement track, DateTimeOffset now)
    {
        ParcelStatus? status = Get(track, "e") is { ValueKind: JsonValueKind.Number } e && e.TryGetInt32(out var code)
            ? code switch
            {
                0 => ParcelStatus.NotFound,
                10 => ParcelStatus.InTransit,
                20 => ParcelStatus.Expired,
                30 => ParcelStatus.AvailableForPickup,
                35 => ParcelStatus.DeliveryFailure,
                40 => ParcelStatus.Delivered,
                50 => ParcelStatus.Exception,
                _ => null,
            }
            : null;
        if (status is null) return null;
        return (number, Event(status.Value, null, Time(Text(track, "z0", "a")), Text(track, "z0", "z"), Text(track, "z0", "c"), null, now));
    }

    private static PackageEvent Event(
        ParcelStatus status, string? sub, DateTimeOffset? at, string? description, string? location, string? carrier, DateTimeOffset now)
    {
        var what = string.Join(
            '\n', status, sub, at?.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), description, location);
        var id = "17track/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)).AsSpan(0, 16));
        return new PackageEvent(
            id, status, sub, FreeText.Cut(description, 500), FreeText.Cut(location, 200), at ?? now, FreeText.Cut(carrier, 100), now);
    }

    private static string? Carrier(JsonElement info) =>
        Get(info, "tracking", "providers") is { ValueKind: JsonValueKind.Array } providers && providers.GetArrayLength() > 0
            ? Text(providers[0], "provider", "name")
            : null;

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static string? Text(JsonElement json, params ReadOnlySpan<string> path) =>
        Get(json, path) is { ValueKind: JsonValueKind.String } value && value.GetString()!.Trim() is { Length: > 0 } text ? text : null;

    private static JsonElement? Get(JsonElement json, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out json)) return null;
        return json.ValueKind == JsonValueKind.Null ? null : json;
    }
}

using System.Text.Json.Serialization;
using Notifications.Packages;

namespace Notifications.Web.Packages;

/// <summary>What happened to a package.</summary>
internal sealed record PackageEventInput(
    string? Id = null,
    string? Status = null,
    string? SubStatus = null,
    string? Description = null,
    string? Location = null,
    string? OccurredAt = null,
    string? Carrier = null);

/// <summary>An event was accepted; what it comes to stands at the package soon.</summary>
internal sealed record PackageEventAccepted(string TrackingNumber, string Id, string Status);

/// <summary>
/// One event of a package. <paramref name="Outcome"/>: see <see cref="PackageEventRow"/>; <paramref name="Clamped"/>: its time lay in the
/// future and was set to when it came.
/// </summary>
internal sealed record PackageEventView(
    string Id, ParcelStatus Status, string? SubStatus, string? Description, string? Location, DateTimeOffset OccurredAt, string? Carrier,
    DateTimeOffset ReceivedAt, string Outcome, bool Clamped)
{
    public static PackageEventView Of(PackageEventRow row) => new(
        row.Event.Id,
        row.Event.Status, row.Event.Sub, row.Event.Description, row.Event.Location, row.Event.OccurredAt, row.Event.Carrier,
        row.Event.ReceivedAt, row.Outcome, row.Event.Clamped);
}

/// <summary>What is known of a package, its events newest first.</summary>
internal sealed record PackageDetails(
    string TrackingNumber, ParcelStatus? Status, string? SubStatus, int Stage, DateTimeOffset? DeliveredAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<PackageEventView> Events);

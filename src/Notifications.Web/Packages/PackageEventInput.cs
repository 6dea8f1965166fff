using System.Text.Json.Serialization;
using Notifications.Packages;

namespace Notifications.Web.Packages;

/// <summary>What happened to a package.</summary>
/// <param name="Id">Your id of the event, at most 200 characters: the same one twice is one event.</param>
/// <param name="Status">
/// What happened, one of 17TRACK's main statuses in any writing, at most 60 characters; the operation names them.
/// </param>
/// <param name="SubStatus">17TRACK's sub-status, which must belong to the status, as Exception_Returned does.</param>
/// <param name="Description">What happened in the carrier's words, at most 500 characters.</param>
/// <param name="Location">Where it happened, at most 200 characters.</param>
/// <param name="OccurredAt">When it happened, RFC 3339; when it is received when left out or empty.</param>
/// <param name="Carrier">The carrier's name, at most 100 characters.</param>
internal sealed record PackageEventInput(
    string? Id = null,
    string? Status = null,
    string? SubStatus = null,
    string? Description = null,
    string? Location = null,
    string? OccurredAt = null,
    string? Carrier = null);

/// <summary>An event was accepted; what it comes to stands at the package soon.</summary>
/// <param name="TrackingNumber">The tracking number as it is kept.</param>
/// <param name="Id">The event's id, as it was given.</param>
/// <param name="Status">Always queued.</param>
internal sealed record PackageEventAccepted(string TrackingNumber, string Id, string Status);

/// <summary>One event of a package.</summary>
/// <param name="Id">The event's id, as it was given.</param>
/// <param name="Status">What happened.</param>
/// <param name="SubStatus">17TRACK's sub-status.</param>
/// <param name="Description">What happened in the carrier's words.</param>
/// <param name="Location">Where it happened.</param>
/// <param name="OccurredAt">When it happened.</param>
/// <param name="Carrier">The carrier's name.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Outcome">
/// What it came to: announced (it waits to be told, or was), superseded by a newer one before it was told, stale-event (older than what was
/// known), or no-news.
/// </param>
/// <param name="Clamped">Whether its time lay in the future and was set to when it came.</param>
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
/// <param name="TrackingNumber">The tracking number as it is kept.</param>
/// <param name="Status">What happened last; left out where nothing is known.</param>
/// <param name="SubStatus">17TRACK's sub-status of that.</param>
/// <param name="Stage">The stage that it has reached, 1 (announced) to 4 (delivered); 0 where none is known.</param>
/// <param name="DeliveredAt">When it was delivered.</param>
/// <param name="Events">Its events, newest first.</param>
internal sealed record PackageDetails(
    string TrackingNumber, ParcelStatus? Status, string? SubStatus, int Stage, DateTimeOffset? DeliveredAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<PackageEventView> Events);

using System.Text.Json;
using Notifications.Packages;
using Notifications.Sending;

namespace Notifications.Web.Packages;

/// <summary>An address that wants to hear of a package.</summary>
internal sealed record WatchInput(
    string? Email = null,
    string? Phone = null,
    string? Statuses = null,
    string? Digest = null,
    string? Locale = null,
    string? Source = null,
    string? PolicyVersion = null,
    string? Wording = null,
    JsonElement? Evidence = null,
    string? Agent = null,
    int? Age = null,
    string? BirthDate = null);

/// <summary>An address that wants to hear no more of a package; in the body, or in the query.</summary>
internal sealed record UnwatchInput(
    string? Email = null, string? Phone = null, string? Source = null, JsonElement? Evidence = null, string? Agent = null);

/// <summary>How a watch stands. <paramref name="BlockedBy"/>: it stands, and this keeps the address silent all the same.</summary>
internal sealed record WatchView(
    string TrackingNumber, WatchStatus Status, WatchFilter Statuses, string? Digest, DateTimeOffset Since, Reason? BlockedBy);

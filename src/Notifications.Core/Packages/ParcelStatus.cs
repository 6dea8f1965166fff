using System.Text.Json.Serialization;

namespace Notifications.Packages;

/// <summary>Where a parcel stands, in the words of 17TRACK's API v2.2.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ParcelStatus>))]
public enum ParcelStatus
{
    /// <summary>The carrier does not know it yet.</summary>
    NotFound,

    /// <summary>The carrier was told of it and does not have it yet.</summary>
    InfoReceived,

    /// <summary>On its way.</summary>
    InTransit,

    /// <summary>No news for long; tracking has ended.</summary>
    Expired,

    /// <summary>Waits at a pick-up point.</summary>
    AvailableForPickup,

    /// <summary>With the courier.</summary>
    OutForDelivery,

    /// <summary>A delivery was tried in vain.</summary>
    DeliveryFailure,

    /// <summary>Delivered.</summary>
    Delivered,

    /// <summary>Something went wrong: returned, lost, damaged, delayed.</summary>
    Exception,
}

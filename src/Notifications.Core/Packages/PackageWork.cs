namespace Notifications.Packages;

/// <summary>What a <see cref="PackageWork"/> asks for.</summary>
public enum PackageStep
{
    /// <summary>Take in an event.</summary>
    Event,

    /// <summary>Begin to tell the waiting change.</summary>
    Announce,

    /// <summary>Tell the followers after a cursor.</summary>
    Page,
}

/// <summary>One item of the queue <c>packages</c>.</summary>
public sealed record PackageWork(PackageStep Step, string Number, PackageEvent? Event = null, long Seq = 0, string? Cursor = null);

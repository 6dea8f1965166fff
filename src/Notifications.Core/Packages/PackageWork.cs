namespace Notifications.Packages;

/// <summary>What a <see cref="PackageWork"/> asks for.</summary>
public enum PackageStep
{
    /// <summary>Take in an event.</summary>
    Event,

    /// <summary>Begin to tell the waiting change.</summary>
    Announce,

    /// <summary>Go through the followers after a cursor and hand them out in batches; few are told at once.</summary>
    Page,

    /// <summary>Tell the followers after a cursor, up to another.</summary>
    Batch,

    /// <summary>Set how often an address hears of its packages after a cursor; it is a step of no one package.</summary>
    Daily,
}

/// <summary>One item of the queue <c>packages</c>.</summary>
public sealed record PackageWork(PackageStep Step, string Number, PackageEvent? Event = null, long Seq = 0, string? Cursor = null)
{
    /// <summary>What a batch tells. The package's row may have gone on to the next change before the batch's turn comes.</summary>
    public PackageChange? Change { get; init; }

    /// <summary>The last follower of a batch.</summary>
    public string? Until { get; init; }

    /// <summary>The key of the address whose packages are set.</summary>
    public string? Address { get; init; }

    /// <summary>What they are set to: once a day, or with each change.</summary>
    public bool Daily { get; init; }

    /// <summary>When the person chose that.</summary>
    public DateTimeOffset ChosenAt { get; init; }

    /// <summary>An earlier item of it was given out, in whose place this one stands: the queue's own count does not tell.</summary>
    public bool Again { get; init; }
}

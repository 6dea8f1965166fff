namespace Notifications.Campaigns;

/// <summary>A batch by its name; <paramref name="ETag"/> is null for one that was not read.</summary>
public readonly record struct NamedBatch(string Name, BatchRow Row, string? ETag = null)
{
    /// <summary>It was let go and has not gone.</summary>
    public bool IsUnderWay => Row is { Waits: false, Goes: > 0 };
}

using System.Text.Json;
using Notifications.Addresses;
using Notifications.Audit;

namespace Notifications.Audiences;

/// <summary>
/// What people do with lists and segments. The API and the console both call it; every act stands in the audit before it is done, so that
/// none is without its entry (R68). One that somebody else was faster than stands there too, as it was asked for.
/// </summary>
public sealed class AudienceDesk(StaticLists lists, StoredSegments segments, AuditLog audit)
{
    /// <summary>Makes an empty list, of an id that is given or of a new one; see <see cref="StaticLists.CreateAsync"/>.</summary>
    public ValueTask<StaticList> CreateListAsync(string name, string actor, CancellationToken cancel, string? id = null) =>
        lists.CreateAsync(name, cancel, list => audit.WriteAsync(actor, "list.create", list.Id, null, list.Name, cancel), id);

    /// <summary>Renames a list; null when it is not there.</summary>
    public async ValueTask<StaticList?> RenameListAsync(string id, string name, string actor, CancellationToken cancel)
    {
        if (await lists.FindAsync(id, cancel) is not { } before) return null;
        await audit.WriteAsync(actor, "list.rename", id, before.Name, name, cancel);
        return await lists.RenameAsync(id, name, cancel);
    }

    /// <summary>Deletes a list; false when it is not there.</summary>
    public async ValueTask<bool> DeleteListAsync(string id, string actor, CancellationToken cancel)
    {
        if (await lists.FindAsync(id, cancel) is not { } before) return false;
        await audit.WriteAsync(actor, "list.delete", id, before.Name, null, cancel);
        return await lists.DeleteAsync(id, cancel);
    }

    /// <summary>
    /// Puts addresses on a list and takes others off it; how many were not on it, and were, before. Null when there is no such list. The
    /// audit tells how many were named.
    /// </summary>
    public async ValueTask<(int Added, int Removed)?> ChangeMembersAsync(
        string id, IReadOnlyCollection<AddressKey> add, IReadOnlyCollection<AddressKey> remove, string actor, CancellationToken cancel)
    {
        if (await lists.FindAsync(id, cancel) is null) return null;
        await audit.WriteAsync(actor, "list.members", id, null, $"+{add.Count} -{remove.Count}", cancel);
        return await lists.AddAsync(id, add, cancel) is { } added
            && await lists.RemoveAsync(id, remove, cancel) is { } removed
            && await lists.FindAsync(id, cancel) is not null
            ? (added, removed)
            : null;
    }

    /// <summary>Keeps a new segment, of an id that is given or of a new one; see <see cref="StoredSegments.CreateAsync"/>.</summary>
    public ValueTask<StoredSegment> CreateSegmentAsync(
        string name, Segment filter, string actor, CancellationToken cancel, string? id = null) =>
        segments.CreateAsync(
            name, filter, cancel, segment => audit.WriteAsync(actor, "segment.create", segment.Id, null, Text(segment), cancel), id);

    /// <summary>Changes a segment; the answer and <paramref name="seen"/> as for <see cref="StoredSegments.UpdateAsync"/>.</summary>
    public ValueTask<(StoredSegment? Before, StoredSegment? After)> UpdateSegmentAsync(
        string id, string name, Segment filter, DateTimeOffset? seen, string actor, CancellationToken cancel) =>
        segments.UpdateAsync(
            id, name, filter, cancel, seen,
            (before, after) => audit.WriteAsync(actor, "segment.update", id, Text(before), Text(after), cancel));

    /// <summary>Forgets a segment; the answer and <paramref name="seen"/> as for <see cref="StoredSegments.DeleteAsync"/>.</summary>
    public ValueTask<(StoredSegment? Before, bool Done)> DeleteSegmentAsync(
        string id, DateTimeOffset? seen, string actor, CancellationToken cancel) =>
        segments.DeleteAsync(id, cancel, seen, before => audit.WriteAsync(actor, "segment.delete", id, Text(before), null, cancel));

    private static string Text(StoredSegment segment) => JsonSerializer.Serialize(segment.Filter, CoreJson.Unescaped.Segment);
}

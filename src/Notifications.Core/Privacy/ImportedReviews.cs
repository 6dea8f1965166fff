using Notifications.Addresses;
using Notifications.Review;

namespace Notifications.Privacy;

/// <summary>
/// What waits to be read at a person who comes from another installation (R41): it is read and decided here, or it would hold marketing
/// back for ever. The decision reaches every address of the import that it holds back.
/// </summary>
public sealed class ImportedReviews(ReviewDesk reviews)
{
    private const string Elsewhere = "(This came with an import of the person. The words are at the installation that they come from.)";

    /// <summary>The ids of what waits to be read, at the address itself or with something that waits for its confirmation.</summary>
    internal static IEnumerable<string> Of(AddressState state) =>
        state.Reviews.Concat(state.Subscriptions.SelectMany(s => s.AlsoHolds?.Reviews ?? [])).Distinct();

    /// <summary>
    /// The addresses of an import, each knowing the others that wait for the same: the keys that came along are another ring's. Where a
    /// followed package waits that moved from another address, the others of its channel in the file stand for that one, and what waits
    /// there goes along from each that something went along from (R33); with no other in the file it came from nowhere.
    /// </summary>
    internal static List<(AddressKey Key, AddressExport Export)> Linked(List<(AddressKey Key, AddressExport Export)> read) =>
        read.ConvertAll(
            one =>
            {
                var waits = Of(one.Export.State).ToHashSet(StringComparer.Ordinal);
                var state = one.Export.State;
                var others = read.FindAll(r => r.Key != one.Key);
                var alike = others.FindAll(r => r.Export.State.Channel == state.Channel);
                var to = others.FindAll(r => Of(r.Export.State).Any(waits.Contains))
                    .Union(state.MovedTo is { Length: > 0 } ? alike.FindAll(r => r.Export.Watches.Any(HasMoved)) : []);
                string[]? from = alike is [] ? null : [.. alike.Select(r => r.Key.Value)];
                return (one.Key, one.Export with
                {
                    State = state with { MovedTo = [.. to.Select(r => r.Key.Value)] },
                    Watches =
                        [.. one.Export.Watches.Select(w => HasMoved(w) ? w with { Watch = w.Watch with { MovedFrom = from } } : w)],
                });
            });

    private static bool HasMoved(WatchExport export) => export.Watch.MovedFrom is not null;

    /// <summary>Opens what waits at an address, with its words where the export has them. Opening it again changes nothing.</summary>
    public async ValueTask OpenAsync(AddressKey key, AddressExport export, CancellationToken cancel)
    {
        foreach (var id in Of(export.State))
        {
            await reviews.OpenAsync(new ReviewItem
            {
                Id = id,
                Channel = export.State.Channel,
                AddressKey = key.Value,
                From = export.State.Value,
                Text = export.Written?.FirstOrDefault(w => w.Id == id)?.Text ?? Elsewhere,
                At = ReviewDesk.AtOf(id),
            }, cancel);
        }
    }

    /// <summary>What was decided here before the address came is not held back once more.</summary>
    public async ValueTask SettleAsync(AddressKey key, AddressExport export, CancellationToken cancel)
    {
        foreach (var id in Of(export.State))
            if (await reviews.FindAsync(id, cancel) is { Verdict: { } verdict, Actor: { } actor })
                await reviews.ReachAsync(key, id, verdict, actor, cancel);
    }
}

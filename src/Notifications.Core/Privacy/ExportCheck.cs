using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Review;
using Notifications.Security;
using Notifications.Sending;

namespace Notifications.Privacy;

/// <summary>
/// Whether an export is one that may be taken in: whole, its ledgers verified, and permitting no more than they give evidence for (P6).
/// </summary>
internal static class ExportCheck
{
    /// <summary>
    /// The addresses of an export as we write them; null where one is no whole address or permits more than its ledger does.
    /// </summary>
    public static List<(AddressKey Key, AddressExport Export)>? Read(PersonExport export, TopicCatalog topics, KeyRing ring)
    {
        var read = new List<(AddressKey, AddressExport)>();
        foreach (var given in export.Addresses)
        {
            if (!IsWhole(given)) return null;
            var one = given with { Watches = [.. Normalised(given.Watches)] };
            if (!Address.TryParse(one.State.Channel, one.Address, out var address, out _)
                || (one.State.Address ?? address) != address
                || !LedgerChain.Verify(one.Ledger, one.State.Ledger)
                || !IsEvidenced(one, topics))
            {
                return null;
            }

            read.Add((ring.KeyOf(address), one with { State = one.State with { Value = address.Value } }));
        }

        return ImportedReviews.Linked(read);
    }

    /// <summary>Whether nothing is missing where our own rows always have something, and evidence is JSON.</summary>
    private static bool IsWhole(AddressExport export) =>
        export is { Address: not null,
            State: { IsErased: false,
                Ledger.Hash: not null, Subscriptions: not null, Reviews: not null, Replies: not null, SoftBounceDays: not null,
                Tags: not null, Recent: not null },
            Ledger: not null, Messages: not null, Watches: not null }
        && export.State.Subscriptions.All(s => s is { Topic: not null, Source: not null, AlsoHolds: null or { Reviews: not null } })
        && ImportedReviews.Of(export.State).All(id => id is not null && ReviewDesk.IsId(id))
        && export.Written?.All(w => w is { Id: not null, Text: not null }) != false
        && export.Ledger.All(
            e => e is { Topic: not null, Detail: null or { Source: not null, Actor: not null } } && IsJson(e.Detail?.Evidence))
        && export.Messages.All(m => m is { Id: not null, Record.Timeline: not null })
        && export.Watches.All(w => w is { TrackingNumber: not null, Watch: not null });

    /// <summary>
    /// Whether it is JSON of at most 64 levels, which every reader of evidence takes. What is newly given may have fewer; an export brings
    /// what an earlier version took, and its hashes hold for that alone.
    /// </summary>
    private static bool IsJson(string? evidence)
    {
        if (evidence is null) return true;
        try
        {
            using var json = JsonDocument.Parse(evidence);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Each watch under its number as we write it, once; without those that have none.</summary>
    private static IEnumerable<WatchExport> Normalised(IReadOnlyList<WatchExport> watches) =>
        watches.Select(
            w => TrackingNumber.TryParse(w.TrackingNumber, out var number, out _) ? w with { TrackingNumber = number.Value } : null)
            .OfType<WatchExport>()
            .DistinctBy(w => w.TrackingNumber);

    /// <summary>
    /// Whether nothing in the state, and no followed package, permits more than the ledger says the person agreed to (P6).
    /// </summary>
    private static bool IsEvidenced(AddressExport export, TopicCatalog topics)
    {
        var state = export.State;
        var told = LedgerFold.At(export.Ledger, state, topics, DateTimeOffset.MaxValue) ?? new AddressState { Channel = state.Channel };
        foreach (var subscription in state.Subscriptions)
        {
            if (subscription.Status == SubscriptionStatus.Subscribed
                && told.Find(subscription.Topic)?.Status != SubscriptionStatus.Subscribed)
            {
                return false;
            }
        }

        foreach (var watch in export.Watches)
        {
            if (watch.Watch.IsFollowed
                && !export.Ledger.Any(
                    e => e.Action == LedgerAction.Watch
                        && e.Detail?.Evidence?.Contains(watch.TrackingNumber, StringComparison.Ordinal) == true))
            {
                return false;
            }
        }

        return (told.Stopped is null || state.Stopped is not null)
            && (told.Suppression is null || state.Suppression is not null)
            && (told.RestrictedSince is null || state.RestrictedSince is not null)
            && (told.ObjectedAt is null || state.ObjectedAt >= told.ObjectedAt)
            && (told.Contact == ContactStatus.Active || state.Contact != ContactStatus.Active);
    }
}

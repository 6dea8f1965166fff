using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Imports;

/// <summary>
/// What one row came to; <paramref name="Problem"/> is null when its word stands. <paramref name="Unopened"/>: no key opens what it is
/// about.
/// </summary>
internal readonly record struct RowResult(ImportField Column, string? Problem, bool Unopened = false)
{
    /// <summary>Its word stands, or stood already.</summary>
    public static RowResult Accepted => default;
}

/// <summary>
/// What a row does to the record of its address (P6): it raises permission only with whole evidence that is newer than the last stop, it
/// lowers it always. Pure, and the same row on what it left behind changes nothing, so an import can be carried on anywhere.
/// </summary>
internal static class ImportRules
{
    /// <summary>
    /// The record after the row, with the ledger entries that say so added to <paramref name="entries"/>. <paramref name="owner"/>: the
    /// contact that an earlier row of the address has it put under.
    /// </summary>
    public static RowResult Apply(
        ref AddressState state, List<LedgerDraft> entries, ImportRow row, string import, string actor, DateTimeOffset now,
        string? owner = null)
    {
        if (state.IsErased)
            return row.Lowers ? RowResult.Accepted : new(row.Column, "belongs to a person who was erased; the address stays out");
        if (!row.Lowers && row.ContactId is not null && (state.ContactId ?? owner) is { } whose && whose != row.ContactId)
            return new(ImportField.ContactId, "differs: the address belongs to another contact");

        var before = entries.Count;
        Change change;
        switch (row.Says)
        {
            case ImportStatement.Subscribed:
                if (Refuse(state, row) is { } refused) return refused;
                change = Holds(state, row)
                    ? new(state, [])
                    : Transitions.OptIn(state, row.Topic!, row.Draft(LedgerAction.OptIn, import, actor), confirmed: true, row.At!.Value);
                break;
            case ImportStatement.Pending:
                if (state.Find(row.Topic!.Key) is not ({ Waits: true } or { Status: SubscriptionStatus.Subscribed }))
                    return new(ImportField.Status, "is an opt-in that nobody confirmed; ask the person again through POST /v1/consents");
                change = new(state, []);
                break;
            case ImportStatement.Unsubscribed:
                if (row.Topic is { IsOffered: false } gone && state.Find(gone.Key) is null)
                    return new(ImportField.Topic, "is not in the settings, and the address has no subscription of it");
                change = row.Topic is null
                    ? StopAll(state, row, import, actor, row.At ?? now)
                    : OptOut(state, row, import, actor, row.At ?? now);
                break;
            case ImportStatement.Nothing:
                change = new(state, []);
                break;
            default:
                change = AddressTransitions.Suppress(
                    state, row.Blocks!.Value, null, row.Draft(LedgerAction.Suppress, import, actor), row.At ?? now);
                break;
        }

        entries.AddRange(change.Entries);
        state = Describe(change.State, row, entries.Count > before);
        return RowResult.Accepted;
    }

    /// <summary>Why an opt-in is not taken in, or null.</summary>
    private static RowResult? Refuse(AddressState state, ImportRow row)
    {
        // R37
        if (SoftOptIn.Is(row.Source))
            return new(
                ImportField.Source,
                "is no opt-in: its evidence has no place in a file, so record it through POST /v1/consents with basis soft-opt-in");
        var existing = state.Find(row.Topic!.Key);
        if (existing?.Status == SubscriptionStatus.Subscribed) return null;
        if (row.Lacks(state) is { } missing)
        {
            return new(missing, missing switch
            {
                ImportField.Confirmed =>
                    "is false: a topic with double opt-in, and marketing after an objection, needs an opt-in that was confirmed; ask the person again through POST /v1/consents",
                ImportField.Ip =>
                    "is missing: marketing after an objection needs the IP address it was confirmed from, or confirmed or confirmedAt; without evidence an import cannot subscribe anybody",
                _ => "is missing: without evidence (source, policyVersion, wording, at) an import cannot subscribe anybody",
            });
        }

        return row.At <= state.StoppedAt(row.Topic) ? new(ImportField.At, "is not after the opt-out on record, which stands") : null;
    }

    // A consent that stands is replaced by a newer one only; under "stop everything" only evidence from after the stop says anything.
    private static bool Holds(AddressState state, ImportRow row) =>
        state.Find(row.Topic!.Key) is { Status: SubscriptionStatus.Subscribed } existing
            && (row.Lacks(state) is not null || row.At <= existing.Since || row.At <= state.Stopped?.Since);

    private static Change OptOut(AddressState state, ImportRow row, string import, string actor, DateTimeOffset at)
    {
        // An opt-out counts from its last time: an opt-in between two of them raises nothing. It takes back what was asked for before it,
        // and with it the undo of a stop that came by another way.
        if (state.Find(row.Topic!.Key) is { Status: SubscriptionStatus.Unsubscribed } stands
            && !(stands.Waiting?.Since <= at)
            && !(stands.Before?.Since < at && stands.Source != row.From))
        {
            return new(stands.Since >= at || row.At is null ? state : state.With(stands with { Since = at }), []);
        }

        return Transitions.OptOut(state, row.Draft(LedgerAction.OptOut, import, actor), at);
    }

    private static Change StopAll(AddressState state, ImportRow row, string import, string actor, DateTimeOffset at)
    {
        if (state.Stopped is { } stands)
            return new(row.At is null || stands.Again(at, at) == stands ? state : state with { Stopped = stands.Again(at, at) }, []);
        return Transitions.StopAll(state, row.Draft(LedgerAction.StopAll, import, actor), at);
    }

    /// <summary>
    /// What the row tells of the person besides: it fills what is not known and adds tags. The same record, not an equal one, when it tells
    /// nothing new.
    /// </summary>
    private static AddressState Describe(AddressState state, ImportRow row, bool changed)
    {
        var tags = state.Tags;
        foreach (var tag in row.Tags)
            if (tags.Length < Tags.Most && Array.IndexOf(tags, tag) < 0) tags = [.. tags.Append(tag).Order(StringComparer.Ordinal)];
        var locale = state.Locale ?? row.Locale;
        var zone = state.TimeZone ?? row.TimeZone;
        if (tags == state.Tags && locale == state.Locale && zone == state.TimeZone && (state.Value is not null || !changed)) return state;
        return state with
        {
            Tags = tags,
            Locale = locale,
            TimeZone = zone,
            Value = row.Address.Value,
            Region = state.Region ?? PhoneNumber.RegionOf(row.Address),
        };
    }
}

using Notifications.Addresses;

namespace Notifications.Consent;

/// <summary>A new state and what the ledger says about it. No entries and an equal state: nothing happened.</summary>
public readonly record struct Change(AddressState State, IReadOnlyList<LedgerDraft> Entries)
{
    /// <summary>This change and what comes of its state, as one.</summary>
    public Change Then(Func<AddressState, Change> next) =>
        next(State) is var more && more.Entries.Count > 0 ? new(more.State, [.. Entries, .. more.Entries]) : new(more.State, Entries);
}

using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Web.Console;

namespace Notifications.Web.Addresses;

/// <summary>
/// Blocks and unblocks as the API and the console do it: with a line in the audit that comes before the act, so that none is without its
/// entry (R68).
/// </summary>
internal sealed class Blocks(Suppressions suppressions, AddressBook book, KeyRing ring, AuditLog audit)
{
    /// <summary>Blocks an address; the answer is the block as it stands.</summary>
    public async ValueTask<AddressState> AddAsync(
        Address address, SuppressionReason reason, string? note, string source, string actor, CancellationToken cancel)
    {
        var key = ring.KeyOf(address);
        var draft = new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, source, actor);
        var before = (await book.LoadAsync(key, cancel)).State ?? ConsentDesk.Blank(address);
        var planned = AddressTransitions.Suppress(before, reason, note, draft, default).State.Suppression!;
        await audit.WriteAsync(
            actor, "suppression.add", key.Value, before.Suppression is { } stood ? Word(stood) : null, Word(planned),
            CancellationToken.None);
        return await suppressions.AddAsync(address, reason, note, draft, CancellationToken.None);
    }

    /// <inheritdoc cref="Suppressions.RemoveAsync"/>
    public async ValueTask<AddressState?> RemoveAsync(
        Address address, string source, string actor, CancellationToken cancel, bool own = false)
    {
        var key = ring.KeyOf(address);
        var draft = new LedgerDraft(LedgerAction.Unsuppress, LedgerDraft.AllTopics, source, actor);
        if ((await book.LoadAsync(key, cancel)).State is { Suppression: { } block } state
            && AddressTransitions.Unsuppress(state, draft, own) is { Entries.Count: > 0 } planned)
        {
            await audit.WriteAsync(
                actor, "suppression.lift", key.Value, Word(block), planned.State.Suppression is { } left ? Word(left) : null,
                CancellationToken.None);
        }

        return await suppressions.RemoveAsync(address, draft, CancellationToken.None, own);
    }

    private static string Word(Suppression block) =>
        block.Beneath is null ? Parts.Word(block.Reason) : $"{Parts.Word(block.Reason)}, {Parts.Word(SuppressionReason.Manual)}";
}

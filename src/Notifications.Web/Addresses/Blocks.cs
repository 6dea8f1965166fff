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
            actor, "suppression.add", key.Value, before.Suppression is { } stood ? Parts.Word(stood.Reason) : null,
            Parts.Word(planned.Reason), CancellationToken.None);
        return await suppressions.AddAsync(address, reason, note, draft, CancellationToken.None);
    }

    /// <summary>Lifts a block. Null when there was none; the state still carries it when it may not be lifted.</summary>
    public async ValueTask<AddressState?> RemoveAsync(Address address, string source, string actor, CancellationToken cancel)
    {
        var key = ring.KeyOf(address);
        if ((await book.LoadAsync(key, cancel)).State?.Suppression is { Reason: not SuppressionReason.Erased } block)
            await audit.WriteAsync(actor, "suppression.lift", key.Value, Parts.Word(block.Reason), null, CancellationToken.None);
        return await suppressions.RemoveAsync(
            address, new LedgerDraft(LedgerAction.Unsuppress, LedgerDraft.AllTopics, source, actor), CancellationToken.None);
    }
}

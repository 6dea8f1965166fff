using System.Buffers.Binary;
using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications.Campaigns;

/// <summary>What the dry run had said of some addresses.</summary>
public sealed class ForetoldMembers
{
    /// <summary>Bytes of one address in a stored row.</summary>
    public const int Entry = AddressKey.Bytes + 1 + sizeof(uint);

    private readonly Dictionary<UInt128, ForetoldMember> _members = [];

    /// <summary>Writes what is said of an address, and on which ledger entry it rests, at its place in a row.</summary>
    public static void Write(Span<byte> row, int place, AddressKey key, Reason reason, long ledgerSeq)
    {
        var entry = row.Slice(place * Entry, Entry);
        key.CopyTo(entry);
        entry[AddressKey.Bytes] = (byte)reason;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[(AddressKey.Bytes + 1)..], (uint)ledgerSeq);
    }

    /// <summary>Takes in one stored row.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= Entry; bytes = bytes[Entry..])
        {
            _members[BinaryPrimitives.ReadUInt128LittleEndian(bytes)] =
                new ForetoldMember(
                    Foretold.Of((Reason)bytes[AddressKey.Bytes]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(AddressKey.Bytes + 1)..]));
        }
    }

    /// <summary>What was said of an address.</summary>
    public ForetoldMember Of(AddressKey key)
    {
        Span<byte> bytes = stackalloc byte[AddressKey.Bytes];
        key.CopyTo(bytes);
        return _members.TryGetValue(BinaryPrimitives.ReadUInt128LittleEndian(bytes), out var member)
            ? member
            : new ForetoldMember(Foretold.Absent, 0);
    }
}

/// <summary>What the dry run had said of one address, and on which ledger entry it rested.</summary>
public readonly record struct ForetoldMember(Foretold Foretold, uint LedgerSeq)
{
    /// <summary>
    /// Why it came otherwise. Every change that a decision looks at, but for the time, is an entry of the ledger: a newer one explains, an
    /// equal one does not.
    /// </summary>
    public Because Explain(Outcome outcome, MessageRecord? record)
    {
        if (Foretold.Reason is not { } told) return Because.Joined;
        if (record is null) return outcome.Because;
        switch (outcome.Status)
        {
            case MessageStatus.Failed or MessageStatus.Unknown:
                return Because.Provider;
            case MessageStatus.Queued or MessageStatus.Sending:
                return outcome.Reason switch
                {
                    Reason.ProviderUnavailable => Because.Provider,
                    Reason.CampaignPaused => Because.Operator,
                    _ => Because.AsForetold,
                };
        }

        var actual = outcome.Sent ? Reason.Allowed : outcome.Reason;
        if (actual == told) return Because.AsForetold;
        if (actual is Reason.CampaignPaused or Reason.CampaignCancelled) return Because.Operator;
        if (record.Receipt?.LedgerSeq > LedgerSeq) return Because.Changed;
        return OfTime(actual) ?? OfTime(told) ?? Because.Unexplained;
    }

    private static Because? OfTime(Reason reason) => reason switch
    {
        Reason.FrequencyCap => Because.Cap,
        Reason.QuietHours or Reason.Expired => Because.Clock,
        _ => null,
    };
}

using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Templates;

namespace Notifications.Campaigns;

/// <summary>One batch while it is worked on.</summary>
internal sealed class BatchRun
{
    private readonly ForetoldMembers? _told;
    private long _wait;

    public BatchRun(Campaign campaign, string batch, BatchRow row, AddressKey[] members, ForetoldMembers? told)
    {
        (Campaign, Batch, Row, Members, _told) = (campaign, batch, row, members, told);
        Seed = CampaignBatches.Seed(campaign.Id);
        Outcomes = new Outcome[members.Length];
        for (var i = 0; i < Outcomes.Length; i++) Outcomes[i] = row.Of(i) with { Foretold = told?.Of(members[i]).Foretold ?? default };
    }

    public Campaign Campaign { get; }

    public MailMerge Merge { get; } = new();

    public string Batch { get; }

    public BatchRow Row { get; }

    public AddressKey[] Members { get; }

    public string Seed { get; }

    public Outcome[] Outcomes { get; }

    /// <summary>Whether the record of a message was not read, because every hand-off is held.</summary>
    public bool Held { get; private set; }

    public TimeSpan Wait => TimeSpan.FromTicks(Volatile.Read(ref _wait));

    public void Set(int i, MessageRecord? record)
    {
        var outcome = Outcome.Of(record, Outcomes[i]);
        Outcomes[i] = outcome with { Because = _told?.Of(Members[i]).Explain(outcome, record) ?? Because.AsForetold };
    }

    public void Lose(int i, bool erased) =>
        Outcomes[i] = Outcomes[i].Lost(erased) with
        {
            Because = Outcomes[i].Foretold.Reason is null ? Outcomes[i].Because : Because.Changed,
        };

    public void Mark(int i, OutcomeMarks mark) => Outcomes[i] = Outcomes[i] with { Marks = Outcomes[i].Marks | mark };

    public void WaitFor(TimeSpan delay, MessageRecord? seen)
    {
        if (seen is null) Held = true;
        while (Volatile.Read(ref _wait) is var known
            && known < delay.Ticks
            && Interlocked.CompareExchange(ref _wait, delay.Ticks, known) != known)
        {
            // Another recipient's wait was written meanwhile; the longest counts.
        }
    }

    public byte[] Bytes()
    {
        var bytes = new byte[Outcomes.Length * Outcome.Bytes];
        for (var i = 0; i < Outcomes.Length; i++) Outcomes[i].Write(bytes, i);
        return bytes;
    }
}

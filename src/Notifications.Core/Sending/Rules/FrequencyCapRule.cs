using Notifications.Addresses;

namespace Notifications.Sending.Rules;

/// <summary>No more messages than the topic's cap, and no more marketing than the cap over all of it, in their sliding windows.</summary>
internal sealed class FrequencyCapRule : DecisionRule
{
    public override string Name => "frequency-cap";

    public override RuleResult Check(in DecisionInput input)
    {
        if (input.Purpose != MessagePurpose.Notification || input.State is not { Recent: { Length: > 0 } recent }) return RuleResult.Pass;
        var topic = FreeAt(recent, input.Topic.Key, input.Topic.CapCount, input.Topic.CapDays, input.Now);
        var all = input.IsMarketing
            ? FreeAt(recent, null, input.Options.MarketingCapCount, input.Options.MarketingCapDays, input.Now)
            : null;
        var until = topic is null || all > topic ? all : topic;
        return until is null ? RuleResult.Pass : new(Reason.FrequencyCap, until);
    }

    // With a cap of n, the n-th newest send inside the window must have left it. Without a topic it is the cap over all marketing, and
    // counts nothing else.
    private static DateTimeOffset? FreeAt(RecentSend[] recent, string? topic, int cap, int days, DateTimeOffset now)
    {
        if (cap == 0) return null;
        var found = 0;
        for (var i = recent.Length - 1; i >= 0; i--)
        {
            if (topic is null ? recent[i].Transactional : recent[i].Topic != topic) continue;
            // Sent before the clock was set back by more than the cap looks at: it would hold back for as long as that was.
            if (recent[i].At.AddDays(-days) > now) continue;
            var leaves = recent[i].At.AddDays(days);
            if (leaves <= now) return null;
            if (++found == cap) return leaves;
        }

        return null;
    }
}

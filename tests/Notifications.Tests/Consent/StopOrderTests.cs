using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Tests.Consent;

/// <summary>Stops that are said again, and texts that arrive in another order than they were written.</summary>
public sealed class StopOrderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 3, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void R65_Texts_that_stop_and_take_back_end_in_one_state_in_whatever_order_they_arrive()
    {
        // STOP, START, STOP, START, STOP; every beginning of it, in every order.
        (bool Stop, DateTimeOffset At)[] said = [.. Enumerable.Range(1, 5).Select(i => (i % 2 == 1, Noon.AddMinutes(i)))];
        for (var count = 1; count <= said.Length; count++)
        {
            var ordered = Play(said[..count]);
            Assert.Equal(count % 2 == 1 ? said[count - 1].At : null, ordered.Stopped?.Since);
            Assert.Equal(count % 2 == 1 ? null : said[count - 2].At, ordered.LiftedStop);
            foreach (var order in Orders(said[..count])) Assert.Equal(ordered, Play(order));
        }
    }

    [Fact]
    public void P6_A_stop_of_everything_said_again_counts_from_then_only_where_a_package_was_followed_after_it()
    {
        var stopped = Transitions.StopAll(Blank, Draft(LedgerAction.StopAll), Noon).State;
        foreach (var followed in (DateTimeOffset?[])[null, Noon.AddMinutes(-1), Noon])
        {
            var again = Transitions.StopAll(stopped with { FollowedAt = followed }, Draft(LedgerAction.StopAll), Noon.AddHours(1));
            Assert.Equal((Noon, 0), (again.State.Stopped!.Since, again.Entries.Count));
        }

        var since = Transitions.StopAll(stopped with { FollowedAt = Noon.AddMinutes(1) }, Draft(LedgerAction.StopAll), Noon.AddHours(1));
        Assert.Equal((Noon.AddHours(1), 1), (since.State.Stopped!.Since, since.Entries.Count));
    }

    private static AddressState Blank => new() { Channel = Channel.Sms };

    private static LedgerDraft Draft(LedgerAction action) => new(action, LedgerDraft.AllTopics, ConsentSource.Sms, "person");

    private static (StopAll? Stopped, DateTimeOffset? LiftedStop, DateTimeOffset? ResumedAt) Play(
        IEnumerable<(bool Stop, DateTimeOffset At)> said)
    {
        var state = Blank;
        foreach (var (stop, at) in said)
            state = stop
                ? Transitions.StopByText(state, Draft(LedgerAction.StopAll), at).State
                : Transitions.ResumeByText(state, Draft(LedgerAction.Resume), at).State;
        return (state.Stopped, state.LiftedStop, state.ResumedAt);
    }

    private static IEnumerable<T[]> Orders<T>(T[] items)
    {
        if (items.Length <= 1) return [items];
        return items.SelectMany((item, i) => Orders<T>([.. items[..i], .. items[(i + 1)..]]).Select(rest => (T[])[item, .. rest]));
    }
}

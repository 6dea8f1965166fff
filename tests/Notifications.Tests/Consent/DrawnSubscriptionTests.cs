using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Consent.Given;

namespace Notifications.Tests.Consent;

/// <summary>A subscription moves as docs/state-machines.md draws it, by what the page says, and in no other way.</summary>
public sealed class DrawnSubscriptionTests
{
    private const int Deep = 6;

    private static readonly Topic[] Tried = [Topics.Find(TopicKey.PackageUpdates)!, Topics.Find(TopicKey.Newsletter)!];

    private static readonly (string Word, Func<AddressState, Topic, DateTimeOffset, Change> Do)[] Acts =
    [
        ("opt-in", (s, t, now) => Transitions.OptIn(s, t.Unproven(), Said(t, LedgerAction.OptIn), false, now)),
        ("opt-in without double opt-in", (s, t, now) =>
            t.DoubleOptIn ? new(s, []) : Transitions.OptIn(s, t, Said(t, LedgerAction.OptIn), false, now)),
        ("opt-in confirmed elsewhere", (s, t, now) => Transitions.OptIn(s, t, Said(t, LedgerAction.OptIn), true, now)),
        ("soft opt-in", (s, t, now) => Transitions.SoftOptIn(s, t, Said(t, LedgerAction.OptIn), now)),
        ("confirm", (s, t, now) => Transitions.Confirm(s, t.Key, Said(t, LedgerAction.Confirm), now)),
        ("opt-out", (s, t, now) => Transitions.OptOut(s, Said(t, LedgerAction.OptOut), now)),
        ("undo", (s, t, _) => Transitions.Restore(s, t.Key, Said(t, LedgerAction.OptIn))),
        ("never confirmed", (s, t, _) => Transitions.Expire(s, t.Key, Said(t, LedgerAction.Expire))),
        ("stop all", (s, t, now) => Transitions.StopAll(s, Said(t, LedgerAction.StopAll), now)),
        ("objection", (s, t, now) =>
            t.IsMarketing ? Objection.Say(s, Topics, now, "person", now) : new(s, [])),
        (Other, (s, t, now) => Transitions.Choose(s, t.Key, Said(t, LedgerAction.OptIn), now)),
        (Other, (s, t, now) => Transitions.Follow(s, Said(t, LedgerAction.Confirm), now)),
    ];

    private const string Other = "something else chosen after stop all";

    [Fact]
    public void P6_The_page_draws_every_move_of_a_subscription_with_all_that_makes_it()
    {
        var made = new HashSet<string>();
        var seen = new HashSet<string>();
        List<AddressState> states = [new() { Channel = Channel.Email, Value = "ana@example.com" }];
        for (var depth = 0; depth < Deep; depth++)
        {
            var next = new List<AddressState>();
            foreach (var state in states)
            {
                foreach (var (word, act) in Acts)
                {
                    foreach (var topic in Tried)
                    {
                        var after = act(state, topic, Now.AddMinutes(depth)).State;
                        foreach (var (one, from, to) in Tried.Select(t => (t, Of(state, t), Of(after, t))).Where(m => m.Item2 != m.Item3))
                        {
                            // What was chosen of another topic; a stop of everything and an objection are of no topic.
                            var why = one == topic || word is "stop all" or "objection" ? word : Other;
                            made.Add($"{from} {to}: {why}".ToLowerInvariant());
                        }

                        if (seen.Add(Shape(after))) next.Add(after);
                    }
                }
            }

            states = next;
        }

        Assert.Equal(
            DrawnMove.Of("Subscription")
                .Where(m => m.From != DrawnMove.Nothing)
                .SelectMany(m => m.Label.Split(", ").Select(word => $"{m.Ends}: {word}"))
                .Order(),
            made.Order());
    }

    private static SubscriptionStatus Of(AddressState state, Topic topic) => state.Find(topic.Key)?.Status ?? SubscriptionStatus.None;

    // What decides of the next move, but for the moments.
    private static string Shape(AddressState state) =>
        string.Join(
            ' ',
            Tried.Select(t => state.Find(t.Key) is { } s ? $"{s.Status} {s.Waiting is not null} {s.Before?.Status}" : "-")
                .Append($"{state.Stopped is not null} {state.ObjectedAt is not null} {state.FollowedAt is not null}"));

    private static LedgerDraft Said(Topic topic, LedgerAction action) => new(action, topic.Key, "test", "person");
}

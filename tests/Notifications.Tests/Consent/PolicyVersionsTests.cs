using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Tests.Consent;

public sealed class PolicyVersionsTests
{
    [Theory]
    [InlineData("2026-01-01", "2026-02-01")]
    [InlineData("2026-9", "2026-10")]
    [InlineData("v9", "v10")]
    [InlineData("1.9.3", "1.10")]
    [InlineData("2026", "2026-01")]
    [InlineData("2026-1", "2026-01-02")]
    [InlineData(null, "0")]
    public void M15_The_older_version_comes_first(string? older, string newer)
    {
        Assert.True(PolicyVersions.Compare(older, newer) < 0);
        Assert.True(PolicyVersions.Compare(newer, older) > 0);
        Assert.Equal(0, PolicyVersions.Compare(newer, newer));
    }

    [Theory]
    [InlineData("banana", "2026-11")]
    [InlineData("v3", "2026-11")]
    [InlineData("2026-11", "2026-Q4")]
    [InlineData("3.1", "3..1")]
    public void M15_P8_Versions_of_two_schemes_have_no_order_and_neither_is_newer(string one, string other)
    {
        Assert.Null(PolicyVersions.Compare(one, other));
        Assert.Null(PolicyVersions.Compare(other, one));
        Assert.Equal(0, PolicyVersions.Compare(one, one));
    }

    [Fact]
    public void M15_Where_the_versions_have_no_order_the_later_word_is_the_newer_consent()
    {
        var (topic, noon) = (new TopicCatalog().Find(TopicKey.Newsletter)!, new DateTimeOffset(2026, 6, 3, 12, 0, 0, TimeSpan.Zero));
        LedgerDraft Under(string version) => new(LedgerAction.OptIn, topic.Key, "form", "person") { PolicyVersion = version };
        foreach (var confirmed in (bool[])[true, false])
        {
            var state = Transitions.OptIn(new() { Channel = Channel.Email }, topic, Under("v3"), confirmed, noon).State;
            state = Transitions.OptIn(state, topic, Under("2026-11"), confirmed, noon.AddDays(1)).State;
            state = Transitions.Confirm(state, topic.Key, Under("") with { Action = LedgerAction.Confirm }, noon.AddDays(2)).State;
            Assert.Equal("2026-11", state.Find(topic.Key)!.PolicyVersion);
            // Of before it, and delivered late, as with an import.
            Assert.Empty(
                Transitions.OptIn(state, topic, Under("v3") with { SaidAt = noon.AddHours(1) }, true, noon.AddDays(3)).Entries);
            Assert.Empty(Transitions.OptIn(state, topic, Under("v3"), true, noon.AddHours(1)).Entries);
        }
    }

    [Fact]
    public void M15_Zeros_in_front_make_no_other_version() => Assert.Equal(0, PolicyVersions.Compare("2026-01", "2026-1"));
}

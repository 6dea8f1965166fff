using System.Globalization;
using Notifications.Sending;

namespace Notifications.Tests.Sending;

/// <summary>What a process knows of hand-offs while the store takes nothing.</summary>
public sealed class KnownAnswersTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);
    private readonly KnownAnswers _known = new();

    private static Claim Of(int attempt) => new(attempt.ToString(CultureInfo.InvariantCulture), "here", Now);

    private static KnownAnswer Accepted(string id) => new(HandOff.Accepted(id), Now);

    [Fact]
    public void P5_The_first_answer_that_a_claim_had_stands_until_it_is_written_down()
    {
        Assert.Null(_known.Find(Of(1)));
        _known.Keep(Of(1), Accepted("first"));
        _known.Keep(Of(1), Accepted("second"));
        _known.Keep(Of(2), Accepted("other"));
        Assert.Equal(("first", "other"), (_known.Find(Of(1))?.Answer.ProviderId, _known.Find(Of(2))?.Answer.ProviderId));
        _known.Forget(Of(1));
        Assert.Null(_known.Find(Of(1)));
        Assert.NotNull(_known.Find(Of(2)));
    }

    [Fact]
    public void P5_The_newest_ten_thousand_are_kept()
    {
        for (var i = 0; i < 10_000; i++) _known.Keep(Of(i), Accepted("a"));
        _known.Keep(Of(9_999), Accepted("again"));
        Assert.NotNull(_known.Find(Of(0)));
        _known.Keep(Of(10_000), Accepted("one more"));
        Assert.Null(_known.Find(Of(0)));
        Assert.NotNull(_known.Find(Of(1)));
        Assert.NotNull(_known.Find(Of(10_000)));
    }
}

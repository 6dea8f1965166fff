using System.Text.Json;
using Notifications.Audiences;

namespace Notifications.Tests.Audiences;

/// <summary>Segments: what they match, what they cost, and what is said of a wrong one.</summary>
public sealed class SegmentTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly AudienceRow Anna = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero))
    {
        Locale = "de-AT",
        Country = "AT", TimeZone = "Europe/Vienna", Tags = ["staff", "vip"],
        EngagedAt = new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.Zero), Watching = 2,
    };

    [Theory]
    [InlineData("""{"locale":["de","fr"]}""", true)]
    [InlineData("""{"locale":"DE-at"}""", true)]
    [InlineData("""{"locale":"de-DE"}""", false)]
    [InlineData("""{"locale":"d-x"}""", null)]
    [InlineData("""{"country":["at"]}""", true)]
    [InlineData("""{"country":["DE"]}""", false)]
    [InlineData("""{"tag":[" VIP "]}""", true)]
    [InlineData("""{"not":{"tag":["staff"]}}""", false)]
    [InlineData("""{"subscribedSince":"2026-03-01"}""", true)]
    [InlineData("""{"subscribedSince":"2026-03-01T00:00:01Z"}""", false)]
    [InlineData("""{"subscribedBefore":"2026-03-01"}""", false)]
    [InlineData("""{"engagedSince":"P90D"}""", true)]
    [InlineData("""{"engagedSince":"P4W"}""", false)]
    [InlineData("""{"watching":true}""", true)]
    [InlineData("""{"watching":false}""", false)]
    [InlineData("""{"any":[{"country":"DE"},{"watching":true}]}""", true)]
    [InlineData("""{"all":[{"country":"AT"},{"watching":false}]}""", false)]
    [InlineData("""{"country":"AT","watching":true}""", true)]
    [InlineData("""{"country":"AT","watching":false}""", false)]
    [InlineData(
        """{"all":[{"locale":["de","fr"]},{"country":["AT"]},{"not":{"tag":["former"]}},{"subscribedSince":"2026-01-01"},{"engagedSince":"P90D"},{"watching":true}]}""",
        true)]
    public void A_segment_matches_what_it_says(string json, bool? matches)
    {
        var problems = new List<SegmentProblem>();
        var segment = SegmentReader.Read(JsonElement.Parse(json), "", problems);
        Assert.Equal(matches, segment?.Matches(Anna, Now));
        Assert.Equal(matches is null, problems.Count > 0);
        if (segment is null) return;

        // Written and read again, and with its moments fixed, it says the same.
        Assert.Equal(
            matches,
            JsonSerializer.Deserialize(
                JsonSerializer.Serialize(segment, CoreJson.Default.Segment), CoreJson.Default.Segment)!.Matches(Anna, Now));
        Assert.Equal(matches, segment.Frozen(Now).Matches(Anna, Now.AddYears(1)));
    }

    [Fact]
    public void An_unknown_row_is_in_no_language_country_or_tag()
    {
        var nobody = new AudienceRow(Now);
        Assert.False(Read("""{"any":[{"locale":"de"},{"country":"DE"},{"tag":"x"},{"engagedSince":"P100W"},{"watching":true}]}""").Matches(
            nobody, Now));
    }

    [Theory]
    [InlineData("""{}""", "filter")]
    [InlineData("""[]""", "filter")]
    [InlineData("""{"all":[]}""", "filter.all")]
    [InlineData("""{"all":[{"locale":["de"]},{"lcoale":["fr"]}]}""", "filter.all[1].lcoale")]
    [InlineData("""{"not":{"country":["DE","Germany"]}}""", "filter.not.country[1]")]
    [InlineData("""{"engagedSince":"90 days"}""", "filter.engagedSince")]
    [InlineData("""{"engagedSince":"P99999999W"}""", "filter.engagedSince")]
    [InlineData("""{"watching":"yes"}""", "filter.watching")]
    [InlineData("""{"tag":[null]}""", "filter.tag[0]")]
    [InlineData("""{"any":[{"not":{"subscribedSince":12}}]}""", "filter.any[0].not.subscribedSince")]
    public void A_wrong_segment_is_told_where(string json, string path)
    {
        var problems = new List<SegmentProblem>();
        Assert.Null(SegmentReader.Read(JsonElement.Parse(json), "filter", problems));
        Assert.Equal(path, Assert.Single(problems).Path);
    }

    [Fact]
    public void Too_deep_and_too_many_conditions_are_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"not":""", SegmentReader.MaxDepth))
            + """{"watching":true}""" + new string('}', SegmentReader.MaxDepth);
        var wide = """{"any":[""" + string.Join(',', Enumerable.Repeat("""{"any":[{"watching":true}]}""", 60)) + "]}";
        foreach (var json in (string[])[deep, wide])
        {
            var problems = new List<SegmentProblem>();
            Assert.Null(SegmentReader.Read(JsonElement.Parse(json), "", problems));
            Assert.Single(problems);
        }
    }

    [Fact]
    public void Asking_a_segment_allocates_nothing()
    {
        var segment = Read(
            """{"all":[{"locale":["fr","de"]},{"country":["DE","AT"]},{"not":{"tag":["former"]}},{"subscribedSince":"2026-01-01"},{"engagedSince":"P90D"},{"watching":true}]}""");
        Assert.True(segment.Matches(Anna, Now));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) segment.Matches(Anna, Now);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Segment Read(string json)
    {
        var problems = new List<SegmentProblem>();
        return SegmentReader.Read(JsonElement.Parse(json), "", problems) ?? throw new ArgumentException(problems[0].ToString());
    }
}

using System.Net;
using System.Text.Json;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Web.Console;
using Foretold = Notifications.Campaigns.Foretold;
using S = Notifications.Sending.MessageStatus;

namespace Notifications.Tests.Campaigns;

public sealed class TallyTests
{
    private static readonly Outcome[] Everything =
    [
        default,
        new(S.Queued, Reason.ProviderUnavailable),
        new(S.Deferred, Reason.FrequencyCap),
        new(S.Sending, Reason.Allowed),
        new(S.Sent, Reason.Allowed, OutcomeMarks.Opened | OutcomeMarks.Clicked | OutcomeMarks.Unsubscribed),
        new(S.Delivered, Reason.Allowed, OutcomeMarks.Complained | OutcomeMarks.Opened),
        new(S.Bounced, Reason.SuppressedBounce, OutcomeMarks.Hard | OutcomeMarks.Soft),
        new(S.Bounced, Reason.ProviderRejected, OutcomeMarks.Soft),
        new(S.Skipped, Reason.Unsubscribed),
        new(S.Skipped, Reason.Unsubscribed),
        new(S.Failed, Reason.ProviderRejected),
        new(S.Unknown, Reason.Unknown),
    ];

    [Fact]
    public void P9_Every_outcome_is_counted_in_exactly_one_of_sent_skipped_deferred_failed_and_unknown()
    {
        foreach (var status in Enum.GetValues<CampaignStatus>())
        {
            foreach (var outcome in Everything)
            {
                var stats = Of(status, outcome);
                Assert.Equal(
                    (1, 1), (stats.Selected, stats.Sent + stats.Skipped.Values.Sum() + stats.Deferred + stats.Failed + stats.Unknown));
                Assert.Equal(stats.Deferred, stats.DeferredBy.Values.Sum());
            }
        }
    }

    [Fact]
    public void P9_A_batch_counts_for_what_its_recipients_came_to()
    {
        var stats = Of(CampaignStatus.Running, Everything);
        Assert.Equal((12, 4, 4, 1, 1), (stats.Selected, stats.Sent, stats.Deferred, stats.Failed, stats.Unknown));
        Assert.Equal([("unsubscribed", 2L)], stats.Skipped.Select(s => (s.Key, s.Value)));
        Assert.Equal(
            [("frequency-cap", 1L), ("provider-unavailable", 1L), ("queued", 1L), ("sending", 1L)],
            stats.DeferredBy.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => (d.Key, d.Value)));
        Assert.Equal((1, 2, 1, 1), (stats.Delivered, stats.Bounced, stats.BouncedBy["hard"], stats.BouncedBy["soft"]));
        Assert.Equal((1, 1, 2, 1), (stats.Complained, stats.Unsubscribed, stats.Opened, stats.Clicked));
        // Nothing has begun yet.
        Assert.Equal((7, 7), (Of(CampaignStatus.Running, size: 7).Selected, Of(CampaignStatus.Running, size: 7).DeferredBy["queued"]));
    }

    [Fact]
    public void P9_What_a_cancelled_campaign_had_not_settled_counts_as_skipped_but_for_what_is_being_handed_off()
    {
        var stats = Of(CampaignStatus.Cancelled, Everything);
        Assert.Equal((12, 4, 1, 3), (stats.Selected, stats.Sent, stats.Deferred, stats.Skipped["campaign-cancelled"]));
        Assert.Equal(7, Of(CampaignStatus.Cancelled, size: 7).Skipped["campaign-cancelled"]);
    }

    [Fact]
    public void P9_Who_was_selected_and_not_reached_before_the_cancel_is_not_explained_as_never_selected()
    {
        var tally =
            new CampaignTally(Campaign(CampaignStatus.Cancelled) with { Forecast = "0a0b0c0d", LaunchedAt = DateTimeOffset.UnixEpoch });
        tally.Add(new BatchRow { Size = 7 });
        var told = tally.Stats(
            selecting: false,
            new CampaignForecast(DateTimeOffset.UnixEpoch, 9, 9, new Dictionary<string, long>(), new Dictionary<string, long>())).Forecast!;
        Assert.Equal([("skipped: campaign-cancelled", 7L), ("not selected", 2L)], told.Differences.Select(d => (d.Actual, d.Count)));
        Assert.Equal(0, told.Unexplained);
    }

    [Fact]
    public void P9_Who_came_into_the_audience_of_a_cancelled_campaign_is_a_difference_too_and_each_is_told_in_words()
    {
        var campaign = Campaign(CampaignStatus.Cancelled) with { Forecast = "0a0b0c0d", LaunchedAt = DateTimeOffset.UnixEpoch };
        (ForecastStats Told, string Page) Report(int foretold)
        {
            var tally = new CampaignTally(campaign);
            var bytes = new byte[2 * Outcome.Bytes];
            new Outcome(
                S.Skipped, Reason.Unsubscribed, OutcomeMarks.Recorded, Foretold.Of(Reason.Allowed), Because.Changed).Write(bytes, 0);
            new Outcome(
                S.Failed, Reason.ProviderRejected, OutcomeMarks.Recorded, Foretold.Of(Reason.Allowed), Because.Provider).Write(bytes, 1);
            tally.Add(new BatchRow { Size = 2, Outcomes = bytes });
            tally.Add(new BatchRow { Size = 10 });
            var stats = tally.Stats(
                selecting: false,
                new CampaignForecast(
                    DateTimeOffset.UnixEpoch, foretold, foretold, new Dictionary<string, long>(), new Dictionary<string, long>()));
            return (stats.Forecast!, CampaignProgress.Render(campaign, stats).Value);
        }

        var (told, page) = Report(6);
        Assert.Equal(
            [
                ("allowed", "failed: provider-rejected", "provider", 1L), ("allowed", "skipped: campaign-cancelled", "operator", 4L),
                ("allowed", "skipped: unsubscribed", "changed", 1L), ("not in the audience", "skipped: campaign-cancelled", "joined", 6L),
            ],
            told.Differences.Select(d => (d.Forecast, d.Actual, d.Because, d.Count))
                .OrderBy(d => d.Forecast, StringComparer.Ordinal)
                .ThenBy(d => d.Actual, StringComparer.Ordinal));
        Assert.Equal(0, told.Unexplained);
        page += Report(20).Page;
        foreach (var words in (string[])[
            ">said stop<", ">refused by the provider<", ">campaign cancelled<", ">not in the audience<",
            "They came into the audience after the dry run.",
        ])
        {
            Assert.Contains(words, page, StringComparison.Ordinal);
        }

        foreach (var code in (string[])["skipped: ", "failed: ", "not selected"]) Assert.DoesNotContain(code, page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(435, 7, 0)]
    [InlineData(450, 0, 8)]
    [InlineData(442, 0, 0)]
    public void P9_A_campaign_that_runs_explains_at_once_how_its_audience_differs_from_the_dry_runs(
        int foretold, int joined, int left)
    {
        var campaign = Campaign(CampaignStatus.Running) with { Forecast = "0a0b0c0d", LaunchedAt = DateTimeOffset.UnixEpoch };
        foreach (var decided in (int[])[0, 2])
        {
            var tally = new CampaignTally(campaign);
            var bytes = new byte[decided * Outcome.Bytes];
            var sent = new Outcome(S.Sent, Reason.Allowed, OutcomeMarks.Recorded, Foretold.Of(Reason.Allowed));
            for (var i = 0; i < decided; i++) sent.Write(bytes, i);
            if (decided > 0) tally.Add(new BatchRow { Size = decided, Outcomes = bytes });
            tally.Add(new BatchRow { Size = 442 - decided });
            CampaignStats Stats(bool selecting) => tally.Stats(
                selecting,
                new CampaignForecast(
                    DateTimeOffset.UnixEpoch, foretold, foretold, new Dictionary<string, long>(), new Dictionary<string, long>()));
            var told = Stats(selecting: false);
            var expected = new List<(string, string, string, long)>();
            if (joined > 0) expected.Add(("not in the audience", "queued", "joined", joined));
            if (left > 0) expected.Add(("allowed", "not selected", "left", left));
            Assert.Equal(expected, told.Forecast!.Differences.Select(d => (d.Forecast, d.Actual, d.Because, d.Count)));
            Assert.Equal(0, told.Forecast.Unexplained);
            var page = WebUtility.HtmlDecode(CampaignProgress.Render(campaign, told).Value);
            Assert.Equal(
                expected.Count == 0, page.Contains("Nothing has come otherwise so far", StringComparison.Ordinal));
            Assert.Equal(joined > 0, page.Contains(">+7<", StringComparison.Ordinal));
            Assert.Equal(left > 0, page.Contains(">−8<", StringComparison.Ordinal));
            // While recipients are being selected nobody has joined or left yet.
            Assert.Empty(Stats(selecting: true).Forecast!.Differences);
        }
    }

    [Fact]
    public void A_report_says_neither_that_all_came_as_forecast_before_it_did_nor_that_a_subject_has_won_against_nothing()
    {
        var campaign = Campaign(CampaignStatus.Running) with { Forecast = "0a0b0c0d", LaunchedAt = DateTimeOffset.UnixEpoch, Winner = 0 };
        campaign = campaign with
        {
            Unmeasured = true,
            Definition = campaign.Definition with { SubjectTest = new SubjectTest(["One", "Two"], 20, TimeSpan.FromHours(1)) },
        };
        string Page(params Outcome[] outcomes)
        {
            var tally = new CampaignTally(campaign);
            var bytes = new byte[outcomes.Length * Outcome.Bytes];
            for (var i = 0; i < outcomes.Length; i++) outcomes[i].Write(bytes, i);
            tally.Add(new BatchRow { Size = outcomes.Length, Outcomes = bytes, Subject = 0 });
            return CampaignProgress.Render(
                campaign,
                tally.Stats(
                    selecting: false,
                    new CampaignForecast(
                        DateTimeOffset.UnixEpoch, outcomes.Length, outcomes.Length, new Dictionary<string, long>(),
                        new Dictionary<string, long>()))).Value;
        }

        var sent = new Outcome(S.Sent, Reason.Allowed, OutcomeMarks.Recorded, Foretold.Of(Reason.Allowed));
        var early = Page(sent, default(Outcome) with { Foretold = Foretold.Of(Reason.Allowed) });
        Assert.Contains("Nothing has come otherwise so far; 1 is not settled yet.", early, StringComparison.Ordinal);
        Assert.DoesNotContain("for everyone", early, StringComparison.Ordinal);
        Assert.Contains("taken as the first: no opens were reported", early, StringComparison.Ordinal);
        Assert.DoesNotContain(">winner<", early, StringComparison.Ordinal);
        campaign = campaign with { Unmeasured = false };
        var late = Page(sent, sent with { Marks = OutcomeMarks.Recorded | OutcomeMarks.Opened });
        Assert.Contains("It came as forecast, for everyone.", late, StringComparison.Ordinal);
        Assert.Contains(">winner<", late, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 1, false)] // A single one never.
    [InlineData(10, 2, true)]
    [InlineData(450, 60, true)]
    [InlineData(499, 1, false)]
    [InlineData(499, 2, true)]
    [InlineData(500, 2, true)]
    [InlineData(666, 2, true)]
    [InlineData(667, 2, false)]
    [InlineData(1000, 2, false)]
    [InlineData(1000, 3, true)]
    [InlineData(10_000, 29, false)]
    [InlineData(10_000, 30, true)]
    public void R19_Three_complaints_of_a_thousand_are_too_many_and_of_fewer_than_the_sample_what_would_be_of_it(
        int sent, int complained, bool pauses) =>
        Assert.Equal(pauses, Trouble(sent, complained, new CampaignOptions())?.Contains("called spam", StringComparison.Ordinal) == true);

    [Theory]
    [InlineData(450, 29, false)]
    [InlineData(450, 30, true)]
    [InlineData(20_000, 59, false)]
    [InlineData(20_000, 60, true)]
    public void R19_A_larger_sample_is_waited_for_no_longer_than_its_own_complaints(int sent, int complained, bool pauses) =>
        Assert.Equal(pauses, Trouble(sent, complained, new CampaignOptions { ComplaintSample = 10_000 }) is not null);

    [Fact]
    public void A_subject_that_was_chosen_without_its_measure_has_not_won_whatever_was_reported_since()
    {
        foreach (var (by, mark, measured) in ((SubjectMeasure, OutcomeMarks, bool)[])[
            (SubjectMeasure.Opens, OutcomeMarks.Unsubscribed, false), (SubjectMeasure.Opens, OutcomeMarks.Clicked, false),
            (SubjectMeasure.Opens, OutcomeMarks.Opened, true), (SubjectMeasure.Clicks, OutcomeMarks.Opened, false),
            (SubjectMeasure.Clicks, OutcomeMarks.Clicked, true), (SubjectMeasure.Unsubscribes, OutcomeMarks.Opened, false),
            (SubjectMeasure.Unsubscribes, OutcomeMarks.Complained, true),
        ])
        foreach (var unmeasured in (bool?[])[null, false, true])
        {
            var campaign = Campaign(CampaignStatus.Running) with { Winner = 1, Unmeasured = unmeasured };
            campaign = campaign with
            {
                Definition = campaign.Definition with { SubjectTest = new SubjectTest(["One", "Two"], 20, TimeSpan.FromHours(1), by) },
            };
            var tally = new CampaignTally(campaign);
            var bytes = new byte[Outcome.Bytes];
            new Outcome(S.Sent, Reason.Allowed, OutcomeMarks.Recorded | mark).Write(bytes, 0);
            tally.Add(new BatchRow { Size = 1, Outcomes = bytes, Subject = 1 });
            var stats = tally.Stats(selecting: false, forecast: null);
            Assert.Equal([(false, false), (true, unmeasured == false)], stats.Subjects.Select(s => (s.Chosen, s.Winner)));
            var said = unmeasured switch
            {
                false => ">winner<",
                true => ">taken as the first: ",
                null when measured => ">taken: whether it was measured by then is not recorded<",
                null => ">taken, not measured: ",
            };
            foreach (var one in (string[])[">winner<", ">taken as the first: ", ">taken: whether", ">taken, not measured: "])
                Assert.Equal(
                    said.StartsWith(one, StringComparison.Ordinal),
                    CampaignProgress.Render(campaign, stats).Value.Contains(one, StringComparison.Ordinal));
            var view = Notifications.Web.Campaigns.CampaignView.Of(campaign);
            Assert.Equal((1, unmeasured == false ? 1 : (int?)null), (view.Chosen!.Value, view.Winner));
        }
    }

    [Fact]
    public void What_a_former_version_chose_without_writing_down_by_what_is_read_as_that()
    {
        var campaign = Campaign(CampaignStatus.Completed) with { Winner = 1 };
        var stored = JsonSerializer.Serialize(campaign with { Unmeasured = false }, CoreJson.Default.Campaign);
        Assert.Contains(",\"unmeasured\":false", stored, StringComparison.Ordinal);
        Assert.False(JsonSerializer.Deserialize(stored, CoreJson.Default.Campaign)!.Unmeasured);
        stored = stored.Replace(",\"unmeasured\":false", "", StringComparison.Ordinal);
        Assert.Null(JsonSerializer.Deserialize(stored, CoreJson.Default.Campaign)!.Unmeasured);
    }

    private static string? Trouble(int sent, int complained, CampaignOptions options)
    {
        var tally = new CampaignTally(Campaign(CampaignStatus.Running));
        var bytes = new byte[sent * Outcome.Bytes];
        for (var i = 0; i < sent; i++)
            new Outcome(S.Sent, Reason.Allowed, i < complained ? OutcomeMarks.Complained : default).Write(bytes, i);
        tally.Add(new BatchRow { Size = sent, Outcomes = bytes });
        return CampaignClock.Trouble(tally, null, options);
    }

    private static CampaignStats Of(CampaignStatus status, params Outcome[] outcomes)
    {
        var bytes = new byte[outcomes.Length * Outcome.Bytes];
        for (var i = 0; i < outcomes.Length; i++) outcomes[i].Write(bytes, i);
        return Of(status, outcomes.Length, bytes);
    }

    private static CampaignStats Of(CampaignStatus status, int size, byte[]? outcomes = null)
    {
        var tally = new CampaignTally(Campaign(status));
        tally.Add(new BatchRow { Size = size, Outcomes = outcomes });
        return tally.Stats(selecting: false, forecast: null);
    }

    private static Campaign Campaign(CampaignStatus status)
    {
        var definition = Drafts.Newsletter("Spring");
        return new Campaign
        {
            Id = "0123456789abcdef",
            Definition = definition,
            Status = status,
            CreatedAt = DateTimeOffset.UnixEpoch,
            CreatedBy = "service:test",
        };
    }
}

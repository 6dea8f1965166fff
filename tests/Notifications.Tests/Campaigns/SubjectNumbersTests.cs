using System.Net.Http.Headers;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Console;

namespace Notifications.Tests.Campaigns;

/// <summary>The numbers of a subject test: those of the test, and those of everybody else, who get the subject that is chosen.</summary>
public sealed class SubjectNumbersTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P9_The_sent_of_a_subject_test_and_of_everybody_else_are_all_the_sent_and_so_are_the_opens_and_those_who_left()
    {
        var campaign = await TestedAsync(winner: 1);
        var stats = (await product.GetAsync($"/v1/campaigns/{campaign.Id}/stats")).Json;
        var rest = stats.GetProperty("rest");
        var subjects = stats.GetProperty("subjects").EnumerateArray().ToList();
        foreach (var number in (string[])["selected", "sent", "opened", "clicked", "unsubscribed", "complained"])
            Assert.Equal(
                stats.GetProperty(number).GetInt64(),
                subjects.Sum(s => s.GetProperty(number).GetInt64()) + rest.GetProperty(number).GetInt64());
        Assert.Equal(
            ("Loud", 4, 3, 2, 1),
            (rest.GetProperty("subject").GetString(), rest.GetProperty("selected").GetInt32(), rest.GetProperty("sent").GetInt32(),
                rest.GetProperty("opened").GetInt32(), rest.GetProperty("unsubscribed").GetInt32()));
        var page = CampaignProgress.Render(campaign, (await product.Get<CampaignDesk>().StatsAsync(campaign.Id, default))!).Value;
        Assert.Contains("Everybody else: Loud", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P9_While_no_subject_is_chosen_everybody_else_has_none_and_without_a_test_there_is_nobody_else()
    {
        var waits = await TestedAsync(winner: null);
        var rest = (await product.GetAsync($"/v1/campaigns/{waits.Id}/stats")).Json.GetProperty("rest");
        Assert.False(rest.TryGetProperty("subject", out var subject) && subject.ValueKind != JsonValueKind.Null);
        Assert.Equal([0, 1, null, null, null, null], await SubjectsAsync(waits.Id));
        var plain = await product.Get<CampaignDesk>().DraftAsync("Plain");
        Assert.False((await product.GetAsync($"/v1/campaigns/{plain.Id}/stats")).Json.TryGetProperty("rest", out _));
    }

    [Fact]
    public async Task JSON_and_CSV_say_by_the_same_number_which_subject_each_recipient_got()
    {
        var campaign = await TestedAsync(winner: 1);
        int?[] got = [0, 1, 1, 1, 1, 1];
        Assert.Equal(got, await SubjectsAsync(campaign.Id));
        using var asked = new HttpRequestMessage(HttpMethod.Get, $"/v1/campaigns/{campaign.Id}/recipients")
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/csv") } },
        };
        using var csv = await product.Http.SendAsync(asked);
        var lines = (await csv.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.Equal(["0", "1", "1", "1", "1", "1"], lines.Select(l => l.Split(',')[4]));
        Assert.Equal(1, (await product.GetAsync("/v1/campaigns/" + campaign.Id)).Json.GetProperty("chosen").GetInt32());
    }

    private async Task<List<int?>> SubjectsAsync(string campaign) =>
        [
            .. (await product.GetAsync($"/v1/campaigns/{campaign}/recipients")).Json
                .GetProperty("recipients")
                .EnumerateArray()
                .Select(r => r.TryGetProperty("subject", out var s) && s.ValueKind == JsonValueKind.Number ? s.GetInt32() : (int?)null),
        ];

    /// <summary>One who got each subject in the test, and four others, of whom one said stop.</summary>
    private async Task<Campaign> TestedAsync(int? winner)
    {
        var drafted = await product.Get<CampaignDesk>().DraftAsync(
            "Tested", d => d with { SubjectTest = new SubjectTest(["Quiet", "Loud"], 50, TimeSpan.FromMinutes(2)) });
        var (_, campaign) = await product.Get<CampaignStore>().MoveAsync(
            drafted.Id, (c, _) => c with { Winner = winner, Unmeasured = winner is null ? null : false }, default);
        Outcome sent = new(MessageStatus.Sent, Reason.Allowed, OutcomeMarks.Recorded);
        await BatchAsync(drafted.Id, 0, 0, sent with { Marks = sent.Marks | OutcomeMarks.Opened });
        await BatchAsync(drafted.Id, 1, 1, sent with { Marks = sent.Marks | OutcomeMarks.Clicked | OutcomeMarks.Complained });
        await BatchAsync(
            drafted.Id, 2, null, sent with { Marks = sent.Marks | OutcomeMarks.Opened | OutcomeMarks.Unsubscribed },
            sent with { Marks = sent.Marks | OutcomeMarks.Opened }, sent, new(MessageStatus.Skipped, Reason.Unsubscribed));
        return campaign!;
    }

    private async Task BatchAsync(string campaign, int number, int? subject, params Outcome[] outcomes)
    {
        var bytes = new byte[outcomes.Length * Outcome.Bytes];
        for (var i = 0; i < outcomes.Length; i++) outcomes[i].Write(bytes, i);
        var keys = new byte[outcomes.Length * AddressKey.Bytes];
        new Random(number).NextBytes(keys);
        var name = Rows.BatchName("0", number);
        await product.Get<ITableStore>().CommitAsync(
            Tables.Campaigns, campaign,
            [
                RowChange.Insert(
                    Rows.Batch(name),
                    new BatchRow { Size = outcomes.Length, Outcomes = bytes, Subject = subject, Held = subject is null },
                    CoreJson.Default.BatchRow),
                RowChange.Insert(Rows.Members(name), keys),
            ]);
    }
}

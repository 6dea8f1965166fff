using System.Globalization;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Imports.ImportWorld;

namespace Notifications.Tests.Imports;

/// <summary>A row that is dated ahead of our clock.</summary>
public sealed class FutureRowTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private string In(TimeSpan ahead) => (product.Time.GetUtcNow() + ahead).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private Task<Reply> OptOutAsync(string email) =>
        product.PostAsync("/v1/consents", new { email, topic = "newsletter", action = "opt-out", source = "phone" });

    [Theory]
    [InlineData(24 * 60)]
    [InlineData(11)]
    public async Task P6_An_opt_in_dated_ahead_by_more_than_clocks_differ_is_refused(int minutes)
    {
        var import = await product.ImportAsync(Header + Agreed($"far{minutes}@ahead.example", at: In(TimeSpan.FromMinutes(minutes))));
        Assert.Equal(["2,at,must not lie in the future"], await product.ErrorsAsync(import));
        Assert.Equal("none", await product.StatusAsync($"far{minutes}@ahead.example"));
    }

    [Fact]
    public async Task P6_An_opt_in_dated_ahead_passes_no_opt_out_that_was_made_before_the_file_came_nor_one_made_anew()
    {
        const string email = "stopped@ahead.example";
        var file = Header + Agreed(email, at: In(TimeSpan.FromMinutes(5)));
        await OptOutAsync(email);
        product.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((1, 0, 1, 0), (await product.ImportAsync(file)).Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync(email));

        const string other = "again@ahead.example";
        file = Header + Agreed(other, at: In(TimeSpan.FromMinutes(5)));
        Assert.Equal((1, 1, 0, 0), (await product.ImportAsync(file)).Counts());
        Assert.Equal("subscribed", await product.StatusAsync(other));
        product.Time.Advance(TimeSpan.FromSeconds(20));
        await OptOutAsync(other);
        product.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((1, 0, 1, 0), (await product.ImportAsync(file)).Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync(other));
    }

    [Fact]
    public async Task A_consent_never_counts_from_a_time_that_has_not_come_and_its_evidence_says_what_the_row_said()
    {
        const string email = "since@ahead.example";
        var at = In(TimeSpan.FromMinutes(5));
        await product.ImportAsync(Header + Agreed(email, at: at));
        var newsletter = (await product.GetAsync("/v1/preferences?email=" + email)).Json
            .GetProperty("subscriptions")
            .EnumerateArray()
            .Single(s => s.GetProperty("topic").GetString() == "newsletter");
        Assert.True(newsletter.GetProperty("since").GetDateTimeOffset() <= product.Time.GetUtcNow());
        Assert.Equal(
            at,
            (await product.GetAsync("/v1/consents?email=" + email)).Json
                .GetProperty("entries")[0]
                .GetProperty("evidence")
                .GetProperty("at")
                .GetString());
    }

    [Fact]
    public async Task P6_An_opt_out_dated_ahead_lowers_all_the_same_and_counts_from_when_the_file_came()
    {
        const string email = "late@ahead.example";
        await product.ImportAsync(Header + Agreed(email));
        var came = product.Time.GetUtcNow();
        Assert.Equal(
            (1, 1, 0, 1),
            (await product.ImportAsync($"email,topic,status,at\n{email},newsletter,unsubscribed,{In(TimeSpan.FromDays(2))}\n")).Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync(email));
        product.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(
            (1, 1, 0, 0),
            (await product.ImportAsync(
                Header + Agreed(email, at: came.AddMinutes(15).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)))).Counts());
        Assert.Equal("subscribed", await product.StatusAsync(email));
    }
}

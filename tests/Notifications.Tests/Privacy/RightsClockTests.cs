using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Access;
using Notifications.Privacy;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>The clock of what somebody has to hand over (R31).</summary>
public sealed class RightsClockTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("access")]
    [InlineData("portability")]
    public async Task R31_An_export_is_due_in_a_month_or_three_with_notice_until_somebody_says_that_it_was_handed_over(string type)
    {
        var opened = await product.PostAsync("/v1/privacy/requests", new { type, email = $"clock.{type}@example.com" });
        Assert.Equal(HttpStatusCode.Created, opened.Status);
        var path = "/v1/privacy/requests/" + opened["id"];
        var at = opened.Json.GetProperty("openedAt").GetDateTimeOffset();
        Assert.Equal(("running", at.AddMonths(1)), (opened["status"], opened.Json.GetProperty("dueAt").GetDateTimeOffset()));
        // An operator looks; the person has nothing yet.
        Assert.Equal(HttpStatusCode.OK, (await product.GetAsync(path + "/export")).Status);
        await product.Services.GetRequiredService<PrivacyDesk>().RunAsync(default);
        Assert.Equal("running", (await product.GetAsync(path))["status"]);

        Assert.Equal(HttpStatusCode.BadRequest, (await product.PostAsync(path + "/extend", new { })).Status);
        var extended = await product.PostAsync(path + "/extend", new { notice = "It takes longer." });
        Assert.Equal((HttpStatusCode.OK, at.AddMonths(3)), (extended.Status, extended.Json.GetProperty("dueAt").GetDateTimeOffset()));
        Assert.Equal(HttpStatusCode.Conflict, (await product.PostAsync(path + "/extend", new { notice = "And longer." })).Status);

        Assert.Equal(HttpStatusCode.BadRequest, (await product.PostAsync(path + "/complete", new { })).Status);
        Assert.Equal(HttpStatusCode.OK, (await product.PostAsync(path + "/complete", new { notice = "Sent by letter." })).Status);
        var done = await product.GetAsync(path);
        Assert.Equal(
            ("completed", "The export was handed over.", "It takes longer.\nSent by letter."),
            (done["status"], done["outcome"], done["notice"]));
        foreach (var act in new[] { "/complete", "/extend" })
            Assert.Equal(HttpStatusCode.Conflict, (await product.PostAsync(path + act, new { notice = "Again." })).Status);
        Assert.Equal(HttpStatusCode.OK, (await product.GetAsync(path + "/export")).Status);
    }

    [Fact]
    public async Task R31_An_export_that_nobody_handed_over_is_overdue_after_a_month_and_stays_in_the_list_of_what_is_open()
    {
        var elsewhere = new ProductFixture();
        await elsewhere.InitializeAsync();
        try
        {
            var id = (await elsewhere.PostAsync("/v1/privacy/requests", new { type = "access", email = "late@example.com" }))["id"]!;
            elsewhere.Time.Advance(TimeSpan.FromDays(40));
            Assert.True((await elsewhere.GetAsync("/v1/privacy/requests/" + id)).Json.GetProperty("overdue").GetBoolean());
            Assert.Equal(
                [id], await elsewhere.Services.GetRequiredService<PrivacyDesk>().StillOpenAsync(default).Select(r => r.Id).ToListAsync());
            var console = await elsewhere.SignedInAsync("olga", Scope.All);
            Assert.Contains("overdue", (await console.GetAsync("/console/requests")).Text, StringComparison.Ordinal);
            await console.PostAsync($"/console/requests/{id}/complete", ("notice", "Sent by letter."));
            Assert.Equal("completed", (await elsewhere.GetAsync("/v1/privacy/requests/" + id))["status"]);
            Assert.Empty(await elsewhere.Services.GetRequiredService<PrivacyDesk>().StillOpenAsync(default).ToListAsync());
        }
        finally
        {
            await elsewhere.DisposeAsync();
        }
    }
}

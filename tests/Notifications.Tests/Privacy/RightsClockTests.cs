using System.Globalization;
using System.Net;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Privacy;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Subscribe;

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
        await product.Get<PrivacyDesk>().RunAsync(default);
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
    public async Task R31_The_month_runs_from_when_a_request_came_and_not_from_when_it_was_typed_in()
    {
        var now = product.Time.GetUtcNow();
        var came = now.AddDays(-20);
        var opened = await product.PostAsync(
            "/v1/privacy/requests",
            new { type = "access", email = "letter@example.com", receivedAt = came.ToString("O", CultureInfo.InvariantCulture) });
        Assert.Equal(HttpStatusCode.Created, opened.Status);
        Assert.Equal(
            (came, came.AddMonths(1)),
            (opened.Json.GetProperty("openedAt").GetDateTimeOffset(), opened.Json.GetProperty("dueAt").GetDateTimeOffset()));
        var extended = await product.PostAsync($"/v1/privacy/requests/{opened["id"]}/extend", new { notice = "It takes longer." });
        Assert.Equal(came.AddMonths(3), extended.Json.GetProperty("dueAt").GetDateTimeOffset());

        foreach (var wrong in (DateTimeOffset[])[now.AddDays(1), now.AddDays(-1096)])
        {
            var refused = await product.PostAsync(
                "/v1/privacy/requests",
                new { type = "access", email = "letter@example.com", receivedAt = wrong.ToString("O", CultureInfo.InvariantCulture) });
            Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
            Assert.Contains("receivedAt", refused.Text, StringComparison.Ordinal);
        }

        var console = await product.SignedInAsync("olga", Scope.All);
        var typed = came.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);
        await console.PostAsync(
            "/console/requests", ("type", "access"), ("who", "console.letter@example.com"), ("receivedAt", typed));
        var requests = await product.Get<PrivacyDesk>().ListAsync(null, 1000, default);
        Assert.Equal(came, Assert.Single(requests, r => r.Addresses.Contains("email:console.letter@example.com")).OpenedAt);
    }

    [Fact]
    public async Task R31_A_request_that_is_found_after_its_day_is_recorded_as_it_came_and_is_overdue_at_once()
    {
        var elsewhere = new ProductFixture();
        await elsewhere.InitializeAsync();
        try
        {
            var came = elsewhere.Time.GetUtcNow().AddDays(-400);
            var opened = await elsewhere.PostAsync(
                "/v1/privacy/requests",
                new { type = "access", email = "found@example.com", receivedAt = came.ToString("O", CultureInfo.InvariantCulture) });
            Assert.Equal(
                (HttpStatusCode.Created, came, true),
                (opened.Status, opened.Json.GetProperty("openedAt").GetDateTimeOffset(), opened.Json.GetProperty("overdue").GetBoolean()));
            await elsewhere.Get<PrivacyDesk>().RunAsync(default);
            var alert = Assert.Single(await elsewhere.Get<OperatorAlerts>().TodayAsync(default));
            Assert.Equal(("request-overdue", opened["id"]), (alert.Kind, alert.Subject));

            // Its record is kept from when it was made, as of any other.
            await elsewhere.PostAsync($"/v1/privacy/requests/{opened["id"]}/complete", new { notice = "Sent, and why it was late." });
            elsewhere.Time.Advance(TimeSpan.FromDays(1000));
            await elsewhere.Get<PrivacyRequests>().PurgeAsync(default);
            Assert.Equal("completed", (await elsewhere.GetAsync("/v1/privacy/requests/" + opened["id"]))["status"]);

            var console = await elsewhere.SignedInAsync("olga", Scope.All);
            var typed = elsewhere.Time.GetUtcNow().AddDays(-200).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);
            await console.PostAsync("/console/requests", ("type", "access"), ("who", "found@example.com"), ("receivedAt", typed));
            Assert.Contains("overdue", (await console.GetAsync("/console/requests")).Text, StringComparison.Ordinal);
        }
        finally
        {
            await elsewhere.DisposeAsync();
        }
    }

    [Fact]
    public async Task R36_An_objection_that_was_recorded_late_stops_also_what_was_recorded_since_it_came()
    {
        var (now, address) = (product.Time.GetUtcNow(), CoreProduct.Email("objects@example.com"));
        await product.SubscribedAsync(address, TopicKey.Newsletter); // By whom, and on whose word of what day, nobody can tell.
        await product.PostAsync(
            "/v1/privacy/requests",
            new { type = "objection", email = address.Value, receivedAt = now.AddDays(-3).ToString("O", CultureInfo.InvariantCulture) });
        var state = (await product.StateAsync(address))!;
        Assert.Equal(SubscriptionStatus.Unsubscribed, state.StatusOf(TopicKey.Newsletter));
        Assert.True(state.ObjectedAt >= now);
    }

    [Fact]
    public async Task R31_An_operator_hears_once_a_week_before_a_request_is_due_and_once_when_it_is_overdue()
    {
        var world = new PackagesWorld();
        var (desk, start) = (world.Get<PrivacyDesk>(), world.Clock.GetUtcNow());
        var waits = await desk.OpenAsync(
            PrivacyRight.Access, [CoreProduct.Email("late@example.com")], null, null, null, "agent:mia", default);
        await desk.OpenAsync(PrivacyRight.Restriction, [CoreProduct.Email("done@example.com")], null, null, null, "agent:mia", default);

        var guide = Repository.Read("docs", "operate.md");
        Assert.Equal([], await DaysAsync(20));
        Assert.Equal(["request-due"], await DaysAsync(8));
        Assert.NotNull(await desk.ExtendAsync((await desk.FindAsync(waits.Id, default))!, "It takes longer.", "agent:mia", default));
        Assert.Equal(["request-due", "request-due", "request-overdue"], await DaysAsync(80));

        async Task<IEnumerable<string>> DaysAsync(int days)
        {
            for (var day = 0; day < days; day++)
            {
                world.Clock.Advance(TimeSpan.FromDays(1));
                await desk.RunAsync(default);
            }

            var alerts = await world.Get<OperatorAlerts>().SinceAsync(start, 100, default);
            Assert.All(alerts, a => Assert.Equal(waits.Id, a.Subject));
            Assert.All(alerts, a => Assert.Contains($"| `{a.Kind}` |", guide, StringComparison.Ordinal));
            return alerts.Select(a => a.Kind);
        }
    }

    [Fact]
    public async Task R31_All_of_the_last_day_is_in_time_and_a_request_is_overdue_when_that_day_has_ended_in_UTC()
    {
        var world = new PackagesWorld(); // 24 November 2026, 08:00 UTC.
        var (desk, start) = (world.Get<PrivacyDesk>(), world.Clock.GetUtcNow());
        var id = (await desk.OpenAsync(
            PrivacyRight.Access, [CoreProduct.Email("last@example.com")], null, null, null, "agent:mia", default)).Id;
        Assert.Equal(["request-due"], await RangAsync("2026-12-24T23:59:59Z"));
        Assert.NotNull(await desk.ExtendAsync((await desk.FindAsync(id, default))!, "It takes longer.", "agent:mia", default));
        Assert.Equal(["request-due", "request-due"], await RangAsync("2027-02-24T23:59:59Z"));
        Assert.Equal(["request-due", "request-due", "request-overdue"], await RangAsync("2027-02-25T00:00:00Z"));

        // Another, that nobody extends in time: a month from 31 January ends with February.
        var next = new DateTimeOffset(2027, 2, 28, 8, 0, 0, TimeSpan.Zero);
        world.Clock.SetUtcNow(next);
        var late = await desk.OpenAsync(
            PrivacyRight.Access, [CoreProduct.Email("next@example.com")], null, null, null, "agent:mia", default,
            came: next.AddMonths(-1).AddDays(3)); // 31 January.
        Assert.Equal(next, late.DueAt);
        world.Clock.SetUtcNow(next.AddHours(16));
        Assert.Null(await desk.ExtendAsync(late, "It takes longer.", "agent:mia", default));

        async Task<IEnumerable<string>> RangAsync(string at)
        {
            world.Clock.SetUtcNow(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture));
            await desk.RunAsync(default);
            return (await world.Get<OperatorAlerts>().SinceAsync(start, 100, default)).Select(a => a.Kind);
        }
    }

    [Fact]
    public async Task R31_On_its_last_day_a_request_is_due_today_and_not_overdue_in_the_API_and_on_the_console()
    {
        var elsewhere = new ProductFixture();
        await elsewhere.InitializeAsync();
        try
        {
            var opened = await elsewhere.PostAsync("/v1/privacy/requests", new { type = "access", email = "last@example.com" });
            var due = opened.Json.GetProperty("dueAt").GetDateTimeOffset();
            var ends = new DateTimeOffset(due.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
            elsewhere.Time.Advance(ends.AddMinutes(-1) - elsewhere.Time.GetUtcNow());
            Assert.Equal((false, "due today"), await ShownAsync());
            elsewhere.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal((true, "overdue"), await ShownAsync());

            async Task<(bool Overdue, string Badge)> ShownAsync()
            {
                var screen = (await (await elsewhere.SignedInAsync("olga", Scope.All)).GetAsync("/console/requests")).Text;
                var told = (await elsewhere.GetAsync("/v1/privacy/requests/" + opened["id"])).Json.GetProperty("overdue").GetBoolean();
                var badge = Assert.Single((string[])[">due today<", ">overdue<"], b => screen.Contains(b, StringComparison.Ordinal));
                return (told, badge.Trim('<', '>'));
            }
        }
        finally
        {
            await elsewhere.DisposeAsync();
        }
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
                [id], await elsewhere.Get<PrivacyDesk>().StillOpenAsync(default).Select(r => r.Id).ToListAsync());
            var console = await elsewhere.SignedInAsync("olga", Scope.All);
            Assert.Contains("overdue", (await console.GetAsync("/console/requests")).Text, StringComparison.Ordinal);
            await console.PostAsync($"/console/requests/{id}/complete", ("notice", "Sent by letter."));
            Assert.Equal("completed", (await elsewhere.GetAsync("/v1/privacy/requests/" + id))["status"]);
            Assert.Empty(await elsewhere.Get<PrivacyDesk>().StillOpenAsync(default).ToListAsync());
        }
        finally
        {
            await elsewhere.DisposeAsync();
        }
    }
}

using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Web;

/// <summary>A message for later: what would become of it then, and what its timeline says of waiting.</summary>
public sealed class LaterDecisionTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P2_A_decision_about_a_message_for_the_night_is_that_of_the_night_and_the_timeline_says_why_and_until_when_it_waits()
    {
        var phone = CoreProduct.Phone("+4915112345680");
        await product.SubscribedAsync(phone, TopicKey.Promotions);
        var night = new DateTimeOffset(2026, 11, 24, 22, 30, 0, TimeSpan.Zero);
        object Message(DateTimeOffset? sendAt) =>
            new { topic = TopicKey.Promotions, to = new { phone = phone.Value }, data = new { title = "t" }, sendAt };
        Assert.Equal("allow", (await product.PostAsync("/v1/decisions", Message(null)))["decision"]);
        var then = await product.PostAsync("/v1/decisions", Message(night));
        Assert.Equal(("defer", "quiet-hours"), (then["decision"], then["reason"]));

        var id = (await product.PostAsync("/v1/messages", Message(night)))["id"];
        product.Time.SetUtcNow(night.AddSeconds(1));
        await product.Get<Notifications.Schedule.ScheduleRunner>().RunDueAsync(default);
        await product.WorkAsync();
        var told = (await product.GetAsync($"/v1/messages/{id}")).Json;
        var last = told.GetProperty("timeline").EnumerateArray().Last();
        Assert.Equal("deferred", last.GetProperty("event").GetString());
        var until = told.GetProperty("dueAt").GetDateTimeOffset();
        Assert.Equal(then.Json.GetProperty("until").GetDateTimeOffset(), until);
        Assert.Equal($"quiet-hours until {until.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}", last.GetProperty("detail").GetString());
    }
}

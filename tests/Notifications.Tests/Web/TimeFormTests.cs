using System.Globalization;
using System.Net;
using System.Text;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Webhooks;

namespace Notifications.Tests.Web;

/// <summary>Every time in RFC 3339 form is read, wherever one comes in: refused in a webhook, a person's stop was lost with it.</summary>
public sealed class TimeFormTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z")]
    [InlineData("2026-11-24t10:00:00z", "2026-11-24T10:00:00Z")]
    [InlineData("2026-11-24 10:00:00Z", "2026-11-24T10:00:00Z")]
    [InlineData("2026-11-24T10:00:00.5+05:30", "2026-11-24T04:30:00.5Z")]
    [InlineData("2026-11-24T10:00:00-00:00", "2026-11-24T10:00:00Z")]
    [InlineData("2026-11-24T10:00:00+15:00", "2026-11-23T19:00:00Z")]
    [InlineData("2026-11-23T10:00:00-23:59", "2026-11-24T09:59:00Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z")]
    [InlineData("2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.25Z")]
    [InlineData("2017-01-01T05:29:60+05:30", "2017-01-01T00:00:00Z")]
    public async Task R64_Every_form_of_RFC_3339_is_read_by_the_API_and_in_a_delivery(string text, string meant)
    {
        var moment = DateTimeOffset.Parse(meant, CultureInfo.InvariantCulture);
        Assert.True(Rfc3339.TryParse(text, out var read));
        Assert.Equal((moment, TimeSpan.Zero), (read, read.Offset));
        foreach (var delivery in (string[])[
            $$"""[{"id":"1","eventType":"x","eventTime":"{{text}}","data":{} }]""",
            $$"""{"specversion":"1.0","id":"1","type":"x","source":"s","time":"{{text}}","data":{} }"""])
        {
            Assert.Single(ProviderEvents.Parse(Encoding.UTF8.GetBytes(delivery), moment.AddDays(1)));
        }

        var reply = await product.PostAsync(
            "/v1/packages/RA123456785GB/events", new { id = text, status = "InTransit", occurredAt = text });
        Assert.True(reply.Status == HttpStatusCode.Accepted, reply.Text);
    }

    [Theory]
    [InlineData("2016-12-31T23:59:61Z")]
    [InlineData("2016-12-31T23:58:60Z")]
    [InlineData("2016-12-30T23:59:60Z")]
    [InlineData("2016-12-31T23:59:60+01:00")]
    [InlineData("2026-11-24T10:00:00+24:00")]
    [InlineData("2026-11-24T10:00:00+05:60")]
    [InlineData("2026-11-24T10:00:00")]
    [InlineData("2026-02-30T10:00:00Z")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:60Z")]
    public void What_is_no_time_is_none(string text) => Assert.False(Rfc3339.TryParse(text, out _));
}

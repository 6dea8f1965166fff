using System.Net;
using Notifications.Packages;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>
/// One of a few words is one of them: several with commas between, and numbers, were read as another, and people were told that their
/// parcel had ended.
/// </summary>
public sealed class ListedWordTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("InfoReceived,InTransit")]
    [InlineData("NotFound, Delivered")]
    [InlineData("InTransit,InfoReceived_Delayed")]
    [InlineData("Exception,Exception_Returned")]
    [InlineData("3")]
    [InlineData("3_Delayed")]
    [InlineData("99")]
    public async Task M1_Several_statuses_of_a_package_and_numbers_are_none_by_the_API_and_by_a_carrier(string status)
    {
        var reply = await product.PostAsync("/v1/packages/RA123456785GB/events", new { id = "several" + status, status });
        Assert.Equal((HttpStatusCode.BadRequest, "status"), (reply.Status, string.Join(' ', reply.Fields)));
        Assert.False(StatusTable.Default.TryRead(status, out _, out _));
        reply = await product.PostAsync(
            "/v1/packages/RA123456785GB/events", new { id = "several" + status, status = "InTransit", subStatus = status });
        Assert.Equal((HttpStatusCode.BadRequest, "subStatus"), (reply.Status, string.Join(' ', reply.Fields)));
    }

    [Theory]
    [InlineData("delivered", ParcelStatus.Delivered, null)]
    [InlineData("in transit", ParcelStatus.InTransit, null)]
    [InlineData("exception_returned", ParcelStatus.Exception, "Exception_Returned")]
    public void M1_A_status_is_read_in_any_case_all_the_same(string text, ParcelStatus status, string? sub)
    {
        Assert.True(StatusTable.Default.TryRead(text, out var read, out var readSub));
        Assert.Equal((status, sub?.ToUpperInvariant()), (read, readSub?.ToUpperInvariant()));
    }

    [Theory]
    [InlineData("/v1/campaigns?status=draft,running", "status")]
    [InlineData("/v1/campaigns?status=scheduled&status=running", "status")]
    [InlineData("/v1/campaigns?status=2", "status")]
    [InlineData("/v1/campaigns?status=", "status")]
    [InlineData("/v1/campaigns?status=Draft", null)]
    [InlineData("/v1/campaigns/0123456789abcdef/recipients?status=deferred,skipped", "status")]
    [InlineData("/v1/campaigns/0123456789abcdef/recipients?status=queued&status=skipped", "status")]
    public async Task M2_A_filter_by_several_statuses_is_refused_and_not_answered_with_those_of_another(string path, string? field)
    {
        var reply = await product.GetAsync(path);
        Assert.Equal(
            (field is null ? HttpStatusCode.OK : HttpStatusCode.BadRequest, field ?? ""), (reply.Status, string.Join(' ', reply.Fields)));
    }
}

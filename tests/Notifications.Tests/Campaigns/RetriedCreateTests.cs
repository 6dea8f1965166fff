using System.Net;
using Notifications.Campaigns;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>A request to create a campaign that was not answered, asked again under its Idempotency-Key.</summary>
public sealed class RetriedCreateTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static object Draft(string name) => new { name, topic = "newsletter", channel = "email", template = "newsletter" };

    [Fact]
    public async Task A_campaign_whose_creation_was_cut_off_half_way_is_listed_once()
    {
        var id = (await product.PostAsync("/v1/campaigns", Draft("Twice")))["id"]!;
        var earlier = product.Time.GetUtcNow().AddMinutes(-1);
        // Of the attempt that went no further.
        await product.Get<ITableStore>().CommitAsync(
            Tables.Campaigns, Rows.CampaignList, [RowChange.Put(Rows.CampaignListed(earlier, id), "{}"u8.ToArray())]);
        var listed = (await product.GetAsync("/v1/campaigns")).Json
            .GetProperty("campaigns")
            .EnumerateArray()
            .Select(c => c.GetProperty("id").GetString());
        Assert.Single(listed, id);
    }

    [Fact]
    public async Task The_same_request_again_is_answered_with_the_campaign_and_another_one_is_refused_while_it_is_as_it_was_made()
    {
        var first = await product.PostAsync("/v1/campaigns", Draft("As it was"), "cut-off-1");
        await ForgetAsync();
        var again = await product.PostAsync("/v1/campaigns", Draft("As it was"), "cut-off-1");
        Assert.Equal((HttpStatusCode.Created, first["id"]), (again.Status, again["id"]));
        await ForgetAsync();
        var other = await product.PostAsync("/v1/campaigns", Draft("Corrected"), "cut-off-1");
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "urn:notifications:problem:idempotency-key-reused"), (other.Status, other["type"]));
        Assert.Equal("As it was", (await product.GetAsync("/v1/campaigns/" + first["id"]))["name"]);
        var audit = (await product.GetAsync("/v1/audit?limit=1000")).Json
            .GetProperty("entries")
            .EnumerateArray()
            .Where(e => e.GetProperty("subject").GetString() == first["id"]);
        Assert.Single(audit); // R68
    }

    [Fact]
    public async Task R68_A_campaign_that_an_answer_of_503_was_given_for_is_in_the_audit_once_it_is_there()
    {
        product.Faults.WithoutTable = Tables.Audit;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await product.PostAsync("/v1/campaigns", Draft("Heard"), "cut-off-2")).Status);
        product.Faults.WithoutTable = null;
        var made = await product.PostAsync("/v1/campaigns", Draft("Heard"), "cut-off-2");
        Assert.Equal((HttpStatusCode.Created, "Heard"), (made.Status, made["name"]));
        var audit = (await product.GetAsync("/v1/audit?limit=1000")).Json
            .GetProperty("entries")
            .EnumerateArray()
            .Where(e => e.GetProperty("subject").GetString() == made["id"]);
        Assert.Equal("campaign.create", Assert.Single(audit).GetProperty("action").GetString());
        Assert.Single(
            (await product.Get<CampaignDesk>().ListAsync(null, null, 100, default)).Campaigns,
            c => c.Id == made["id"]);
    }

    /// <summary>The answers that were kept are gone, as where the process died before it kept one.</summary>
    private async Task ForgetAsync()
    {
        foreach (var row in await product.Store.ScanAsync(Tables.Idempotency, null, 1000))
            await product.Store.CommitAsync(Tables.Idempotency, row.Partition, [RowChange.Delete(row.Row.Key)]);
    }
}

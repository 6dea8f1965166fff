using System.Net;
using Notifications.Imports;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Imports;

/// <summary>An import that is recorded and could not be put on its queue.</summary>
public sealed class UnqueuedImportTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P5_Its_file_is_kept_and_the_timer_has_it_worked_on()
    {
        var file = System.Text.Encoding.UTF8.GetBytes(ImportWorld.Header + ImportWorld.Agreed("unqueued@example.com"));
        product.Faults.WithoutQueue = Queues.Imports;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await product.UploadAsync(file, "", "unqueued-1")).Status);
        product.Faults.WithoutQueue = null;
        var desk = product.Get<ImportDesk>();
        var import = Assert.Single(await desk.ListAsync(null, 10, default));
        Assert.Equal(ImportStatus.Queued, import.Status);
        product.Time.Advance(TimeSpan.FromHours(2));
        await desk.PurgeAsync(default);
        await product.WorkAsync();
        Assert.Equal(
            (ImportStatus.Completed, 1L),
            ((await desk.FindAsync(import.Id, default))!.Status, (await desk.FindAsync(import.Id, default))!.Accepted));
    }

    [Fact]
    public async Task P5_Sent_again_under_its_key_it_is_the_same_import_which_is_worked_on_at_once()
    {
        var file = System.Text.Encoding.UTF8.GetBytes(ImportWorld.Header + ImportWorld.Agreed("repeated@example.com"));
        var desk = product.Get<ImportDesk>();
        var before = (await desk.ListAsync(null, 100, default)).Select(i => i.Id).ToHashSet();
        product.Faults.WithoutQueue = Queues.Imports;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await product.UploadAsync(file, "", "repeated-1")).Status);
        product.Faults.WithoutQueue = null;
        var again = await product.UploadAsync(file, "", "repeated-1");
        Assert.Equal(HttpStatusCode.Accepted, again.Status);
        await product.WorkAsync();
        var import = Assert.Single(await desk.ListAsync(null, 100, default), i => !before.Contains(i.Id));
        Assert.Equal((again["id"], ImportStatus.Completed, 1L), (import.Id, import.Status, import.Accepted));
        Assert.DoesNotContain(
            await product.Blobs.ListAsync("imports", "", null, 100), n => n.Contains("/part-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_whose_import_was_not_recorded_is_not_kept()
    {
        product.Faults.WithoutTable = Tables.Audit;
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await product.UploadAsync(
                System.Text.Encoding.UTF8.GetBytes(ImportWorld.Header + ImportWorld.Agreed("unrecorded@example.com")))).Status);
        product.Faults.WithoutTable = null;
        var recorded = (await product.Get<ImportDesk>().ListAsync(null, 10, default)).Select(i => i.Id);
        Assert.Empty((await product.Blobs.ListAsync("imports", "", null, 100)).Select(n => n.Split('/')[0]).Except(recorded));
    }
}

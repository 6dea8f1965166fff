using System.Net;
using Notifications.Access;
using Notifications.Imports;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using static Notifications.Tests.Imports.ImportWorld;

namespace Notifications.Tests.Imports;

/// <summary>An import whose work fails again and again: nobody waits for it for ever, what was done stands, and it can go on.</summary>
public sealed class GivenUpImportTests : IAsyncLifetime
{
    private const int People = 2500; // Four pieces: a file comes in by 64 KiB.
    private readonly ProductFixture _product = new() { Configure = o => o.Imports.PartBytes = 4096 };

    private ImportDesk Desk => _product.Get<ImportDesk>();

    public Task InitializeAsync() => _product.InitializeAsync();

    public Task DisposeAsync() => _product.DisposeAsync();

    [Fact]
    public async Task It_has_failed_says_where_and_a_replay_of_its_dead_letter_goes_on_there()
    {
        var (id, lost) = await FailAsync();
        var import = (await _product.GetAsync("/v1/imports/" + id)).Json;
        var failure = import.GetProperty("failure");
        Assert.Equal(("failed", true), (import.GetProperty("status").GetString(), import.GetProperty("resumable").GetBoolean()));
        Assert.Contains("dead letters", failure.GetProperty("message").GetString(), StringComparison.Ordinal);
        var done = import.GetProperty("processed").GetInt32();
        Assert.InRange(done, 1, People - 1);
        Assert.Equal(done + 2, failure.GetProperty("row").GetInt32()); // The header is row 1.
        Assert.Equal("subscribed", await _product.StatusAsync($"p{done - 1}@given.example"));
        Assert.Equal("none", await _product.StatusAsync($"p{done}@given.example"));
        var screen = await (await _product.SignedInAsync("imports", Scope.Contacts)).GetAsync("/console/imports/" + id);
        Assert.Contains("It was given up; what was accepted before stands.", screen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing was imported", screen.Text, StringComparison.Ordinal);

        await Desk.PurgeAsync(default);
        await _product.Blobs.PutAsync("imports", ImportFiles.Part(id, 3), lost); // Whatever was the matter is mended.
        var letter = (await _product.GetAsync("/v1/dead-letters?queue=imports")).Json
            .GetProperty("deadLetters")[0]
            .GetProperty("id")
            .GetString();
        Assert.Equal(HttpStatusCode.Accepted, (await _product.PostAsync($"/v1/dead-letters/imports/{letter}/replay", new { })).Status);
        await _product.WorkAsync();
        import = (await _product.GetAsync("/v1/imports/" + id)).Json;
        Assert.Equal(
            ("completed", false, People, People, 0),
            (import.GetProperty("status").GetString(), import.GetProperty("resumable").GetBoolean(),
                import.GetProperty("rows").GetInt32(), import.GetProperty("accepted").GetInt32(),
                import.GetProperty("rejected").GetInt32()));
        Assert.Equal("subscribed", await _product.StatusAsync($"p{People - 1}@given.example"));
        Assert.DoesNotContain(_product.Blobs.Names("imports"), n => n.StartsWith(id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_file_is_deleted_in_time_and_then_it_says_that_it_cannot_go_on()
    {
        var (id, _) = await FailAsync();
        _product.Time.Advance(TimeSpan.FromDays(31));
        await Desk.PurgeAsync(default);
        var import = (await Desk.FindAsync(id, default))!;
        Assert.Equal((ImportStatus.Failed, false), (import.Status, import.Resumable));
        Assert.Contains("import it anew", import.Failure!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_product.Blobs.Names("imports"), n => n.StartsWith(id, StringComparison.Ordinal));
        await _product.Get<IWorkQueue>().EnqueueAsync(
            Queues.Imports, System.Text.Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}"""));
        await _product.WorkAsync(); // A replay that comes too late does nothing.
        var after = (await Desk.FindAsync(id, default))!;
        Assert.Equal(
            (import.Status, import.Failure, import.Done, import.FinishedAt), (after.Status, after.Failure, after.Done, after.FinishedAt));
    }

    [Fact]
    public async Task An_import_whose_item_a_crash_lost_is_put_back_on_the_queue_by_the_timer()
    {
        var accepted = await UploadAsync();
        var queue = _product.Get<IWorkQueue>();
        foreach (var item in await queue.ReceiveAsync(Queues.Imports, 32, TimeSpan.FromMinutes(2))) await queue.CompleteAsync(item);
        await Desk.PurgeAsync(default);
        await _product.WorkAsync();
        Assert.Equal("queued", (await _product.GetAsync("/v1/imports/" + accepted))["status"]); // It may just be about to begin.
        _product.Time.Advance(TimeSpan.FromHours(2));
        await Desk.PurgeAsync(default);
        await _product.WorkAsync();
        Assert.Equal("completed", (await _product.GetAsync("/v1/imports/" + accepted))["status"]);
    }

    [Theory]
    [InlineData("?mode=validate")]
    [InlineData("?onError=abort")]
    public async Task One_that_only_looked_until_then_has_imported_nothing_and_says_so(string how)
    {
        var (id, _) = await FailAsync(how);
        var screen = await (await _product.SignedInAsync("looked", Scope.Contacts)).GetAsync("/console/imports/" + id);
        Assert.Contains("Nothing was imported.", screen.Text, StringComparison.Ordinal);
        Assert.Contains("nothing was written", screen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("stands", screen.Text, StringComparison.Ordinal);
        Assert.Equal("none", await _product.StatusAsync("p0@given.example"));
    }

    [Fact]
    public async Task P5_A_row_about_a_record_that_no_key_opens_is_rejected_and_the_rest_of_the_file_is_imported()
    {
        await ShutAsync(Tables.Addresses, _product.Key(CoreProduct.Email("p1@given.example")).Value, Rows.State);
        foreach (var how in (string[])["?mode=validate", ""])
        {
            var accepted = await _product.UploadAsync(
                System.Text.Encoding.UTF8.GetBytes(
                    Header + string.Concat(Enumerable.Range(0, 3).Select(i => Agreed($"p{i}@given.example")))), how);
            await _product.WorkAsync();
            var import = (await _product.GetAsync("/v1/imports/" + accepted["id"])).Json;
            Assert.Equal(
                ("completed", 2, 1, 1),
                (import.GetProperty("status").GetString(), import.GetProperty("accepted").GetInt32(),
                    import.GetProperty("rejected").GetInt32(), import.GetProperty("unopened").GetInt32()));
            var console = await _product.SignedInAsync("unopened" + how.Length, Scope.Contacts);
            var screen = (await console.GetAsync("/console/imports/" + accepted["id"])).Text;
            Assert.Contains("completed, but not all", screen, StringComparison.Ordinal);
            Assert.Contains("1 row is about a record that no key opens", screen, StringComparison.Ordinal);
            Assert.Contains(
                "3,email,has a record that cannot be opened", (await _product.GetAsync($"/v1/imports/{accepted["id"]}/errors")).Text,
                StringComparison.Ordinal);
        }

        foreach (var other in (string[])["p0@given.example", "p2@given.example"])
            Assert.Equal("subscribed", await _product.StatusAsync(other));
    }

    [Fact]
    public async Task P6_A_stop_about_a_record_that_no_key_opens_says_that_it_is_not_recorded_and_a_preview_says_so_before()
    {
        await ShutAsync(Tables.Addresses, _product.Key(CoreProduct.Email("shut@given.example")).Value, Rows.State);
        var file = Header + "shut@given.example,,newsletter,email,unsubscribed,form,,,,,,,,\n" + Agreed("p0@given.example");
        var preview = await _product.UploadAsync(System.Text.Encoding.UTF8.GetBytes(file), path: "/v1/imports/preview");
        Assert.Equal(HttpStatusCode.OK, preview.Status);
        Assert.Contains("this stop is not recorded", preview.Text, StringComparison.Ordinal);
        var import = await _product.ImportAsync(file);
        Assert.Equal((2, 1, 1, 0), import.Counts());
        Assert.Equal(
            "2,email,has a record that cannot be opened: this stop is not recorded", Assert.Single(await _product.ErrorsAsync(import)));
    }

    [Fact]
    public async Task P5_A_row_whose_contact_no_key_opens_is_counted_once_and_what_it_says_of_the_address_stands()
    {
        await ShutAsync(Tables.Contacts, "shut", Rows.Profile);
        var import = await _product.ImportAsync(
            Header
            + "with@given.example,,newsletter,email,unsubscribed,form,,,,,,,,\n"
            + "with@given.example,,surveys,email,unsubscribed,form,,,,,,,shut,\n");
        Assert.Equal((2, 1, 1, 1), import.Counts());
        Assert.Equal(1, import.GetProperty("unopened").GetInt32());
        Assert.StartsWith("3,contactId,names a contact", Assert.Single(await _product.ErrorsAsync(import)), StringComparison.Ordinal);
        foreach (var topic in (string[])["newsletter", "surveys"])
            Assert.Equal("unsubscribed", await _product.StatusAsync("with@given.example", topic));
    }

    /// <summary>A row as it looks where another key had sealed it.</summary>
    private async Task ShutAsync(string table, string partition, string row) =>
        await _product.Store.CommitAsync(table, partition, [RowChange.Insert(row, (byte[])[1, 250, .. new byte[60]])]);

    private async Task<string> UploadAsync(string how = "")
    {
        var accepted =
            await _product.UploadAsync(
                System.Text.Encoding.UTF8.GetBytes(
                    Header + string.Concat(Enumerable.Range(0, People).Select(i => Agreed($"p{i}@given.example")))), how);
        Assert.True(accepted.Status == HttpStatusCode.Accepted, accepted.Text);
        return accepted["id"]!;
    }

    /// <summary>
    /// An import of which the third piece cannot be read, until its item is given up; the answer is its id and the piece.
    /// </summary>
    private async Task<(string Id, ReadOnlyMemory<byte> Lost)> FailAsync(string how = "")
    {
        var id = await UploadAsync(how);
        var lost = (await _product.Blobs.GetAsync("imports", ImportFiles.Part(id, 3)))!.Value;
        await _product.Blobs.DeleteAsync("imports", ImportFiles.Part(id, 3));
        var (queue, work) = (_product.Get<IWorkQueue>(), _product.Get<Work>());
        var item = Assert.Single(await queue.ReceiveAsync(Queues.Imports, 32, TimeSpan.FromMinutes(2)));
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await work.DoAsync(Queues.Imports, item.Body, Work.MaxDeliveries, default));
        Assert.Equal("running", (await _product.GetAsync("/v1/imports/" + id))["status"]);
        await queue.PoisonAsync(item);
        var given = Assert.Single(await queue.ReceiveAsync(Queues.Poison(Queues.Imports), 32, TimeSpan.FromMinutes(2)));
        Assert.Equal(WorkResult.Done, (await work.DoAsync(Queues.Poison(Queues.Imports), given.Body, 1, default)).Result);
        await queue.CompleteAsync(given);
        return (id, lost);
    }
}

using System.Net;
using System.Text;
using Notifications.Imports;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Imports;

/// <summary>Files that cannot be read, in part or as a whole: clear errors, and nothing half imported.</summary>
public sealed class BrokenFileTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Plain =
        "email,status,topic\njosé-list@enc.example,unsubscribed,newsletter\nana@enc.example,unsubscribed,newsletter\n";

    [Fact]
    public async Task UTF_8_and_UTF_16_with_their_marks_are_read()
    {
        const string file = "email,status,topic,source\r\nENC@enc.example,unsubscribed,newsletter,São Paulo 😀\r\n";
        foreach (var encoding in new Encoding[] { new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            var import =
                await product.ImportAsync(
                    [
                        .. encoding.GetPreamble(),
                        .. encoding.GetBytes(file.Replace("ENC", "e" + encoding.CodePage, StringComparison.Ordinal)),
                    ]);
            Assert.Equal((1, 1, 0, 1), import.Counts());
            var ledger = (await product.GetAsync($"/v1/consents?email=e{encoding.CodePage}@enc.example")).Json;
            Assert.Equal("São Paulo 😀", ledger.GetProperty("entries")[0].GetProperty("source").GetString());
        }
    }

    [Fact]
    public async Task Latin_1_fails_as_a_whole_with_row_and_byte_and_writes_nothing()
    {
        var file =
            Encoding.Latin1.GetBytes(Plain.Replace(
                "ana@", "zé@", StringComparison.Ordinal).Replace("josé", "jose", StringComparison.Ordinal));
        var import = await product.ImportAsync(file);
        var failure = import.GetProperty("failure");
        Assert.Equal(
            ("failed", 3, Array.IndexOf(file, (byte)0xE9) + 1),
            (import.GetProperty("status").GetString(), failure.GetProperty("row").GetInt32(), failure.GetProperty("byte").GetInt32()));
        Assert.Contains("not UTF-8", failure.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("none", await product.StatusAsync("jose-list@enc.example"));
        Assert.DoesNotContain(
            product.Blobs.Names("imports"), n => n.StartsWith(import.GetProperty("id").GetString()!, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "is missing")]
    [InlineData("\n\n", "is missing")]
    [InlineData("Ana,Lisbon\nana@x.example,y\n", "names no column of addresses")]
    [InlineData("email,EMAIL\na@b.example,c@d.example\n", "two columns for email, columns 1 and 2:")]
    [InlineData("a@b.example\nc@d.example\n", "an address stands in it")]
    [InlineData("A,a@b.example,newsletter\nB,c@d.example,newsletter\n", "an address stands in it")]
    [InlineData("+14155550123\n+14155550124\n", "an address stands in it")]
    [InlineData("\nem\"ail,status\n", "quote")]
    [InlineData("email\0,status\n", "NUL")]
    public async Task A_file_whose_first_row_names_no_columns_is_refused_at_once_and_no_import_is_made_of_it(string file, string says)
    {
        var before = await product.StoredAsync();
        foreach (var key in (string?[])[null, "broken-first-row"])
        {
            var refused = await product.UploadAsync(Encoding.UTF8.GetBytes(file), "", key);
            Assert.Equal(
                (HttpStatusCode.BadRequest, "application/problem+json", "body"),
                (refused.Status, refused.MediaType, string.Join(' ', refused.Fields)));
            Assert.Contains(says, refused.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("Ana", refused.Text, StringComparison.Ordinal);
        }

        Assert.Equal(before, await product.StoredAsync());
        Assert.Empty(product.Blobs.Names("imports"));
    }

    [Fact]
    public async Task What_spoils_a_whole_file_further_down_fails_it_before_anything_is_written()
    {
        var import = await product.ImportAsync("email,status\na@b.example,\"unsub\nb@b.example,unsubscribed\n");
        Assert.Equal("failed", import.GetProperty("status").GetString());
        Assert.Contains("never closed", import.GetProperty("failure").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_row_costs_only_itself_and_rows_are_numbered_as_a_spreadsheet_does()
    {
        var import = await product.ImportAsync(
            "email,status,topic\n\na@row.example,unsub\"scribed,newsletter\nb@row.example,unsubscribed,newsletter,too,many\n\"c@row.example\",\"unsubscribed\",\"newsletter\"\nd@row.example,unsubscribed,nothing\ne@row.example\n");
        Assert.Equal((5, 1, 4, 1), import.Counts());
        Assert.Equal(["3", "4", "6", "7"], (await product.ErrorsAsync(import)).Select(e => e.Split(',')[0]));
        Assert.Equal("unsubscribed", await product.StatusAsync("c@row.example"));
    }

    [Fact]
    public async Task A_formula_in_a_cell_is_in_the_list_of_errors_and_that_runs_none()
    {
        var import = await product.ImportAsync(
            "email,status,topic,source,=cmd\n=HYPERLINK(1),unsubscribed,newsletter,x,\nf@formula.example,unsubscribed,newsletter,=1+1,\ng@formula.example,unsubscribed,newsletter,'=1+1,\n",
            "?map.wording=%3Dcmd");
        Assert.Equal((3, 2, 1, 2), import.Counts());
        Assert.Equal(1, import.GetProperty("passedOver").GetInt64()); // An address cannot be.
        Assert.All(
            (await product.GetAsync(import.GetProperty("errorsUrl").GetString()!)).Text.Split("\r\n").SelectMany(l => l.Split(',')),
            cell => Assert.False(Formula.Is(cell.Trim('"')), cell));
        Assert.Equal(
            "=1+1",
            (await product.GetAsync("/v1/consents?email=g@formula.example")).Json
                .GetProperty("entries")[0]
                .GetProperty("source")
                .GetString());
    }

    [Fact]
    public async Task A_line_of_a_gigabyte_is_named_with_its_row_and_the_limit_in_flat_memory()
    {
        var blobs = new CountingBlobs();
        using var intake = Intake(blobs);
        await intake.AddAsync("email,status\na@b.example,unsubscribed\n"u8.ToArray(), default);
        var piece = new byte[1 << 20];
        piece.AsSpan().Fill((byte)'x');
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1024; i++) await intake.AddAsync(piece, default);
        await intake.EndAsync(default);
        Assert.Equal(3, intake.Failure!.Row);
        Assert.Contains("longer than 65536 bytes", intake.Failure.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
        Assert.Equal(1L << 30, intake.Bytes - 38);
    }

    [Fact]
    public async Task A_large_file_is_kept_piece_by_piece_in_flat_memory_and_every_row_is_in_one_piece()
    {
        var blobs = new CountingBlobs();
        using var intake = Intake(blobs);
        var rows =
            Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(i => $"person{i}@example.com,\"unsub\r\nscribed\"\r\n")));
        await intake.AddAsync("email,status\r\n"u8.ToArray(), default);
        for (var i = 0; i < 1000; i++)
        {
            // Cut anywhere, also between the two halves of a line end.
            var cut = i * 7 % rows.Length;
            await intake.AddAsync(rows.AsMemory(0, cut), default);
            await intake.AddAsync(rows.AsMemory(cut), default);
        }

        await intake.EndAsync(default);
        Assert.Null(intake.Failure);
        Assert.Equal(1_000_000, intake.Rows);
        Assert.Equal(1_000_001, blobs.Rows); // And the header.
        Assert.InRange(blobs.Largest, 1, 1536 << 10);
        Assert.InRange(intake.Parts, 20, 60);
    }

    [Fact]
    public async Task A_file_over_the_limit_is_413_and_leaves_nothing()
    {
        var desk = new ImportDesk(
            product.Store, product.Store, product.Blobs, new Notifications.Audit.AuditLog(product.Store, product.Time),
            new ImportOptions { MaxBytes = 1 << 20, PartBytes = 64 << 10 }, product.Time);
        var row = Encoding.UTF8.GetBytes("email\n" + string.Concat(Enumerable.Repeat("somebody@example.com\n", 60_000)));
        Assert.Null(await desk.ReceiveAsync("toolarge", new MemoryStream(row), new ImportSettings(), default));
        Assert.DoesNotContain(product.Blobs.Names("imports"), n => n.StartsWith("toolarge", StringComparison.Ordinal));
    }

    [Fact]
    public async Task R34_Erasure_empties_the_persons_row_in_a_file_that_waits_and_the_numbers_of_the_others_hold()
    {
        var accepted =
            await product.UploadAsync(
                "email,status,topic\nfirst@wait.example,unsubscribed,newsletter\n\"erase\nme\",\"x@wait.example\",y\nlast@wait.example,nonsense,newsletter\n"u8.ToArray());
        Assert.True(
            (await product.PostAsync(
                "/v1/privacy/requests",
                new { type = "erasure", email = "x@wait.example" })).Status is HttpStatusCode.OK
                    or HttpStatusCode.Created or HttpStatusCode.Accepted);
        await product.WorkAsync();
        var import = (await product.GetAsync("/v1/imports/" + accepted["id"])).Json;
        Assert.Equal((2, 1, 1, 1), import.Counts());
        Assert.StartsWith("4,status", Assert.Single(await product.ErrorsAsync(import)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_is_emptied_whole_with_the_line_ends_in_its_cells()
    {
        var kept = CsvRows.Without(
            "email;status\r\n\"erase\nme\";\"x@wait.example\"\r\nlast@wait.example;y"u8,
            (byte)';', text => text.Contains("x@wait", StringComparison.Ordinal), _ => false);
        Assert.Equal("email;status\r\n\r\nlast@wait.example;y", Encoding.UTF8.GetString(kept));
    }

    [Fact]
    public async Task Error_lists_and_what_an_upload_left_behind_are_deleted_in_time()
    {
        var import = await product.ImportAsync("email,status\nbad,unsubscribed\n");
        var id = import.GetProperty("id").GetString()!;
        var orphan = ((ImportDesk)product.Services.GetService(typeof(ImportDesk))!).NewId();
        await product.Blobs.PutAsync("imports", orphan + "/part-000001", new byte[1]);
        var desk = (ImportDesk)product.Services.GetService(typeof(ImportDesk))!;
        await desk.PurgeAsync(default);
        Assert.Contains(id + "/errors-000001", product.Blobs.Names("imports"));
        Assert.Contains(orphan + "/part-000001", product.Blobs.Names("imports"));
        product.Time.Advance(TimeSpan.FromDays(31));
        await desk.PurgeAsync(default);
        Assert.DoesNotContain(
            product.Blobs.Names("imports"),
            n => n.StartsWith(id, StringComparison.Ordinal) || n.StartsWith(orphan, StringComparison.Ordinal));
        Assert.NotNull(await desk.FindAsync(id, default));
    }

    /// <summary>Counts what it is given and lets it go.</summary>
    private static CsvIntake Intake(CountingBlobs blobs) => new(
        (number, piece, cancel) => blobs.PutAsync(ImportFiles.Container, ImportFiles.Part("x", number), piece, cancel), new ImportOptions());

    private sealed class CountingBlobs : IBlobStore
    {
        public int Largest { get; private set; }

        public long Rows { get; private set; }

        public ValueTask PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel = default)
        {
            Largest = Math.Max(Largest, content.Length);
            Rows += CsvRows.Read(content.Span, (byte)',', 1, out _).Count;
            return ValueTask.CompletedTask;
        }

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string container, string name, CancellationToken cancel = default) =>
            throw new NotSupportedException();

        public ValueTask DeleteAsync(string container, string name, CancellationToken cancel = default) =>
            throw new NotSupportedException();

        public ValueTask<IReadOnlyList<string>> ListAsync(
            string container, string prefix, string? after, int limit, CancellationToken cancel = default) =>
            throw new NotSupportedException();
    }
}

using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

/// <summary>An erasure meets what no key of the ring opens: it goes on behind it, and says so.</summary>
public sealed class UnreadableSweepTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private PrivacyDesk Desk => product.Get<PrivacyDesk>();

    [Fact]
    public async Task R34_An_erasure_goes_on_behind_what_no_key_opens_and_its_outcome_says_how_much_that_was()
    {
        var (mail, ring) = (CoreProduct.Email("behind@example.com"), product.Get<ITableStore>());
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        var key = product.Key(mail).Value;

        // Shut rows stand at the beginning, in the middle and at the end of what is swept, and what names the person between them.
        string[] shut = ["p0", "p2", "p3", "p5"];
        foreach (var partition in shut)
            await product.Store.CommitAsync(Tables.Review, partition, [RowChange.Insert("shut", RawStorage.Shut)]);
        foreach (var partition in new[] { "p1", "p4" })
            await ring.CommitAsync(
                Tables.Review, partition, [RowChange.Insert("row", JsonSerializer.SerializeToUtf8Bytes(new { from = mail.Value }))]);
        await product.Store.CommitAsync(Tables.Review, "p6", [RowChange.Insert("of:" + key, RawStorage.Shut)]);
        await product.Store.CommitAsync(Tables.Idempotency, "p", [RowChange.Insert("shut", RawStorage.Shut)]);
        await product.Store.CommitAsync(
            Tables.Addresses, key,
            [RowChange.Insert("message:shut", RawStorage.Shut), RowChange.Insert(Rows.Watch("RR123456785PT"), RawStorage.Shut)]);
        await product.Store.CommitAsync(Tables.Requests, "requests", [RowChange.Insert("000000000000001-00000000", RawStorage.Shut)]);
        await product.Blobs.PutAsync(Containers.Imports, "shut.csv", RawStorage.Shut);
        await product.Store.EnqueueAsync(Queues.Poison(Queues.Send), RawStorage.Shut);
        try
        {
            var done = await Desk.OpenAsync(PrivacyRight.Erasure, [mail], null, null, null, "agent:mia", default);
            Assert.Equal(PrivacyStatus.Completed, done.Status);
            // Four of the review, an answer, a request, a file, an item.
            Assert.Contains("Not looked through: 8 stored rows, files or queue items", done.Outcome, StringComparison.Ordinal);
            Assert.Equal(
                shut, (await product.Store.ScanAsync(Tables.Review, null, 100)).Where(r => r.Partition[0] == 'p').Select(r => r.Partition));
            Assert.Equal(
                ["ledger", "state"],
                (await product.Store.RangeAsync(Tables.Addresses, key, RowRange.All, 100)).Select(r => r.Key.Split(':')[0]).Distinct());
            Assert.True(LedgerChain.Verify(await product.LedgerAsync(mail), (await product.StateAsync(mail))!.Ledger));
            // Not sealed once more: its key may come back.
            Assert.Equal(
                RawStorage.Shut,
                Assert.Single(await product.Store.ReceiveAsync(Queues.Poison(Queues.Send), 32, TimeSpan.Zero)).Body.ToArray());
        }
        finally
        {
            await product.Store.CommitAsync(Tables.Requests, "requests", [RowChange.Delete("000000000000001-00000000")]);
            foreach (var partition in shut) await product.Store.CommitAsync(Tables.Review, partition, [RowChange.Delete("shut")]);
            await product.Store.CommitAsync(Tables.Idempotency, "p", [RowChange.Delete("shut")]);
            await product.Blobs.DeleteAsync(Containers.Imports, "shut.csv");
            await product.Store.CompleteAsync(
                Assert.Single(await product.Store.ReceiveAsync(Queues.Poison(Queues.Send), 32, TimeSpan.Zero)));
        }

        var clean = await Desk.OpenAsync(
            PrivacyRight.Erasure, [CoreProduct.Email("clean@example.com")], null, null, null, "agent:mia", default);
        Assert.DoesNotContain("Not looked through", clean.Outcome, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R34_A_request_over_a_record_that_no_key_opens_stays_open_and_holds_up_no_other()
    {
        var (broken, other) = (CoreProduct.Email("broken@example.com"), CoreProduct.Email("after.broken@example.com"));
        await product.SubscribedAsync(other, TopicKey.Newsletter);
        await product.Store.CommitAsync(Tables.Addresses, product.Key(broken).Value, [RowChange.Insert(Rows.State, RawStorage.Shut)]);
        var requests = product.Get<PrivacyRequests>();
        PrivacyRequest Of(Address address, string id) => new()
        {
            Id = id,
            Type = PrivacyRight.Erasure, Addresses = ["email:" + address.Value], AddressKeys = [product.Key(address).Value],
            OpenedAt = DateTimeOffset.UnixEpoch, DueAt = DateTimeOffset.UnixEpoch.AddMonths(1), Actor = "agent:mia",
        };
        await requests.AddAsync(Of(broken, "000000000000001-00000001"), default);
        await requests.AddAsync(Of(other, "000000000000002-00000002"), default);
        await Assert.ThrowsAsync<AggregateException>(async () => await Desk.RunAsync(default)); // The timer fails, so that somebody looks.
        await Desk.SweepAsync(default);
        Assert.Equal(
            (PrivacyStatus.Running, PrivacyStatus.Completed),
            ((await requests.FindAsync("000000000000001-00000001", default))!.Status,
                (await requests.FindAsync("000000000000002-00000002", default))!.Status));
        await product.Store.CommitAsync(Tables.Addresses, product.Key(broken).Value, [RowChange.Delete(Rows.State)]);
        await Desk.RunAsync(default);
        await Desk.SweepAsync(default);
        Assert.Equal(PrivacyStatus.Completed, (await requests.FindAsync("000000000000001-00000001", default))!.Status);
    }

    [Fact]
    public async Task R31_R34_A_request_that_no_key_opens_or_that_is_none_holds_up_no_other_and_no_import_and_no_look_through_the_queues()
    {
        var (other, gone) = (CoreProduct.Email("behind.shut@example.com"), CoreProduct.Phone("+14155550188"));
        var (requests, tables, queue) = (
            product.Get<PrivacyRequests>(), product.Get<ITableStore>(),
            product.Get<IWorkQueue>());
        await Desk.OpenAsync(PrivacyRight.Erasure, [gone], null, null, null, "agent:mia", default);
        await queue.EnqueueAsync(
            Queues.Inbound,
            JsonSerializer.SerializeToUtf8Bytes(
                CoreProduct.Text("late-shut", "14155550188", "hello", product.Time.GetUtcNow()), CoreJson.Default.InboundEvent));
        const string Shutter = "000000000000003-00000003", Nonsense = "000000000000004-00000004", Behind = "000000000000005-00000005";
        await product.Store.CommitAsync(
            Tables.Requests, "requests",
            [RowChange.Insert(Shutter, RawStorage.Shut), RowChange.Insert("open:" + Shutter, RawStorage.Shut)]);
        await tables.CommitAsync(
            Tables.Requests, "requests",
            [RowChange.Insert(Nonsense, "no JSON"u8.ToArray()), RowChange.Insert("open:" + Nonsense, "{}"u8.ToArray())]);
        await requests.AddAsync(
            new PrivacyRequest
            {
                Id = Behind,
                Type = PrivacyRight.Erasure,
                Addresses = ["email:" + other.Value],
                AddressKeys = [product.Key(other).Value],
                OpenedAt = DateTimeOffset.UnixEpoch,
                DueAt = DateTimeOffset.UnixEpoch.AddMonths(1),
                Actor = "agent:mia",
            },
            default);
        await product.Store.CommitAsync(Tables.Requests, "imports", [RowChange.Insert("a", RawStorage.Shut)]);
        await tables.CommitAsync(
            Tables.Requests, "imports",
            [RowChange.Insert("b", new BegunImport(null, DateTimeOffset.UnixEpoch), CoreJson.Default.BegunImport)]);
        try
        {
            var failed = await Assert.ThrowsAsync<AggregateException>(async () => await Desk.RunAsync(default));
            Assert.Equal(3, failed.InnerExceptions.Count); // Two requests, one import.
            failed = await Assert.ThrowsAsync<AggregateException>(async () => await Desk.SweepAsync(default));
            Assert.Equal(2, failed.InnerExceptions.Count);
            var done = (await requests.FindAsync(Behind, default))!;
            Assert.Equal(PrivacyStatus.Completed, done.Status);
            Assert.Contains("Not looked through: 2 stored rows", done.Outcome, StringComparison.Ordinal);
            Assert.Equal(["a"], (await product.Store.RangeAsync(Tables.Requests, "imports", RowRange.All, 10)).Select(r => r.Key));
            Assert.Equal(0, await queue.CountAsync(Queues.Inbound));
        }
        finally
        {
            foreach (var row in new[] { Shutter, "open:" + Shutter, Nonsense, "open:" + Nonsense })
                await product.Store.CommitAsync(Tables.Requests, "requests", [RowChange.Delete(row)]);
            await product.Store.CommitAsync(Tables.Requests, "imports", [RowChange.Delete("a")]);
        }
    }

    [Fact]
    public async Task R34_An_erasure_takes_the_person_off_a_list_of_which_something_cannot_be_opened()
    {
        var (mail, lists) = (CoreProduct.Email("listed.shut@example.com"), product.Get<StaticLists>());
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        var (key, ids) = (product.Key(mail), new List<string>());
        for (var i = 0; i < 4; i++)
        {
            ids.Add((await lists.CreateAsync("Friends", default)).Id);
            await lists.AddAsync(ids[i], [key, product.Key(CoreProduct.Email("listed.too@example.com"))], default);
        }

        await product.Store.CommitAsync(Tables.Lists, "index", [RowChange.Put(ids[0], RawStorage.Shut)]);
        await product.Store.CommitAsync(Tables.Lists, ids[1], [RowChange.Put("size", RawStorage.Shut)]);
        await product.Store.CommitAsync(Tables.Lists, ids[2], [RowChange.Put("member:" + key.Value, RawStorage.Shut)]);
        try
        {
            Assert.Equal(
                PrivacyStatus.Completed,
                (await Desk.OpenAsync(PrivacyRight.Erasure, [mail], null, null, null, "agent:mia", default)).Status);
            foreach (var id in ids)
                Assert.DoesNotContain(
                    await product.Store.RangeAsync(Tables.Lists, id, RowRange.All, 10), r => r.Key == "member:" + key.Value);
            Assert.Equal(1, await lists.SizeAsync(ids[3], default));
        }
        finally
        {
            foreach (var id in ids) await product.Store.CommitAsync(Tables.Lists, "index", [RowChange.Delete(id)]);
        }
    }

    [Fact]
    public async Task What_is_over_goes_also_where_a_row_before_it_cannot_be_opened()
    {
        var tables = product.Get<ITableStore>();
        await product.Store.CommitAsync(Tables.Idempotency, "a", [RowChange.Insert("shut", RawStorage.Shut)]);
        var old = new Notifications.Access.IdempotencyRecord("h", 200, Encoding.UTF8.GetBytes("{}"), "i", DateTimeOffset.UnixEpoch);
        await tables.CommitAsync(Tables.Idempotency, "b", [RowChange.Insert("old", old, CoreJson.Default.IdempotencyRecord)]);
        await Assert.ThrowsAsync<UnreadableRowException>(
            async () => await new KeptAnswers(tables, product.Time).PurgeAsync(default));
        Assert.Null(await product.Store.GetAsync(Tables.Idempotency, "b", "old"));
        Assert.NotNull(await product.Store.GetAsync(Tables.Idempotency, "a", "shut"));
        await product.Store.CommitAsync(Tables.Idempotency, "a", [RowChange.Delete("shut")]);
    }

    [Theory]
    [InlineData("x..x")]
    [InlineData("xxx")]
    [InlineData(".x.x.x.x.")]
    [InlineData("....x....x")]
    [InlineData("")]
    public async Task Whatever_stands_before_between_and_behind_rows_that_cannot_be_opened_is_read_once_and_in_its_order(string rows)
    {
        var tables = product.Get<ITableStore>();
        var partition = "legible" + rows.GetHashCode(StringComparison.Ordinal);
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] == 'x') await product.Store.CommitAsync("legible", partition, [RowChange.Insert("r" + i, RawStorage.Shut)]);
            else await tables.CommitAsync("legible", partition, [RowChange.Insert("r" + i, "{}"u8.ToArray())]);
        }

        var shut = new List<string>();
        ValueTask UnreadAsync(string where, string row)
        {
            shut.Add(row);
            return ValueTask.CompletedTask;
        }

        var read = await Legible.RangeAsync(tables, "legible", partition, RowRange.All, 3, UnreadAsync, default)
            .Select(r => r.Row.Key)
            .ToListAsync();
        Assert.Equal(Enumerable.Range(0, rows.Length).Where(i => rows[i] == '.').Select(i => "r" + i), read);
        Assert.Equal(Enumerable.Range(0, rows.Length).Where(i => rows[i] == 'x').Select(i => "r" + i), shut);
    }
}

using System.Globalization;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Storage.StorageText;

namespace Notifications.Tests.Storage;

/// <summary>What <see cref="ITableStore"/> promises, on every backend.</summary>
[Collection(Azurite.Collection)]
public sealed class TableContract(Azurite azurite)
{
    private const string Table = "addresses";

    [Theory, OnSqlite, OnAzurite]
    public async Task A_row_is_read_as_it_was_written(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        Assert.Null(await stores.Tables.GetAsync(Table, "p", "r"));
        var result = await stores.Tables.CommitAsync(Table, "p", [RowChange.Insert("r", Bytes("one"))]);
        Assert.True(result.Committed);
        var row = (await stores.Tables.GetAsync(Table, "p", "r"))!;
        Assert.Equal(("r", "one", result.ETags.Single()), (row.Key, row.Text(), row.ETag));
        Assert.Null(await stores.Tables.GetAsync(Table, "p", "R"));
        Assert.Null(await stores.Tables.GetAsync(Table, "p2", "r"));
        Assert.Null(await stores.Tables.GetAsync("contacts", "p", "r"));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task An_insert_of_a_row_that_exists_conflicts(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        await CommitAsync(stores, RowChange.Insert("r", Bytes("one")));
        var result = await stores.Tables.CommitAsync(Table, "p", [RowChange.Insert("r", Bytes("two"))]);
        Assert.Equal(0, result.ConflictAt);
        Assert.Equal("one", (await stores.Tables.GetAsync(Table, "p", "r"))!.Text());
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_replace_under_an_old_etag_or_of_an_absent_row_conflicts(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var first = (await CommitAsync(stores, RowChange.Insert("r", Bytes("one")))).ETags[0];
        var second = (await CommitAsync(stores, RowChange.Replace("r", Bytes("two"), first))).ETags[0];
        Assert.NotEqual(first, second);
        Assert.Equal(0, (await stores.Tables.CommitAsync(Table, "p", [RowChange.Replace("r", Bytes("three"), first)])).ConflictAt);
        Assert.Equal(0, (await stores.Tables.CommitAsync(Table, "p", [RowChange.Replace("absent", Bytes("three"), second)])).ConflictAt);
        Assert.Equal("two", (await stores.Tables.GetAsync(Table, "p", "r"))!.Text());
        Assert.Null(await stores.Tables.GetAsync(Table, "p", "absent"));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_put_writes_over_whatever_stands_there(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var first = (await CommitAsync(stores, RowChange.Put("r", Bytes("one")))).ETags[0];
        var second = (await CommitAsync(stores, RowChange.Put("r", Bytes("two")))).ETags[0];
        var row = (await stores.Tables.GetAsync(Table, "p", "r"))!;
        Assert.NotEqual(first, second);
        Assert.Equal(("two", second), (row.Value.Text(), row.ETag));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_delete_removes_under_its_etag_and_conflicts_otherwise(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var first = (await CommitAsync(stores, RowChange.Insert("r", Bytes("one")))).ETags[0];
        var second = (await CommitAsync(stores, RowChange.Replace("r", Bytes("two"), first))).ETags[0];
        Assert.Equal(0, (await stores.Tables.CommitAsync(Table, "p", [RowChange.Delete("r", first)])).ConflictAt);
        Assert.NotNull(await stores.Tables.GetAsync(Table, "p", "r"));
        await CommitAsync(stores, RowChange.Delete("r", second));
        Assert.Null(await stores.Tables.GetAsync(Table, "p", "r"));
        Assert.Equal(0, (await stores.Tables.CommitAsync(Table, "p", [RowChange.Delete("r")])).ConflictAt);
        Assert.Equal(0, (await stores.Tables.CommitAsync(Table, "p", [RowChange.Delete("r", second)])).ConflictAt);
        await CommitAsync(stores, RowChange.Insert("r", Bytes("three")));
        await CommitAsync(stores, RowChange.Delete("r"));
        Assert.Null(await stores.Tables.GetAsync(Table, "p", "r"));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task An_etag_does_not_repeat_when_a_row_is_removed_and_written_again(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var first = (await CommitAsync(stores, RowChange.Insert("r", Bytes("one")))).ETags[0];
        await CommitAsync(stores, RowChange.Delete("r", first));
        await CommitAsync(stores, RowChange.Insert("r", Bytes("one")));
        Assert.Equal(0, (await stores.Tables.CommitAsync(Table, "p", [RowChange.Replace("r", Bytes("two"), first)])).ConflictAt);
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_conflict_of_one_change_writes_none_and_is_named(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var etag = (await CommitAsync(stores, RowChange.Insert("state", Bytes("one")))).ETags[0];
        await CommitAsync(stores, RowChange.Replace("state", Bytes("two"), etag), RowChange.Insert("taken", Bytes("x")));
        var current = (await stores.Tables.GetAsync(Table, "p", "state"))!.ETag;

        RowChange[][] broken =
        [
            [RowChange.Insert("a", Bytes("a")), RowChange.Put("b", Bytes("b")), RowChange.Insert("taken", Bytes("y"))],
            [RowChange.Insert("a", Bytes("a")), RowChange.Put("b", Bytes("b")), RowChange.Replace("state", Bytes("three"), etag)],
            [
                RowChange.Replace("state", Bytes("three"), current), RowChange.Insert("a", Bytes("a")),
                RowChange.Replace("absent", Bytes("z"), current),
            ],
            [RowChange.Replace("state", Bytes("three"), current), RowChange.Insert("a", Bytes("a")), RowChange.Delete("absent")],
            [RowChange.Insert("a", Bytes("a")), RowChange.Delete("taken"), RowChange.Delete("state", etag)],
        ];
        foreach (var changes in broken)
        {
            var result = await stores.Tables.CommitAsync(Table, "p", changes);
            Assert.False(result.Committed);
            Assert.Equal(2, result.ConflictAt);
        }

        var rows = await stores.Tables.RangeAsync(Table, "p", RowRange.All, 10);
        Assert.Equal(["state=two", "taken=x"], rows.Select(r => $"{r.Key}={r.Text()}"));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_hundred_changes_are_one_commit(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var inserts = Enumerable.Range(0, 100).Select(i => RowChange.Insert($"message:{i:D3}", Bytes($"{i}"))).ToArray();
        var result = await CommitAsync(stores, inserts);
        Assert.Equal(100, result.ETags.Count);
        var rows = await stores.Tables.RangeAsync(Table, "p", RowRange.All, 1000);
        Assert.Equal(result.ETags, rows.Select(r => r.ETag));
        Assert.Equal(inserts.Select(c => c.Key), rows.Select(r => r.Key));

        var deletes = rows.Select(r => RowChange.Delete(r.Key, r.ETag)).ToArray();
        deletes[99] = RowChange.Delete("message:absent");
        Assert.Equal(99, (await stores.Tables.CommitAsync(Table, "p", deletes)).ConflictAt);
        Assert.Equal(100, (await stores.Tables.RangeAsync(Table, "p", RowRange.All, 1000)).Count);
        await CommitAsync(stores, rows.Select(r => RowChange.Delete(r.Key, r.ETag)).ToArray());
        Assert.Empty(await stores.Tables.RangeAsync(Table, "p", RowRange.All, 1000));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_range_is_ordinal_bounded_and_limited(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        string[] keys = ["A", "B", "Z", "a", "a b", "a'b", "a-b", "a:1", "a:10", "a:2", "aa", "b", "é", "漢", "\uFFFD"];
        await CommitAsync(stores, keys.Reverse().Select(k => RowChange.Insert(k, Bytes(k))).ToArray());
        await stores.Tables.CommitAsync(Table, "o", [RowChange.Insert("a", default)]);
        await stores.Tables.CommitAsync(Table, "q", [RowChange.Insert("a", default)]);

        async Task<string[]> Range(RowRange range, int limit = 1000) =>
            [.. (await stores.Tables.RangeAsync(Table, "p", range, limit)).Select(r => r.Key)];
        Assert.Equal(keys, await Range(RowRange.All));
        Assert.Equal(keys[..4], await Range(RowRange.All, 4));
        Assert.Equal(["a", "a b", "a'b", "a-b", "a:1", "a:10", "a:2"], await Range(new("a", "aa")));
        Assert.Equal(["b", "é", "漢", "\uFFFD"], await Range(new("b", null)));
        Assert.Equal(["A", "B", "Z"], await Range(new(null, "a")));
        Assert.Equal(["a'b", "a-b"], await Range(new("a'b", "a:")));
        Assert.Empty(await Range(new("b", "a")));
        Assert.Equal(["a:1", "a:10", "a:2"], await Range(RowRange.Prefix("a:")));
        Assert.Equal(["a:10", "a:2"], await Range(RowRange.Prefix("a:", "a:1")));
        Assert.Equal(["a:2"], await Range(RowRange.Prefix("a:", "a:10")));
        Assert.Empty(await Range(RowRange.Prefix("a:", "a:2")));
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_partition_pages_to_its_end_without_loss_or_repetition(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        await CommitAsync(stores, Enumerable.Range(0, 95).Select(i => RowChange.Insert($"ledger:{i:D10}", Bytes("x"))).ToArray());
        var seen = new List<string>();
        string? after = null;
        while (true)
        {
            var page = await stores.Tables.RangeAsync(Table, "p", RowRange.Prefix("ledger:", after), 10);
            if (page.Count == 0) break;
            seen.AddRange(page.Select(r => r.Key));
            after = page[^1].Key;
        }

        Assert.Equal(Enumerable.Range(0, 95).Select(i => $"ledger:{i:D10}"), seen);
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_scan_walks_the_whole_table_in_order(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var expected = new List<(string, string)>();
        foreach (var partition in new[] { "a", "a'x", "a-b", "aB", "aa", "b" })
        {
            await stores.Tables.CommitAsync(
                Table, partition, [.. new[] { "1", "2", "it's" }.Select(r => RowChange.Insert(r, Bytes(partition + r)))]);
            expected.AddRange([(partition, "1"), (partition, "2"), (partition, "it's")]);
        }

        await stores.Tables.CommitAsync("contacts", "a", [RowChange.Insert("elsewhere", default)]);
        var seen = new List<(string, string)>();
        (string, string)? after = null;
        while (true)
        {
            var page = await stores.Tables.ScanAsync(Table, after, 4);
            if (page.Count == 0) break;
            Assert.All(page, s => Assert.Equal(s.Partition + s.Row.Key, s.Row.Text()));
            seen.AddRange(page.Select(s => (s.Partition, s.Row.Key)));
            after = seen[^1];
        }

        Assert.Equal(expected, seen);
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task Rows_hold_nothing_and_up_to_512_KiB(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        foreach (var length in new[] { 0, 1, 64 * 1024, 64 * 1024 + 1, 500 * 1024, 512 * 1024 })
        {
            var value = Noise(length);
            await CommitAsync(stores, RowChange.Put("r", value));
            Assert.Equal(value, (await stores.Tables.GetAsync(Table, "p", "r"))!.Value.ToArray());
        }

        // A smaller value over a larger one leaves nothing of the larger.
        await CommitAsync(stores, RowChange.Put("r", Bytes("small")));
        Assert.Equal("small", (await stores.Tables.RangeAsync(Table, "p", RowRange.All, 1)).Single().Text());
        await CommitAsync(stores, [.. Enumerable.Range(0, 4).Select(i => RowChange.Put($"big{i}", Noise(512 * 1024, i)))]);
        Assert.Equal(Noise(512 * 1024, 3), (await stores.Tables.GetAsync(Table, "p", "big3"))!.Value.ToArray());
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task Keys_are_kept_as_they_are(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        foreach (var key in new[]
        {
            "a b",
            " a",
            "a'b''c",
            "100%",
            "%41",
            "a&b=c",
            "a+b",
            "(x)",
            "message:id.suffix",
            "ü漢字",
            "~!@$^*_[]{}|`<>,;\"",
            new string('k', 512),
        })
        {
            Assert.True(
                (await stores.Tables.CommitAsync(
                    Table, key, [RowChange.Insert(key, Bytes(key)), RowChange.Insert("other", default)])).Committed,
                key);
            var etag = (await stores.Tables.GetAsync(Table, key, key))!.ETag;
            Assert.True((await stores.Tables.CommitAsync(Table, key, [RowChange.Replace(key, Bytes(key), etag)])).Committed, key);
            Assert.Contains(key, (await stores.Tables.RangeAsync(Table, key, RowRange.All, 10)).Select(r => r.Key));
        }
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task Concurrent_increments_under_an_etag_lose_none(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        await CommitAsync(stores, RowChange.Insert("n", Bytes("0")));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 10;)
            {
                var row = (await stores.Tables.GetAsync(Table, "p", "n"))!;
                var next = int.Parse(row.Text(), CultureInfo.InvariantCulture) + 1;
                var result = await stores.Tables.CommitAsync(
                    Table, "p", [RowChange.Replace("n", Bytes($"{next}"), row.ETag), RowChange.Insert($"step{next:D3}", default)]);
                if (result.Committed) done++;
                else Assert.Equal(0, result.ConflictAt);
            }
        })));
        Assert.Equal("80", (await stores.Tables.GetAsync(Table, "p", "n"))!.Text());
        Assert.Equal(81, (await stores.Tables.RangeAsync(Table, "p", RowRange.All, 1000)).Count);
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task Of_racing_inserts_exactly_one_wins(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        for (var round = 0; round < 5; round++)
        {
            var key = $"r{round}";
            var results =
                await Task.WhenAll(Enumerable.Range(
                    0,
                    16).Select(
                        i => Task.Run(
                            async () => (i, await stores.Tables.CommitAsync(Table, "p", [RowChange.Insert(key, Bytes($"{i}"))])))));
            var winner = Assert.Single(results, r => r.Item2.Committed);
            Assert.Equal($"{winner.i}", (await stores.Tables.GetAsync(Table, "p", key))!.Text());
        }
    }

    [Theory, OnSqlite, OnAzurite]
    public async Task A_call_that_was_cancelled_before_it_began_writes_nothing(Backend backend)
    {
        await using var stores = await Stores.OpenAsync(backend, azurite);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await stores.Tables.CommitAsync(Table, "p", [RowChange.Insert("r", default)], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stores.Tables.GetAsync(Table, "p", "r", cancelled));
        Assert.Null(await stores.Tables.GetAsync(Table, "p", "r"));
    }

    private static async Task<CommitResult> CommitAsync(Stores stores, params RowChange[] changes)
    {
        var result = await stores.Tables.CommitAsync(Table, "p", changes);
        Assert.True(result.Committed, $"Conflict at {result.ConflictAt}.");
        return result;
    }
}

using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Storage;

/// <summary>The limits that hold before any backend is asked: Azure has them, the emulator and SQLite do not.</summary>
public sealed class GuardTests
{
    [Theory]
    [InlineData(""), InlineData("a/b"), InlineData("a\\b"), InlineData("a#b"), InlineData("a?b"), InlineData("a\nb"), InlineData("a\tb"), InlineData("a\u0085b"), InlineData("a\u007F"), InlineData("a😀b")]
    public void A_key_that_Azure_refuses_is_refused(string key) => Assert.Throws<ArgumentException>(() => Guards.Key(key));

    [Fact]
    public void A_key_has_512_characters_at_most()
    {
        Guards.Key(new string('k', 512));
        Guards.Key("é漢 '%");
        Assert.Throws<ArgumentException>(() => Guards.Key(new string('k', 513)));
        Assert.Throws<ArgumentException>(() => Guards.Key("\uD800"));
    }

    [Fact]
    public void A_commit_has_1_to_100_changes_of_different_rows()
    {
        Assert.Equal(300, Guards.Changes(Inserts(100, 3)));
        Assert.Throws<ArgumentException>(() => Guards.Changes([]));
        Assert.Throws<ArgumentException>(() => Guards.Changes(Inserts(101, 3)));
        foreach (var count in new[] { 2, 16, 17, 100 })
        {
            var changes = Inserts(count, 1);
            changes[^1] = RowChange.Delete(changes[0].Key);
            Assert.Throws<ArgumentException>(() => Guards.Changes(changes));
        }
    }

    [Fact]
    public void A_row_holds_512_KiB_and_a_commit_2_MiB_at_most()
    {
        Guards.Changes(Inserts(4, 512 * 1024));
        Assert.Throws<ArgumentException>(() => Guards.Changes(Inserts(1, 512 * 1024 + 1)));
        Assert.Throws<ArgumentException>(() => Guards.Changes([.. Inserts(4, 512 * 1024), RowChange.Put("one more", new byte[1])]));
    }

    [Fact]
    public void A_replace_needs_an_etag() =>
        Assert.Throws<ArgumentException>(() => Guards.Changes([new RowChange(RowChangeKind.Replace, "r", default, null)]));

    [Theory]
    [InlineData(""), InlineData("ab"), InlineData("Addresses"), InlineData("1abc"), InlineData("a-b"), InlineData("a_b"), InlineData("ünter")]
    public void A_table_name_is_letters_and_digits(string name) => Assert.Throws<ArgumentException>(() => Guards.Table(name));

    [Theory]
    [InlineData(""), InlineData("ab"), InlineData("Send"), InlineData("-send"), InlineData("send-"), InlineData("se--nd"), InlineData("se_nd")]
    public void A_queue_name_is_letters_digits_and_single_hyphens(string name) =>
        Assert.Throws<ArgumentException>(() => Guards.Queue(name));

    [Fact]
    public async Task P5_The_store_of_the_tests_takes_no_more_at_once_than_every_backend_does()
    {
        var store = new MemoryStore(TimeProvider.System);
        await store.CommitAsync(Tables.Keys, "p", Inserts(4, 512 * 1024));
        foreach (var changes in (RowChange[][])[Inserts(1, 512 * 1024 + 1), Inserts(5, 512 * 1024), Inserts(101, 1), []])
            await Assert.ThrowsAsync<ArgumentException>(async () => await store.CommitAsync(Tables.Keys, "p", changes));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.GetAsync(Tables.Keys, "p", "a\nb"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.GetAsync("No_Table", "p", "r"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.EnqueueAsync(Queues.Send, new byte[256 * 1024 + 1]));
    }

    [Fact]
    public void The_names_in_use_are_allowed()
    {
        Assert.All(Tables.All, Guards.Table);
        Assert.All(Queues.All, Guards.Queue);
        Assert.All(Queues.All, queue => Guards.Queue(Queues.Poison(queue)));
    }

    [Theory]
    [InlineData(""), InlineData("/a"), InlineData("a//b"), InlineData("a/"), InlineData("a/../b"), InlineData("."), InlineData("a."), InlineData("a\\b"), InlineData("a?b"), InlineData("a\nb")]
    public void A_blob_name_has_whole_segments(string name) => Assert.Throws<ArgumentException>(() => Guards.BlobName(name));

    [Fact]
    public void Amounts_and_times_have_bounds()
    {
        Guards.Limit(1);
        Guards.Limit(1000);
        Assert.Throws<ArgumentOutOfRangeException>(() => Guards.Limit(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Guards.Limit(1001));
        Guards.Receive(32, TimeSpan.FromDays(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => Guards.Receive(0, TimeSpan.FromSeconds(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Guards.Receive(33, TimeSpan.FromSeconds(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Guards.Receive(1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Guards.Receive(1, TimeSpan.FromDays(7.01)));
        Guards.Delay(TimeSpan.FromDays(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => Guards.Delay(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Guards.Delay(TimeSpan.FromDays(7.01)));
        Guards.Body(new byte[256 * 1024]);
        Assert.Throws<ArgumentException>(() => Guards.Body(new byte[256 * 1024 + 1]));
    }

    private static RowChange[] Inserts(int count, int bytes)
    {
        var value = new byte[bytes];
        return [.. Enumerable.Range(0, count).Select(i => RowChange.Insert($"r{i}", value))];
    }
}

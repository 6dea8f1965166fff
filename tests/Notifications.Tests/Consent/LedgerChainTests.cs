using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Consent;

public sealed class LedgerChainTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 2, 12, 0, 0, 123, TimeSpan.Zero);

    [Fact]
    public void P10_A_whole_chain_verifies_and_the_empty_one_too()
    {
        var (entries, head) = Chain(5);
        Assert.True(LedgerChain.Verify(entries, head));
        Assert.True(LedgerChain.Verify([], LedgerHead.Empty));
        Assert.False(LedgerChain.Verify([], head));
        Assert.False(LedgerChain.Verify(entries, LedgerHead.Empty));
    }

    public static TheoryData<string, Func<LedgerEntry, LedgerEntry>> Edits => new()
    {
        { "seq", e => e with { Seq = e.Seq + 1 } },
        { "time", e => e with { At = e.At.AddMilliseconds(1) } },
        { "topic", e => e with { Topic = "promotions" } },
        { "action", e => e with { Action = LedgerAction.OptIn } },
        { "policy", e => e with { PolicyVersion = "2030-01-01" } },
        { "no policy", e => e with { PolicyVersion = null } },
        { "source", e => e with { Detail = e.Detail! with { Source = "other" } } },
        { "actor", e => e with { Detail = e.Detail! with { Actor = "other" } } },
        { "wording", e => e with { Detail = e.Detail! with { Wording = "other" } } },
        { "evidence", e => e with { Detail = e.Detail! with { Evidence = null } } },
        { "salt", e => e with { Detail = e.Detail! with { Salt = "00" } } },
        { "detail and digest", e =>
            (e with { Detail = e.Detail! with { Source = "other" } }) is var x
                ? x with { DetailDigest = LedgerChain.Digest(x.Detail) }
                : x },
        { "previous", e => e with { Previous = new string('1', 64) } },
        { "hash", e => e with { Hash = new string('1', 64) } },
        { "rehashed", e => (e with { Action = LedgerAction.OptIn }) is var x ? x with { Hash = LedgerChain.Hash(x) } : x },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void P10_Any_edit_of_any_entry_is_found(string what, Func<LedgerEntry, LedgerEntry> edit)
    {
        var (entries, head) = Chain(4);
        for (var i = 0; i < entries.Length; i++)
        {
            LedgerEntry[] edited = [.. entries];
            edited[i] = edit(entries[i]);
            Assert.False(LedgerChain.Verify(edited, head), $"{what} of entry {i + 1}");
        }
    }

    [Fact]
    public void P10_Removing_repeating_reordering_or_cutting_entries_is_found()
    {
        var (entries, head) = Chain(6);
        for (var i = 0; i < entries.Length; i++)
        {
            Assert.False(LedgerChain.Verify([.. entries[..i], .. entries[(i + 1)..]], head));
            Assert.False(LedgerChain.Verify([.. entries[..i], entries[i], .. entries[i..]], head));
            Assert.False(LedgerChain.Verify(entries[..i], head));
            for (var j = i + 1; j < entries.Length; j++)
            {
                LedgerEntry[] swapped = [.. entries];
                (swapped[i], swapped[j]) = (swapped[j], swapped[i]);
                Assert.False(LedgerChain.Verify(swapped, head));
            }
        }
    }

    [Fact]
    public void P10_Erased_details_leave_the_chain_provable_and_the_digest_says_nothing_without_its_salt()
    {
        var (entries, head) = Chain(4);
        for (var mask = 1; mask < 16; mask++)
        {
            var erased = entries.Select((e, i) => (mask >> i & 1) == 1 ? e with { Detail = null } : e).ToArray();
            Assert.True(LedgerChain.Verify(erased, head));
            Assert.False(LedgerChain.Verify([.. erased[..^1], erased[^1] with { Topic = "other" }], head));
        }

        var draft = new LedgerDraft(LedgerAction.OptIn, "newsletter", "form", "person");
        Assert.NotEqual(
            LedgerChain.Append(LedgerHead.Empty, draft, At).DetailDigest, LedgerChain.Append(LedgerHead.Empty, draft, At).DetailDigest);
        Assert.Matches("^[0-9a-f]{32}$", LedgerChain.Append(LedgerHead.Empty, draft, At).Detail!.Salt);
    }

    [Fact]
    public void P10_No_two_different_entries_give_the_same_hash()
    {
        // Short alphabets and missing fields: what a separator instead of a length would confuse.
        var field = Gen.OneOf(Gen.Const((string?)null), Gen.String[Gen.Char["ab|\0:"], 0, 3].Select(s => (string?)s));
        var detail = Gen.Select(field, field, field, field, field, (a, b, c, d, e) => new LedgerDetail(a ?? "", b ?? "", c ?? "", d, e));
        Gen.Select(detail, detail).Sample((x, y) => Assert.Equal(x == y, LedgerChain.Digest(x) == LedgerChain.Digest(y)), iter: 20_000);

        var entry = Gen.Select(
            Gen.Long[1, 3], field, Gen.Int[1, 3], field, field, field, (seq, topic, action, policy, digest, previous) => new LedgerEntry
            {
                Seq = seq,
                At = At, Topic = topic ?? "", Action = (LedgerAction)action, PolicyVersion = policy, DetailDigest = digest ?? "",
                Previous = previous ?? "", Hash = "",
            });
        Gen.Select(entry, entry).Sample((x, y) => Assert.Equal(x == y, LedgerChain.Hash(x) == LedgerChain.Hash(y)), iter: 20_000);
    }

    [Fact]
    public void P10_A_long_wording_is_hashed_to_its_last_character()
    {
        var detail = new LedgerDetail("s", "form", "person", new string('w', 5_000), null);
        Assert.NotEqual(LedgerChain.Digest(detail), LedgerChain.Digest(detail with { Wording = new string('w', 4_999) + "x" }));
    }

    [Fact]
    public void P10_The_hash_is_the_documented_one()
    {
        // Recomputed here from the documentation alone, byte by byte, as an auditor would.
        var entry = LedgerChain.Append(
            LedgerHead.Empty, new LedgerDraft(LedgerAction.OptOut, "newsletter", "link", "person") { PolicyVersion = "v1" }, At);
        using var bytes = new MemoryStream();
        void Number(long n) => bytes.Write(BitConverter.GetBytes(n));
        void Text(string? s)
        {
            bytes.Write(BitConverter.GetBytes(s is null ? -1 : System.Text.Encoding.UTF8.GetByteCount(s)));
            bytes.Write(System.Text.Encoding.UTF8.GetBytes(s ?? ""));
        }

        Number(1);
        Number(At.ToUnixTimeMilliseconds());
        Text("newsletter");
        Number(3);
        Text("v1");
        Text(entry.DetailDigest);
        Text(new string('0', 64));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes.ToArray())), entry.Hash);
    }

    [Fact]
    public async Task P10_A_stored_ledger_of_more_than_one_page_verifies_against_its_record()
    {
        var world = new World();
        var ana = CoreProduct.Email("ana@example.com");
        for (var i = 0; i < 520; i++)
        {
            await world.SubscribeAsync(ana, TopicKey.Newsletter, "v" + i);
            await world.OptOutAsync(ana, TopicKey.Newsletter);
        }

        var key = world.Ring.KeyOf(ana);
        var ledger = await world.Book.LedgerAsync(key, default);
        var (state, _) = await world.Book.LoadAsync(key, default);
        Assert.Equal(1040, ledger.Count);
        Assert.True(LedgerChain.Verify(ledger, state!.Ledger));
    }

    [Fact]
    public async Task P10_Writers_at_the_same_time_leave_one_chain_and_lose_no_word()
    {
        var world = new World();
        var ana = CoreProduct.Email("ana@example.com");
        world.Store.Before = async () => await Task.Yield();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => world.OptOutAsync(ana, "topic-" + i))));
        var key = world.Ring.KeyOf(ana);
        var ledger = await world.Book.LedgerAsync(key, default);
        Assert.Equal(40, ledger.Count);
        Assert.True(LedgerChain.Verify(ledger, (await world.Book.LoadAsync(key, default)).State!.Ledger));
    }

    private static (LedgerEntry[] Entries, LedgerHead Head) Chain(int length)
    {
        var head = LedgerHead.Empty;
        var entries = new LedgerEntry[length];
        for (var i = 0; i < length; i++)
        {
            entries[i] = LedgerChain.Append(
                head,
                new LedgerDraft(LedgerAction.OptOut, "newsletter", "link", "person")
                {
                    PolicyVersion = "v1",
                    Wording = "words",
                    Evidence = "{}",
                },
                At.AddMinutes(i));
            head = new LedgerHead(entries[i].Seq, entries[i].Hash);
        }

        return (entries, head);
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Notifications.Addresses;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Security;

public sealed class KeyRingTests
{
    private static readonly string Json = KeyRing.NewJson();
    private static readonly Address Ana = new(Channel.Email, "ana@example.com");

    [Fact]
    public void R22_Rotation_keeps_look_ups_and_opens_what_older_keys_sealed()
    {
        var old = KeyRing.Parse(Json, "test");
        var rotated = KeyRing.Parse(old.RotatedJson(), "test");
        Assert.Equal(2, rotated.Current);
        Assert.Equal(old.KeyOf(Ana), rotated.KeyOf(Ana));
        Assert.Equal(old.LookupHash("idempotency", "x"), rotated.LookupHash("idempotency", "x"));
        Assert.NotEqual(old.LookupHash("idempotency", "x"), old.LookupHash("keys", "x"));
        var box = new DataSealer(old).Seal("hello"u8, "place"u8);
        Assert.Equal("hello"u8.ToArray(), new DataSealer(rotated).Open(box, "place"u8));
        var fresh = new DataSealer(rotated).Seal("hello"u8, "place"u8);
        Assert.Equal((1, 2), (DataSealer.KeyOf(box), DataSealer.KeyOf(fresh)));
        Assert.Throws<CryptographicException>(() => new DataSealer(old).Open(fresh, "place"u8));
    }

    [Fact]
    public void P5_Derived_message_ids_stay_the_same_across_rotation_and_made_up_ones_are_refused()
    {
        var old = KeyRing.Parse(Json, "test");
        var rotated = KeyRing.Parse(KeyRing.Parse(old.RotatedJson(), "test").RotatedJson(), "test");
        var key = old.KeyOf(Ana);
        var id = new MessageIds(old).Derive(key, "client/1");
        Assert.Equal(id, new MessageIds(rotated).Derive(key, "client/1"));
        Assert.True(new MessageIds(rotated).IsOurs(id));
        Assert.NotEqual(id, new MessageIds(old).Derive(key, "client/2"));
        Assert.NotEqual(id.Suffix, new MessageIds(old).Derive(old.KeyOf(Ana with { Value = "eve@example.com" }), "client/1").Suffix);
        Assert.False(new MessageIds(KeyRing.Parse(Json, "other")).IsOurs(id));
        Assert.False(new MessageIds(old).IsOurs(id with { Address = old.KeyOf(Ana with { Value = "eve@example.com" }) }));
        var ids = new MessageIds(old);
        Gen.Byte.Array[18].Sample(
            b => Assert.False(ids.IsOurs(new MessageId(key, System.Buffers.Text.Base64Url.EncodeToString(b)))), iter: 10_000);
        Assert.True(ids.IsOurs(ids.New(key)));
        Assert.NotEqual(ids.New(key), ids.New(key));
        Assert.Equal(id.OperationId, new MessageIds(rotated).Derive(key, "client/1").OperationId);
    }

    [Fact]
    public void Only_the_exact_shape_of_a_message_id_is_read()
    {
        var ring = KeyRing.Parse(Json, "test");
        var id = new MessageIds(ring).New(ring.KeyOf(Ana));
        Assert.True(MessageId.TryParse(id.ToString(), out var read));
        Assert.Equal(id, read);
        var text = id.ToString();
        foreach (var bad in new[]
        {
            null,
            "",
            text[..^1],
            text + "A",
            text.Replace('.', '-'),
            text[..^1] + " ",
            text[..^2] + "==",
            text[..^1] + "\n",
            text[..^1] + "/",
            text[..^1] + "é",
        })
        {
            Assert.False(MessageId.TryParse(bad, out _), bad);
        }

        Gen.String.Sample(s => { _ = MessageId.TryParse(s, out _); }, iter: 2_000);
    }

    [Fact]
    public void R60_Another_environment_derives_other_keys_from_the_same_secrets()
    {
        var here = KeyRing.Parse(Json, "test");
        var there = KeyRing.Parse(Json, "prod");
        Assert.NotEqual(here.KeyOf(Ana), there.KeyOf(Ana));
        Assert.NotEqual(here.Derive(1, "seal"), there.Derive(1, "seal"));
        Assert.NotEqual(here.Derive(1, "seal"), here.Derive(1, "link/1"));
        Assert.Null(here.Derive(2, "seal"));
        Assert.Throws<AuthenticationTagMismatchException>(() => new DataSealer(there).Open(new DataSealer(here).Seal("x"u8, "p"u8), "p"u8));
    }

    [Theory]
    [InlineData("SECRET-CANARY")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"lookup":"SECRET-CANARY","current":1,"keys":{"1":"SECRET-CANARY"}}""")]
    [InlineData("""{"lookup":"LOOKUP","current":1,"keys":{"1":"LOOKUP","SECRET-CANARY":"LOOKUP"}}""")]
    [InlineData("""{"lookup":"LOOKUP","current":1,"keys":{"0":"LOOKUP","1":"LOOKUP"}}""")]
    [InlineData("""{"lookup":"LOOKUP","current":1,"keys":{"1":"LOOKUP","256":"LOOKUP"}}""")]
    [InlineData("""{"lookup":"LOOKUP","current":1,"keys":{"1":"LOOKUP","+1":"LOOKUP"}}""")]
    [InlineData("""{"lookup":"LOOKUP","current":2,"keys":{"1":"LOOKUP"}}""")]
    [InlineData("""{"lookup":"LOOKUP","current":"SECRET-CANARY","keys":{"1":"LOOKUP"}}""")]
    [InlineData("""{"lookup":"LOOKUP","current":1}""")]
    public void M12_A_broken_ring_is_refused_and_the_error_repeats_no_secret(string json)
    {
        var lookup = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var error = Assert.Throws<ArgumentException>(() => KeyRing.Parse(json.Replace("LOOKUP", lookup, StringComparison.Ordinal), "test"));
        Assert.StartsWith("The key ring", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET-CANARY", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(lookup, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_ring_says_so_instead_of_writing_one_that_cannot_be_read()
    {
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var ring = KeyRing.Parse(
            JsonSerializer.Serialize(new { lookup = secret, current = 255, keys = new Dictionary<string, string> { ["255"] = secret } }),
            "test");
        Assert.Throws<InvalidOperationException>(() => ring.RotatedJson());
    }

    [Fact]
    public void P7_What_is_sealed_opens_in_its_place_alone()
    {
        var sealer = new DataSealer(KeyRing.Parse(Json, "test"));
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 40], Gen.Byte.Array[0, 40]).Sample(
            (plain, place, other) =>
            {
                var box = sealer.Seal(plain, place);
                Assert.Equal(plain.Length + DataSealer.Overhead, box.Length);
                Assert.Equal(plain, sealer.Open(box, place));
                if (!place.AsSpan().SequenceEqual(other)) Assert.ThrowsAny<CryptographicException>(() => sealer.Open(box, other));
            },
            iter: 1_000);
        Assert.NotEqual(sealer.Seal("x"u8, "p"u8), sealer.Seal("x"u8, "p"u8));
    }

    [Fact]
    public void P7_Any_altered_byte_and_any_truncation_of_a_sealed_value_is_found()
    {
        var sealer = new DataSealer(KeyRing.Parse(Json, "test"));
        var box = sealer.Seal("a line about a person"u8, "place"u8);
        for (var i = 0; i < box.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                box[i] ^= (byte)(1 << bit);
                Assert.ThrowsAny<CryptographicException>(() => sealer.Open(box, "place"u8));
                box[i] ^= (byte)(1 << bit);
            }

            Assert.ThrowsAny<CryptographicException>(() => sealer.Open(box.AsSpan(0, i), "place"u8));
        }

        Assert.Equal("a line about a person"u8.ToArray(), sealer.Open(box, "place"u8));
    }

    [Fact]
    public async Task P7_A_sealer_serves_many_threads_and_never_repeats_a_nonce()
    {
        var sealer = new DataSealer(KeyRing.Parse(Json, "test"));
        var boxes =
            await Task.WhenAll(Enumerable.Range(
                0,
                8).Select(
                    t => Task.Run(() => Enumerable.Range(0, 500).Select(i => sealer.Seal(BitConverter.GetBytes(i), "p"u8)).ToArray())));
        var all = boxes.SelectMany(b => b).ToList();
        Assert.Equal(all.Count, all.Select(b => Convert.ToHexString(b, 2, 12)).Distinct().Count());
        foreach (var own in boxes) Assert.Equal(Enumerable.Range(0, 500), own.Select(b => BitConverter.ToInt32(sealer.Open(b, "p"u8))));
    }

    [Theory]
    [InlineData("row-a", "row-b")]
    [InlineData(null, null)]
    public async Task R66_A_raw_row_shows_ciphertext_and_does_not_open_in_another_row(string? from, string? to)
    {
        // Long keys too: the whole key is authenticated, not its beginning.
        var first = from ?? new string('k', 511) + "a";
        var second = to ?? new string('k', 511) + "b";
        var raw = new MemoryStore(TimeProvider.System);
        var store = new SealedTableStore(raw, new DataSealer(KeyRing.Parse(Json, "test")));
        await store.CommitAsync("addresses", "p", [RowChange.Insert(first, "canary ana@example.com"u8.ToArray())]);
        Assert.Equal("canary ana@example.com", Encoding.UTF8.GetString((await store.GetAsync("addresses", "p", first))!.Value.Span));
        Assert.Equal(
            "canary ana@example.com",
            Encoding.UTF8.GetString(Assert.Single(await store.RangeAsync("addresses", "p", RowRange.All, 10)).Value.Span));
        Assert.Equal(
            "canary ana@example.com", Encoding.UTF8.GetString(Assert.Single(await store.ScanAsync("addresses", null, 10)).Row.Value.Span));
        var stored = (await raw.GetAsync("addresses", "p", first))!;
        Assert.DoesNotContain("canary", Encoding.Latin1.GetString(stored.Value.Span), StringComparison.Ordinal);
        await raw.CommitAsync("addresses", "p", [RowChange.Put(second, stored.Value)]);
        await raw.CommitAsync("addresses", "q", [RowChange.Put(first, stored.Value)]);
        await raw.CommitAsync("contacts", "p", [RowChange.Put(first, stored.Value)]);
        await Assert.ThrowsAnyAsync<CryptographicException>(async () => await store.GetAsync("addresses", "p", second));
        await Assert.ThrowsAnyAsync<CryptographicException>(async () => await store.GetAsync("addresses", "q", first));
        await Assert.ThrowsAnyAsync<CryptographicException>(async () => await store.GetAsync("contacts", "p", first));
    }

    [Fact]
    public async Task R66_A_search_of_the_raw_storage_reaches_the_last_row_and_the_last_item()
    {
        var raw = new MemoryStore(TimeProvider.System);
        for (var i = 0; i < 1001; i++) await raw.CommitAsync(Tables.Addresses, $"p{i:D4}", [RowChange.Insert("row", "x"u8.ToArray())]);
        await raw.CommitAsync(Tables.Addresses, "q", [RowChange.Insert("row", "canary"u8.ToArray())]);
        for (var i = 0; i < 33; i++) await raw.EnqueueAsync(Queues.Send, i == 32 ? "canary"u8.ToArray() : "x"u8.ToArray());
        Assert.Equal(
            [Tables.Addresses + "/q/row", Queues.Send],
            (await RawStorage.EverythingAsync(raw)).Where(r => r.Bytes.AsSpan().SequenceEqual("canary"u8)).Select(r => r.Place));
    }

    [Fact]
    public async Task R66_A_queue_shows_ciphertext_also_in_its_poison_twin()
    {
        var raw = new MemoryStore(TimeProvider.System);
        var queue = new SealedWorkQueue(raw, new DataSealer(KeyRing.Parse(Json, "test")));
        await queue.EnqueueAsync("send", "canary"u8.ToArray());
        Assert.DoesNotContain(
            "canary", Encoding.Latin1.GetString(Assert.Single(await RawStorage.EverythingAsync(raw)).Bytes), StringComparison.Ordinal);
        var item = Assert.Single(await queue.ReceiveAsync("send", 1, TimeSpan.FromMinutes(1)));
        Assert.Equal("canary", Encoding.UTF8.GetString(item.Body.Span));
        await queue.PoisonAsync(item);
        Assert.DoesNotContain(
            "canary", Encoding.Latin1.GetString(Assert.Single(await RawStorage.EverythingAsync(raw)).Bytes), StringComparison.Ordinal);
        Assert.Equal(
            "canary",
            Encoding.UTF8.GetString(Assert.Single(await queue.ReceiveAsync("send-poison", 1, TimeSpan.FromMinutes(1))).Body.Span));
    }
}

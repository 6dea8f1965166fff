using System.Text;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Imports;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

/// <summary>Where an erasure must come to.</summary>
public sealed class ErasureReachTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public void R34_Every_table_has_its_place_in_the_erasure()
    {
        // A new table fails here until somebody says what an erasure does with it: see the lists in Erasure.cs.
        Assert.Equal(Tables.All.Order(), Erasure.SweptTables.Concat(Erasure.HandledTables).Concat(Erasure.ImpersonalTables).Order());
    }

    [Fact]
    public async Task R34_A_text_that_shows_itself_in_a_queue_after_the_erasure_is_known_by_its_phone_alone()
    {
        var (phone, other) = (CoreProduct.Phone("+14155550171"), CoreProduct.Phone("+14155550172"));
        await product.SubscribedAsync(phone, TopicKey.Newsletter);
        var queue = product.Get<IWorkQueue>();
        foreach (var one in new[] { phone, other })
            await queue.EnqueueAsync(
                Queues.Inbound,
                JsonSerializer.SerializeToUtf8Bytes(
                    CoreProduct.Text("late-" + one.Value, one.Value.TrimStart('+'), "hello", product.Time.GetUtcNow()),
                    CoreJson.Default.InboundEvent),
                TimeSpan.FromMinutes(30));
        var erased = await product.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Erasure, [phone], null, null, null, "agent:mia", default);
        Assert.Empty((await product.Get<PrivacyDesk>().FindAsync(erased.Id, default))!.Addresses);
        product.Time.Advance(TimeSpan.FromHours(1));
        await product.Get<PrivacyDesk>().RunAsync(default);
        var left = Assert.Single(await queue.ReceiveAsync(Queues.Inbound, 32, TimeSpan.FromSeconds(1)));
        Assert.Contains(other.Value.TrimStart('+'), Encoding.UTF8.GetString(left.Body.Span), StringComparison.Ordinal);
        await queue.CompleteAsync(left);
    }

    [Fact]
    public async Task R34_What_is_due_later_than_an_hour_and_a_half_waits_where_an_erasure_finds_it_at_once()
    {
        var mail = CoreProduct.Email("later@example.com");
        await product.SubscribedAsync(mail, TopicKey.PackageUpdates);
        var id = product.Get<MessageIds>().New(product.Key(mail)).ToString();
        var request = new SendRequest
        {
            Id = id,
            Channel = Channel.Email,
            To = mail.Value,
            Topic = TopicKey.PackageUpdates,
            Content = new MessageContent("s", "t", null),
            AcceptedAt = product.Time.GetUtcNow(),
            SendAt = product.Time.GetUtcNow().AddHours(2),
        };
        await product.Get<SendQueue>().EnqueueAsync(request, default);
        var tables = product.Get<ITableStore>();
        Assert.Contains(await tables.ScanAsync(Tables.Schedule, null, 1000), r => r.Row.Key.EndsWith(id, StringComparison.Ordinal));
        await product.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Erasure, [mail], null, null, null, "agent:mia", default);
        Assert.DoesNotContain(await tables.ScanAsync(Tables.Schedule, null, 1000), r => r.Row.Key.EndsWith(id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("canary.bird@example.com", true)]
    [InlineData("Write to Canary.Bird@EXAMPLE.com.", true)]
    [InlineData("{\"from\":\"14155552671\"}", true)]
    [InlineData("{\"x\":\"tel:+14155552671;\"}", true)]
    [InlineData("mycanary.bird@example.com", false)]
    [InlineData("canary.bird@example.com.au", false)]
    [InlineData("{\"from\":\"141555526710\"}", false)]
    public void R34_A_person_is_known_by_hash_alone_and_nobody_else_is(string text, bool found)
    {
        var ring = KeyRing.Parse(KeyRing.NewJson(), "test");
        var traces = new PersonTraces(
            [], [ring.KeyOf(CoreProduct.Email("canary.bird@example.com")).Value, ring.KeyOf(CoreProduct.Phone("+14155552671")).Value],
            ring);
        Assert.Equal(found, traces.In(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public async Task R35_A_restricted_contact_restricts_an_address_that_comes_later_and_lifting_reaches_it_too()
    {
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/late-1", new { addresses = new[] { new { email = "late.first@example.com" } } });
        var opened = await product.PostAsync("/v1/privacy/requests", new { type = "restriction", contactId = "late-1" });
        var later = CoreProduct.Email("late.second@example.com");
        await product.SubscribedAsync(later, TopicKey.Newsletter);
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/late-1",
            new { addresses = new[] { new { email = "late.first@example.com" }, new { email = later.Value } } });
        Assert.NotNull((await product.StateAsync(later))!.RestrictedSince);
        Assert.Contains(
            opened["id"]!, (await product.LedgerAsync(later)).Last(e => e.Action == LedgerAction.Restrict).Detail!.Evidence,
            StringComparison.Ordinal);
        Assert.Equal("restricted", (await product.GetAsync("/v1/contacts/late-1"))["status"]); // Whoever asks before sending is told.
        Assert.Contains(
            "Account restricted",
            (await (await product.SignedInAsync("rita", Notifications.Access.Scope.All)).GetAsync("/console/contacts/late-1")).Text,
            StringComparison.Ordinal);
        var shown = await product.GetAsync("/v1/preferences?email=" + later.Value);
        Assert.Equal(("restricted", true), (shown["contactStatus"], shown["restrictedSince"] is not null));
        await product.PostAsync($"/v1/privacy/requests/{opened["id"]}/lift", new { notice = "Told by letter." });
        Assert.Null((await product.StateAsync(later))!.RestrictedSince);
        Assert.Null((await product.StateAsync(CoreProduct.Email("late.first@example.com")))!.RestrictedSince);
        Assert.Equal("active", (await product.GetAsync("/v1/contacts/late-1"))["status"]);
        Assert.Null((await product.GetAsync("/v1/preferences?email=" + later.Value))["restrictedSince"]);
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/late-1",
            new { addresses = new[] { new { email = later.Value }, new { email = "late.third@example.com" } } });
        Assert.Null((await product.StateAsync(CoreProduct.Email("late.third@example.com")))!.RestrictedSince);
    }

    [Fact]
    public async Task R35_A_restricted_contact_restricts_an_address_that_an_import_puts_under_it_and_lifting_frees_it()
    {
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/late-2", new { addresses = new[] { new { email = "imported.first@example.com" } } });
        var opened = await product.PostAsync("/v1/privacy/requests", new { type = "restriction", contactId = "late-2" });
        var later = CoreProduct.Email("imported.second@example.com");
        await product.ImportAsync($"email,topic,status,contactId\n{later.Value},newsletter,unsubscribed,late-2\n");
        Assert.NotNull((await product.StateAsync(later))!.RestrictedSince);
        await product.PostAsync($"/v1/privacy/requests/{opened["id"]}/lift", new { notice = "Told by letter." });
        Assert.Null((await product.StateAsync(later))!.RestrictedSince);
    }

    [Fact]
    public void P10_The_streamed_root_is_the_one_of_the_whole_tree_and_keeps_no_more_than_a_subtree_per_power_of_two()
    {
        var leaves = Enumerable.Range(0, 300).Select(i => LedgerSeals.Leaf("k" + i, new LedgerHead(i, "h"))).ToList();
        for (var count = 0; count <= 300; count++) Assert.Equal(Whole(leaves[..count]), LedgerSeals.Root(leaves.Take(count)));
        var million = new MerkleRoot();
        for (var i = 0; i < 1_000_000; i++) million.Add(leaves[i % 300]);
        Assert.Equal(1_000_000, million.Count);
        Assert.InRange(million.Kept, 1, 20);
    }

    private static string Whole(List<byte[]> level)
    {
        if (level.Count == 0) return LedgerHead.Empty.Hash;
        while (level.Count > 1)
            level =
                [
                    .. level.Chunk(
                        2).Select(
                            pair => pair.Length == 1 ? pair[0] : System.Security.Cryptography.SHA256.HashData([1, .. pair[0], .. pair[1]])),
                ];
        return Convert.ToHexStringLower(level[0]);
    }
}

using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Security;

/// <summary>
/// The key ring turned while people are in the store: everything stays readable, links stay valid, and what lies there is sealed anew, also
/// when it is cut off.
/// </summary>
public sealed class KeyRotationTests
{
    private static readonly string First = KeyRing.NewJson();
    private static readonly string Second = KeyRing.Parse(First, "test").RotatedJson();
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Bob = CoreProduct.Email("bob@example.com");

    [Fact]
    public async Task R22_After_a_rotation_old_rows_open_old_links_verify_API_keys_hold_and_what_is_new_has_the_new_key()
    {
        var store = new MemoryStore(TimeProvider.System);
        string link, secret, message;
        await using (var before = Product(store, First))
        {
            (link, secret, message) = await LiveAsync(before);
        }

        await using var after = Product(store, Second);
        T Get<T>() where T : notnull => after.GetRequiredService<T>();
        var key = Get<KeyRing>().KeyOf(Ana);
        Assert.Equal(Ana.Value, (await Get<AddressBook>().LoadAsync(key, default)).State!.Value);
        Assert.True(LedgerChain.Verify(
            await Get<AddressBook>().LedgerAsync(key, default), (await Get<AddressBook>().LoadAsync(key, default)).State!.Ledger));
        Assert.Equal(["shop"], (await Get<ApiKeys>().ListAsync(default)).Select(k => k.Name));
        Assert.True((await Get<ApiKeys>().FindAsync(secret, default))!.May(Scope.Send));
        Assert.True(MessageId.TryParse(message, out var id) && Get<MessageIds>().IsOurs(id));
        var token = Get<LinkTokens>().Read(LinkPurpose.Unsubscribe, link)!;
        await Get<Unsubscriber>().StopAsync(token, UnsubscribeScope.Named, "one-click", default);
        Assert.Equal(
            SubscriptionStatus.Unsubscribed, (await Get<AddressBook>().LoadAsync(key, default)).State!.StatusOf(TopicKey.Newsletter));

        // Both in one queue, each opens.
        Assert.Equal(2, DataSealer.KeyOf((await store.GetAsync(Tables.Addresses, key.Value, Rows.State))!.Value.Span));
        await Get<SendQueue>().EnqueueAsync(Request(after, Bob, "second"), default);
        Assert.Equal(2, (await Get<IWorkQueue>().ReceiveAsync(Queues.Send, 32, TimeSpan.FromMinutes(1))).Count);
    }

    [Fact]
    public async Task R66_The_largest_rows_of_one_partition_are_sealed_anew_although_ten_of_them_fit_no_transaction()
    {
        var raw = new MemoryStore(TimeProvider.System);
        var before = new SealedTableStore(raw, new DataSealer(KeyRing.Parse(First, "test")));
        var large = RandomNumberGenerator.GetBytes(500 << 10);
        for (var i = 0; i < 10; i++)
            Assert.True((await before.CommitAsync(Tables.Templates, "sets", [RowChange.Insert($"v{i}", large)])).Committed);
        var ring = KeyRing.Parse(Second, "test");
        var after = new SealedTableStore(raw, new DataSealer(ring));

        var (last, renewed, unreadable) = await after.ResealAsync(Tables.Templates, ring.Current, null, 200, default);
        Assert.Equal((null, 10, 0), (last, renewed, unreadable));
        Assert.Equal(large, (await after.GetAsync(Tables.Templates, "sets", "v9"))!.Value.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public async Task R66_A_row_that_was_cut_short_is_counted_and_holds_up_no_other(int length)
    {
        var raw = new MemoryStore(TimeProvider.System);
        var before = new SealedTableStore(raw, new DataSealer(KeyRing.Parse(First, "test")));
        Assert.True((await before.CommitAsync(Tables.Segments, "segments", [RowChange.Insert("b", "whole"u8.ToArray())])).Committed);
        Assert.True((await raw.CommitAsync(Tables.Segments, "segments", [RowChange.Insert("a", new byte[length])])).Committed);
        var ring = KeyRing.Parse(Second, "test");
        var after = new SealedTableStore(raw, new DataSealer(ring));
        Assert.Equal((null, 1, 1), await after.ResealAsync(Tables.Segments, ring.Current, null, 200, default));
    }

    [Fact]
    public async Task R66_Sealing_anew_cut_off_anywhere_goes_on_where_it_was_and_leaves_nothing_to_an_older_key()
    {
        var began = 0;
        for (var steps = 1; ; steps++)
        {
            var store = new MemoryStore(TimeProvider.System);
            await using (var before = Product(store, First)) await LiveAsync(before);
            var whole = await OpenedAsync(store, Second);
            Assert.All(await SealedWithAsync(store), number => Assert.Equal(1, number));

            var dying = new DiesAt(store) { Left = steps };
            var cut = false;
            await using (var first = Product(store, Second, dying))
            {
                try
                {
                    await InSmallPages(first).RunAsync(default);
                }
                catch (CrashException)
                {
                    cut = true;
                }
            }

            await using var second = Product(store, Second);
            var again = InSmallPages(second);
            var runs = 0;
            while (await again.RunAsync(default) > 0) Assert.True(runs++ < 3);
            Assert.All(await SealedWithAsync(store), number => Assert.Equal(2, number));
            Assert.Equal(whole, await OpenedAsync(store, Second));
            Assert.Equal(whole, await OpenedAsync(store, Without(Second, "1"))); // The older key is needed by nothing that is stored.
            if (!cut) break; // More steps than there are.
            began++;
        }

        Assert.True(began > 10, $"{began} places to die at.");
    }

    [Fact]
    public async Task P1_A_row_that_is_changed_while_it_is_sealed_anew_keeps_its_change()
    {
        var store = new MemoryStore(TimeProvider.System);
        await using (var before = Product(store, First)) await LiveAsync(before);
        await using var product = Product(store, Second);
        var key = product.GetRequiredService<KeyRing>().KeyOf(Ana);
        var tables = new SealedTableStore(new ChangesInBetween(store, async () =>
            await product.GetRequiredService<Unsubscriber>().StopAsync(
                new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Email) { Topic = TopicKey.Newsletter }, UnsubscribeScope.Named,
                "one-click", default)),
            new DataSealer(product.GetRequiredService<KeyRing>()));
        await new Resealing(
            tables, product.GetRequiredService<StoredTables>(), product.GetRequiredService<KeyRing>(), TimeProvider.System,
            NullLogger<Resealing>.Instance).RunAsync(default);
        Assert.Equal(
            SubscriptionStatus.Unsubscribed,
            (await product.GetRequiredService<AddressBook>().LoadAsync(key, default)).State!.StatusOf(TopicKey.Newsletter));
        while (await product.GetRequiredService<Resealing>().RunAsync(default) > 0)
        {
        }

        Assert.All(await SealedWithAsync(store), number => Assert.Equal(2, number));
    }

    [Fact]
    public async Task A_row_that_no_key_opens_holds_up_none_of_its_neighbours_and_stays()
    {
        var store = new MemoryStore(TimeProvider.System);
        await using (var before = Product(store, First)) await LiveAsync(before);
        var broken = new byte[60];
        (broken[0], broken[1]) = (1, 1);
        await store.CommitAsync(Tables.Contacts, "broken", [RowChange.Insert("profile", broken)]);
        await using var product = Product(store, Second);
        while (await product.GetRequiredService<Resealing>().RunAsync(default) > 0)
        {
        }

        Assert.Single(await SealedWithAsync(store), number => number == 1);
        Assert.Equal(broken, (await store.GetAsync(Tables.Contacts, "broken", "profile"))!.Value.ToArray());
    }

    [Fact]
    public async Task What_an_instance_with_the_older_ring_writes_behind_it_is_found_by_the_next_pass()
    {
        var store = new MemoryStore(TimeProvider.System);
        // Not started anew yet: it can open only what was sealed with the older key, and writes with it.
        await using var late = Product(store, First);
        await LiveAsync(late);
        await using var product = Product(store, Second);
        Assert.True(await product.GetRequiredService<Resealing>().RunAsync(default) > 0);
        await late.GetRequiredService<ContactDesk>().PutAsync("late", "Late", null, null, [], "service:x", default);
        await late.DisposeAsync(); // It has counts to write every few seconds, by then at the latest.
        Assert.True(await product.GetRequiredService<Resealing>().RunAsync(default) > 0);
        Assert.Equal(0, await product.GetRequiredService<Resealing>().RunAsync(default));
        Assert.All(await SealedWithAsync(store), number => Assert.Equal(2, number));

        // And after that a run is one read.
        var reads = new DiesAt(store) { Left = 2 };
        await using var idle = Product(store, Second, reads);
        await idle.GetRequiredService<Resealing>().RunAsync(default);
        Assert.Equal(1, reads.Left);
    }

    private static Resealing InSmallPages(IServiceProvider services) =>
        new(services.GetRequiredService<SealedTableStore>(), services.GetRequiredService<StoredTables>(),
            services.GetRequiredService<KeyRing>(), TimeProvider.System, NullLogger<Resealing>.Instance)
        {
            Page = 3,
        };

    private static string Without(string ring, string number)
    {
        var json = JsonNode.Parse(ring)!;
        json["keys"]!.AsObject().Remove(number);
        return json.ToJsonString();
    }

    private static ServiceProvider Product(MemoryStore store, string ring, ITableStore? tables = null)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddNotifications(
            new NotificationsOptions { PublicUrl = "http://mail.example.com" }, KeyRing.Parse(ring, "test"), Instance.New(exclusive: true),
            new Backend(tables ?? store, store, new MemoryBlobs()));
        var senders = new RecordingSenders();
        return services.AddSingleton<IEmailSender>(senders).AddSingleton<ISmsSender>(senders).BuildServiceProvider();
    }

    private static async Task<(string Link, string Secret, string Message)> LiveAsync(IServiceProvider services)
    {
        T Get<T>() where T : notnull => services.GetRequiredService<T>();
        var newsletter = Get<TopicCatalog>().Find(TopicKey.Newsletter)!;
        foreach (var address in new[] { Ana, Bob })
            await Get<ConsentDesk>().OptInAsync(
                address, newsletter, new LedgerDraft(LedgerAction.OptIn, newsletter.Key, "form", "person") { Wording = "Yes" },
                confirmed: true, "de", default);
        await Get<ContactDesk>().PutAsync("ana", "Ana", "de", "Europe/Lisbon", [Ana], "service:x", default);
        var sent = Request(services, Ana, "first");
        await Get<Dispatcher>().SendAsync(sent, false, default);
        await Get<SendQueue>().EnqueueAsync(Request(services, Bob, "first"), default);
        await Get<Suppressions>().AddAsync(
            CoreProduct.Email("eve@example.com"), SuppressionReason.Manual, "note",
            new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "test", "test"), default);
        var (_, secret) = await Get<ApiKeys>().CreateAsync("shop", [Scope.Send], default);
        return (Get<Links>().UnsubscribeToken(Get<KeyRing>().KeyOf(Ana), Channel.Email, TopicKey.Newsletter, null, null), secret, sent.Id);
    }

    private static SendRequest Request(IServiceProvider services, Address to, string seed) => new()
    {
        Id = services.GetRequiredService<MessageIds>().Derive(services.GetRequiredService<KeyRing>().KeyOf(to), seed).ToString(),
        Channel = to.Channel,
        To = to.Value, Topic = TopicKey.Newsletter, Content = new MessageContent("s", "t", null),
        AcceptedAt = services.GetRequiredService<TimeProvider>().GetUtcNow(),
    };

    /// <summary>The number of every row's key, but for the row that keeps the place.</summary>
    private static async Task<List<byte>> SealedWithAsync(MemoryStore store)
    {
        var numbers = new List<byte>();
        foreach (var table in Tables.All)
            foreach (var (partition, row) in await store.ScanAsync(table, null, 1000))
                if (partition != "reseal") numbers.Add(DataSealer.KeyOf(row.Value.Span));
        Assert.True(numbers.Count > 10);
        return numbers;
    }

    private static async Task<List<string>> OpenedAsync(MemoryStore store, string ring)
    {
        var rows = new List<string>();
        var tables = new SealedTableStore(store, new DataSealer(KeyRing.Parse(ring, "test")));
        foreach (var table in Tables.All)
            foreach (var (partition, row) in await tables.ScanAsync(table, null, 1000))
                if (partition != "reseal") rows.Add($"{table} {partition} {row.Key} {System.Text.Encoding.UTF8.GetString(row.Value.Span)}");
        return rows;
    }

    /// <summary>Dies at an operation, before or after it was done.</summary>
    private sealed class DiesAt(MemoryStore store) : PassingStore(store)
    {
        public int Left { get; set; }

        public override async ValueTask<Row?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
            await StepAsync(Inner.GetAsync(table, partition, row, cancel));

        public override async ValueTask<IReadOnlyList<Row>> RangeAsync(
            string table, string partition, RowRange range, int limit, CancellationToken cancel = default) =>
            await StepAsync(Inner.RangeAsync(table, partition, range, limit, cancel));

        public override async ValueTask<IReadOnlyList<ScannedRow>> ScanAsync(
            string table, (string Partition, string Row)? after, int limit, CancellationToken cancel = default) =>
            await StepAsync(Inner.ScanAsync(table, after, limit, cancel));

        public override async ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            if (--Left <= 0) throw new CrashException(); // Before it is written.
            return await StepAsync(Inner.CommitAsync(table, partition, changes, cancel)); // Or after.
        }

        private async ValueTask<T> StepAsync<T>(ValueTask<T> operation)
        {
            var answer = await operation;
            return --Left <= 0 ? throw new CrashException() : answer;
        }
    }

    /// <summary>Lets something happen between the first reading and the first writing.</summary>
    private sealed class ChangesInBetween(MemoryStore store, Func<Task> happens) : PassingStore(store)
    {
        private bool _happened;

        public override async ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            if (!_happened)
            {
                _happened = true;
                await happens();
            }

            return await Inner.CommitAsync(table, partition, changes, cancel);
        }
    }
}

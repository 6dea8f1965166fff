using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Storage;

namespace Notifications.Tests.Privacy;

/// <summary>One person through every feature, then erased: the store, opened with its own keys, must not know them any more.</summary>
public sealed class CanaryTests
{
    private const string Name = "Canarya Testvogel";
    private static readonly Address Mail = CoreProduct.Email("canary.bird@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");
    private static readonly Address Other = CoreProduct.Email("mycanary.bird@example.com");
    private static readonly string[] Secrets =
        [Mail.Value, "4155552671", Name, "canary-contact", "Yes, I want the canary letter", "203.0.113.77"];

    [Fact]
    public async Task R34_P10_After_an_erasure_a_raw_dump_holds_no_trace_the_ledger_verifies_and_nobody_adds_the_person_again()
    {
        await using var stores = Stores.Sqlite();
        await using var services = Product(stores);
        T Get<T>() where T : notnull => services.GetRequiredService<T>();
        var key = Get<KeyRing>().KeyOf(Mail);
        await LiveAsync(services);
        var before = await DumpAsync(services);
        foreach (var secret in Secrets) Assert.Contains(before, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));

        var desk = Get<PrivacyDesk>();
        await desk.OpenAsync(PrivacyRight.Access, [Mail], null, "wrote from " + Mail.Value, null, "agent:mia", default);
        var done = await desk.OpenAsync(
            PrivacyRight.Erasure, (await desk.ResolveAsync(null, "canary-contact", default))!, "canary-contact", "asked by " + Name, null,
            "agent:mia", default);
        Assert.Equal(PrivacyStatus.Completed, done.Status);

        var after = await DumpAsync(services);
        foreach (var secret in Secrets)
            Assert.DoesNotContain(
                after,
                line => line.Replace(Other.Value, "", StringComparison.Ordinal).Contains(secret, StringComparison.OrdinalIgnoreCase));
        // Whose address only ends like theirs keeps everything.
        Assert.Contains(after, line => line.Contains(Other.Value, StringComparison.Ordinal));
        Assert.Equal(1, await stores.Queues.CountAsync(Queues.Send));

        foreach (var address in new[] { Mail, Phone })
        {
            var (state, _) = await Get<AddressBook>().LoadAsync(Get<KeyRing>().KeyOf(address), default);
            var ledger = await Get<AddressBook>().LedgerAsync(Get<KeyRing>().KeyOf(address), default);
            Assert.True(LedgerChain.Verify(ledger, state!.Ledger));
            Assert.All(ledger, e => Assert.Null(e.Detail));
            Assert.Equal((SuppressionReason.Erased, (string?)null), (state.Suppression!.Reason, state.Value));
        }

        var draft = new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "import", "service:x");
        await Get<ConsentDesk>().OptInAsync(Mail, Get<TopicCatalog>().Find(TopicKey.Newsletter)!, draft, confirmed: true, null, default);
        var request = Request(services, Mail) with { Topic = TopicKey.Newsletter };
        var decision = (await Get<DecisionDesk>().AskAsync(request, default)).Decision;
        Assert.Equal((Verdict.Skip, Reason.SuppressedErased), (decision.Verdict, decision.Reason));
        Assert.Null((await Get<AddressBook>().LoadAsync(key, default)).State!.Value);
        Assert.Null(
            await Get<Suppressions>().RemoveAsync(
                Mail, draft with { Action = LedgerAction.Unsuppress }, default) is { Suppression: null } lifted
                ? lifted
                : null);
    }

    [Fact]
    public async Task R34_An_erasure_that_a_crash_cut_off_is_carried_on_by_the_timer()
    {
        await using var stores = Stores.Sqlite();
        await using var services = Product(stores);
        await LiveAsync(services);
        var request = new PrivacyRequest
        {
            Id = "000000000000001-0badcafe",
            Type = PrivacyRight.Erasure, Addresses = ["email:" + Mail.Value, "sms:" + Phone.Value], ContactId = "canary-contact",
            AddressKeys =
            [
                services.GetRequiredService<KeyRing>().KeyOf(Mail).Value, services.GetRequiredService<KeyRing>().KeyOf(Phone).Value,
            ],
            OpenedAt = DateTimeOffset.UnixEpoch, DueAt = DateTimeOffset.UnixEpoch.AddMonths(1), Actor = "agent:mia",
        };
        await services.GetRequiredService<PrivacyRequests>().AddAsync(request, default);
        await services.GetRequiredService<PrivacyDesk>().RunAsync(default);
        await services.GetRequiredService<PrivacyDesk>().SweepAsync(default);
        Assert.Equal(PrivacyStatus.Completed, (await services.GetRequiredService<PrivacyDesk>().FindAsync(request.Id, default))!.Status);
        var after = await DumpAsync(services);
        foreach (var secret in Secrets)
            Assert.DoesNotContain(
                after,
                line => line.Replace(Other.Value, "", StringComparison.Ordinal).Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    private static ServiceProvider Product(Stores stores)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddNotifications(
            new NotificationsOptions { PublicUrl = "http://mail.example.com" }, KeyRing.Parse(KeyRing.NewJson(), "test"),
            Instance.New(exclusive: true), new Notifications.Backend(stores.Tables, stores.Queues, stores.Blobs));
        var senders = new RecordingSenders();
        services.AddSingleton<IEmailSender>(senders).AddSingleton<ISmsSender>(senders);
        return services.BuildServiceProvider();
    }

    /// <summary>A row, an item or a file of every kind that can hold something of a person.</summary>
    private static async Task LiveAsync(IServiceProvider services)
    {
        T Get<T>() where T : notnull => services.GetRequiredService<T>();
        var tables = Get<ITableStore>();
        var queue = Get<IWorkQueue>();
        var letter = Get<TopicCatalog>().Find(TopicKey.Newsletter)!;
        var draft = new LedgerDraft(LedgerAction.OptIn, letter.Key, "form", "person")
        {
            Wording = "Yes, I want the canary letter",
            Evidence = "{\"ip\":\"203.0.113.77\"}",
        };
        foreach (var address in new[] { Mail, Phone, Other })
            await Get<ConsentDesk>().OptInAsync(
                address, letter, address == Other ? draft with { Wording = null, Evidence = null } : draft, confirmed: true, "de", default);
        await Get<ContactDesk>().PutAsync("canary-contact", Name, "de", "Europe/Berlin", [Mail, Phone], "service:x", default);
        Assert.True(TrackingNumber.TryParse("RR123456785CN", out var number, out _));
        await Get<Watches>().WatchAsync(
            new WatchRequest(number, Mail, "shop", "service:x") { Confirmed = true, ActedAt = Get<TimeProvider>().GetUtcNow() }, default);
        await Get<Suppressions>().AddAsync(
            Phone, SuppressionReason.Manual, "rang: " + Name, draft with { Action = LedgerAction.Suppress }, default);
        await Get<ReviewDesk>().OpenAsync(
            new ReviewItem { Id = "1-a", Channel = Channel.Email, From = Mail.Value, Text = "please stop", At = DateTimeOffset.UnixEpoch },
            default);
        await Get<Dispatcher>().SendAsync(Request(services, Mail), false, default);
        await Get<SendQueue>().EnqueueAsync(Request(services, Mail), default);
        await Get<SendQueue>().EnqueueAsync(Request(services, Other), default);
        await Get<SendQueue>().EnqueueAsync(
            Request(services, Phone) with { SendAt = Get<TimeProvider>().GetUtcNow().AddDays(20) }, default);
        await queue.EnqueueAsync(
            Queues.Poison(Queues.Inbound),
            JsonSerializer.SerializeToUtf8Bytes(
                CoreProduct.Text("e1", "14155552671", "hello", DateTimeOffset.UnixEpoch), CoreJson.Default.InboundEvent));
        await Get<DeadLetters>().KeepAsync(
            Queues.Send, JsonSerializer.SerializeToUtf8Bytes(Request(services, Phone), CoreJson.Default.SendRequest), 5, default);
        var answer = new Notifications.Access.IdempotencyRecord(
            "h", 200, Encoding.UTF8.GetBytes($$"""{"address":"{{Mail.Value}}"}"""), "i", DateTimeOffset.UnixEpoch);
        await tables.CommitAsync(Tables.Idempotency, "p", [RowChange.Insert("answer", answer, CoreJson.Default.IdempotencyRecord)]);
        await tables.CommitAsync(
            Tables.Inbox, "inbox",
            [
                RowChange.Insert("at:1", Encoding.UTF8.GetBytes($$"""{"to":"{{Mail.Value}}","text":"{{Name}}"}""")),
                RowChange.Insert("id:x", Encoding.UTF8.GetBytes("at:1")),
            ]);
        await Get<IBlobStore>().PutAsync(
            "imports", "a.csv", Encoding.UTF8.GetBytes($"email,phone\n{Mail.Value},\n{Other.Value},\n,{Phone.Value}\n"));
        await Get<IBlobStore>().PutAsync("exports", "a.json", Encoding.UTF8.GetBytes($$"""{"email":"{{Mail.Value}}"}"""));
    }

    private static SendRequest Request(IServiceProvider services, Address to) => new()
    {
        Id = services.GetRequiredService<MessageIds>().New(services.GetRequiredService<KeyRing>().KeyOf(to)).ToString(),
        Channel = to.Channel,
        To = to.Value, Topic = TopicKey.PackageUpdates,
        Content = new MessageContent("Hello", "Hello " + (to == Other ? "you" : Name), null),
        AcceptedAt = services.GetRequiredService<TimeProvider>().GetUtcNow(),
    };

    /// <summary>Every row, item and file in the clear, base64 within JSON opened too.</summary>
    private static async Task<List<string>> DumpAsync(IServiceProvider services)
    {
        var lines = new List<string>();
        foreach (var table in Tables.All)
            foreach (var row in await services.GetRequiredService<ITableStore>().ScanAsync(table, null, 1000))
                lines.Add($"{table} {row.Partition} {row.Row.Key} {Clear(row.Row.Value)}");
        foreach (var queue in Queues.All.SelectMany(q => new[] { q, Queues.Poison(q) }))
        {
            var items = await services.GetRequiredService<IWorkQueue>().ReceiveAsync(queue, 32, TimeSpan.FromMinutes(1));
            foreach (var item in items)
            {
                lines.Add($"{queue} {Clear(item.Body)}");
                await services.GetRequiredService<IWorkQueue>().ReleaseAsync(item, TimeSpan.Zero);
            }
        }

        foreach (var container in new[] { "imports", "bodies" })
            foreach (var name in await services.GetRequiredService<IBlobStore>().ListAsync(container, "", null, 100))
                lines.Add(
                    $"{container} {name} {Encoding.UTF8.GetString((await services.GetRequiredService<IBlobStore>().GetAsync(container, name))!.Value.Span)}");
        return lines;
    }

    private static string Clear(ReadOnlyMemory<byte> value)
    {
        var text = Encoding.UTF8.GetString(value.Span);
        if (text.Length == 0 || text[0] != '{') return text;
        var clear = new StringBuilder(text);
        foreach (var member in JsonDocument.Parse(text).RootElement.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String) continue;
            clear.Append(' ').Append(member.Value.GetString());
            if (member.Value.TryGetBytesFromBase64(out var bytes)) clear.Append(' ').Append(Encoding.UTF8.GetString(bytes));
        }

        return clear.ToString();
    }
}

using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Notifications.Addresses;
using Notifications.Contacts;
using Notifications.Functions.Hosting;
using Notifications.Functions.Queueing;
using Notifications.Local;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Storage.Azure;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Functions;

/// <summary>
/// The store as infra/ provisions it, which has no inbox, and as a host creates it: whatever goes through all of it comes to its end.
/// </summary>
[Collection(Azurite.Collection)]
public sealed class ProvisionedStoreTests(Azurite azurite)
{
    private static readonly Address Ana = CoreProduct.Email("ana.provisioned@example.com");
    private static readonly Address Bob = CoreProduct.Email("bob.provisioned@example.com");

    [Fact]
    public void R34_What_goes_through_every_table_goes_through_those_that_are_provisioned_or_that_the_host_creates()
    {
        Assert.Equal(Tables.Provisioned, Names(AzureHost.Settings()));
        Assert.Equal(Tables.All, Names(AzureHost.Settings(("AzureWebJobsStorage", "UseDevelopmentStorage=true"))));

        static IReadOnlyList<string> Names(IConfiguration settings)
        {
            var services = new ServiceCollection();
            services.AddNotificationsOnAzure(settings);
            using var provider = services.BuildServiceProvider();
            return provider.GetRequiredService<StoredTables>().Names;
        }
    }

    [Fact]
    public async Task R34_An_erasure_completes_where_there_is_no_inbox()
    {
        using var host = new AzureHost(tables: new ProvisionedTables(new MemoryStore(TimeProvider.System)));
        await host.Get<ContactDesk>().PutAsync("ana", "Ana", "de", null, [Ana], "service:x", default);
        var request = await host.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Erasure, [Ana], "ana", null, null, "agent:mia", default);
        Assert.Equal(PrivacyStatus.Completed, request.Status);
        Assert.Empty(await host.Get<ITableStore>().ScanAsync(Tables.Contacts, null, 10));
    }

    [Fact]
    public async Task R66_Sealing_anew_comes_to_its_end_where_there_is_no_inbox()
    {
        var store = new MemoryStore(TimeProvider.System);
        var ring = KeyRing.NewJson();
        using (var before = Host(ring)) await before.Get<ContactDesk>().PutAsync("ana", "Ana", "de", null, [Ana], "service:x", default);
        using var after = Host(KeyRing.Parse(ring, "test").RotatedJson());
        Assert.True(await after.Get<Resealing>().RunAsync(default) > 0);

        // A place that was kept in a table which is not there any more, as a local host on the same account leaves it, begins a pass anew.
        var place = JsonSerializer.SerializeToUtf8Bytes(
            new ResealProgress(2, Tables.Inbox, "inbox", "at:1", 0, false, DateTimeOffset.UnixEpoch), CoreJson.Default.ResealProgress);
        await after.Get<ITableStore>().CommitAsync(Tables.Keys, "reseal", [RowChange.Put("progress", place)]);
        using (var late = Host(ring)) await late.Get<ContactDesk>().PutAsync("bob", "Bob", "de", null, [Bob], "service:x", default);
        Assert.True(await after.Get<Resealing>().RunAsync(default) > 0);
        Assert.Equal(0, await after.Get<Resealing>().RunAsync(default));

        AzureHost Host(string json) => new(tables: new ProvisionedTables(store), settings: ("Notifications:KeyRing", json));
    }

    [AzuriteFact]
    public async Task R34_An_erasure_comes_to_what_event_grid_has_written_too_and_leaves_what_is_of_others()
    {
        var azure = AzureStorage.FromConnectionString(await azurite.ConnectionAsync(), TimeProvider.System, Azurite.Prefix());
        await azure.EnsureCreatedAsync(Tables.Provisioned, Queues.WithDeadLetters, Containers.All);
        await using var services = Product(azure);
        var phone = CoreProduct.Phone("+14155550191");
        string[] queues = [Queues.ProviderEvents, Queues.Poison(Queues.ProviderEvents)];
        foreach (var queue in queues)
            foreach (var from in new[] { "14155550191", "14155550192" }) await azure.Queues.EnqueueAsync(queue, Stop(from));
        await azure.Blobs.PutAsync(
            Containers.DeadLetters, "one/a.json", Encoding.UTF8.GetBytes($"[{Encoding.UTF8.GetString(Stop("14155550191"))}]"));
        await azure.Blobs.PutAsync(
            Containers.DeadLetters, "one/b.json",
            Encoding.UTF8.GetBytes($"[{Encoding.UTF8.GetString(Stop("14155550191"))},{Encoding.UTF8.GetString(Stop("14155550192"))}]"));

        var request = await services.GetRequiredService<PrivacyDesk>().OpenAsync(
            PrivacyRight.Erasure, [phone], null, null, null, "agent:mia", default);
        Assert.Equal(PrivacyStatus.Completed, request.Status);
        foreach (var queue in queues) // Read as the pump reads it: what was looked at stands there sealed.
        {
            var left = Assert.Single(await services.GetRequiredService<IWorkQueue>().ReceiveAsync(queue, 32, TimeSpan.FromMinutes(1)));
            Assert.Equal(Stop("14155550192"), left.Body.ToArray());
        }

        Assert.Equal("one/b.json", Assert.Single(await azure.Blobs.ListAsync(Containers.DeadLetters, "", null, 10)));
        using var file = JsonDocument.Parse((await azure.Blobs.GetAsync(Containers.DeadLetters, "one/b.json"))!.Value);
        Assert.Equal("14155550192", Assert.Single(file.RootElement.EnumerateArray()).GetProperty("data").GetProperty("From").GetString());

        static byte[] Stop(string from) =>
            JsonSerializer.SerializeToUtf8Bytes(
                new { id = "e", eventType = "Microsoft.Communication.SMSReceived", data = new { From = from, Message = "STOP" } });
    }

    [AzuriteFact]
    public async Task P5_A_body_set_aside_that_is_gone_at_a_redelivery_was_done_and_makes_no_dead_letter()
    {
        var azure = AzureStorage.FromConnectionString(await azurite.ConnectionAsync(), TimeProvider.System, Azurite.Prefix());
        await azure.EnsureCreatedAsync(Tables.Provisioned, Queues.WithDeadLetters, Containers.All);
        await using var services = Product(azure);
        var queue = services.GetRequiredService<SealedWorkQueue>();
        var pump = new QueuePump(
            services.GetRequiredService<Work>(), queue, new QueueBodies(azure.Queues, azure.Queues),
            services.GetRequiredService<GivenUpNotes>(), TimeProvider.System, NullLogger<QueuePump>.Instance);
        await queue.EnqueueAsync(Queues.Inbound, new byte[100 * 1024]);
        var blob = Assert.Single(await azure.Blobs.ListAsync(AzureWorkQueue.Bodies, "", null, 10));
        var pointer = Encoding.UTF8.GetBytes("\0bodies/" + blob);
        await azure.Blobs.DeleteAsync(AzureWorkQueue.Bodies, blob); // By whoever did the work and died.
        await pump.RunAsync(Queues.Inbound, pointer, Delivered(2), default);
        Assert.Equal(0, await azure.Queues.CountAsync(Queues.Poison(Queues.Inbound)));

        await pump.RunAsync(Queues.Inbound, pointer, Delivered(1), default); // Nobody can have done it.
        Assert.Equal(
            pointer,
            Assert.Single(await azure.Queues.ReceiveAsync(Queues.Poison(Queues.Inbound), 10, TimeSpan.FromMinutes(1))).Body.ToArray());
        await pump.RunAsync(Queues.Poison(Queues.Inbound), pointer, Delivered(1), default);
        Assert.Equal(
            pointer,
            Assert.Single(await services.GetRequiredService<DeadLetters>().ListAsync(Queues.Inbound, null, 10, default)).Letter.Body);

        static Dictionary<string, object?> Delivered(long times) => new() { ["DequeueCount"] = times };
    }

    [AzuriteFact]
    public async Task R34_An_erasure_takes_a_body_that_was_set_aside_with_its_item_and_passes_over_a_file_that_no_key_opens()
    {
        var azure = AzureStorage.FromConnectionString(await azurite.ConnectionAsync(), TimeProvider.System, Azurite.Prefix());
        await azure.EnsureCreatedAsync(Tables.Provisioned, Queues.WithDeadLetters, Containers.All);
        await using var services = Product(azure);
        T Get<T>() where T : notnull => services.GetRequiredService<T>();
        foreach (var to in new[] { Ana, Bob }) await Get<SendQueue>().EnqueueAsync(Large(services, to), default);
        await azure.Blobs.PutAsync(Containers.Imports, "a-closed.csv", "sealed by nobody"u8.ToArray());
        await Get<IBlobStore>().PutAsync(Containers.Imports, "b.csv", Encoding.UTF8.GetBytes($"email\n{Ana.Value}\n{Bob.Value}\n"));
        Assert.Equal(2, (await azure.Blobs.ListAsync(AzureWorkQueue.Bodies, "", null, 10)).Count);

        var request = await Get<PrivacyDesk>().OpenAsync(PrivacyRight.Erasure, [Ana], null, null, null, "agent:mia", default);
        Assert.Equal(PrivacyStatus.Completed, request.Status);
        Assert.Single(await azure.Blobs.ListAsync(AzureWorkQueue.Bodies, "", null, 10));
        var left = Assert.Single(await Get<IWorkQueue>().ReceiveAsync(Queues.Send, 32, TimeSpan.FromMinutes(1)));
        Assert.Equal(Bob.Value, JsonSerializer.Deserialize(left.Body.Span, CoreJson.Default.SendRequest)!.To);
        var file = Encoding.UTF8.GetString((await Get<IBlobStore>().GetAsync(Containers.Imports, "b.csv"))!.Value.Span);
        Assert.DoesNotContain(Ana.Value, file, StringComparison.Ordinal);
        Assert.Contains(Bob.Value, file, StringComparison.Ordinal);
        Assert.NotNull(await azure.Blobs.GetAsync(Containers.Imports, "a-closed.csv"));
    }

    [AzuriteFact]
    public async Task Either_host_creates_every_table_queue_and_container_that_it_is_going_to_ask_for()
    {
        var (connection, local, functions) = (await azurite.ConnectionAsync(), Azurite.Prefix(), Azurite.Prefix());
        var directory = Directory.CreateTempSubdirectory("notifications-");
        try
        {
            await using (await Store.OpenAsync(
                new LocalOptions { Storage = connection, StoragePrefix = local }, DataDirectory.Open(directory.FullName)))
            {
            }

            await new StorageCreator(AzureStorage.FromConnectionString(connection, TimeProvider.System, functions)).StartAsync(default);
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        // What is missing throws.
        foreach (var prefix in new[] { local, functions })
        {
            var azure = AzureStorage.FromConnectionString(connection, TimeProvider.System, prefix);
            foreach (var table in Tables.All) Assert.Empty(await azure.Tables.ScanAsync(table, null, 1));
            foreach (var queue in Queues.WithDeadLetters.SelectMany(q => new[] { q, Queues.Poison(q) }))
                Assert.Equal(0, await azure.Queues.CountAsync(queue));
            foreach (var container in Containers.All.Append(AzureWorkQueue.Bodies))
                Assert.Empty(await azure.Blobs.ListAsync(container, "", null, 1));
        }
    }

    private static ServiceProvider Product(AzureStorage azure)
    {
        var services = new ServiceCollection().AddLogging();
        var backend = new Backend(azure.Tables, azure.Queues, azure.Blobs) { TableNames = Tables.Provisioned };
        services.AddNotifications(
            new NotificationsOptions { PublicUrl = "http://mail.example.com" }, KeyRing.Parse(KeyRing.NewJson(), "test"),
            Instance.New(exclusive: true), backend);
        var senders = new RecordingSenders();
        return services.AddSingleton<IEmailSender>(senders).AddSingleton<ISmsSender>(senders).BuildServiceProvider();
    }

    /// <summary>A message that no item of a queue holds.</summary>
    private static SendRequest Large(IServiceProvider services, Address to) => new()
    {
        Id = services.GetRequiredService<MessageIds>().New(services.GetRequiredService<KeyRing>().KeyOf(to)).ToString(),
        Channel = to.Channel, To = to.Value, Topic = "package-updates",
        Content = new MessageContent("Hello", new string('x', 60_000), null),
        AcceptedAt = services.GetRequiredService<TimeProvider>().GetUtcNow(),
    };

    /// <summary>Answers for the tables that infra/ provisions, and for another one as Azure does.</summary>
    private sealed class ProvisionedTables(ITableStore inner) : PassingStore(inner)
    {
        protected override ITableStore At(string table) =>
            Tables.Provisioned.Contains(table)
                ? Inner
                : throw new StorageUnavailableException("Azure Storage answered 404 (TableNotFound).");
    }
}

using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Benchmarks.Load;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Storage.Azure;
using Notifications.Tests.Infrastructure;

namespace Notifications.Benchmarks.Scenarios;

/// <summary>
/// Storage requests per message that goes out singly, counted as they leave for Azurite: the product's own queue, work and stores, without
/// a pump, whose idle polls cost by the hour and not by the message. So do the counts that the console shows, which are written every few
/// seconds whatever is sent: they are counted apart and printed. The floor is put, receive and delete on the queue, read, claim and record
/// on the table.
/// </summary>
internal static class Cost
{
    // Nearly five batches to a bucket: what a campaign costs once, whatever its size, no longer tells.
    private const int Messages = 200, Recipients = 30_000;

    public static async Task<Result[]> RunAsync()
    {
        using var azurite = await AzuriteProcess.StartAsync();
        var counter = new Counter();
        var azure = AzureStorage.FromConnectionString(
            azurite.Connection, TimeProvider.System, configure: options => options.AddPolicy(counter, HttpPipelinePosition.PerRetry));
        await azure.EnsureCreatedAsync(Tables.All, Queues.All, []);
        var ring = KeyRing.Parse(KeyRing.NewJson(), "benchmark");
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton<NullSender>()
            .AddSingleton<IEmailSender>(s => s.GetRequiredService<NullSender>())
            .AddSingleton<ISmsSender>(s => s.GetRequiredService<NullSender>());
        services.AddNotifications(
            new NotificationsOptions { PublicUrl = "https://mail.example.com" }, ring, Instance.New(exclusive: false),
            new Backend(azure.Tables, azure.Queues, azure.Blobs));
        await using var provider = services.BuildServiceProvider();
        var book = provider.GetRequiredService<AddressBook>();
        var topic = provider.GetRequiredService<TopicCatalog>().Find(TopicKey.Newsletter)!;
        var draft = new LedgerDraft(LedgerAction.OptIn, topic.Key, "form", "person") { PolicyVersion = "1", Wording = "Yes." };
        var people = Enumerable.Range(0, Messages).Select(i => new Address(Channel.Email, $"person{i}@example.com")).ToArray();
        foreach (var person in people)
            await book.ChangeAsync(
                ring.KeyOf(person), ConsentDesk.Blank(person), (state, now) => Transitions.OptIn(state, topic, draft, true, now), null,
                default);

        counter.Reset();
        var ids = provider.GetRequiredService<MessageIds>();
        var sends = provider.GetRequiredService<SendQueue>();
        var queue = provider.GetRequiredService<IWorkQueue>();
        var work = provider.GetRequiredService<Work>();
        foreach (var person in people)
        {
            var request = new SendRequest
            {
                Id = ids.New(ring.KeyOf(person)).ToString(),
                Channel = Channel.Email,
                To = person.Value,
                Topic = topic.Key,
                AcceptedAt = TimeProvider.System.GetUtcNow(),
                Content = new MessageContent("News", "Hello.", null),
            };
            await sends.EnqueueAsync(request, default);
            var item = (await queue.ReceiveAsync(Queues.Send, 32, TimeSpan.FromMinutes(2)))[0];
            var outcome = await work.DoAsync(Queues.Send, item.Body, item.DequeueCount, default);
            if (outcome.Result != WorkResult.Done) throw new InvalidOperationException($"A message came to {outcome}.");
            await queue.CompleteAsync(item);
        }

        var (tables, queues, counts) = (counter.Tables, counter.Queues, counter.Counts);
        if (provider.GetRequiredService<NullSender>().Sent != Messages)
            throw new InvalidOperationException("Not every message was handed off.");
        var (campaignTables, campaignQueues) = await CampaignAsync(provider, counter);
        Console.Error.WriteLine(
            $"  besides, for the counts of the console: {counts} requests while {Messages} messages went out singly, {counter.Counts} during the campaign of {Recipients}");
        return
        [
            new("cost", "table requests per message", (double)tables / Messages, 3, 1, AtLeast: false),
            new("cost", "queue requests per message", (double)queues / Messages, 3, 1, AtLeast: false),
            new("cost", "table and queue requests per message of a campaign", campaignTables + campaignQueues, 3.1, 1, AtLeast: false),
        ];
    }

    /// <summary>
    /// Everything that a campaign asks of storage from its first step to its last batch, divided by its messages: selection, batches,
    /// results and looks included. All people are in one bucket's list or another, so batches are full only where buckets are; the figure
    /// is taken over <see cref="Recipients"/>.
    /// </summary>
    private static async Task<(double Tables, double Queues)> CampaignAsync(ServiceProvider provider, Counter counter)
    {
        var book = provider.GetRequiredService<AddressBook>();
        var ring = provider.GetRequiredService<KeyRing>();
        var topic = provider.GetRequiredService<TopicCatalog>().Find(TopicKey.Promotions)!;
        var draft = new LedgerDraft(LedgerAction.OptIn, topic.Key, "form", "person") { PolicyVersion = "1", Wording = "Yes." };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Recipients), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancel) =>
            {
                var person = new Address(Channel.Email, $"recipient{i}@example.com");
                await book.ChangeAsync(
                    ring.KeyOf(person), ConsentDesk.Blank(person), (state, now) => Transitions.OptIn(state, topic, draft, true, now), null,
                    cancel);
            });
        var desk = provider.GetRequiredService<CampaignDesk>();
        var campaign = await desk.CreateAsync(
            new CampaignDefinition
            {
                Name = "Cost",
                Topic = topic.Key,
                Channel = Channel.Email,
                Template = "promotions",
                Audience = new Audience(topic.Key, Channel.Email),
            },
            null, "service:benchmark", default);
        if (await desk.LaunchAsync(campaign.Id, Recipients, "service:benchmark", default) is { Done: false } refused)
            throw new InvalidOperationException(refused.Why);
        counter.Reset();
        var queue = provider.GetRequiredService<IWorkQueue>();
        var work = provider.GetRequiredService<Work>();
        while ((await desk.FindAsync(campaign.Id, default))!.Status != CampaignStatus.Completed)
        {
            var items = await queue.ReceiveAsync(Queues.Campaigns, 32, TimeSpan.FromMinutes(5));
            if (items.Count == 0) await Task.Delay(200);
            foreach (var item in items)
            {
                var outcome = await work.DoAsync(Queues.Campaigns, item.Body, item.DequeueCount, default);
                if (outcome.Result == WorkResult.Later) await queue.ReleaseAsync(item, outcome.Delay);
                else await queue.CompleteAsync(item);
            }
        }

        return ((double)counter.Tables / Recipients, (double)counter.Queues / Recipients);
    }

    private sealed class Counter : HttpPipelineSynchronousPolicy
    {
        private int _tables, _queues, _counts;

        public int Tables => _tables;

        public int Queues => _queues;

        public int Counts => _counts;

        public void Reset() => _tables = _queues = _counts = 0;

        public override void OnSendingRequest(HttpMessage message)
        {
            // Queue requests name their queue's messages; every other one here is a table's.
            var to = message.Request.Uri.ToString();
            if (to.Contains("/messages", StringComparison.Ordinal)) Interlocked.Increment(ref _queues);
            else if (to.Contains('/' + Notifications.Storage.Tables.Statistics, StringComparison.OrdinalIgnoreCase))
                Interlocked.Increment(ref _counts);
            else Interlocked.Increment(ref _tables);
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Product;

/// <summary>What the races came to.</summary>
internal sealed record RaceOutcome(int Sent, int Refused, IReadOnlyList<string> Broken);

/// <summary>
/// Attacks P1: an opt-out and the send of the same subscription start together, over and over. A watch at the store's door notes when each
/// commit began and was answered; a hand-off whose claim began after the opt-out had been answered breaks the promise.
/// </summary>
internal static class OptOutRaces
{
    public static async Task<RaceOutcome> RunAsync(Backend backend, int races, int atOnce)
    {
        var watch = new WatchedTables(backend.Tables);
        var sender = new CountingSender();
        var ring = KeyRing.Parse(KeyRing.NewJson(), "test");
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IEmailSender>(sender).AddSingleton<ISmsSender>(sender);
        services.AddNotifications(
            new NotificationsOptions { PublicUrl = "https://mail.example.com" }, ring, Instance.New(exclusive: true),
            backend with { Tables = watch });
        await using var provider = services.BuildServiceProvider();
        var book = provider.GetRequiredService<AddressBook>();
        var dispatcher = provider.GetRequiredService<Dispatcher>();
        var unsubscriber = provider.GetRequiredService<Unsubscriber>();
        var ids = provider.GetRequiredService<MessageIds>();
        var topic = provider.GetRequiredService<TopicCatalog>().Find(TopicKey.Newsletter)!;
        var broken = new ConcurrentBag<string>();
        int sent = 0, refused = 0;

        await Parallel.ForEachAsync(
            Enumerable.Range(0, races), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (race, cancel) =>
            {
                var address = new Address(Channel.Email, $"race{race}@example.com");
                var key = ring.KeyOf(address);
                var draft = new LedgerDraft(LedgerAction.OptIn, topic.Key, "form", "person") { PolicyVersion = "1", Wording = "Yes." };
                await book.ChangeAsync(
                    key, ConsentDesk.Blank(address), (state, now) => Transitions.OptIn(state, topic, draft, true, now), null, cancel);
                var request = new SendRequest
                {
                    Id = ids.New(key).ToString(),
                    Channel = Channel.Email,
                    To = address.Value,
                    Topic = topic.Key,
                    AcceptedAt = DateTimeOffset.UnixEpoch,
                    Content = new MessageContent("s", "t", null),
                };
                var token = new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Email) { Topic = topic.Key };

                // Every race begins at another distance between the two, so that each gap on the send path is hit.
                var lead = race % 40 * 5 - 100;
                var send = Task.Run(async () =>
                {
                    Spin(lead);
                    await dispatcher.SendAsync(request, redelivered: false, cancel);
                }, cancel);
                var stop = Task.Run(async () =>
                {
                    Spin(-lead);
                    await unsubscriber.StopAsync(token, UnsubscribeScope.Named, "one-click", cancel);
                    return Stopwatch.GetTimestamp();
                }, cancel);
                await send;
                var stopped = await stop;
                var handedOff = sender.Times.TryGetValue(request.Id, out var times);
                if (!handedOff) Interlocked.Increment(ref refused);
                else
                {
                    Interlocked.Increment(ref sent);
                    if (times > 1) broken.Add($"race {race}: handed off {times} times");
                    if (watch.ClaimBegan(key, request.Id) > stopped)
                        broken.Add($"race {race}: the claim began after the opt-out had been answered");
                }
            });
        return new RaceOutcome(sent, refused, [.. broken]);
    }

    private static void Spin(int microseconds)
    {
        if (microseconds <= 0) return;
        var until = Stopwatch.GetTimestamp() + microseconds * Stopwatch.Frequency / 1_000_000;
        while (Stopwatch.GetTimestamp() < until) Thread.SpinWait(10);
    }

    private sealed class WatchedTables(ITableStore inner) : PassingStore(inner)
    {
        private readonly ConcurrentDictionary<(string, string), long> _claims = new();

        public long ClaimBegan(AddressKey key, string messageId) => _claims[(key.Value, Rows.Message(messageId.Split('.')[1]))];

        public override async ValueTask<CommitResult> CommitAsync(
            string table, string partition, IReadOnlyList<RowChange> changes, CancellationToken cancel = default)
        {
            var began = Stopwatch.GetTimestamp();
            var result = await Inner.CommitAsync(table, partition, changes, cancel);
            if (result.Committed && changes.Count == 2 && changes[0].Key.StartsWith(Rows.MessagePrefix, StringComparison.Ordinal))
                _claims[(partition, changes[0].Key)] = began;
            return result;
        }
    }

    private sealed class CountingSender : IEmailSender, ISmsSender
    {
        public ConcurrentDictionary<string, int> Times { get; } = new();

        public bool Deduplicates => false;

        public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
        {
            Times.AddOrUpdate(email.Id.ToString(), 1, static (_, n) => n + 1);
            return ValueTask.FromResult(HandOff.Accepted(null));
        }

        public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) =>
            throw new NotSupportedException("These races are by mail.");
    }
}

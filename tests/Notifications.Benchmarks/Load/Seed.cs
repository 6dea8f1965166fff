using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Storage.Sqlite;
using Notifications.Unsubscribe;

namespace Notifications.Benchmarks.Load;

/// <summary>A data folder with people who subscribed, made through the product's own code, and what a load needs to speak to it.</summary>
internal sealed class Seed : IDisposable
{
    private const string Environment = "local";

    public Seed()
    {
        var json = KeyRing.NewJson();
        File.WriteAllText(Path.Combine(Folder, "keyring.json"), json);
        Ring = KeyRing.Parse(json, Environment);
    }

    public const string ApiKey = "nk_benchmark_0123456789abcdefghijklmnopqrstuvwxyz";

    public string Folder { get; } = Directory.CreateTempSubdirectory("notifications-bench-").FullName;

    public KeyRing Ring { get; }

    public static Address Person(int number) => new(Channel.Email, $"person{number}@example.com");

    /// <summary>Subscribes people 0 to <paramref name="count"/> to the newsletter, each with evidence in the ledger.</summary>
    public async Task SubscribeAsync(int count)
    {
        await using var store = SqliteStore.Open(Folder, TimeProvider.System);
        var tables = new SealedTableStore(store, new DataSealer(Ring));
        var book = new AddressBook(tables, TimeProvider.System);
        var topic = new TopicCatalog().Find(TopicKey.Newsletter)!;
        var draft = new LedgerDraft(LedgerAction.OptIn, topic.Key, "signup-form", "person")
        {
            PolicyVersion = "2026-01",
            Wording = "Send me the newsletter.",
            Evidence = """{"ip":"203.0.113.7"}""",
        };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 256 }, async (i, cancel) =>
            await book.ChangeAsync(
                Ring.KeyOf(Person(i)), ConsentDesk.Blank(Person(i)), (state, now) => Transitions.OptIn(state, topic, draft, true, now),
                null, cancel));
    }

    /// <summary>One-click POSTs of people <paramref name="from"/> to <paramref name="to"/>.</summary>
    public byte[][] OneClicks(int from, int to)
    {
        var tokens = new LinkTokens(Ring);
        return [.. Enumerable.Range(from, to - from).Select(i =>
        {
            var token =
                tokens.Write(new LinkToken(LinkPurpose.Unsubscribe, Ring.KeyOf(Person(i)), Channel.Email) { Topic = TopicKey.Newsletter });
            return HttpLoad.Post("/u/" + token, "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
        })];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Local.Demo;

/// <summary>
/// A small parcel company on its first morning: a dozen people, what they agreed to, and what they were sent. Everything goes through the
/// same use cases as real life, under derived ids, so that seeding again changes nothing.
/// </summary>
internal sealed class Company(
    ConsentDesk desk, ContactDesk contacts, Unsubscriber unsubscriber, SendQueue queue, MessageIds ids, KeyRing ring, TopicCatalog topics,
    TimeProvider time)
{
    private static readonly (string Id, string Name, string Email, string? Phone, string[] Topics)[] People =
    [
        ("c-1001", "Ana Lima", "ana@example.com", "+14155550101", ["newsletter", "promotions", "package-updates"]),
        ("c-1002", "Ben Okafor", "ben@example.com", "+14155550102", ["newsletter", "package-updates"]),
        ("c-1003", "Chiara Rossi", "chiara@example.com", null, ["newsletter", "promotions"]),
        ("c-1004", "Dmitri Petrov", "dmitri@example.com", null, ["package-updates"]),
        ("c-1005", "Elif Kaya", "elif@example.com", "+14155550105", ["newsletter"]),
        ("c-1006", "Farid Haddad", "farid@example.com", null, ["promotions", "package-updates"]),
        ("c-1007", "Grace Kim", "grace@example.com", "+14155550107", ["package-updates"]),
        ("c-1008", "Hugo Martin", "hugo@example.com", null, ["newsletter"]),
        ("c-1009", "Ines Costa", "ines@example.com", null, ["newsletter", "promotions"]),
        ("c-1010", "Jonas Weber", "jonas@example.com", null, ["package-updates"]),
        ("c-1011", "Keiko Sato", "keiko@example.com", "+14155550111", ["newsletter", "package-updates"]),
        ("c-1012", "Liam Byrne", "liam@example.com", null, ["newsletter"]),
    ];

    /// <summary>The addresses of those who want to hear of parcels.</summary>
    public static IReadOnlyList<Address> Followers { get; } =
        [.. People.Where(p => p.Topics.Contains(TopicKey.PackageUpdates)).SelectMany(p => Owned(p.Email, p.Phone))];

    public static ValueTask SeedAsync(IServiceProvider services) => ActivatorUtilities.CreateInstance<Company>(services).SeedAsync();

    private async ValueTask SeedAsync()
    {
        var now = time.UtcNowMs();
        foreach (var (id, name, email, phone, chosen) in People)
        {
            List<Address> owned = Owned(email, phone);
            if (await contacts.GetAsync(id, default) is null) await contacts.PutAsync(id, name, "en", null, owned, "service:demo", default);
            foreach (var topic in chosen) await AgreeAsync(owned[0], topic);
            if (phone is not null && chosen.Contains(TopicKey.PackageUpdates)) await AgreeAsync(owned[1], TopicKey.PackageUpdates);
        }

        // One who has left, one who has not confirmed yet.
        await unsubscriber.StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, ring.KeyOf(Past.Parse(Channel.Email, "liam@example.com")), Channel.Email)
            {
                Topic = TopicKey.Newsletter,
            },
            UnsubscribeScope.Named, "demo", default);
        await desk.OptInAsync(
            Past.Parse(Channel.Email, "mira@example.com"), topics.Find(TopicKey.Newsletter)!, Draft(TopicKey.Newsletter), confirmed: false,
            "en", default);

        foreach (var (_, _, email, _, chosen) in People)
        {
            if (chosen.Contains(TopicKey.Newsletter))
                await SendAsync(Past.Parse(Channel.Email, email), TopicKey.Newsletter, "november", null, now, """
                {"title":"Your parcels this winter","intro":"Later doors, more lockers, and one button that tells you where everything is.","items":[{"title":"Lockers stay open all night","text":"From the first of December, in forty-one cities.","url":"https://example.com/lockers"},{"title":"Last days to post","text":"The eighteenth for letters, the twentieth for parcels.","url":"https://example.com/last-days"}]}
                """);
            if (chosen.Contains(TopicKey.Promotions))
                await SendAsync(Past.Parse(Channel.Email, email), TopicKey.Promotions, "winter-offer", null, now, """
                {"title":"Ten parcels, the eleventh is on us","intro":"Until the end of the month, for every size up to ten kilograms."}
                """);
        }

        await SendAsync(
            Past.Parse(Channel.Email, "ana@example.com"), TopicKey.PackageUpdates, "pk-1", "RR123456785PT", now,
            """{"description":"Out for delivery","location":"Lisbon, Portugal"}""");
        await SendAsync(
            Past.Parse(Channel.Sms, "+14155550101"), TopicKey.PackageUpdates, "pk-1", "RR123456785PT", now,
            """{"description":"Out for delivery","location":"Lisbon, Portugal"}""");
        await SendAsync(
            Past.Parse(Channel.Sms, "+14155550102"), TopicKey.PackageUpdates, "pk-2", "LB987654321US", now,
            """{"description":"Arrived at the sorting centre","location":"Oakland, CA"}""");
        await SendAsync(
            Past.Parse(Channel.Email, "grace@example.com"), TopicKey.PackageUpdates, "pk-3", "EE111222333KR", now,
            """{"description":"Delivered","location":"Left with a neighbour at number 12"}""");
    }

    private async ValueTask AgreeAsync(Address address, string topic) =>
        await desk.OptInAsync(address, topics.Find(topic)!, Draft(topic), confirmed: true, "en", default);

    private LedgerDraft Draft(string topic) =>
        new(LedgerAction.OptIn, topic, "demo", "service:demo")
        {
            PolicyVersion = "2026-01-01",
            Wording = $"Yes, send me: {topics.Find(topic)!.Name}.",
            Evidence = """{"confirmed":true,"url":"https://example.com/sign-up"}""",
        };

    private async ValueTask SendAsync(Address to, string topic, string name, string? trackingNumber, DateTimeOffset now, string data)
    {
        var id = ids.Derive(ring.KeyOf(to), $"demo/{topic}/{name}");
        if (await queue.IsRecordedAsync(id, default)) return;
        await queue.EnqueueAsync(
            new SendRequest
            {
                Id = id.ToString(),
                Channel = to.Channel,
                To = to.Value,
                Topic = topic,
                TrackingNumber = trackingNumber,
                Data = JsonElement.Parse(data),
                Client = "demo",
                AcceptedAt = now,
            },
            default);
    }

    private static List<Address> Owned(string email, string? phone) =>
        phone is null ? [Past.Parse(Channel.Email, email)] : [Past.Parse(Channel.Email, email), Past.Parse(Channel.Sms, phone)];
}

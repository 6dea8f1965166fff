using System.Globalization;
using System.Text;

namespace Notifications.Local.Demo;

/// <summary>Somebody of the demo's crowd.</summary>
internal sealed record Somebody(string Name, string Email, string? Phone, string Locale, string Zone, string[] Topics, string Tag);

/// <summary>
/// Who the company writes to: names that nobody has, at addresses that nobody can have (RFC 2606). The same seed gives the same crowd.
/// </summary>
internal static class Crowd
{
    private static readonly string[] First =
        [
            "Ada", "Aleks", "Amina", "Bruno", "Carla", "Chen", "Dario", "Edda", "Emeka", "Filipa", "Greta", "Hanna", "Ivo", "Jana", "Joao",
            "Kirsten", "Lena", "Lucas", "Marek", "Marta", "Mehmet", "Nadia", "Nuno", "Olga", "Pablo", "Petra", "Rita", "Sami", "Sofia",
            "Tiago", "Ulla", "Vera", "Wanda", "Yara", "Zoe",
        ];
    private static readonly string[] Last =
        [
            "Almeida", "Bauer", "Costa", "Dupont", "Eriksen", "Ferro", "Garcia", "Hartmann", "Ito", "Jansen", "Keller", "Lopes", "Moreau",
            "Nunes", "Oliveira", "Pereira", "Quist", "Rocha", "Santos", "Tavares", "Ueda", "Vidal", "Weber", "Yilmaz", "Zeman",
        ];
    private static readonly (string Locale, string Zone, string Phone, int Digits)[] Places =
    [
        ("en", "Europe/Dublin", "+35385", 7),
        ("de", "Europe/Berlin", "+491511", 7), ("pt-PT", "Europe/Lisbon", "+35191", 7), ("es", "Europe/Madrid", "+34612", 6),
        ("fr", "Europe/Paris", "+33612", 6), ("pt-PT", "Europe/Lisbon", "+35193", 7),
    ];

    public static List<Somebody> Gather(int count, int seed)
    {
        var random = new Random(seed);
        var people = new List<Somebody>(count);
        for (var i = 0; i < count; i++)
        {
            var (first, last, place) = (
                First[random.Next(First.Length)], Last[random.Next(Last.Length)], Places[random.Next(Places.Length)]);
            var topics = new List<string>();
            if (random.NextDouble() < 0.74) topics.Add("newsletter");
            if (random.NextDouble() < 0.48) topics.Add("promotions");
            if (topics.Count == 0 || random.NextDouble() < 0.6) topics.Add("package-updates");
            var phone = random.NextDouble() < 0.22
                ? place.Phone + (seed % 100 * 1000 + i).ToString("D" + place.Digits, CultureInfo.InvariantCulture)
                : null;
            people.Add(new Somebody(
                $"{first} {last}",
                string.Create(
                    CultureInfo.InvariantCulture, $"{first}.{last}{seed}{i}@example.{(i % 3 == 0 ? "org" : "com")}").ToLowerInvariant(),
                phone, place.Locale, place.Zone, [.. topics], random.Next(4) switch { 0 => "shop", 1 => "counter", _ => "web" }));
        }

        return people;
    }

    /// <summary>The crowd as the file that the company brought from its old system: one row for each thing agreed to.</summary>
    public static byte[] Csv(IEnumerable<Somebody> people, DateTimeOffset agreed, string source)
    {
        var csv = new StringBuilder("email,phone,topic,channel,status,source,policyVersion,wording,at,confirmed,locale,timeZone,tags\n");
        foreach (var person in people)
        {
            var day = agreed.AddDays(-(person.Email.Length * 17 % 300)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            foreach (var topic in person.Topics)
                csv.Append(
                    CultureInfo.InvariantCulture,
                    $"{person.Email},,{topic},email,subscribed,{source},2026-01-01,\"Yes, send me {topic}.\",{day},true,{person.Locale},{person.Zone},{person.Tag}\n");
            if (person.Phone is not null)
                csv.Append(
                    CultureInfo.InvariantCulture,
                    $",{person.Phone},promotions,sms,subscribed,{source},2026-01-01,\"Yes, text me offers.\",{day},true,{person.Locale},{person.Zone},{person.Tag}\n");
        }

        return Encoding.UTF8.GetBytes(csv.ToString());
    }
}

using System.Text.Json;
using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Templates;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Templates;

/// <summary>R1, R16: what a batch renders once is, for everybody, what they would get by themselves.</summary>
public sealed class MailMergeTests
{
    private static readonly World World = new();
    private static readonly string[] Locales = ["en", "de", "ar"];
    private static readonly string[] Zones = ["Europe/Paris", "Asia/Tokyo"];
    private static readonly JsonElement News = JsonSerializer.SerializeToElement(
        new
        {
            title = "Spring <3",
            subject = "Deals",
            items = new[] { new { title = "One", text = "two", url = "https://shop.example.com/1" } },
        });
    private static readonly JsonElement Parcel = JsonSerializer.SerializeToElement(
        new { status = "InTransit", description = "Left the depot", occurredAt = "2026-03-02T10:00:00Z" });

    [Fact]
    public void Whoever_gets_what_is_it_what_they_would_get_by_themselves()
    {
        var plain = Stored(
            "plain", "Hello", "<p>Hi {{ data.title }}, <a href=\"{{ unsubscribeUrl | safe_link }}\">stop</a> or {{preferencesUrl}}</p>",
            null);
        var upper = Stored(
            "upper", "{{ unsubscribeUrl | size }}", "<p>{{ unsubscribeUrl | upcase }} {{ preferencesUrl }}</p>",
            "{{ preferencesUrl | truncate: 40 }}");
        var caught = Stored(
            "caught", "x", "{% capture u %}{{ unsubscribeUrl }}{% endcapture %}<p>{{ u | split: '' | sort | join }}</p>", null);
        var zoned = Stored("zoned", "x", "<p>{{ contact.locale }} {{ contact.timeZone }}</p>", null);
        var sets = new (string Topic, TemplateSet? Set, string? Number, JsonElement Data)[]
        {
            (TopicKey.Newsletter, null, null, News),
            (TopicKey.Promotions, null, null, News), (TopicKey.PackageUpdates, null, "RB123456785CN", Parcel),
            (TopicKey.Newsletter, plain, null, News),
            (TopicKey.Newsletter, upper, null, News), (TopicKey.Newsletter, caught, null, News), (TopicKey.Newsletter, zoned, null, News),
        };
        var subjects = new string?[]
        {
            null,
            "News",
            "For {{ contact.timeZone }}",
            "{% if unsubscribeUrl contains 'a' %}A{% else %}B{% endif %}",
        };
        Gen.Select(
            Gen.Int[0, sets.Length - 1], Gen.Int[0, subjects.Length - 1],
            Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 1]).Array[3, 20]).Sample((which, subject, people) =>
        {
            var (topic, set, number, data) = sets[which];
            var merge = new MailMerge();
            for (var i = 0; i < people.Length; i++)
            {
                var (locale, zone, other) = people[i];
                var person = CoreProduct.Email($"person{i}@example.com");
                var state = ConsentDesk.Blank(person) with { Locale = Locales[locale], TimeZone = Zones[zone] };
                var request = World.Request(
                    person,
                    topic) with
                    {
                        Template = set?.Name,
                        Subject = subjects[subject],
                        TrackingNumber = number,
                        Data = other == 0 ? data : Parcel,
                    };
                var alone = Email(request, state, set);
                Assert.Equal((alone.Subject, alone.Html, alone.Text), Words(Email(request with { Merge = merge }, state, set)));
            }
        }, iter: 300);
    }

    [Fact]
    public void The_third_of_a_kind_is_not_rendered_any_more()
    {
        var merge = new MailMerge();
        var kind = new MailKind(TopicKey.Newsletter, null, null, null, null, "en", null);
        Assert.Null(merge.TryPrint(kind, News, new("u1", "p1")));
        merge.Add(kind, News, new("u1", "p1"), new("S", "<a>u1</a> p1 u1", "p1"));
        Assert.Null(merge.TryPrint(kind, News, new("u2", "p2")));
        merge.Add(kind, News, new("u2", "p2"), new("S", "<a>u2</a> p2 u2", "p2"));
        Assert.Equal(new EmailParts("S", "<a>longer</a> p3 longer", "p3"), merge.TryPrint(kind, News, new("longer", "p3")));
        Assert.Null(merge.TryPrint(kind, Parcel, new("u3", "p3")));
        Assert.Null(merge.TryPrint(kind with { Locale = "de" }, News, new("u3", "p3")));
        Assert.Null(merge.TryPrint(kind with { Zone = "Europe/Paris" }, News, new("u3", "p3")));
    }

    [Fact]
    public void What_the_second_does_not_prove_is_never_printed()
    {
        var merge = new MailMerge();
        var kind = new MailKind(TopicKey.Newsletter, null, null, null, null, "en", null);
        merge.Add(kind, null, new("u1", "p1"), new("S", "u1", "one"));
        merge.Add(kind, null, new("u2", "p2"), new("S", "u2", "two"));
        merge.Add(kind, null, new("u3", "p3"), new("S", "u3", "one"));
        Assert.Null(merge.TryPrint(kind, null, new("u4", "p4")));
    }

    [Theory]
    [InlineData("<p>{{ unsubscribeUrl }} {{- preferencesUrl | safe_link -}} contact us</p>", true, true)]
    [InlineData("<p>{{ contact.locale }} {{ sender.contact }} {{ data.contact }}</p>", true, false)]
    [InlineData("{% if unsubscribeUrl contains 'q' %}A{% endif %}", false, false)]
    [InlineData("{{ unsubscribeUrl | upcase }}", false, false)]
    [InlineData("{% assign u = preferencesUrl %}{{ u | size }}", false, false)]
    [InlineData("{% capture u %}{{ unsubscribeUrl }}{% endcapture %}", false, false)]
    [InlineData("{% for part in contact %}{{ part }}{% endfor %}", true, true)]
    [InlineData("{{ contact['timeZone'] }}", true, true)]
    public void A_template_that_does_more_with_a_link_than_print_it_is_rendered_each_time(string source, bool fits, bool asks) =>
        Assert.Equal((fits, asks), (MailMerge.Fits(source), MailMerge.AsksOfContact(source)));

    [Fact]
    public void The_built_in_templates_only_print_the_links_and_ask_of_a_person_the_language_alone()
    {
        var names = typeof(DefaultTemplates).Assembly
            .GetManifestResourceNames()
            .Where(n => n.EndsWith(".liquid", StringComparison.Ordinal) && !n.Contains(".sms", StringComparison.Ordinal))
            .ToArray();
        Assert.True(names.Length > 15);
        foreach (var name in names)
        {
            using var reader = new StreamReader(typeof(DefaultTemplates).Assembly.GetManifestResourceStream(name)!);
            var source = reader.ReadToEnd();
            Assert.True(MailMerge.Fits(source), name);
            Assert.False(MailMerge.AsksOfContact(source), name);
        }
    }

    private static TemplateSet Stored(string name, string subject, string html, string? text) =>
        new(name, Channel.Email, TopicKey.Newsletter, 1,
            [
                new StoredTemplate(
                    new TemplateSource
                    {
                        Name = name,
                        Topic = TopicKey.Newsletter,
                        Channel = Channel.Email,
                        Locale = "en",
                        Subject = subject,
                        Html = html,
                        Text = text,
                    },
                    new CompiledTemplate(subject, null, html, text)),
            ]);

    private static OutgoingEmail Email(SendRequest request, AddressState state, TemplateSet? set)
    {
        Assert.True(MessageId.TryParse(request.Id, out var id));
        return World.Renderer.Email(request, id, World.Topics.Find(request.Topic)!, state, set);
    }

    private static (string, string, string) Words(OutgoingEmail mail) => (mail.Subject, mail.Html, mail.Text);
}

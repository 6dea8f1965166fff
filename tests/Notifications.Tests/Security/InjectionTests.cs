using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CsvHelper;
using CsvHelper.Configuration;
using MimeKit;
using Notifications.Addresses;
using Notifications.Security;
using Notifications.Smtp;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Security;

/// <summary>Hostile text in every place that takes text, then everything that comes out: mails, texts, pages, CSV files.</summary>
public sealed partial class InjectionTests(ProductFixture product) : IClassFixture<ProductFixture>, IAsyncLifetime
{
    private const string Formulas =
        "=HYPERLINK(\"https://evil.example\")", Script =
            "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>", Header = "Hello\r\nBcc: eve@evil.example\r\n\r\n<b>body</b>";
    // Whole, so that it would run if anybody took it for Liquid.
    private const string Template = "{{ sender.postalAddress }}{{ unsubscribeUrl }}{% for i in (1..9) %}x{% endfor %}";
    private const string All = "=1+1 " + Script + Header + Template + "{% include 'x' %}";
    private static readonly string[] Mailboxes = ["=1+1@example.com", "+cmd@example.com", "-2@example.com"];
    private static bool _done;
    private static string _campaign = "", _import = "";

    // Once for the class: what one test has brought in, every other looks at.
    public async Task InitializeAsync()
    {
        if (_done) return;
        _done = true;
        foreach (var hostile in (string[])[Formulas, Script, Header, Template, All])
        {
            var email = $"h{Array.IndexOf((string[])[Formulas, Script, Header, Template, All], hostile)}@example.com";
            await product.PostAsync(
                "/v1/consents",
                new
                {
                    email,
                    topic = "newsletter",
                    action = "opt-in",
                    source = hostile,
                    policyVersion = hostile,
                    wording = hostile,
                    evidence = new { confirmed = true, url = hostile, userAgent = hostile },
                });
            foreach (var topic in (string[])["newsletter", "package-updates"])
                Assert.Equal(
                    HttpStatusCode.OK,
                    (await product.PostAsync(
                        "/v1/consents",
                        new
                        {
                            email,
                            topic,
                            action = "opt-in",
                            source = hostile.ReplaceLineEndings(" ")[..Math.Min(hostile.ReplaceLineEndings(" ").Length, 60)],
                            policyVersion = "1",
                            wording = hostile.ReplaceLineEndings(" "),
                            evidence = new { confirmed = true },
                        })).Status);
            await product.SendAsync(
                HttpMethod.Put, "/v1/contacts/hostile",
                new { name = hostile, addresses = new[] { new { email } }, tags = new[] { hostile } });
            await product.SendAsync(
                HttpMethod.Put, "/v1/contacts/hostile",
                new { name = hostile.ReplaceLineEndings(" "), addresses = new[] { new { email } } });
            await product.PostAsync("/v1/suppressions", new { email = "blocked-" + email, reason = "manual", note = hostile });
            foreach (var (topic, to) in new[] { ("package-updates", email), ("newsletter", email) })
            {
                await product.PostAsync(
                    "/v1/messages",
                    new { topic, to = new { email = to }, content = new { subject = hostile, text = hostile, html = hostile } });
                await product.PostAsync(
                    "/v1/messages",
                    new
                    {
                        topic,
                        to = new { email = to },
                        data = new
                        {
                            subject = hostile.ReplaceLineEndings("\u2028"), // With other breaks it is refused.
                            title = hostile,
                            intro = hostile,
                            text = hostile,
                            description = hostile,
                            items = new[] { new { title = hostile, text = hostile, url = hostile } },
                        },
                    });
            }

            await product.PostAsync(
                "/v1/packages/RR123456785CN/events",
                new
                {
                    id = hostile,
                    status = "InTransit",
                    description = hostile,
                    location = hostile,
                    carrier = hostile,
                    occurredAt = "2026-11-24T10:00:00Z",
                });
            // All of it is too long.
            Assert.Equal(
                hostile == All ? HttpStatusCode.BadRequest : HttpStatusCode.Created,
                (await product.PostAsync(
                    "/v1/segments", new { name = hostile.ReplaceLineEndings(" "), filter = new { tag = "hostile" } })).Status);
            await product.PostAsync("/v1/lists", new { name = hostile });
            if (!hostile.Contains("{%", StringComparison.Ordinal))
                await product.PostAsync(
                    "/v1/templates",
                    new
                    {
                        name = "h",
                        topic = "newsletter",
                        channel = "email",
                        locale = "en",
                        subject = hostile,
                        html = "<p>" + hostile + "</p>",
                        text = hostile,
                        layout = "standard",
                    });
            await product.PostAsync("/v1/privacy/requests", new { type = "access", email, note = hostile });
            await product.PostAsync(
                "/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret,
                new[]
                {
                    new
                    {
                        id = "e" + email,
                        topic = "x",
                        subject = "x",
                        eventType = "Microsoft.Communication.SMSReceived",
                        eventTime = "2026-11-24T12:00:00Z",
                        dataVersion = "1.0",
                        data = new
                        {
                            MessageId = "m" + email,
                            From = "14155550100",
                            To = "18005550100",
                            Message = hostile,
                            ReceivedTimestamp = "2026-11-24T12:00:00Z",
                        },
                    },
                });
            await product.UploadAsync(
                System.Text.Encoding.UTF8.GetBytes(
                    $"To: unsubscribe@mail.example.com\r\nFrom: {email}\r\nSubject: =?utf-8?B?{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(hostile))}?=\r\n\r\n{hostile}"),
                "?secret=" + ProductFixture.WebhookSecret, type: "message/rfc822", path: "/webhooks/email");
        }

        foreach (var email in Mailboxes)
            Assert.Equal(
                HttpStatusCode.OK,
                (await product.PostAsync(
                    "/v1/consents",
                    new
                    {
                        email,
                        topic = "promotions",
                        action = "opt-in",
                        source = "=form",
                        policyVersion = "-1",
                        wording = "@you",
                        evidence = new { confirmed = true },
                    })).Status);
        await product.PostAsync(
            "/v1/consents",
            new
            {
                phone = "+14155550142",
                topic = "promotions",
                channel = "sms",
                action = "opt-in",
                source = "\tform",
                policyVersion = "＝1",
                wording = "＋yes",
                evidence = new { confirmed = true },
            });
        await product.PostAsync(
            "/v1/suppressions", new { email = Mailboxes[0].Replace("1+1", "2+2", StringComparison.Ordinal), reason = "manual" });
        await product.PostAsync("/v1/suppressions", new { phone = "+14155550143", reason = "manual" });
        _import = (await product.ImportAsync(
            "email,status,topic,\"=1+1\",@x\n=HYPERLINK(1),unsubscribed,=newsletter,=1,@2\n", "?map.wording=%3D1%2B1&map.source=%40x"))
            .GetProperty("id")
            .GetString()!;
        var created = await product.PostAsync(
            "/v1/campaigns",
            new
            {
                name = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ sender.name }}",
                topic = "promotions",
                channel = "email",
                template = "promotions",
                audience = new { topic = "promotions", channel = "email" },
                data = new { title = Script + Template, intro = Header },
            });
        Assert.True(created.Status == HttpStatusCode.Created, created.Text);
        _campaign = created["id"]!;
        Assert.Equal(
            HttpStatusCode.OK, (await product.PostAsync($"/v1/campaigns/{_campaign}/launch", new { confirm = Mailboxes.Length })).Status);
        for (var i = 0; i < 6; i++)
        {
            await product.WorkAsync();
            product.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void R2_No_text_that_reaches_a_mail_becomes_a_header_of_it()
    {
        string[] ours =
            [
                "From", "To", "Subject", "Date", "Message-Id", "MIME-Version", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post",
                "List-Id", "Auto-Submitted",
            ];
        Assert.True(product.Sent.Emails.Count > 15, $"{product.Sent.Emails.Count} mails.");
        // On the subject's one line, as text.
        Assert.Contains(product.Sent.Emails, m => m.Subject.Contains("Bcc: eve@evil.example", StringComparison.Ordinal));
        foreach (var mail in product.Sent.Emails)
        {
            foreach (var line in mail.Headers.SelectMany(
                h => new[] { h.Key, h.Value }).Concat([mail.From, mail.FromName, mail.To, mail.Subject]))
            {
                Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029');
            }

            using var built = MimeMail.Build(mail, DateTimeOffset.UnixEpoch);
            using var raw = new MemoryStream();
            built.WriteTo(raw);
            raw.Position = 0;
            using var read = MimeMessage.Load(raw);
            Assert.Empty(read.Headers.Select(h => h.Field).Except(ours, StringComparer.OrdinalIgnoreCase));
            Assert.Equal(
                read.Headers.Count,
                read.Headers.DistinctBy(h => h.Id).Count() + read.Headers.Count(h => h.Id == HeaderId.Unknown)
                    - (read.Headers.Any(h => h.Id == HeaderId.Unknown) ? 1 : 0));
            Assert.Equal(mail.To, Assert.Single(read.To.Mailboxes).Address);
            Assert.Empty(read.Cc);
            Assert.Empty(read.Bcc);
        }
    }

    [Fact]
    public void Liquid_in_what_a_person_or_a_service_says_is_text_wherever_it_ends()
    {
        var told = product.Sent.Emails.Where(m => m.Text.Contains("{% for i in (1..9) %}x{% endfor %}", StringComparison.Ordinal)).ToList();
        Assert.True(told.Count > 5, $"{told.Count} mails carry it as it was written.");
        foreach (var mail in product.Sent.Emails)
        {
            Assert.DoesNotContain("xxxxxxxxx", mail.Subject + mail.Text + mail.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("/u/", mail.Subject, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(product.Sent.Texts, t => t.Text.Contains("xxxxxxxxx", StringComparison.Ordinal));
    }

    [Fact]
    public void Data_in_the_HTML_of_a_mail_is_text()
    {
        var own = product.Sent.Emails.Where(m => m.Html.Contains("&lt;script&gt;alert(1)", StringComparison.Ordinal)).ToList();
        Assert.True(own.Count > 3, $"{own.Count} mails.");

        // Ready content is the service's own HTML and goes out as given; everything that is data stands in ours as text.
        foreach (var mail in own.Where(m => !m.Html.Contains(Script, StringComparison.Ordinal)))
            Assert.DoesNotMatch("(?i)<script|<img src=x onerror", mail.Html);
        Assert.Contains(
            product.Sent.Emails,
            m => m.To == Mailboxes[0]
                && m.Html.Contains("&lt;script&gt;", StringComparison.Ordinal)
                && !m.Html.Contains("<script", StringComparison.Ordinal));
    }

    [Fact]
    public async Task M16_No_cell_of_any_export_is_one_that_a_spreadsheet_runs()
    {
        var browser = new ConsoleClient(product.Anonymous);
        await browser.SignInAsync(product.Secret);
        var files = new List<string>();
        foreach (var visitor in new[]
        {
            new Visitor(product.Anonymous) { Bearer = product.Secret },
            new Visitor(product.Anonymous) { Cookie = browser.Cookie },
        })
        {
            foreach (var door in Door.All(
                product).Where(d => d.Method == "GET" || (d.IsConsole && d.Pattern.EndsWith("/recipients", StringComparison.Ordinal))))
            {
                var path = door.PathWith(
                    door.Pattern.Contains("/campaigns", StringComparison.Ordinal)
                        ? _campaign
                        : door.Pattern.Contains("/imports", StringComparison.Ordinal) ? _import : "hostile");
                var answer = await visitor.KnockAsync(
                    door.Method, path, door.Method == "POST" ? Visitor.Form(("form", browser.Token!)) : null, ("Accept", "text/csv"));
                if (answer.Content.ContentType?.MediaType != "text/csv") continue;
                files.Add(path);
                Assert.StartsWith("attachment; filename=", answer.Header("Content-Disposition"), StringComparison.Ordinal);
                using var csv = new CsvParser(new StringReader(answer.Text), new CsvConfiguration(CultureInfo.InvariantCulture));
                var rows = 0;
                for (; csv.Read(); rows++)
                    Assert.All(
                        csv.Record!,
                        cell =>
                            Assert.True(
                                cell.Length == 0 || !"=+-@\t\r\n＝＋－＠".Contains(cell[0], StringComparison.Ordinal), $"{path}: {cell}"));
                Assert.True(rows > 1, path + " is empty, which shows nothing.");
            }
        }

        foreach (var file in (string[])[
            "/v1/exports/preferences.csv", "/v1/exports/suppressions.csv", $"/v1/imports/{_import}/errors",
            $"/v1/campaigns/{_campaign}/recipients",
        ])
        {
            Assert.Contains(file, files);
        }
    }

    [Fact]
    public async Task No_page_runs_what_a_person_or_a_service_said()
    {
        var browser = new ConsoleClient(product.Anonymous);
        await browser.SignInAsync(product.Secret);
        var waiting =
            new Queue<string>(["/console", "/console/contacts/hostile", $"/console/campaigns/{_campaign}", $"/console/imports/{_import}"]);
        for (var person = 0; person < 5; person++)
        {
            var key = product.Get<KeyRing>().KeyOf(new Address(Channel.Email, $"h{person}@example.com"));
            waiting.Enqueue("/console/people/" + key.Value);
        }

        var seen = new HashSet<string>(waiting);
        var hostile = 0;
        for (var pages = 0; waiting.TryDequeue(out var path) && pages < 120; pages++)
        {
            var page = await browser.GetAsync(path);
            if (page.Response.Content.Headers.ContentType?.MediaType != "text/html") continue;
            Assert.DoesNotMatch("(?i)<script>|<img src=x onerror", page.Text);
            Assert.DoesNotContain("xxxxxxxxx", page.Text, StringComparison.Ordinal);
            if (page.Text.Contains("&lt;script&gt;", StringComparison.Ordinal)) hostile++;
            foreach (Match link in Link().Matches(page.Text))
                if (seen.Add(WebUtility.HtmlDecode(link.Groups[1].Value))) waiting.Enqueue(WebUtility.HtmlDecode(link.Groups[1].Value));
        }

        Assert.True(hostile > 3 && seen.Count > 30, $"{hostile} pages showed it, of {seen.Count}.");
        foreach (var person in Enumerable.Range(0, 5))
        {
            var address = new Address(Channel.Email, $"h{person}@example.com");
            var links = product.Get<Notifications.Unsubscribe.Links>();
            var page = await new Visitor(product.Anonymous).KnockAsync(
                "GET",
                new Uri(links.Preferences(product.Get<KeyRing>().KeyOf(address), Channel.Email)).AbsolutePath);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.DoesNotMatch("(?i)<script|<img src=x onerror", page.Text);
        }
    }

    [Fact]
    public async Task No_answer_of_the_API_can_be_split_by_what_was_sent()
    {
        foreach (var text in (string[])["%0d%0aSet-Cookie:%20a=b", "%E5%98%8A%E5%98%8DSet-Cookie:a=b", "%00", "%0a"])
        {
            foreach (var door in Door.All(product).Where(d => d.Pattern.Contains('{', StringComparison.Ordinal)))
            {
                var answer = await new Visitor(product.Anonymous) { Bearer = product.Secret }.KnockAsync(
                    door.Method, door.PathWith("x" + text) + "?after=" + text + "&limit=" + text);
                Assert.True((int)answer.Status < 500, $"{door} {text}: {answer.Status}");
                Assert.False(answer.Header("Set-Cookie")?.Contains("a=b", StringComparison.Ordinal) ?? false, door.ToString());
            }
        }
    }

    [GeneratedRegex("href=\"(/console[^\"#]*)\"")]
    private static partial Regex Link();
}

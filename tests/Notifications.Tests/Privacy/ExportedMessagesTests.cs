using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

/// <summary>What the readable export says of each message.</summary>
public sealed class ExportedMessagesTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Number = "LX123456785DE";

    [Fact]
    public async Task R32_The_readable_export_tells_messages_in_the_order_of_their_time_by_what_they_were_and_names_the_package()
    {
        var ana = CoreProduct.Email("told@example.com");
        await product.FormAsync(
            "/subscribe", "de", ("email", ana.Value), ("topic-email-promotions", "yes"), ("age", "adult"));
        await product.WorkAsync();
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.FollowConfirmedAsync(ana, Number);
        await product.WorkAsync();
        for (var i = 0; i < 6; i++)
        {
            product.Time.Advance(TimeSpan.FromMinutes(61));
            await product.PostAsync(
                $"/v1/packages/{Number}/events",
                new { id = $"e{i}", status = i % 2 == 0 ? "InTransit" : "OutForDelivery", occurredAt = product.Time.GetUtcNow() });
            await product.WorkAsync();
            product.Time.Advance(TimeSpan.FromHours(1));
            await product.WorkAsync();
        }

        product.Time.Advance(TimeSpan.FromDays(2));
        await product.FormAsync("/find", "de", ("address", ana.Value));
        await product.WorkAsync();

        var (messages, moments) = await ToldAsync(ana);
        Assert.Equal("Bitte bestätigen: Angebote", messages[0]);
        Assert.Equal("Meine Einstellungen finden", messages[^1]);
        Assert.True(messages.Count > 4, string.Join('\n', messages));
        Assert.All(
            messages[1..^1].Where(m => !m.StartsWith("Bitte", StringComparison.Ordinal)), m => Assert.Equal($"Neuigkeiten zu Paket {Number}", m));
        Assert.Equal(moments.Order(), moments);
    }

    [Fact]
    public async Task R32_The_readable_export_calls_an_answer_to_a_text_what_it_was_and_a_question_about_a_package_too()
    {
        var phone = CoreProduct.Phone("+4915112345679");
        await product.FormAsync(
            "/subscribe", "de", ("phone", phone.Value), ("package", Number), ("watch-sms", "yes"), ("age", "adult"));
        await product.WorkAsync();
        foreach (var text in (string[])["YES", "HELP"])
        {
            product.Time.Advance(TimeSpan.FromMinutes(1));
            await product.Get<IWorkQueue>().EnqueueAsync(
                Queues.Inbound,
                JsonSerializer.SerializeToUtf8Bytes(
                    CoreProduct.Text(text, phone.Value.TrimStart('+'), text, product.Time.GetUtcNow()), CoreJson.Default.InboundEvent));
            await product.WorkAsync();
        }

        Assert.Equal(
            [$"Bitte bestätigen: Neues zu Paket {Number}", "Ihre SMS und unsere Antworten", "Ihre SMS und unsere Antworten"],
            (await ToldAsync(phone)).Names);
        product.Time.Advance(TimeSpan.FromDays(1));
        var opened = await product.PostAsync("/v1/privacy/requests", new { type = "access", phone = phone.Value });
        await product.PostAsync($"/v1/privacy/requests/{opened["id"]}/extend", new { notice = "Wir brauchen länger." });
        await product.WorkAsync();
        Assert.Equal("Zu Ihrer Anfrage zum Datenschutz", (await ToldAsync(phone)).Names[^1]);
    }

    private async Task<(List<string> Names, List<DateTime> Moments)> ToldAsync(Address address)
    {
        var html = (await product.FormAsync(product.PreferencesPath(address), "de", ("export", "html"))).Body;
        var messages = html[html.IndexOf("<h3>Nachrichten</h3>", StringComparison.Ordinal)..];
        messages = messages[..messages.IndexOf("</ul>", StringComparison.Ordinal)];
        return (
            [.. Regex.Matches(messages, "<strong>([^<]*)</strong>").Select(m => m.Groups[1].Value)],
            [
                .. Regex.Matches(messages, "<small>([^<]*) UTC</small>").Select(
                    m => DateTime.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.GetCultureInfo("de"))),
            ]);
    }
}

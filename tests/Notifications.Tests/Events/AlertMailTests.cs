using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Notifications.Events;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Timers;

namespace Notifications.Tests.Events;

/// <summary>On a small server nothing rang: alerts stood in the console and the log, where nobody looks at night.</summary>
public sealed class AlertMailTests
{
    private const string Operator = "operator@alerts.example";

    [Fact]
    public async Task R18_What_rings_is_mailed_to_the_operator_once_an_hour_for_each_kind_with_all_that_rang_since()
    {
        await using var world = await OpenAsync(Operator);
        await world.RunAsync();
        Assert.Empty(world.Mails);

        await world.RingAsync("email-refused", "550 5.7.1: our sender was not allowed.", "550 5.7.1");
        await world.RingAsync("campaign-paused", "Complaints: 0.4 %.", "c1");
        await world.RunAsync();
        await world.RunAsync();
        Assert.Equal(
            ["An operator is needed: campaign-paused", "An operator is needed: email-refused"], world.Mails.Select(m => m.Subject).Order());
        var mail = world.Mails.Single(m => m.Subject.EndsWith("email-refused", StringComparison.Ordinal));
        Assert.Equal(Operator, mail.To);
        Assert.Contains("550 5.7.1: our sender was not allowed.", mail.Text, StringComparison.Ordinal);
        Assert.Contains("http://mail.example.com/console/alerts", mail.Text, StringComparison.Ordinal);
        Assert.Contains(mail.Headers, h => h is { Key: "Auto-Submitted", Value: "auto-generated" });

        // What rings again within the hour waits for its end.
        world.Product.Time.Advance(TimeSpan.FromMinutes(30));
        await world.RingAsync("email-refused", "554: refused.", "554");
        await world.RunAsync();
        Assert.Equal(2, world.Mails.Count);
        world.Product.Time.Advance(TimeSpan.FromMinutes(31));
        await world.RingAsync("email-refused", "550 5.7.1: once more.", "550 5.7.1");
        await world.RunAsync();
        await world.RunAsync();
        Assert.Equal(3, world.Mails.Count);
        Assert.Contains("554: refused.", world.Mails[2].Text, StringComparison.Ordinal);
        Assert.Contains("once more.", world.Mails[2].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("our sender was not allowed", world.Mails[2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R18_What_the_provider_did_not_take_is_mailed_at_the_next_run()
    {
        await using var world = await OpenAsync(Operator);
        await world.RingAsync("store-writes", "The disk was full.", null);
        world.Product.Sent.Throws = _ => new IOException("No way out.");
        await Assert.ThrowsAsync<IOException>(world.RunAsync);
        world.Product.Sent.Throws = null;
        await world.RunAsync();
        Assert.Contains("The disk was full.", Assert.Single(world.Mails).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R18_A_mail_that_the_operators_mailbox_refuses_is_told_in_the_log_without_the_address()
    {
        using var said = new Said();
        await using var world = await OpenAsync(Operator, said);
        await world.RingAsync("store-writes", "The disk was full.", null);
        world.Product.Sent.Refuses = Notifications.Sending.HandOff.Rejected($"550 5.1.1 <{Operator}>: unknown");
        await world.RunAsync();
        var line = Assert.Single(said.Lines, l => l.Contains("could not be mailed", StringComparison.Ordinal));
        Assert.Contains("store-writes", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Operator, line, StringComparison.Ordinal);
        world.Product.Sent.Refuses = null;
        await world.RunAsync();
        Assert.Single(world.Mails);
    }

    [Fact]
    public async Task R18_What_rings_on_a_day_of_more_than_a_thousand_alerts_is_mailed_and_one_that_no_key_opens_holds_up_none()
    {
        await using var world = await OpenAsync(Operator);
        await world.Product.Store.CommitAsync(
            Tables.Alerts, "alerts",
            [
                RowChange.Insert(
                    $"{world.Product.Time.GetUtcNow().ToUnixTimeSeconds() / 3600 * 3600:D12}-a", "shut, or of another ring"u8.ToArray()),
            ]);
        for (var i = 0; i < 1000; i++) await world.RingAsync("request-due", "A request is to be answered.", $"r{i:D4}");
        await world.RunAsync();
        Assert.Single(world.Mails);
        world.Product.Time.Advance(TimeSpan.FromMinutes(61));
        await world.RingAsync("store-writes", "The disk was full.", null);
        await world.RunAsync();
        Assert.Contains("The disk was full.", world.Mails[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R18_What_rings_is_mailed_though_no_key_opens_when_its_kind_and_those_before_it_were_mailed_last()
    {
        await using var world = await OpenAsync(Operator);
        await world.Product.Store.CommitAsync(Tables.Alerts, "mailed", [RowChange.Put("email-refused", RawStorage.Shut)]);
        await world.RingAsync("email-refused", "554: refused.", "554");
        await world.RingAsync("store-writes", "The disk was full.", null);
        await world.RunAsync();
        await world.RunAsync();
        Assert.Equal(
            ["An operator is needed: email-refused", "An operator is needed: store-writes"], world.Mails.Select(m => m.Subject).Order());
    }

    [Fact]
    public async Task R18_What_was_mailed_while_the_clock_was_ahead_holds_nothing_up_and_is_not_mailed_each_hour_until_it_is_that_time()
    {
        await using var world = await OpenAsync(Operator);
        await world.RingAsync("store-writes", "The disk was full.", null);
        await world.RunAsync();
        Assert.Single(world.Mails);

        world.Product.Time.AdjustTime(world.Product.Time.GetUtcNow().AddDays(-30));
        await world.RunAsync();
        Assert.Single(world.Mails);
        await world.RingAsync("store-writes", "The disk is full again.", null);
        await world.RunAsync();
        Assert.Contains("The disk is full again.", world.Mails[^1].Text, StringComparison.Ordinal);
        Assert.Equal(2, world.Mails.Count);
        for (var hour = 0; hour < 3; hour++)
        {
            world.Product.Time.Advance(TimeSpan.FromMinutes(61));
            await world.RunAsync();
        }

        Assert.Equal(2, world.Mails.Count);
    }

    [Fact]
    public async Task Without_an_operator_in_the_settings_nothing_is_mailed_and_what_is_no_address_stops_the_start()
    {
        await using var world = await OpenAsync(null);
        await world.RingAsync("store-writes", "The disk was full.", null);
        await world.RunAsync();
        Assert.Empty(world.Mails);
        var wrong = Assert.Throws<ArgumentException>(
            () => new NotificationsOptions { PublicUrl = "https://mail.example.com", AlertEmail = "nobody" }.Validate());
        Assert.Contains("Notifications:AlertEmail", wrong.Message, StringComparison.Ordinal);
    }

    private static async Task<World> OpenAsync(string? alertEmail, ILoggerProvider? logs = null)
    {
        var product = new ProductFixture { Configure = options => options.AlertEmail = alertEmail, Logs = logs };
        await product.InitializeAsync();
        return new World(product);
    }

    private sealed class Said : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Lines.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }

    private sealed class World(ProductFixture product) : IAsyncDisposable
    {
        public ProductFixture Product => product;

        public IReadOnlyList<Notifications.Sending.OutgoingEmail> Mails => [.. product.Sent.Emails];

        public ValueTask RingAsync(string kind, string detail, string? subject) =>
            product.Get<OperatorAlerts>().RaiseAsync(kind, detail, subject, default);

        public async Task RunAsync()
        {
            product.Time.Advance(TimeSpan.FromSeconds(1));
            await product.Get<TimerCatalog>().RunAsync(TimerCatalog.CampaignWatch, default);
        }

        public async ValueTask DisposeAsync() => await product.DisposeAsync();
    }
}

using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Schedule;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Events;

/// <summary>Messages for later: beyond what a queue can hold.</summary>
public sealed class ScheduleTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

    private static async Task<CoreProduct> WithAnaAsync()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Ana, null, TopicKey.PackageUpdates);
        return product;
    }

    [Fact]
    public async Task A_message_for_next_month_is_durable_at_once_and_goes_out_on_its_minute()
    {
        var product = await WithAnaAsync();
        var request = product.Message(Ana, TopicKey.PackageUpdates) with { SendAt = product.Now.AddDays(30) };
        await product.Queue.EnqueueAsync(request, default);
        Assert.Equal(0, await product.Store.CountAsync(Queues.Send));
        Assert.Single(await product.Store.ScanAsync(Tables.Schedule, null, 10));

        for (var hour = 0; hour < 30 * 24; hour++)
        {
            product.Time.Advance(hour == 0 ? TimeSpan.FromMinutes(59) : TimeSpan.FromHours(1));
            await product.Schedule.RunDueAsync(default);
            await product.PumpAsync();
        }

        Assert.Empty(product.Outbox.Emails); // a minute early
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await product.PumpAsync();
        Assert.Single(product.Outbox.Emails);
        Assert.Empty(await product.Store.ScanAsync(Tables.Schedule, null, 10));
    }

    [Fact]
    public async Task P5_A_runner_that_dies_half_way_sends_nothing_twice()
    {
        var product = await WithAnaAsync();
        var request = product.Message(Ana, TopicKey.PackageUpdates) with { SendAt = product.Now.AddDays(7) };
        await product.Queue.EnqueueAsync(request, default);
        product.Time.Advance(TimeSpan.FromDays(7));
        var row = Assert.Single(await product.Get<ITableStore>().ScanAsync(Tables.Schedule, null, 10));
        // As if the first runner had died before it deleted the row.
        await product.Get<IWorkQueue>().EnqueueAsync(Queues.Send, row.Row.Value);
        Assert.Equal(1, await product.Schedule.RunDueAsync(default));
        Assert.Equal(0, await product.Schedule.RunDueAsync(default));
        await product.PumpAsync();
        Assert.Single(product.Outbox.Emails);
    }

    [Fact]
    public async Task Many_scheduled_messages_move_in_the_order_of_their_time_and_the_later_ones_stay()
    {
        var product = await WithAnaAsync();
        for (var i = 0; i < 1200; i++)
            await product.Queue.EnqueueAsync(
                product.Message(Ana, TopicKey.PackageUpdates) with { SendAt = product.Now.AddDays(8).AddMinutes(i) }, default);
        product.Time.Advance(TimeSpan.FromDays(8) + TimeSpan.FromHours(10));
        Assert.Equal(10 * 60 + (int)ScheduleRunner.Horizon.TotalMinutes + 1, await product.Schedule.RunDueAsync(default));
        await product.PumpAsync();
        Assert.Equal(10 * 60 + 1, product.Outbox.Emails.Count);
    }

    [Fact]
    public async Task R15_A_scheduled_message_is_decided_when_it_is_due()
    {
        var product = await WithAnaAsync();
        var stopped = product.Message(Ana, TopicKey.PackageUpdates) with { SendAt = product.Now.AddDays(9) };
        var expired = product.Message(
            Ana, TopicKey.PackageUpdates) with { SendAt = product.Now.AddDays(8), ExpiresAt = product.Now.AddDays(8).AddHours(1) };
        await product.Queue.EnqueueAsync(stopped, default);
        await product.Queue.EnqueueAsync(expired, default);
        product.Time.Advance(TimeSpan.FromDays(8.5));
        await product.Schedule.RunDueAsync(default);
        await product.PumpAsync();
        await product.Consents.OptOutAsync(Ana, new LedgerDraft(LedgerAction.OptOut, TopicKey.PackageUpdates, "test", "person"), default);
        product.Time.Advance(TimeSpan.FromDays(1));
        await product.Schedule.RunDueAsync(default);
        await product.PumpAsync();
        Assert.Equal(Reason.Unsubscribed, (await product.RecordAsync(stopped.Id))!.Reason);
        Assert.Equal(Reason.Expired, (await product.RecordAsync(expired.Id))!.Reason);
        Assert.Empty(product.Outbox.Emails);
    }

    [Fact]
    public async Task P5_A_row_that_no_queue_holds_is_a_dead_letter_that_can_be_sent_and_what_stands_behind_it_goes_out()
    {
        var product = await WithAnaAsync();
        var large = product.Message(Ana, TopicKey.PackageUpdates) with { Data = Letters('Ж') };
        // As a former version wrote it: every letter escaped.
        await SendSchedule.AddAsync(
            product.Get<ITableStore>(), large.Id, product.Now.AddDays(7),
            JsonSerializer.SerializeToUtf8Bytes(large, CoreJson.Default.SendRequest), default);
        await product.Queue.EnqueueAsync(
            product.Message(Ana, TopicKey.PackageUpdates) with { SendAt = product.Now.AddDays(7).AddMinutes(1) }, default);
        product.Time.Advance(TimeSpan.FromDays(8));
        await product.Schedule.RunDueAsync(default);
        await product.PumpAsync();
        Assert.Single(product.Outbox.Emails);
        Assert.Empty(await product.Store.ScanAsync(Tables.Schedule, null, 10));
        var (letter, _) = Assert.Single(await product.Letters.ListAsync(Queues.Send, null, 10, default));
        Assert.Equal(MessageStatus.Failed, (await product.RecordAsync(large.Id))!.Status);
        Assert.True(await product.Letters.ReplayAsync(Queues.Send, letter, default));
        await product.PumpAsync();
        Assert.Equal(MessageStatus.Sent, (await product.RecordAsync(large.Id))!.Status);
    }

    [Theory]
    [InlineData('Ж')]
    [InlineData('退')]
    public async Task The_most_that_a_campaign_may_bring_along_fits_the_queue_in_every_script(char letter)
    {
        var product = await WithAnaAsync();
        var request = product.Message(Ana, TopicKey.PackageUpdates) with { Data = Letters(letter) };
        await product.Queue.EnqueueAsync(request, default);
        await product.PumpAsync();
        Assert.Equal(MessageStatus.Sent, (await product.RecordAsync(request.Id))!.Status);
    }

    /// <summary>64 Ki characters, as a campaign may have brought along before its data were counted in bytes.</summary>
    private static JsonElement Letters(char letter) => JsonElement.Parse($"{{\"title\":\"{new string(letter, 64 * 1024 - 12)}\"}}");
}

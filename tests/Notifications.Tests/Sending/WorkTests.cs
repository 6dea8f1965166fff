using System.Text;
using System.Text.Json;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Imports;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>
/// What a queue's item means at its first delivery, and what at a later one, when the worker of the first may have died anywhere (P5).
/// </summary>
public sealed class WorkTests
{
    [Fact]
    public async Task P5_What_is_given_up_reaches_its_letter_also_where_its_cause_cannot_be_noted()
    {
        var world = new World();
        var work = new Work(
            world.Dispatcher, null!, null!, null!, null!, world.DeadLetters, new GivenUpNotes(world.Tables, world.Ring, world.Time),
            world.Questions, null!, null!);
        world.Store.Before = () => throw new StorageUnavailableException();
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();
        Assert.Equal(WorkResult.GiveUp, (await work.DoAsync(Queues.Send, "{"u8.ToArray(), 1, stopping.Token)).Result);
        world.Store.Before = null;
        await work.DoAsync(Queues.Poison(Queues.Send), "{"u8.ToArray(), 1, default);
        Assert.Null(Assert.Single(await world.DeadLetters.ListAsync(Queues.Send, null, 10, default)).Letter.Cause);
    }

    [Fact]
    public async Task P5_A_message_reads_its_own_record_only_when_it_was_given_out_before_and_then_before_anything_else()
    {
        var world = new World();
        var work = new Work(
            world.Dispatcher, null!, null!, null!, null!, world.DeadLetters, new GivenUpNotes(world.Tables, world.Ring, world.Time),
            world.Questions, null!, null!);
        await world.SubscribeAsync(CoreProduct.Email("ana@example.com"), TopicKey.Newsletter);
        var request = world.Request(CoreProduct.Email("ana@example.com"), TopicKey.Newsletter);
        var body = JsonSerializer.SerializeToUtf8Bytes(request, CoreJson.Default.SendRequest);
        Assert.Equal(3, await CostAsync(1)); // The address, the claim, the outcome.
        Assert.Equal(1, await CostAsync(2)); // Its record says that it was sent.
        Assert.Equal(1, world.Email.HandOffs);

        async Task<int> CostAsync(int deliveries)
        {
            var before = world.Store.Operations;
            Assert.Equal(WorkOutcome.Done, await work.DoAsync(Queues.Send, body, deliveries, default));
            return world.Store.Operations - before;
        }
    }

    [Fact]
    public async Task M1_P5_An_event_that_is_known_already_is_announced_again_for_its_write_may_have_been_repeated_after_a_lost_answer()
    {
        var product = new CoreProduct();
        var happening = new PackageEvent("e1", ParcelStatus.OutForDelivery, null, null, null, product.Now, null, product.Now);
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new PackageWork(PackageStep.Event, "RB123456789CN", happening), CoreJson.Default.PackageWork);
        Assert.Equal(new[] { 1, 2, 3 }, new[] { await AnnouncedAsync(1), await AnnouncedAsync(1), await AnnouncedAsync(2) });

        async Task<int> AnnouncedAsync(int deliveries)
        {
            Assert.Equal(WorkOutcome.Done, await product.Work.DoAsync(Queues.Packages, body, deliveries, default));
            product.Time.Advance(TimeSpan.FromHours(1));
            return (await product.Store.ReceiveAsync(Queues.Packages, 10, TimeSpan.FromSeconds(1))).Count;
        }
    }

    [Fact]
    public async Task P5_P9_A_batch_is_queued_again_only_by_a_selection_that_may_have_died_before_it_did_so()
    {
        var world = new CampaignWorld();
        await world.SubscribeAsync(0, 1);
        var campaign = await world.LaunchAsync();
        var bucket = world.Ring.KeyOf(CampaignWorld.Person(0)).Value[..1];
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new CampaignWork(CampaignStep.Bucket, campaign.Id, Part: bucket), CoreJson.Default.CampaignWork);
        await TakeAsync();
        Assert.Equal(new[] { 1, 0, 1 }, new[] { await BatchesAsync(1), await BatchesAsync(1), await BatchesAsync(2) });

        async Task<int> BatchesAsync(int deliveries)
        {
            Assert.Equal(WorkOutcome.Done, await world.Get<Work>().DoAsync(Queues.Campaigns, body, deliveries, default));
            return (await TakeAsync()).Count(w => w.Step == CampaignStep.Batch);
        }

        async Task<List<CampaignWork>> TakeAsync()
        {
            var queue = world.Get<IWorkQueue>();
            var items = await queue.ReceiveAsync(Queues.Campaigns, 32, TimeSpan.FromMinutes(1));
            foreach (var item in items) await queue.CompleteAsync(item);
            return [.. items.Select(i => JsonSerializer.Deserialize(i.Body.Span, CoreJson.Default.CampaignWork)!)];
        }
    }

    [Fact]
    public async Task P5_An_import_whose_item_is_given_up_has_failed_and_says_so_and_no_other_queues_item_touches_it()
    {
        var world = new CampaignWorld();
        var desk = world.Get<ImportDesk>();
        var (id, settings) = (desk.NewId(), new ImportSettings());
        await desk.CreateAsync(id, new Upload("h", 10, 1, 1, null, null), settings, "test", default);
        var body = Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}""");
        await world.Get<Work>().DoAsync(Queues.Poison(Queues.Inbound), body, 5, default);
        Assert.NotEqual(ImportStatus.Failed, (await desk.FindAsync(id, default))!.Status);
        await world.Get<Work>().DoAsync(Queues.Poison(Queues.Imports), body, 5, default);
        Assert.Equal(ImportStatus.Failed, (await desk.FindAsync(id, default))!.Status);
        Assert.Equal(5, Assert.Single(await world.Get<DeadLetters>().ListAsync(Queues.Imports, null, 10, default)).Letter.Deliveries);
    }
}

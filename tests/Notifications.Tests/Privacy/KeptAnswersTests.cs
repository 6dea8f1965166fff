using Notifications.Access;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Privacy;

public sealed class KeptAnswersTests
{
    [Fact]
    public async Task R34_The_answer_to_an_idempotency_key_is_kept_for_a_week()
    {
        var world = new World();
        var retention = new Retention(world.Store, world.Book, new PrivacyOptions(), new WatchOptions(), new SendingOptions(), world.Time);
        await KeepAsync("answered", 202);
        await KeepAsync("abandoned", 0);
        world.Time.Advance(TimeSpan.FromDays(1));
        await KeepAsync("young", 202);
        world.Time.Advance(TimeSpan.FromDays(6));
        await retention.RunAsync(default);
        Assert.Equal(3, (await world.Memory.ScanAsync(Tables.Idempotency, null, 10)).Count); // To the week's last moment.

        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        await retention.RunAsync(default);
        Assert.Equal("young", Assert.Single(await world.Memory.ScanAsync(Tables.Idempotency, null, 10)).Partition);

        async Task KeepAsync(string partition, int status) =>
            await world.Memory.CommitAsync(Tables.Idempotency, partition, [RowChange.Insert(
                "answer",
                new IdempotencyRecord("hash", status, status == 0 ? null : "{}"u8.ToArray(), "instance", world.Time.GetUtcNow()),
                CoreJson.Default.IdempotencyRecord)]);
    }

    [Fact]
    public async Task More_answers_than_a_page_holds_are_all_looked_at()
    {
        var world = new World();
        for (var i = 0; i < 250; i++)
            await world.Memory.CommitAsync(
                Tables.Idempotency, $"p{i:000}",
                [
                    RowChange.Insert(
                        "answer", new IdempotencyRecord("hash", 202, null, "instance", world.Time.GetUtcNow()),
                        CoreJson.Default.IdempotencyRecord),
                ]);
        world.Time.Advance(TimeSpan.FromDays(8));
        await new Retention(
            world.Store, world.Book, new PrivacyOptions(), new WatchOptions(), new SendingOptions(), world.Time).RunAsync(default);
        Assert.Empty(await world.Memory.ScanAsync(Tables.Idempotency, null, 10));
    }
}

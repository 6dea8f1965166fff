using System.Text.Json;
using Notifications.Addresses;
using Notifications.Sending;
using S = Notifications.Sending.MessageStatus;

namespace Notifications.Tests.Sending;

public sealed class MessageRecordTests
{
    private static readonly Dictionary<S, S[]> Drawn = new()
    {
        [S.Queued] = [S.Deferred, S.Skipped, S.Sending, S.Failed],
        [S.Deferred] = [S.Deferred, S.Skipped, S.Sending, S.Failed],
        [S.Skipped] = [],
        [S.Sending] = [S.Queued, S.Sending, S.Sent, S.Failed, S.Unknown],
        [S.Sent] = [S.Delivered, S.Bounced],
        [S.Delivered] = [],
        [S.Bounced] = [],
        [S.Failed] = [S.Queued],
        [S.Unknown] = [S.Delivered, S.Bounced],
    };

    [Fact]
    public void A_message_makes_the_moves_that_are_drawn_and_no_other()
    {
        var at = new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
        foreach (var from in Enum.GetValues<S>())
        {
            foreach (var to in Enum.GetValues<S>())
            {
                var record = new MessageRecord { Topic = "newsletter", Channel = Channel.Email, Status = from };
                if (Drawn[from].Contains(to))
                {
                    var moved = record.Move(to, Reason.Expired, at, "moved", "why");
                    Assert.Equal((to, Reason.Expired, new MessageEvent(at, "moved", "why")), (moved.Status, moved.Reason, moved.Timeline[^1]));
                }
                else
                {
                    Assert.Throws<InvalidOperationException>(() => record.Move(to, Reason.Expired, at, "moved"));
                }
            }
        }
    }

    [Fact]
    public void Stored_rows_hold_no_computed_copies()
    {
        var state = JsonSerializer.Serialize(new AddressState { Channel = Channel.Email, Value = "ana@example.com" }, CoreJson.Default.AddressState);
        Assert.Equal(state.IndexOf("ana@", StringComparison.Ordinal), state.LastIndexOf("ana@", StringComparison.Ordinal));
        var record = JsonSerializer.Serialize(new MessageRecord { Topic = "newsletter", Channel = Channel.Email, Status = S.Sent }, CoreJson.Default.MessageRecord);
        Assert.DoesNotContain("isFinal", record, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_accepted_message_without_a_record_is_queued_and_a_made_up_id_is_nothing()
    {
        var world = new World();
        var key = world.Ring.KeyOf(World.Mail("ana@example.com"));
        Assert.Equal(S.Queued, (await world.Reader.FindAsync(world.Ids.New(key), default))!.Status);
        Assert.Null(await world.Reader.FindAsync(new MessageId(key, new string('A', 24)), default));
    }
}

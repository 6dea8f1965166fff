using Notifications.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Campaigns;

/// <summary>The moves that docs/state-machines.md draws, and no other.</summary>
public class LifeTests
{
    [Fact]
    public void Only_the_drawn_moves_are_made()
    {
        var now = DateTimeOffset.UnixEpoch;
        var definition = Drafts.Newsletter("n");
        var moves = new Dictionary<string, Func<Campaign, Campaign?>>
        {
            ["update"] = c => CampaignLife.Update(c, definition, now),
            ["schedule"] = c => CampaignLife.Schedule(c, now, now),
            ["unschedule"] = c => CampaignLife.Unschedule(c, new CampaignHold(now, "x", "x"), now),
            ["launch"] = c => CampaignLife.Launch(c, "newsletter", definition.Audience, now),
            ["pause"] = c => CampaignLife.Pause(c, new CampaignHold(now, "x", "x"), now),
            ["resume"] = c => CampaignLife.Resume(c, now),
            ["complete"] = c => CampaignLife.Complete(c, now),
            ["cancel"] = c => CampaignLife.Cancel(c, null, now),
        };
        string[] drawn =
        [
            "Draft update Draft", "Draft schedule Scheduled", "Draft launch Running", "Draft cancel Cancelled",
            "Scheduled update Draft",
            "Scheduled schedule Scheduled", "Scheduled unschedule Draft", "Scheduled launch Running", "Scheduled cancel Cancelled",
            "Running pause Paused", "Running complete Completed", "Running cancel Cancelled",
            "Paused resume Running", "Paused cancel Cancelled",
        ];
        var made = new List<string>();
        foreach (var status in Enum.GetValues<CampaignStatus>())
        {
            var campaign = new Campaign
            {
                Id = "0123456789abcdef",
                Definition = definition,
                CreatedAt = now,
                CreatedBy = "x",
                Status = status,
                Epoch = 7,
            };
            foreach (var (name, move) in moves)
            {
                if (move(campaign) is not { } after) continue;
                made.Add($"{status} {name} {after.Status}");
                Assert.Equal(8, after.Epoch);
            }
        }

        Assert.Equal(drawn.Order(), made.Order());
        Assert.Equal(
            DrawnMove.Of("Campaign").Where(m => m.From != DrawnMove.Nothing).Select(m => m.Ends).Order(),
            made.Select(m => m.Split(' ')).Select(m => $"{m[0]} {m[2]}".ToLowerInvariant()).Distinct().Order());
    }

    [Fact]
    public void A_launch_drops_the_time_of_a_schedule_that_it_came_before()
    {
        var now = DateTimeOffset.UnixEpoch;
        var draft = new Campaign
        {
            Id = "0123456789abcdef",
            Definition = Drafts.Newsletter("n"),
            CreatedAt = now,
            CreatedBy = "x",
        };
        var scheduled = CampaignLife.Schedule(draft, now.AddDays(3), now)!;
        Assert.Equal(now.AddDays(3), scheduled.DueAt);
        Assert.Null(CampaignLife.Launch(scheduled, "newsletter", draft.Definition.Audience, now)!.DueAt);
    }
}

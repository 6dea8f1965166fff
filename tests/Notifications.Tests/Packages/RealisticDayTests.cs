using Notifications.Local.Demo;
using Notifications.Packages;
using Notifications.Storage;

namespace Notifications.Tests.Packages;

public class RealisticDayTests
{
    [Fact]
    public async Task M1_A_day_of_parcels_tells_each_watcher_each_meaningful_change_once_in_order_and_none_after_unwatching()
    {
        const int Parcels = 2000;
        var world = new PackagesWorld(o => o.Packages.CollapseWindow = TimeSpan.FromSeconds(2));
        var (stories, arrivals) = Day(Parcels, seed: 20261124, world.Clock.GetUtcNow());
        var random = new Random(7);
        var followers = new Dictionary<string, List<(string Email, DateTimeOffset LeavesAt)>>();
        foreach (var (i, story) in stories.Index())
        {
            var list = followers[story.Number] = [];
            for (var w = random.Next(1, 4); w > 0; w--)
            {
                var leaves = random.NextDouble() < 0.2 ? world.Clock.GetUtcNow().AddMinutes(random.Next(60, 600)) : DateTimeOffset.MaxValue;
                var email = $"p{i}w{w}@example.com";
                list.Add((email, leaves));
                await world.WatchAsync(email, story.Number);
            }
        }

        var leaving = new PriorityQueue<(string Number, string Email), DateTimeOffset>();
        foreach (var (number, list) in followers)
            foreach (var (email, leaves) in list)
                if (leaves < DateTimeOffset.MaxValue) leaving.Enqueue((number, email), leaves);

        // What each watcher should have got, by a model that shares nothing with the product but the table of statuses.
        var expected = followers.Values.SelectMany(l => l).ToDictionary(f => f.Email, _ => new List<string>());
        var left = new HashSet<string>();
        var model = stories.ToDictionary(s => s.Number, _ => new Model());
        var told = new Dictionary<string, int>();
        foreach (var minute in arrivals.GroupBy(a => a.At.ToUnixTimeSeconds() / 60 + 1))
        {
            var now = DateTimeOffset.FromUnixTimeSeconds(minute.Key * 60);
            if (now > world.Clock.GetUtcNow()) world.Clock.SetUtcNow(now);
            while (leaving.TryPeek(out var leaver, out var at) && at <= now)
            {
                leaving.Dequeue();
                left.Add(leaver.Email);
                Assert.True(await world.Watches.UnwatchAsync(world.KeyOf(leaver.Email), leaver.Number, "link", "person", null, default));
                told[leaver.Email] = world.Outbox.Emails.Count(e => e.To == leaver.Email);
            }

            foreach (var arrival in minute)
            {
                await world.Tracker.AcceptAsync(PackagesWorld.Parse(arrival.Number), arrival.Event with { ReceivedAt = now }, default);
                model[arrival.Number].Arrives(arrival.Event);
            }

            await world.PumpAsync();
            world.Clock.Advance(TimeSpan.FromSeconds(3));
            await world.PumpAsync();
            foreach (var number in minute.Select(a => a.Number).Distinct())
            {
                if (model[number].Tell() is not { } news) continue;
                foreach (var (email, _) in followers[number])
                    if (!left.Contains(email)) expected[email].Add(news);
            }
        }

        var got = world.Outbox.Emails.GroupBy(e => e.To).ToDictionary(g => g.Key, g => g.Select(e => e.Subject).ToList());
        Assert.All(expected, pair => Assert.Equal(pair.Value, got.GetValueOrDefault(pair.Key, [])));
        Assert.All(told, pair => Assert.Equal(pair.Value, got.GetValueOrDefault(pair.Key, []).Count));
        Assert.True(left.Count > 300 && got.Values.Sum(l => l.Count) > 3 * Parcels, "the day was too quiet to show anything");
        Assert.Equal(0, await world.Store.CountAsync(Queues.Send));
        Assert.Equal(0, await world.Store.CountAsync(Queues.Packages));
        Assert.Equal(0, await world.Store.CountAsync(Queues.Poison(Queues.Packages)));
    }

    private static (List<ParcelStory> Stories, List<Arrival> Arrivals) Day(int parcels, int seed, DateTimeOffset start)
    {
        var random = new Random(seed);
        var stories = new List<ParcelStory>();
        var arrivals = new List<Arrival>();
        for (var i = 0; i < parcels; i++)
        {
            var story = ParcelDay.Live(10_000_000 + i, random, start.AddMinutes(random.Next(0, 300)));
            stories.Add(story);
            arrivals.AddRange(ParcelDay.Tell(story, random));
        }

        arrivals.Sort((a, b) => a.At.CompareTo(b.At));
        return (stories, arrivals);
    }

    /// <summary>
    /// A parcel as a person would follow it by hand: newest event counts, the same news is no news, nothing after delivery but trouble.
    /// </summary>
    private sealed class Model
    {
        private readonly HashSet<string> _ids = [];
        private DateTimeOffset _newest;
        private bool _delivered;
        private string? _known;
        private (string State, string Number)? _waiting;

        public void Arrives(PackageEvent happening)
        {
            if (!_ids.Add(happening.Id) || happening.OccurredAt < _newest) return;
            _newest = happening.OccurredAt;
            var trouble = happening.Status is ParcelStatus.DeliveryFailure or ParcelStatus.Exception
                || happening.Sub == "InTransit_CustomsRequiringInformation";
            if (_delivered && !trouble) return;
            _delivered |= happening.Status == ParcelStatus.Delivered;
            var state = happening.Sub is "InTransit_CustomsRequiringInformation" or "Exception_Delayed"
                ? happening.Sub
                : happening.Status.ToString();
            _waiting = state == _known ? null : (state, happening.Id[..13]);
        }

        public string? Tell()
        {
            if (_waiting is not { } news) return null;
            _waiting = null;
            _known = news.State;
            return $"{PackageTexts.For("en")["title." + news.State]}: {news.Number}";
        }
    }
}

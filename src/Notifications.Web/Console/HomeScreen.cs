using System.Globalization;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Counting;
using Notifications.Events;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// How today goes, what needs a person, and the last month. Shown to everybody signed in; each part only to those whose scope leads to it.
/// </summary>
internal sealed class HomeScreen(
    Statistics statistics, HandOffs handOffs, IWorkQueue queue, ReviewDesk review, DeadLetters letters, PrivacyDesk privacy,
    OperatorAlerts alerts, SendingOptions sending, TimeProvider time)
{
    /// <summary>Share of sent mail that may bounce before it is shown as a warning, and as bad.</summary>
    private const double BounceWarn = 0.02, BounceBad = 0.05;

    /// <summary>Share of sent mail that may be called spam; the large mailbox providers act from 0.1 and 0.3 per cent on.</summary>
    private const double ComplaintWarn = 0.001, ComplaintBad = 0.003;

    public void Map(IEndpointRouteBuilder routes) => routes.MapScreen("/console", null, ShowAsync);

    private async ValueTask<IResult> ShowAsync(HttpContext http)
    {
        var cancel = http.RequestAborted;
        var user = http.User();
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var month = await statistics.ReadAsync(today.AddDays(-29), today, cancel);
        var hours = month.Where(h => DateOnly.FromDateTime(h.At.UtcDateTime) == today).ToList();
        var week = month.Where(h => h.At > now.AddDays(-7)).ToList();
        return new ConsolePage("Home", Html.Of($"""
            <h1>Today</h1>
            <p class="dim">{now.UtcDateTime.ToString("dddd, d MMMM yyyy", CultureInfo.InvariantCulture)}. Days and hours are in UTC.</p>
            <div class="stats">
            {Parts.Stat("Sent", Parts.Number(Sent(hours)))}{Parts.Stat("Skipped", Parts.Number(Sum(hours, "message/skipped/")), "not allowed to be sent")}{Parts.Stat("Deferred", Parts.Number(Sum(hours, "message/deferred/")), "decided again later")}{Parts.Stat("Failed", Parts.Number(Sum(hours, "message/failed/")), null, Sum(hours, "message/failed/") > 0 ? "warn" : "")}{Parts.Stat("Opt-outs", Parts.Number(OptOuts(hours)))}{Parts.Stat("Opt-ins", Parts.Number(OptIns(hours)))}
            </div>
            {await NeededAsync(user, now, cancel)}<h2>Deliverability, seven days</h2>
            <div class="stats">
            {Rate("Bounces", Sum(week, "report/bounce/") + Sum(week, "report/invalid/"), Sent(week), BounceWarn, BounceBad)}{Rate("Complaints", Sum(week, "report/complaint/"), Sent(week), ComplaintWarn, ComplaintBad)}{Provider("Email provider", Channel.Email, hours)}{Provider("Text provider", Channel.Sms, hours)}
            </div>
            <div class="charts">
            {Chart.Columns("Messages today, by hour", ["sent", "skipped"], [.. Enumerable.Range(0, 24).Select(h => new Chart.Column($"{h:00}:00", Sent(hours.Where(x => x.At.Hour == h)), Sum(hours.Where(x => x.At.Hour == h), "message/skipped/")))])}{Chart.Columns("Messages, thirty days", ["sent", "skipped"], Days(month, today, h => [Sent(h), Sum(h, "message/skipped/")]))}{Chart.Columns("Opt-ins and opt-outs, thirty days", ["opt-ins", "opt-outs"], Days(month, today, h => [OptIns(h), OptOuts(h)]))}{Chart.Columns("Bounces and complaints, thirty days", ["bounces", "complaints"], Days(month, today, h => [Sum(h, "report/bounce/") + Sum(h, "report/invalid/"), Sum(h, "report/complaint/")]))}{Chart.Bars("Why messages were skipped, seven days", "skipped", Reasons(week, "message/skipped/"), "Nothing was skipped.")}
            </div>
            <p class="hint">Counted beside the work, to show how things go: a process that dies takes the last three seconds of its counts along. A campaign’s own numbers are exact.</p>
            {await QueuesAsync(cancel)}
            """));
    }

    private async ValueTask<Html> NeededAsync(ConsoleUser user, DateTimeOffset now, CancellationToken cancel)
    {
        var parts = new List<Html>();
        if (user.May(Scope.Admin))
        {
            var waiting = (await review.ListAsync(false, null, 100, cancel)).Count;
            parts.Add(Parts.Stat(
                "To review", UpTo(waiting, 100), "texts and mails only a person understands", waiting > 0 ? "warn" : "good",
                "/console/review"));
            var dead = 0;
            foreach (var name in Queues.WithDeadLetters) dead += (await letters.ListAsync(name, null, 100, cancel)).Count;
            parts.Add(Parts.Stat(
                "Dead letters", UpTo(dead, 100), "given up, can be replayed", dead > 0 ? "warn" : "good", "/console/dead-letters"));
            var rung = (await alerts.TodayAsync(cancel)).Count;
            parts.Add(Parts.Stat("Alerts, 24 hours", Parts.Number(rung), null, rung > 0 ? "bad" : "good", "/console/alerts"));
        }

        if (user.May(Scope.Privacy))
        {
            var open = 0;
            var soon = 0;
            var late = 0;
            var standing = 0;
            await foreach (var request in privacy.StillOpenAsync(cancel))
            {
                if (request.Status == PrivacyStatus.Running) open++;
                if (request.Status == PrivacyStatus.Running && request.DueAt < now.AddDays(7)) soon++;
                if (request.Status == PrivacyStatus.Running && request.OverdueAt <= now) late++;
                if (request.Stands) standing++;
            }

            parts.Add(Parts.Stat(
                "Rights requests open", Parts.Number(open),
                late > 0 ? $"{late} overdue"
                    : soon > 0 ? $"{soon} due within a week"
                    : standing > 0 ? $"{standing} {(standing == 1 ? "restriction stands" : "restrictions stand")}" : null,
                late > 0 ? "bad" : open > 0 ? "warn" : "good", "/console/requests"));
        }

        return parts.Count == 0 ? Html.None : Html.Of($"<h2>What needs a person</h2>\n<div class=\"stats\">\n{Html.Join(parts)}</div>\n");
    }

    private async ValueTask<Html> QueuesAsync(CancellationToken cancel)
    {
        var rows = new List<Html[]>();
        foreach (var name in Queues.All)
            rows.Add(
                [
                    Parts.Code(name), Html.Of($"{Parts.Number(await queue.CountAsync(name, cancel))}"),
                    Html.Of($"{Parts.Number(await queue.CountAsync(Queues.Poison(name), cancel))}"),
                ]);
        return Html.Of(
            $"<h2>Queues</h2>\n{Parts.Table("Queues", ["Queue", "Waiting", "Given up, on the way to the dead letters"], rows, "")}");
    }

    private Html Provider(string label, Channel channel, List<HourCounts> hours)
    {
        var down = handOffs.IsCircuitOpen(channel);
        var unavailable = hours.Sum(
            h => h.Counts.Where(
                c => c.Key.StartsWith("message/queued/provider-unavailable/" + channel.Name(), StringComparison.Ordinal)).Sum(
                    c => c.Value));
        if (sending.Hold) return Parts.Stat(label, "Held by a setting", "as told above", "warn words");
        return Parts.Stat(
            label, down ? "Circuit open" : "Taking messages",
            unavailable > 0 ? $"{Parts.Number(unavailable)} could not be handed off today" : "as this instance sees it",
            (down ? "bad" : unavailable > 0 ? "warn" : "good") + " words");
    }

    private static Html Rate(string label, long count, long sent, double warn, double bad)
    {
        var share = sent == 0 ? 0 : (double)count / sent;
        return Parts.Stat(
            label, sent == 0 ? "–" : Parts.Percent(share),
            $"{(sent == 0 ? "nothing was sent" : $"{Parts.Number(count)} of {Parts.Number(sent)}")}; warn at {Parts.Percent(warn)}, bad at {Parts.Percent(bad)}",
            share >= bad ? "bad" : share >= warn ? "warn" : "good");
    }

    private static List<(string, long)> Reasons(IEnumerable<HourCounts> hours, string prefix)
    {
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var hour in hours)
            foreach (var (name, count) in hour.Counts)
                if (name.StartsWith(prefix, StringComparison.Ordinal) && name.Split('/')[2] is var reason)
                    sums[reason] = sums.GetValueOrDefault(reason) + count;
        return [.. sums.Select(s => (ReasonWords.Of(s.Key), s.Value))];
    }

    private static List<Chart.Column> Days(IReadOnlyList<HourCounts> hours, DateOnly today, Func<IEnumerable<HourCounts>, long[]> count)
    {
        var byDay = hours.ToLookup(h => DateOnly.FromDateTime(h.At.UtcDateTime));
        return [
            .. Enumerable.Range(0, 30)
                .Select(i => today.AddDays(i - 29))
                .Select(day => new Chart.Column(day.ToString("d MMM", CultureInfo.InvariantCulture), count(byDay[day]))),
        ];
    }

    // What a mailbox refused at the hand-off is sent and bounced, as in the numbers of campaigns.
    private static long Sent(IEnumerable<HourCounts> hours) => hours.Sum(h => h.Sum("message/sent/") + h.Sum("message/bounced/"));

    private static long OptIns(IEnumerable<HourCounts> hours) => Sum(hours, "consent/opt-in/");

    private static long OptOuts(IEnumerable<HourCounts> hours) => Sum(hours, "consent/opt-out/") + Sum(hours, "consent/stop-all/");

    private static long Sum(IEnumerable<HourCounts> hours, string prefix) => hours.Sum(h => h.Sum(prefix));

    private static string UpTo(int count, int limit) => count >= limit ? $"{limit} or more" : Parts.Number(count);
}

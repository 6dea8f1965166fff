using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Unsubscribe;

namespace Notifications.Events;

/// <summary>
/// Mails what rings to whoever the settings name (<see cref="NotificationsOptions.AlertEmail"/>): each kind at most once an hour, with all
/// that rang since. Alerts name no address, and so does the mail. It goes past the rules and the queue: what it tells of may be those.
/// </summary>
public sealed partial class AlertMails(
    OperatorAlerts alerts, ITableStore tables, IEmailSender email, MessageIds ids, KeyRing ring, NotificationsOptions options,
    LinkOptions links, TimeProvider time, ILogger<AlertMails> log)
{
    private const string Partition = "mailed";
    private const int MostLines = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>Mails what is due. What the provider does not take is tried again at the next run.</summary>
    public async ValueTask RunAsync(CancellationToken cancel)
    {
        if (!Address.TryParse(Channel.Email, options.AlertEmail, out var to, out _)) return;
        var now = time.UtcNowMs();
        foreach (var kind in (await alerts.LastDayAsync(cancel)).GroupBy(a => a.Kind))
        {
            // What was mailed, or rang, ahead of now was so before the clock was set back: that holds nothing up, and is told once.
            var mailed = await MailedAsync(kind.Key, cancel);
            var told = mailed?.At <= now ? mailed.At : DateTimeOffset.MinValue;
            var rung = kind.Where(a => RangAt(a) > told && (RangAt(a) <= now || !(RangAt(a) <= mailed?.LastAt)))
                .OrderByDescending(RangAt)
                .ToList();
            if (rung.Count == 0 || now - told < Pause) continue;
            var answer = await email.SendAsync(Mail(to, kind.Key, rung), cancel);
            if (answer.Result is not (HandOffResult.Accepted or HandOffResult.Unknown))
            {
                LogNotMailed(kind.Key, answer.Result, answer.Refusal?.Code);
                continue;
            }

            // After it, so that one that dies here mails once too often and not too seldom.
            var newest = RangAt(rung[0]) < mailed?.LastAt ? mailed.LastAt : RangAt(rung[0]);
            await tables.CommitAsync(
                Tables.Alerts, Partition,
                [RowChange.Put(kind.Key, rung[0] with { At = now, LastAt = newest }, CoreJson.Default.OperatorAlert)], cancel);
        }
    }

    /// <summary>
    /// When a kind was last mailed, and the latest that was told by then; null for never, and where no key opens what says so: it rings all
    /// the same.
    /// </summary>
    private async ValueTask<OperatorAlert?> MailedAsync(string kind, CancellationToken cancel)
    {
        try
        {
            return await tables.ReadAsync(Tables.Alerts, Partition, kind, CoreJson.Default.OperatorAlert, cancel);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private OutgoingEmail Mail(Address to, string kind, List<OperatorAlert> rung)
    {
        var text = new StringBuilder();
        foreach (var alert in rung.Take(MostLines))
        {
            var times = alert.Times == 1 ? "" : $", {alert.Times} times within the hour";
            text.Append(CultureInfo.InvariantCulture, $"{RangAt(alert):u}{times}: {alert.Detail}\n\n");
        }

        if (rung.Count > MostLines) text.Append(CultureInfo.InvariantCulture, $"And {rung.Count - MostLines} more.\n\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"What to do stands in docs/operate.md under {kind}, and in short at {links.PublicUrl.TrimEnd('/')}/console/alerts\n\nThis kind is mailed once an hour at most.\n");
        var body = text.ToString();
        var id = ids.Derive(ring.KeyOf(to), $"alert/{kind}/{RangAt(rung[0]).ToUnixTimeMilliseconds()}");
        return new OutgoingEmail(
            id, options.Sender.TransactionalFrom, options.Sender.Name, to.Value, $"An operator is needed: {kind}", PlainText.ToHtml(body),
            body, [new("Auto-Submitted", "auto-generated")]);
    }

    // Without the provider's words, in which the address may stand.
    [LoggerMessage(
        EventId = 163, EventName = "AlertNotMailed", Level = LogLevel.Warning,
        Message = "The alert {Kind} could not be mailed to Notifications:AlertEmail ({Result} {Code}) and is tried again for a day")]
    private partial void LogNotMailed(string kind, HandOffResult result, string? code);

    private static DateTimeOffset RangAt(OperatorAlert alert) => alert.LastAt ?? alert.At;
}

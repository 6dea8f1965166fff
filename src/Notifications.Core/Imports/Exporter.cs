using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Storage;

namespace Notifications.Imports;

/// <summary>
/// Everything that was said, and every block, as CSV of the own shape: importing it again where it came from changes nothing, and elsewhere
/// it carries its evidence. Page by page in flat memory. An address of which only the key is known has no line. What no key of the ring
/// opens is noted (<see cref="PassedOver"/>) and holds up nothing else.
/// </summary>
public sealed class Exporter(ITableStore tables, Suppressions suppressions, TopicCatalog topics)
{
    private const int Page = 500;
    private static readonly string[] Columns =
        [
            "email", "phone", "topic", "channel", "status", "source", "policyVersion", "wording", "at", "ip", "confirmed", "locale",
            "timeZone", "contactId", "tags",
        ];

    /// <summary>
    /// What every address said of each topic. A "stop everything" is a line of its own, with <c>*</c> for a topic, over lines that say how
    /// it stood before.
    /// </summary>
    /// <param name="topic">Only this one, and what stands over it; or null.</param>
    /// <param name="channel">Only this one; or null.</param>
    /// <param name="cancel">Ends the export.</param>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PreferencesAsync(
        string? topic, Channel? channel, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        using var lines = new Lines(Columns);

        // An address's ledger comes before its state: what stands behind each consent has been seen when its line is written.
        var said = new List<LedgerEntry>();
        var (of, holed, read) = ("", "", 0);

        // Where an entry is missing nobody knows what stands behind a consent: it has its line and no evidence, which permits nothing
        // elsewhere (P6). A message or a watch that is shut takes nothing from the file.
        ValueTask UnreadAsync(string partition, string row)
        {
            var entry = row.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal);
            if (entry) holed = partition;
            if (entry || row == Rows.State) PassedOver.Note(Tables.Addresses, partition, row);
            return ValueTask.CompletedTask;
        }

        await foreach (var (partition, row) in Legible.ScanAsync(tables, Tables.Addresses, Page, UnreadAsync, cancel))
        {
            if (partition != of) said.Clear();
            of = partition;
            if (row.Key.StartsWith(Rows.LedgerPrefix, StringComparison.Ordinal))
            {
                var entry = row.Read(CoreJson.Default.LedgerEntry);
                if (entry.Action is LedgerAction.OptIn or LedgerAction.Confirm && (topic is null || entry.Topic == topic))
                    said.Add(entry);
            }
            else if (row.Key == Rows.State)
            {
                var state = row.Read(CoreJson.Default.AddressState);
                if (state.Value is not null && (channel is null || state.Channel == channel))
                    Write(lines, state, topic, holed == partition ? [] : said);
            }

            if (++read % Page == 0 && lines.Take() is { Length: > 0 } page) yield return page;
        }

        if (lines.Take() is { Length: > 0 } last) yield return last;
    }

    /// <summary>Every blocked address that is known.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> SuppressionsAsync(
        Channel? channel, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        using var lines = new Lines("email", "phone", "channel", "status", "at");
        for (AddressKey? after = null; ;)
        {
            var listed = await suppressions.ListAsync(after, Page, cancel);
            foreach (var (_, row) in listed)
            {
                if (row.Address is null
                    || row.Suppression.Reason == SuppressionReason.Erased
                    || (channel is not null && row.Channel != channel))
                {
                    continue;
                }

                lines.Add(
                    row.Channel == Channel.Email ? row.Address : "", row.Channel == Channel.Sms ? row.Address : "", row.Channel.Name(),
                    StatusOf(row.Suppression.Reason), Time(row.Suppression.Since));
            }

            if (lines.Take() is { Length: > 0 } page) yield return page;
            if (listed.Count < Page) yield break;
            after = listed[^1].Key;
        }
    }

    private void Write(Lines lines, AddressState state, string? topic, List<LedgerEntry> said)
    {
        foreach (var subscription in state.Subscriptions)
        {
            if ((topic is not null && subscription.Topic != topic) || subscription.Status == SubscriptionStatus.None) continue;
            var subscribed = subscription.Status == SubscriptionStatus.Subscribed;

            // An objection stands over what was agreed to before it (R36); of what kind a topic was that is not in the settings any more,
            // nobody knows.
            var objected = subscribed && state.ObjectedAt >= subscription.Since;
            if (objected && topics.Find(subscription.Topic) is null) continue;
            if (objected && topics.Of(subscription.Topic).IsMarketing)
            {
                Line(
                    lines, state, subscription.Topic, "unsubscribed", Objection.Source, null, null, Time(state.ObjectedAt!.Value), null,
                    "");
                continue;
            }

            var (entry, confirmed) = subscribed ? Behind(subscription, said) : default;
            var (at, ip) = Read(entry?.Detail?.Evidence);
            Line(
                lines, state, subscription.Topic,
                subscription.Status switch
                {
                    SubscriptionStatus.Subscribed => "subscribed",
                    SubscriptionStatus.Pending => "pending",
                    _ => "unsubscribed",
                },
                subscription.Source,
                subscription.PolicyVersion, entry?.Detail?.Wording, at ?? Time(subscription.Since), ip,
                confirmed ? "true" : "");
        }

        if (state.Stopped is { } stopped)
            Line(lines, state, LedgerDraft.AllTopics, "unsubscribed", stopped.Source, null, null, Time(stopped.Since), null, "");
    }

    /// <summary>
    /// What stands behind a consent, and whether the person confirmed it. What waits to be confirmed itself takes nothing from what holds
    /// until then.
    /// </summary>
    private static (LedgerEntry? Entry, bool Confirmed) Behind(Subscription consent, List<LedgerEntry> said)
    {
        (LedgerEntry? Entry, bool Confirmed) behind = default;
        foreach (var entry in said)
        {
            if (entry.Topic != consent.Topic) continue;
            var confirmed = IsConfirmed(entry);
            if (!confirmed && entry.Action == LedgerAction.OptIn && entry.At >= consent.Waiting?.Since) continue;
            if (entry.Detail?.Wording is not null || behind.Entry is null) behind.Entry = entry;
            behind.Confirmed = confirmed || (behind.Confirmed && entry.Action != LedgerAction.OptIn);
        }

        return behind;
    }

    private static void Line(
        Lines lines, AddressState state, string topic, string status, string source, string? policy, string? wording, string at, string? ip,
        string confirmed) =>
        lines.Add(
            state.Channel == Channel.Email ? state.Value : "",
            state.Channel == Channel.Sms ? state.Value : "", topic, state.Channel.Name(), status, source, policy, wording, at, ip,
            confirmed,
            state.Locale, state.TimeZone, state.ContactId, string.Join(',', state.Tags));

    /// <summary>
    /// Whether it says that the person confirmed: an import elsewhere takes that for a double opt-in (P6). The confirmation of one package
    /// is none of the topic.
    /// </summary>
    private static bool IsConfirmed(LedgerEntry entry) =>
        entry.Action == LedgerAction.Confirm
            ? !LedgerEvidence.Has(entry.Detail?.Evidence, "package")
            : LedgerEvidence.Has(entry.Detail?.Evidence, "confirmed", JsonValueKind.True);

    // The evidence is whatever object the caller gave: what we know of it is used, the rest stays in the ledger.
    private static (string? At, string? Ip) Read(string? evidence) =>
        LedgerEvidence.Read<(string?, string?)>(
            evidence,
            root => (
                Text(root, "at") is { } at && Times.TryParse(at, zoneless: false, out var time) ? Time(time) : null, Text(root, "ip")));

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string StatusOf(SuppressionReason reason) => reason switch
    {
        SuppressionReason.Bounce => "bounced",
        SuppressionReason.Complaint => "complained",
        SuppressionReason.Invalid => "invalid",
        _ => "suppressed",
    };

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Lines that gather until they are taken; the header is the first.</summary>
    private sealed class Lines : IDisposable
    {
        private readonly StringWriter _text = new(CultureInfo.InvariantCulture);
        private readonly CsvWriter _csv;

        public Lines(params string[] header)
        {
            _csv = new CsvWriter(_text, CsvLines.Format, leaveOpen: true);
            Add(header);
        }

        public void Add(params ReadOnlySpan<string?> cells)
        {
            foreach (var cell in cells) _csv.WriteField(Formula.Escape(cell ?? ""));
            _csv.NextRecord();
        }

        public byte[] Take()
        {
            _csv.Flush();
            var bytes = Encoding.UTF8.GetBytes(_text.ToString());
            _text.GetStringBuilder().Clear();
            return bytes;
        }

        public void Dispose()
        {
            _csv.Dispose();
            _text.Dispose();
        }
    }
}

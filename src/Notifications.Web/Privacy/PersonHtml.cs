using System.Globalization;
using System.Text;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Web.Consent;
using Notifications.Web.Console;
using Notifications.Web.Pages;

namespace Notifications.Web.Privacy;

/// <summary>An export for reading, in the person's language: lists, not tables, so that it reads on a phone and prints.</summary>
internal sealed class PersonHtml(TopicCatalog topics, Standing standing)
{
    /// <summary>
    /// A file of its own without script, image or outside reference, that can be kept and printed, in the language that is stored of the
    /// person; where none is that we have, in <paramref name="other"/>.
    /// </summary>
    public byte[] Write(PersonExport export, Texts other)
    {
        var texts = Texts.Find(export.Contact?.Locale)
            ?? export.Addresses.Select(a => Texts.Find(a.State.Locale)).FirstOrDefault(t => t is not null)
            ?? other;
        return Encoding.UTF8.GetBytes(Html.Of($"""
            <!doctype html>
            <html lang="{texts.Language}" dir="{texts.Direction}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{texts.DataTitle}</title>
            <style>{SiteAssets.Stylesheet}</style>
            </head>
            <body class="narrow">
            <main class="sheet">
            {Body(export, texts)}
            </main>
            </body>
            </html>

            """).Value);
    }

    /// <summary>What stands on the sheet.</summary>
    public Html Body(PersonExport export, Texts texts)
    {
        var contact = export.Contact is not { } one ? Html.None : Html.Of($"""
            <h2>{texts.DataAccount}</h2>
            {Facts([(texts.NameLabel, one.Name ?? "–"), (texts.LanguageLabel, Language(one.Locale)), (texts.TimeZoneLabel, one.TimeZone ?? "–"), ("ID", one.Id)])}

            """);
        return Html.Of($"""
            <h1>{texts.DataTitle}</h1>
            <p class="lead">{Texts.Fill(texts.DataAsOf, "date", Moment(export.At, texts))}</p>
            {contact}{Html.Join(export.Addresses.Select(a => Of(a, export.At, texts)))}
            {Some(texts.DataRequests, (export.Requests ?? []).OrderBy(r => r.OpenedAt).Select(r => Request(r, texts)), texts)}
            <h2>{texts.DataRecipients}</h2>
            <ul class="plain">{Html.Join(export.Recipients.Select(r => Recipient(r, texts)))}</ul>
            """);
    }

    // What is configured is in words of the service's own, whatever the language; what stands in its place is in the person's.
    private static Html Recipient(string one, Texts texts) =>
        one == PrivacyOptions.Cloud ? Html.Of($"<li>{texts.DataByCloud}</li>")
        : one == PrivacyOptions.Server ? Html.Of($"<li>{texts.DataByServer}</li>")
        : Html.Of($"<li><bdi>{one}</bdi></li>");

    private Html Of(AddressExport one, DateTimeOffset at, Texts texts)
    {
        var state = one.State;
        var settings = Facts([(texts.LanguageLabel, Language(state.Locale)), (texts.TimeZoneLabel, state.TimeZone ?? "–")]);
        var notes = new List<string>();
        if (state.Stopped is { } stopped) notes.Add(Texts.Fill(texts.DataStopped, "date", texts.Date(stopped.Since)));
        if (state.Suppression is { } block) notes.Add(Texts.Fill(texts.DataBlocked, "date", texts.Date(block.Since)));
        if (state.RestrictedSince is { } restricted) notes.Add(Texts.Fill(texts.DataRestricted, "date", texts.Date(restricted)));
        if (state.PausedUntil is { } paused && paused > at) notes.Add(Texts.Fill(texts.Paused, "date", texts.Date(paused)));
        if (state.Contact == ContactStatus.Disabled) notes.Add(texts.AccountDisabled);
        return Html.Of($"""
            <h2 dir="ltr" class="start">{Html.Breaking(one.Address)}</h2>
            {settings}{Html.Join(notes.Select(n => Html.Of($"<p>{n}</p>\n")))}
            {List(texts.DataChoices, state.Subscriptions.Select(s => Choice(state, s, texts)), texts)}
            {List(texts.PackagesSection, one.Watches.Select(w => Followed(state, w, texts)), texts)}
            {List(texts.DataHistory, one.Ledger.Select(e => Entry(Action(e.Action, texts), e.At, Where(e, one.State.Channel, texts), e.Detail?.Wording, Said(e, texts), texts)), texts)}
            <p class="note">{(one.Verified ? texts.DataChainHolds : texts.DataChainBroken)}</p>
            {List(texts.DataMessages, Messages(one, texts), texts)}
            {Some(texts.DataWritten, (one.Written ?? []).OrderBy(w => w.At).Select(w => Written(w, texts)), texts)}
            {Some(texts.DataTexts, (one.Texts ?? []).Select(t => Entry(Read(t.Intent, texts), t.At, "", t.Answer, [], texts)), texts)}
            {Some(texts.DataLists, (one.Lists ?? []).Select(l => Entry(l, null, "", null, [], texts)), texts)}
            """);
    }

    private static Html Facts(IEnumerable<(string Name, string Value)> facts) =>
        Html.Of($"<dl class=\"facts\">{Html.Join(facts.Select(f => Html.Of($"<div><dt>{f.Name}</dt><dd dir=\"auto\">{f.Value}</dd></div>")))}</dl>");

    private static Html Some(string title, IEnumerable<Html> entries, Texts texts) =>
        entries.ToList() is { Count: > 0 } all ? List(title, all, texts) : Html.None;

    private static Html List(string title, IEnumerable<Html> entries, Texts texts)
    {
        var all = entries.ToList();
        return Html.Of(
            $"<h3>{title}</h3>\n{(all.Count == 0 ? Html.Of($"<p class=\"dim\">{texts.DataNone}</p>") : Html.Of($"<ul class=\"rows tight\">{Html.Join(all)}</ul>"))}\n");
    }

    private static Html Entry(
        string what, DateTimeOffset? at, string more, string? words, List<(string Name, string Value)> facts, Texts texts) =>
        Html.Of($"""
        <li><div><strong>{what}</strong> <span class="dim">{more}</span>
        <small>{(at is { } when ? Moment(when, texts) : "")}</small>
        {(words is null ? Html.None : Html.Of($"<blockquote>{words}</blockquote>"))}{(facts.Count == 0 ? Html.None : Facts(facts))}</div></li>

        """);

    // As the preference page shows it; of a topic that is no longer configured, what was last said.
    private Html Choice(AddressState state, Subscription said, Texts texts)
    {
        var shown = topics.Find(said.Topic) is { } topic ? SubscriptionView.Of(state, state.Channel, topic) : null;
        var status = topics.Find(said.Topic) is { } one && shown!.Status == SubscriptionStatus.Subscribed
            ? standing.Word(state, one, texts)
            : Status(shown?.Status ?? state.ShownStatusOf(said.Topic), texts);
        return Entry(Name(said.Topic, texts), shown is null ? said.Since : shown.Since, status, null, [], texts);
    }

    // A stop over it shows as on the preference page, since it was said.
    private Html Followed(AddressState state, WatchExport one, Texts texts)
    {
        var silent = one.Watch.Status != WatchStatus.Unwatched && standing.IsSilent(state, one.Watch);
        var since = silent ? state.StoppedAt(TopicKey.PackageUpdates) ?? one.Watch.Since : one.Watch.Since;
        var status = silent ? texts.Unsubscribed
            : one.Watch.Status == WatchStatus.Active && PreferencePage.IsBlocked(state) ? texts.ChosenSilent
            : Status(one.Watch.Status, texts);
        return Entry(one.TrackingNumber, since, status, null, [], texts);
    }

    private static Html Written(WrittenExport one, Texts texts) =>
        Entry(one.Verdict is null ? texts.ActReview : texts.ActReviewed, one.At, "", one.Text, [], texts);

    private static Html Request(RequestExport one, Texts texts)
    {
        var words = string.Join('\n', new[] { one.Note, one.Notice }.OfType<string>());
        return Entry(Right(one.Type, texts), one.OpenedAt, "", words.Length == 0 ? null : words, [], texts);
    }

    private static string Right(PrivacyRight right, Texts texts) => right switch
    {
        PrivacyRight.Access or PrivacyRight.Portability => texts.ExportSection,
        PrivacyRight.Rectification => texts.ActRectify,
        PrivacyRight.Restriction => texts.ActRestrict,
        PrivacyRight.Objection => texts.ActObject,
        _ => texts.EraseSection,
    };

    private string Name(string topic, Texts texts) => topics.Find(topic) is { } known ? texts.NameOf(known) : topic;

    internal static string Language(string? locale) => Texts.Find(locale) is { } known ? known.Culture.NativeName : locale ?? "–";

    // Keys of ours run from left to right also among words that do not.
    private string Where(LedgerEntry entry, Channel channel, Texts texts) =>
        string.Join(
            " · ",
            new[]
            {
                entry.Topic == LedgerDraft.AllTopics ? null : Name(entry.Topic, texts),
                Way(entry.Detail?.Source, channel, texts),
                Who(entry.Detail?.Actor),
            }
                .OfType<string>()
                .Distinct()
                .Select(texts.Isolate));

    // A service or an agent by its name; that the person or a provider acted says the way.
    private static string? Who(string? actor) =>
        actor is null or Actors.Person or Actors.Provider ? null : actor[(actor.IndexOf(':', StringComparison.Ordinal) + 1)..];

    // Under which policy, and what was kept of it as evidence.
    private static List<(string Name, string Value)> Said(LedgerEntry entry, Texts texts) =>
        [
            .. entry.PolicyVersion is { } version ? [(texts.FactPolicy, version)] : Array.Empty<(string, string)>(),
            .. EvidenceFacts.Of(entry.Detail?.Evidence, texts),
        ];

    // What the product itself writes, by the name that its page, or its section of one, has there. What services say is theirs.
    private static string? Way(string? source, Channel channel, Texts texts) => source switch
    {
        WatchOptions.PublicForm => texts.SubscribeTitle,
        ConfirmEndpoint.Source => texts.ConfirmTitle,
        PreferenceEndpoint.Source => texts.PreferencesTitle,
        "unsubscribe-page" or "one-click" => texts.StopTitle,
        "mailto" => texts.ByEmail,
        ConsentSource.Sms => texts.BySms,
        ConsentSource.AddressChange => channel == Channel.Email ? texts.ChangeEmail : texts.ChangePhone,
        ConsentSource.PrivacyRequest => texts.DataRequests,
        Objection.Source => texts.ObjectSection,
        ConsentSource.ProviderReport => texts.DataMessages,
        "contact" => texts.DataAccount,
        "feedback-loop" => texts.WhySpam,
        PersonActs.Source + "phone" => texts.SaidByPhone,
        PersonActs.Source + "mail" => texts.SaidByLetter,
        PersonActs.Source + "counter" => texts.SaidInPerson,
        "retention" or "review" or "api" or "import" or "console" or PersonActs.Source + "other" => null, // What was done says it.
        _ => source,
    };

    internal static string Moment(DateTimeOffset at, Texts texts) =>
        $"{texts.Date(at.ToUniversalTime())} {texts.Isolate($"{at.ToUniversalTime().ToString("HH:mm", CultureInfo.InvariantCulture)} UTC")}";

    private IEnumerable<Html> Messages(AddressExport one, Texts texts) =>
        one.Messages.Select(m => m.Record)
            .OrderBy(AcceptedAt)
            .Select(m => Entry(What(m, one, texts), AcceptedAt(m), Told(m, texts), null, [], texts));

    private static DateTimeOffset? AcceptedAt(MessageRecord record) => record.Timeline is [var first, ..] ? first.At : null;

    // By what it was for: only a notification brings its topic.
    private string What(MessageRecord record, AddressExport one, Texts texts) => record switch
    {
        { Purpose: MessagePurpose.Confirmation, TrackingNumber: { } number } =>
            Texts.Fill(PackageTexts.For(texts.Language)["confirm.Subject"], "number", texts.Isolate(number)),
        { Purpose: MessagePurpose.Confirmation } =>
            Texts.Fill(ConsentTexts.For(texts.Language)["subject"], "what", Name(record.Topic, texts)),
        { Purpose: MessagePurpose.PreferencesLink } => texts.FindTitle,
        { Purpose: MessagePurpose.Reply or MessagePurpose.Notice } =>
            Answers(record, one) ? texts.DataTexts : ConsentTexts.For(texts.Language)["aboutRequest"],
        { TrackingNumber: { } number, Topic: TopicKey.PackageUpdates } =>
            Texts.Fill(texts.StopPackage, "number", texts.Isolate(number)),
        { TrackingNumber: { } number } => $"{Name(record.Topic, texts)} · {texts.Isolate(number)}",
        _ => Name(record.Topic, texts),
    };

    // A notice answers a text, or tells of a request: the record has not which, but an answer goes within the hour or not at all.
    private static bool Answers(MessageRecord record, AddressExport one) =>
        record.Purpose == MessagePurpose.Reply
            || (record.Channel == Channel.Sms
                && (one.Texts ?? []).Any(
                    t => t.Answer is not null && t.At <= AcceptedAt(record) && AcceptedAt(record) <= t.At.AddHours(1)));

    // What became of a message, and why it did not go out or had to wait.
    private static string Told(MessageRecord record, Texts texts) =>
        string.Join(" · ", new[] { Status(record.Status, texts), Why(record.Reason, texts) }.OfType<string>());

    /// <summary>Why a message did not go out or had to wait, in the person's words; null where its status says it.</summary>
    internal static string? Why(Reason reason, Texts texts) => reason switch
    {
        Reason.NoConsent => texts.Never,
        Reason.Unconfirmed => texts.Pending,
        Reason.Unsubscribed => texts.Unsubscribed,
        Reason.PackageUnwatched => texts.ActUnwatch,
        Reason.SuppressedBounce or Reason.SuppressedInvalid or Reason.SuppressedManual or Reason.SuppressedErased => texts.ActSuppress,
        Reason.SuppressedComplaint => texts.WhySpam,
        Reason.AccountDisabled => texts.ActDisable,
        Reason.ProcessingRestricted => texts.ActRestrict,
        Reason.PolicyOutdated => texts.PolicyOutdated,
        Reason.ReviewPending => texts.ReviewWaits,
        Reason.QuietHours => texts.WhyNight,
        Reason.FrequencyCap => texts.WhyOften,
        Reason.Expired => texts.WhyLate,
        Reason.Duplicate => texts.WhyDuplicate,
        Reason.StaleEvent => texts.WhyStale,
        Reason.CampaignPaused or Reason.CampaignCancelled => texts.WhyCampaign,
        Reason.ProviderRejected or Reason.ProviderUnavailable => texts.WhyProvider,
        _ => null, // That it went out, or that nobody knows, its status says.
    };

    // A keyword is a word that can be sent; anything else stands among what the person wrote.
    private static string Read(string intent, Texts texts) =>
        intent is "stop" or "start" or "yes" or "help" ? intent.ToUpperInvariant() : texts.DataWritten;

    private static string Status(SubscriptionStatus status, Texts texts) => status switch
    {
        SubscriptionStatus.Subscribed => texts.Subscribed,
        SubscriptionStatus.Pending => texts.Pending,
        SubscriptionStatus.Unsubscribed => texts.Unsubscribed,
        _ => texts.Never,
    };

    private static string Status(WatchStatus status, Texts texts) => status switch
    {
        WatchStatus.Active => texts.Subscribed,
        WatchStatus.Pending => texts.Pending,
        _ => texts.Unsubscribed,
    };

    private static string Status(MessageStatus status, Texts texts) => status switch
    {
        MessageStatus.Queued or MessageStatus.Deferred or MessageStatus.Sending => texts.MsgWaiting,
        MessageStatus.Skipped => texts.MsgSkipped,
        MessageStatus.Sent => texts.MsgSent,
        MessageStatus.Delivered => texts.MsgDelivered,
        MessageStatus.Bounced or MessageStatus.Failed => texts.MsgFailed,
        _ => texts.MsgUnknown,
    };

    private static string Action(LedgerAction action, Texts texts) => action switch
    {
        LedgerAction.OptIn => texts.ActOptIn,
        LedgerAction.Confirm => texts.ActConfirm,
        LedgerAction.OptOut => texts.ActOptOut,
        LedgerAction.StopAll => texts.ActStopAll,
        LedgerAction.Resume => texts.ActResume,
        LedgerAction.Suppress => texts.ActSuppress,
        LedgerAction.Unsuppress => texts.ActUnsuppress,
        LedgerAction.Disable => texts.ActDisable,
        LedgerAction.Enable => texts.ActEnable,
        LedgerAction.Watch => texts.ActWatch,
        LedgerAction.Unwatch => texts.ActUnwatch,
        LedgerAction.Review => texts.ActReview,
        LedgerAction.Reviewed => texts.ActReviewed,
        LedgerAction.Restrict => texts.ActRestrict,
        LedgerAction.Unrestrict => texts.ActUnrestrict,
        LedgerAction.Expire => texts.ActExpire,
        LedgerAction.Rectify => texts.ActRectify,
        LedgerAction.Objection => texts.ActObject,
        LedgerAction.Pause => texts.ActPause,
        LedgerAction.Unpause => texts.ActUnpause,
        _ => action.ToString(),
    };
}

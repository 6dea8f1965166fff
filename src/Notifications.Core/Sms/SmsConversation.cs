using System.Globalization;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Packages;
using Notifications.Review;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Sms;

/// <summary>
/// Does what a person's text asks for, and answers it: once per event, however often and in whatever order events are delivered (R44, R65).
/// The change, a package that a YES confirms and the event's own row are one commit, so a redelivery finds what the text came to; the
/// answer's id is derived from the event.
/// </summary>
public sealed partial class SmsConversation(
    AddressBook book,
    ITableStore tables,
    KeyRing ring,
    MessageIds ids,
    SendQueue queue,
    TopicCatalog topics,
    ReviewDesk reviews,
    Watches watches,
    SmsOptions options,
    SendingOptions sending,
    SenderOptions sender,
    TimeProvider time,
    ILogger<SmsConversation> log)
{
    /// <summary>The event that carries a text.</summary>
    public const string SmsReceived = "Microsoft.Communication.SMSReceived";

    /// <summary>After this long a confirmation of STOP is not sent any more (47 CFR 64.1200(a)(12)).</summary>
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromMinutes(5);

    private readonly SmsReplies _replies = new(options, sender);
    private readonly SmsStanding _standing = new(topics, sending);

    /// <summary>Handles one inbound text.</summary>
    public async ValueTask<WorkOutcome> HandleAsync(InboundEvent happening, CancellationToken cancel)
    {
        var from = happening.Data.Text("from").Trim();
        if (from.Length > 0 && from[0] is not '+' and not '＋') from = "+" + from;
        if (IsMachine(from)) return Ignore(happening);
        if (!Address.TryParse(Channel.Sms, from, out var phone, out _))
            return WorkOutcome.GiveUp("The sender of the text is not a phone number.");
        if (IsMachine(phone.Value)) return Ignore(happening);

        var key = ring.KeyOf(phone);
        var row = Rows.Event(ring.LookupHash("event", happening.Id));
        var text = happening.Data.Text("message");
        var reading = SmsKeyword.Read(text);
        for (var attempt = 0; attempt < Tries.Most; attempt++)
        {
            if (await tables.GetAsync(Tables.Addresses, key.Value, row, cancel) is { } known)
                return await FinishAsync(phone, happening, known.Read(CoreJson.Default.InboundText), cancel);

            var (state, etag) = await book.LoadAsync(key, cancel);
            var before = state ?? ConsentDesk.Blank(phone);
            var now = time.UtcNowMs();
            var said = Answered(Said(before, happening, now), now);
            var open = reading.Intent is SmsIntent.Yes or SmsIntent.No
                ? OpenQuestion.Of(before, await watches.OpenAsync(key, before, said, cancel), topics, said)
                : [];
            WatchConfirmation? package = null;
            if (reading.Intent == SmsIntent.Yes && open is [{ Package: { } number }, ..])
            {
                package = await watches.ConfirmedAsync(
                    key, before, number, said, ConsentSource.Sms, text, Evidence(happening), now, cancel);
                if (package is null) continue; // It changed meanwhile, and the record with it.
            }

            var (change, outcome) = Decide(before, reading, text, open, package, happening, now);
            // A START of somebody nothing is known of is not remembered.
            var nobody = state is null && reading.Intent is SmsIntent.Start or SmsIntent.Yes;
            if (nobody
                || (ReferenceEquals(change.State, before) && change.Entries.Count == 0
                    && outcome is { Answer: null, Packages: null, Review: null }))
            {
                LogHandled(happening.Id, outcome.Intent);
                return WorkOutcome.Done;
            }

            // A STOP of later date makes it untrue that something comes again (R43).
            outcome = outcome with
            {
                Begins = outcome is { Answer: not null, Intent: not (SmsIntent.Stop or SmsIntent.Help) } && change.State.Stopped is null,
            };

            // Also where only the answer is new: the record carries when we answered, and the row that we did.
            var next = outcome.Answer is null ? change.State : change.State with { Replies = [.. Recent(change.State, now), now] };
            var written = RowChange.Insert(row, outcome, CoreJson.Default.InboundText);
            RowChange[] beside = package is null ? [written] : [written, package.Row];
            if (await book.TryCommitAsync(key, etag, state, change with { State = next }, now, beside, cancel) is null) continue;
            if (package is not null) await watches.SettleAsync(key, package, cancel);
            if (outcome.Intent == SmsIntent.Stop) Telemetry.OptedOut(time.GetUtcNow() - outcome.At, "text");
            LogHandled(happening.Id, outcome.Intent);
            return await FinishAsync(phone, happening, outcome, cancel);
        }

        throw StorageUnavailableException.Contended($"The record {key}");
    }

    /// <summary>What a text changes and what we say to it. Pure, so it can be decided again on a newer record.</summary>
    private (Change Change, InboundText Outcome) Decide(
        AddressState state, SmsReading reading, string text, OpenQuestion[] open, WatchConfirmation? package, InboundEvent happening,
        DateTimeOffset now)
    {
        var at = Said(state, happening, now);
        var none = new Change(state, []);
        switch (reading.Intent)
        {
            case SmsIntent.Stop:
                var stopped = Transitions.StopByText(state, Draft(LedgerAction.StopAll, happening), at, now);
                var inEffect = state.Stopped is null && stopped.State.Stopped is not null;
                var offer = inEffect && options.StopScope == StopScope.Clarification ? _standing.Offer(state, now) : [];
                var late = now - at > ConfirmWithin;
                var confirmation = !inEffect || late || ProviderAnswers(happening, text) ? null
                    : offer.Length > 0
                        ? Question(offer)
                    : Say("stopped", state, reading);
                var told = Outcome(SmsIntent.Stop, confirmation, at + ConfirmWithin);
                if (!inEffect) return (stopped, told);
                // Only what is asked can be chosen (R45).
                var choice = offer.Length > 0 && confirmation is not null ? new StopChoice(at + options.ChoiceWindow, offer) : null;
                return (stopped with { State = stopped.State with { Choice = choice } }, told);

            // It answers the newest question that it has seen, and no other (R30).
            case SmsIntent.Yes when open is [var asked, .. var others]:
                var draft = Draft(LedgerAction.Confirm, happening) with { Wording = text };
                var confirmed = package?.Change ?? Confirm(state, asked, draft, now, Answered(at, now));
                var heard = asked with { Topics = [.. asked.Topics.Where(t => _standing.GoesOut(confirmed.State, topics.Of(t), now))] };
                var held = asked.Package is null && heard.Topics.Length == 0;
                var blocked = SmsStanding.IsBlocked(confirmed.State);
                var agreed = (Withheld(confirmed.State, held, NameOf(asked, state, reading))
                        ?? Say("confirmed", state, reading, topic: NameOf(heard, state, reading)))
                    + (!blocked && others is [var next, ..] ? " " + Say("next", state, reading, topic: NameOf(next, state, reading)) : "");
                return (
                    confirmed,
                    Outcome(SmsIntent.Yes, agreed) with { Packages = asked.Package is { } number ? [number] : null });

            // Also a YES to what a STOP has overtaken: it answers that STOP, and confirms nothing (R49).
            case SmsIntent.Start or SmsIntent.Yes:
                // A stray YES says nothing, not even later: only START is remembered against a STOP still under way. And "yes, thank you"
                // may be said to our answer to the STOP.
                if (reading.Intent == SmsIntent.Yes && (state.Stopped is null || reading.Polite))
                    return (none, Outcome(SmsIntent.Yes, null));
                var resumed = Transitions.ResumeByText(state, Draft(LedgerAction.Resume, happening), at);
                string[] waits = [.. _standing.Held(resumed.State, now).Select(Name)];
                var welcome = resumed.Entries.Count == 0 || ProviderAnswers(happening, text) ? null
                    : _standing.IsSilent(resumed.State, now) ? Say("noted", state, reading)
                    : waits.Length > 0 ? Say("held", state, reading, topic: Words(state, reading).Join(waits))
                    : Say("resumed", state, reading);
                return (resumed, Outcome(reading.Intent, welcome));

            case SmsIntent.Help:
                return (none, Outcome(SmsIntent.Help, Say("help", state, reading)));

            // Where nothing was asked, a "no" can only be meant of what comes, and of that marketing alone needs a yes (R41).
            case SmsIntent.No when open is [] && _standing.HasMarketing(state):
            case SmsIntent.Unsure:
                var item = reviews.IdOf(happening.Id, at);
                return (
                    AddressTransitions.OpenReview(state, item, Draft(LedgerAction.Review, happening)),
                    Outcome(SmsIntent.Unsure, null) with { Review = item });
        }

        if (state.Choice is not { } offered || at > offered.Until || !(state.Stopped?.SaidAt <= at))
            return (none, Outcome(SmsIntent.None, null));
        var answer = Courtesy.Polite.Without(text).Bare;
        if (Chosen(offered.Topics, answer, Name) is not { } topic)
        {
            // What it was meant to keep is not guessed at: it is asked once more (R45).
            if (offered.Twice || answer.Length == 0) return (none, Outcome(SmsIntent.None, null));
            return (
                new Change(state with { Choice = offered with { Twice = true } }, []), Outcome(SmsIntent.None, Question(offered.Topics)));
        }

        var chosen = Transitions.Choose(state, topic, Draft(LedgerAction.Resume, happening), now);
        if (chosen.Entries.Count == 0) return (chosen, Outcome(SmsIntent.None, null));
        var kept = Withheld(chosen.State, !_standing.Comes(chosen.State, topics.Of(topic), now), Name(topic))
            ?? Say("chosen", state, reading, topic: Name(topic));
        return (chosen, Outcome(SmsIntent.None, kept));

        // Nothing is promised that is not sent at present (R21).
        string? Withheld(AddressState after, bool held, string what) =>
            SmsStanding.IsBlocked(after) || (held && _standing.IsSilent(after, now)) ? Say("noted", state, reading)
            : held ? Say("held", state, reading, topic: what) : null;
        string Name(string topic) => NameOf(new(at, [topic]), state, reading);
        string Question(string[] kinds) =>
            Say("choice", state, reading, choices: Words(state, reading).Join(kinds.Select((t, i) => $"{i + 1} {Name(t)}")));

        // Each stop is confirmed once, and that no limit takes away (R44).
        InboundText Outcome(SmsIntent intent, string? answer, DateTimeOffset? until = null) =>
            new(
                intent, at, intent == SmsIntent.Stop || Recent(state, now).Length < options.RepliesPerHour ? answer : null,
                until ?? at.AddHours(1), null);
    }

    /// <summary>
    /// What follows the commit, safe to do again: the packages that a YES confirmed learn of it, the review item, and the answer unless it
    /// has its record already.
    /// </summary>
    private async ValueTask<WorkOutcome> FinishAsync(Address phone, InboundEvent happening, InboundText outcome, CancellationToken cancel)
    {
        var key = ring.KeyOf(phone);
        if (outcome.Review is { } item)
            await reviews.OpenAsync(
                new ReviewItem
                {
                    Id = item,
                    Channel = Channel.Sms,
                    AddressKey = key.Value,
                    From = phone.Value,
                    Text = happening.Data.Text("message"),
                    At = outcome.At,
                },
                cancel);
        if (outcome.Intent is SmsIntent.Start or SmsIntent.Yes) await watches.UncoverAsync(key, cancel);
        if (outcome.Packages is { } packages) await watches.IndexAsync(key, packages, cancel);
        if (outcome.Answer is null) return WorkOutcome.Done;
        var id = ids.Derive(key, "reply/" + happening.Id);
        if (await queue.IsRecordedAsync(id, cancel)) return WorkOutcome.Done;
        await queue.EnqueueAsync(new SendRequest
        {
            Id = id.ToString(),
            Channel = Channel.Sms,
            To = (await book.LoadAsync(key, cancel)).State?.Value ?? phone.Value, // In the form in which the phone was reached before.
            Topic = TopicKey.PackageUpdates,
            Purpose = outcome.Begins ? MessagePurpose.Notice : MessagePurpose.Reply,
            Content = new MessageContent(null, outcome.Answer, null),
            AcceptedAt = time.UtcNowMs(),
            ExpiresAt = outcome.AnswerUntil,
        }, cancel);
        return WorkOutcome.Done;
    }

    private static Change Confirm(AddressState state, OpenQuestion asked, LedgerDraft draft, DateTimeOffset now, DateTimeOffset said)
    {
        var change = new Change(state, []);
        foreach (var topic in asked.Topics)
            change = change.Then(s => Transitions.Confirm(s, topic, draft with { Topic = topic }, now, said));
        return change;
    }

    // By its name or its number, in the digits of any script: a phone that writes Arabic answers with ١.
    private static string? Chosen(string[] topics, string answer, Func<string, string> nameOf) =>
        SmsText.Word(answer) is [var written]
            && CharUnicodeInfo.GetDecimalDigitValue(written) is >= 1 and var digit
            && digit <= topics.Length
            ? topics[digit - 1]
            : Array.Find(topics, t => SmsText.Key(nameOf(t)) == SmsText.Key(answer));

    private string NameOf(OpenQuestion asked, AddressState state, SmsReading reading)
    {
        var texts = Words(state, reading);
        return asked.Package is { } number
            ? $"{texts.Shared["label.Package"]} {number}"
            : texts.Join(asked.Topics.Select(t => texts.NameOf(topics.Of(t))));
    }

    private string Say(string key, AddressState state, SmsReading reading, string? choices = null, string? topic = null) =>
        _replies.Write(key, LanguageOf(state, reading), choices, topic);

    private static ConsentTexts Words(AddressState state, SmsReading reading) => ConsentTexts.For(LanguageOf(state, reading));

    private static string LanguageOf(AddressState state, SmsReading reading) =>
        ReplyLanguage.Of(state.Locale, reading, state.RegionToday);

    private static DateTimeOffset Said(AddressState state, InboundEvent happening, DateTimeOffset now) =>
        state.Heard(happening.Data.Moment("receivedTimestamp") ?? happening.At, now);

    // Carriers tell whole seconds: a YES of the second of a question is one to it. What a stop is measured by stays as it is told.
    private static DateTimeOffset Answered(DateTimeOffset said, DateTimeOffset now) =>
        said.UtcTicks % TimeSpan.TicksPerSecond == 0 ? Clock.LastOf(said, now) : said;

    private bool ProviderAnswers(InboundEvent happening, string text)
    {
        var to = happening.Data.Text("to").Trim();
        if (to.Length == 0) to = sender.SmsFrom;
        return options.AnsweredAt(to[0] == '+' ? to : "+" + to, text);
    }

    // Short codes have at most six digits; no phone number with its country has fewer than seven.
    private bool IsMachine(string from)
    {
        var digits = from.TrimStart('+', '＋');
        if (digits.Length is >= 3 and <= 6 && digits.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0) return true;
        return from == sender.SmsFrom || Array.Exists(options.OwnNumbers, own => own == from || own == digits);
    }

    private static DateTimeOffset[] Recent(AddressState state, DateTimeOffset now) =>
        Array.FindAll(state.Replies, r => r > now.AddHours(-1));

    private WorkOutcome Ignore(InboundEvent happening)
    {
        LogMachine(happening.Id);
        return WorkOutcome.Done;
    }

    private static LedgerDraft Draft(LedgerAction action, InboundEvent happening) =>
        new(action, LedgerDraft.AllTopics, ConsentSource.Sms, Actors.Person) { Evidence = Evidence(happening) };

    private static string Evidence(InboundEvent happening) => LedgerEvidence.Of(json =>
    {
        json.WriteString("event", happening.Id);
        json.WriteString("text", happening.Data.Text("message"));
        if (happening.Data.Text("to") is { Length: > 0 } to) json.WriteString("to", to);
    });

    [LoggerMessage(EventId = 130, EventName = "TextHandled", Level = LogLevel.Information, Message = "Inbound text {Event}: {Intent}")]
    private partial void LogHandled(string @event, SmsIntent intent);

    [LoggerMessage(
        EventId = 131, EventName = "MachineIgnored", Level = LogLevel.Information,
        Message = "Inbound text {Event} is from a short code or a number of ours and is not answered")]
    private partial void LogMachine(string @event);
}

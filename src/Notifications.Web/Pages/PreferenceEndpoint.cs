using System.Globalization;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Unsubscribe;
using Notifications.Web.Subscribe;

namespace Notifications.Web.Pages;

/// <summary><c>/p/{token}</c>: GET shows, POST does what one button says.</summary>
internal sealed class PreferenceEndpoint(
    PublicLinks links,
    AddressBook book,
    Unsubscriber unsubscriber,
    ConsentDesk desk,
    ConsentQuestions questions,
    ContactDesk contacts,
    Watches watches,
    WatchQuestions packages,
    TopicCatalog topics,
    SendingOptions sending,
    TimeProvider time,
    RightsEndpoint rights,
    PreferenceAccount account,
    PreferenceDetails details,
    FollowedPackages followed,
    ConfirmPage confirmed,
    PreferencePage page)
{
    internal const string Source = "preference-page";

    /// <summary>The field of a button that takes something back.</summary>
    internal const string Back = "back";

    // Later than that it is not an undo any more but a new wish, and a link may have been passed on.
    private static readonly TimeSpan UndoWithin = TimeSpan.FromHours(1);

    // Without the store nothing is shown: a status that cannot be read must not pass for "not chosen".
    public async ValueTask<IResult> GetAsync(HttpContext http) =>
        await links.ReadAsync(http, LinkPurpose.Preferences) is { } token ? await ShowAsync(http, token, null) : links.Refuse(http);

    public async ValueTask<IResult> PostAsync(HttpContext http)
    {
        if (await links.ReadAsync(http, LinkPurpose.Preferences) is not { } token) return links.Refuse(http);
        if (await PublicForm.ReadAsync(http) is not { } form) return PublicLinks.NoChoice(http, tooLarge: true);
        var (state, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        var texts = Texts.For(http, state?.Locale);
        if (state is { IsErased: true }) return RightsPanels.Erased(texts); // A page from before it; nothing is written of them (R34).
        if (await rights.AnswerAsync(http, token, form, state, texts) is { } answer) return answer;
        if (await DoAsync(http, token, form, state, texts) is not { } said) return PublicLinks.NoChoice(http, tooLarge: false);
        return await ShowAsync(http, token, form[Back] == "yes" ? t => said(t) with { UndoName = null, UndoValue = null } : said);
    }

    private async ValueTask<Page> ShowAsync(HttpContext http, LinkToken token, Func<Texts, Said>? said)
    {
        var (state, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        var texts = Texts.For(http, state?.Locale);
        if (state is { IsErased: true }) return RightsPanels.Erased(texts);
        var contact = state?.ContactId is { } id ? await contacts.GetAsync(id, CancellationToken.None) : null;
        var view = new PreferenceView(
            state, await watches.OfAsync(token.Address, CancellationToken.None), contact?.Profile.Name,
            await account.MayEnableAsync(token, state), await rights.MayLiftAsync(token))
        {
            Elsewhere = contact is not null && await account.IsOpenElsewhereAsync(contact, token)
                ? PreferenceAccount.Other(token.Channel)
                : null,
            OpenBeside = contact is null ? null : await account.IsOpenBesideAsync(contact, token),
        };
        return page.Show(token, view, said?.Invoke(texts), texts);
    }

    /// <summary>Does it, and says what came of it, in the language that then holds; null when the form asks for nothing we know.</summary>
    private async ValueTask<Func<Texts, Said>?> DoAsync(
        HttpContext http, LinkToken token, PublicForm form, AddressState? state, Texts texts)
    {
        if (form["stop"] == LedgerDraft.AllTopics) return await account.StopAsync(token, state, token.Channel);
        if (form["stop"] == LedgerDraft.AllTopics + PreferenceAccount.Other(token.Channel).Name())
            return await account.StopAsync(token, state, PreferenceAccount.Other(token.Channel));
        if (form["stop"] == PreferencePage.AllMarketing) return await StopMarketingAsync(token, state);
        if (topics.Find(form["stop"], state) is { } stop)
        {
            var stopped = await unsubscriber.StopTopicsAsync(token, [stop.Key], Source, CancellationToken.None);
            var moment = await MomentAsync(token, stopped);
            return t => new(Texts.Fill(t.SavedStop, "what", t.NameOf(stop)), "undo", moment);
        }

        if (form["resume"] == "yes")
        {
            var draft = Draft(http, LedgerAction.Resume, LedgerDraft.AllTopics);
            var resumed = await book.ChangeAsync(
                token.Address, null, (now, _) => Transitions.Resume(now, draft), null, CancellationToken.None) is { Changed: true };
            if (resumed) await watches.UncoverAsync(token.Address, CancellationToken.None);
            return t => new(resumed ? t.Undone : t.Unchanged);
        }

        if (form["undo"] is { } undone) return await UndoAsync(http, token, undone);
        if (form["object"] == "yes") return await rights.ObjectAsync(token, state);
        if (form["restrict"] == "yes") return await rights.RestrictAsync(token, state);
        if (form["lift"] == "yes") return await rights.LiftAsync(token, state, texts);
        if (form["daily"] is "yes" or "no") return await followed.SetDailyAsync(token, form["daily"] == "yes", state);
        if (form["again"] == "yes") return await AskAgainAsync(token, state);
        if (topics.Find(form["subscribe"]) is { } topic) return await SubscribeAsync(http, token, topic, texts);
        if (TrackingNumber.TryParse(form["unwatch"], out var number, out _)) return await followed.EndAsync(http, token, number);
        if (TrackingNumber.TryParse(form["watch"], out number, out _)) return await followed.BeginAsync(http, token, number, state, texts);
        if (form["pause"] is { } pause) return await PauseAsync(http, token, pause, state);
        if (form["save"] == "details") return await details.SaveAsync(token, form, state);
        if (form["move"] == "yes") return await details.MoveAsync(http, token, form["address"], state, texts);
        if (form["disable"] == "yes") return await account.DisableAsync(state);
        if (form["enable"] == "yes") return await account.EnableAsync(token, state);
        return null;
    }

    private async ValueTask<Func<Texts, Said>> StopMarketingAsync(LinkToken token, AddressState? state)
    {
        var stopped = await unsubscriber.StopTopicsAsync(token, [.. topics.MarketingOf(state)], Source, CancellationToken.None);
        var moment = await MomentAsync(token, stopped);
        return t => stopped.Changed ? new(Texts.Fill(t.SavedStop, "what", t.MarketingSection), "undo", moment) : new(t.Unchanged);
    }

    /// <summary>
    /// The moment of a stop names it to its undo: whatever was stopped by that one press, and nothing else, holds again as it was. Null
    /// where nothing that held was stopped.
    /// </summary>
    private async ValueTask<string?> MomentAsync(LinkToken token, ChangeResult stopped)
    {
        foreach (var entry in stopped.Entries)
            if (stopped.State.Find(entry.Topic) is { Before: { } before } one
                && one.Since == entry.At
                && (before.Status == SubscriptionStatus.Subscribed || await SpokeAsync(token, before)))
                return entry.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        return null;
    }

    /// <summary>Whether a package is followed that spoke before the stop: what was followed once may have ended.</summary>
    private async ValueTask<bool> SpokeAsync(LinkToken token, StoppedConsent before) =>
        (await watches.OfAsync(token.Address, CancellationToken.None)).Any(
            w => w.Watch.Status == WatchStatus.Active
                && (before.Status == SubscriptionStatus.None || w.Watch.Since > before.Since));

    private async ValueTask<Func<Texts, Said>?> UndoAsync(HttpContext http, LinkToken token, string moment)
    {
        if (!long.TryParse(moment, NumberStyles.None, CultureInfo.InvariantCulture, out var at)) return null;
        var draft = Draft(http, LedgerAction.Resume, LedgerDraft.AllTopics);
        var result = await book.ChangeAsync(token.Address, null, (state, now) =>
        {
            var change = new Change(state, []);
            foreach (var stopped in state.Subscriptions)
                if (stopped.Source == Source && stopped.Since.ToUnixTimeMilliseconds() == at && stopped.Since > now - UndoWithin)
                    change = change.Then(s => Transitions.Restore(s, stopped.Topic, draft));
            return change;
        }, null, CancellationToken.None);
        if (result is not { Changed: true }) return t => new(t.Unchanged);
        await watches.UncoverAsync(token.Address, CancellationToken.None);
        return t => new(t.Undone);
    }

    // A link may have been passed on, so it alone confirms nothing: a topic with double opt-in asks the mailbox again (P6, R28).
    private async ValueTask<Func<Texts, Said>> SubscribeAsync(HttpContext http, LinkToken token, Topic topic, Texts texts)
    {
        var (state, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        if (state?.Address is not { } address || state.Stopped is not null || PreferencePage.IsBlocked(state)) return t => new(t.Unchanged);
        var draft = Draft(
            http, LedgerAction.OptIn, topic.Key,
            texts) with
            {
                Wording = Texts.Fill(Texts.Fill(texts.ConsentWording, "what", texts.NameOf(topic)), "description", texts.Describe(topic)),
            };
        var (result, after) = await desk.OptInAsync(address, topic, draft, confirmed: false, locale: null, CancellationToken.None);
        // It takes back the stop of all packages: those that were asked for anew beneath that are followed as before.
        if (topic.Key == TopicKey.PackageUpdates) await watches.UncoverAsync(token.Address, CancellationToken.None);
        // A stop would end the older consent too.
        if (after.Find(topic.Key) is { Waits: true } waits)
        {
            // Within its window an email's link asks about this too; a text has none.
            var later = token.Channel == Channel.Sms && waits.ConfirmationAt is null;
            return t => new(
                later ? t.SavedLater : t.SavedPending, "stop",
                state.StatusOf(topic.Key) == SubscriptionStatus.Subscribed ? null : topic.Key);
        }

        return t =>
            result == ConsentResult.Recorded ? new(confirmed.Gets(token, [topic], [], after, t), "stop", topic.Key) : new(t.Unchanged);
    }

    /// <summary>
    /// Sends the confirmation once more. Within its hour, too, a message is there, and its link asks about everything that waits. A text
    /// has no link: what it does not ask about is asked about later.
    /// </summary>
    private async ValueTask<Func<Texts, Said>> AskAgainAsync(LinkToken token, AddressState? state)
    {
        if (state is not { Value: not null, Stopped: null } || PreferencePage.IsBlocked(state)) return t => new(t.Unchanged);
        if (Waiting(state).Any()) await questions.AskAgainAsync(token.Address, CancellationToken.None);
        else if ((await WatchedAsync(token, state)).Any()) await packages.AskAgainAsync(token.Address, CancellationToken.None);
        else return t => new(t.Unchanged);
        var (after, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        var later = token.Channel == Channel.Sms
            && after is not null
            && (Waiting(after).Any(s => s.ConfirmationAt is null)
                || (await WatchedAsync(token, after)).Any(w => w.ConfirmationAt is null));
        return t => new(later ? t.SavedLater : t.SavedPending);
    }

    /// <summary>What waits for its confirmation, and can still be chosen.</summary>
    private IEnumerable<Subscription> Waiting(AddressState state) =>
        topics.All.Select(t => state.Find(t.Key)).OfType<Subscription>().Where(state.StillWaits);

    /// <summary>The packages that do.</summary>
    private async ValueTask<IEnumerable<WatchRecord>> WatchedAsync(LinkToken token, AddressState state) =>
        (await watches.OfAsync(token.Address, CancellationToken.None)).Select(w => w.Watch).Where(w => w.StillWaits(state));

    private async ValueTask<Func<Texts, Said>?> PauseAsync(HttpContext http, LinkToken token, string asked, AddressState? before)
    {
        // Days as the buttons say them, 0 to end the break, or as the undo of that the day it ran until, which never makes a break longer
        // than the longest.
        var now = time.UtcNowMs();
        if (!long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        DateTimeOffset? until = number == 0 ? null
            : PreferencePage.PauseDays.Contains((int)Math.Min(number, int.MaxValue)) ? now.AddDays(number)
            : number > now.ToUnixTimeMilliseconds() && number <= now.AddDays(PreferencePage.PauseDays.Max()).ToUnixTimeMilliseconds()
                ? DateTimeOffset.FromUnixTimeMilliseconds(number)
            : DateTimeOffset.MinValue;
        if (until == DateTimeOffset.MinValue) return null;
        var undo = before?.PausedUntil is { } ran && ran > now ? ran.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) : "0";
        var draft = Draft(http, until is null ? LedgerAction.Unpause : LedgerAction.Pause, LedgerDraft.AllTopics);
        if (await book.ChangeAsync(
            token.Address, null, (state, _) => AddressTransitions.Pause(state, until, draft), null,
            CancellationToken.None) is not { Changed: true } result)
        {
            return t => new(t.Unchanged);
        }

        var silent = result.State.Stopped is not null || PreferencePage.IsBlocked(result.State);
        return until is { } at
            ? t => new(Texts.Fill(t.Paused, "date", t.Date(at)), "pause", undo)
            : t => new(silent ? t.UnpausedSilent : t.Unpaused, "pause", undo == "0" ? null : undo);
    }

    private LedgerDraft Draft(HttpContext http, LedgerAction action, string topic, Texts? texts = null) =>
        new(action, topic, Source, Actors.Person)
        {
            PolicyVersion = action == LedgerAction.OptIn ? sending.PolicyVersion : null,
            Evidence = Evidence.Of(http, texts),
        };
}

using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
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
    ContactDesk contacts,
    Watches watches,
    TopicCatalog topics,
    SendingOptions sending,
    SignupLimits limits,
    KeyRing ring,
    TimeProvider time,
    PreferencePage page)
{
    private const string Source = "preference-page";

    public async Task GetAsync(HttpContext http)
    {
        if (links.Read(http, LinkPurpose.Preferences) is not { } token)
        {
            await links.RefuseAsync(http);
            return;
        }

        try
        {
            await ShowAsync(http, token, null);
        }
        catch (StorageUnavailableException) when (!http.Response.HasStarted)
        {
            await PublicLinks.UnavailableAsync(http); // Statuses that cannot be read must not be shown as "not chosen".
        }
    }

    public async Task PostAsync(HttpContext http)
    {
        if (links.Read(http, LinkPurpose.Preferences) is not { } token)
        {
            await links.RefuseAsync(http);
            return;
        }

        var form = await PublicForm.ReadAsync(http);
        try
        {
            var (state, _) = await book.LoadAsync(token.Address, CancellationToken.None);
            if (form is null || await DoAsync(http, token, form, state, Texts.For(http, state?.Locale)) is not { } said)
            {
                await PublicLinks.NoChoiceAsync(http, tooLarge: form is null);
                return;
            }

            await ShowAsync(http, token, said);
        }
        catch (StorageUnavailableException) when (!http.Response.HasStarted)
        {
            await PublicLinks.UnavailableAsync(http);
        }
    }

    private async ValueTask ShowAsync(HttpContext http, LinkToken token, Func<Texts, Said>? said)
    {
        var (state, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        var texts = Texts.For(http, state?.Locale);
        var name = state?.ContactId is { } id ? (await contacts.GetAsync(id, CancellationToken.None))?.Profile.Name : null;
        var view = new PreferenceView(state, await watches.OfAsync(token.Address, CancellationToken.None), name, await MayEnableAsync(token, state));
        await page.Show(token, view, said?.Invoke(texts), texts).ExecuteAsync(http);
    }

    /// <summary>Does it, and says what came of it, in the language that then holds; null when the form asks for nothing we know.</summary>
    private async ValueTask<Func<Texts, Said>?> DoAsync(HttpContext http, LinkToken token, PublicForm form, AddressState? state, Texts texts)
    {
        if (form["stop"] == LedgerDraft.AllTopics)
            return Said((await unsubscriber.StopAsync(token, UnsubscribeScope.All, Source, CancellationToken.None)).Changed, "resume", "yes");
        if (form["stop"] == PreferencePage.AllMarketing) return await StopMarketingAsync(token);
        if (topics.Find(form["stop"]) is { } stop)
        {
            await unsubscriber.StopAsync(token with { Topic = stop.Key }, UnsubscribeScope.Topic, Source, CancellationToken.None);
            return t => new(Texts.Fill(t.SavedStop, "what", t.NameOf(stop)), "subscribe", stop.Key);
        }

        if (form["resume"] == "yes")
        {
            var draft = Draft(http, LedgerAction.Resume, LedgerDraft.AllTopics);
            return Said(await book.ChangeAsync(token.Address, null, (now, _) => Transitions.Resume(now, draft), null, CancellationToken.None) is { Changed: true }, "stop", "*");
        }

        if (topics.Find(form["subscribe"]) is { } topic) return await SubscribeAsync(http, token, topic, texts);
        if (TrackingNumber.TryParse(form["unwatch"], out var number, out _))
        {
            var stopped = await watches.UnwatchAsync(token.Address, number.Value, Source, "person", Evidence.Of(http), CancellationToken.None);
            return t => stopped ? new(Texts.Fill(t.SavedStop, "what", Texts.Fill(t.StopPackage, "number", number.Value)), "watch", number.Value) : new(t.Unchanged);
        }

        if (TrackingNumber.TryParse(form["watch"], out number, out _)) return await WatchAgainAsync(http, number, state, texts);
        if (form["pause"] is { } pause) return await PauseAsync(http, token, pause);
        if (form["save"] == "details") return await SaveAsync(token, form, state);
        if (form["move"] == "yes") return await MoveAsync(http, token, form["address"], state, texts);
        if (form["disable"] == "yes") return await SetAccountAsync(state is { Contact: ContactStatus.Active } ? state.ContactId : null, ContactStatus.Disabled);
        if (form["enable"] == "yes") return await SetAccountAsync(await MayEnableAsync(token, state) ? state!.ContactId : null, ContactStatus.Active);
        return null;
    }

    private async ValueTask<Func<Texts, Said>> StopMarketingAsync(LinkToken token)
    {
        var changed = false;
        foreach (var topic in topics.All.Where(t => t.IsMarketing))
            changed |= (await unsubscriber.StopAsync(token with { Topic = topic.Key }, UnsubscribeScope.Topic, Source, CancellationToken.None)).Changed;
        return t => new(changed ? Texts.Fill(t.SavedStop, "what", t.MarketingSection) : t.Unchanged); // Each topic's own button takes it back: one consent per purpose (R30).
    }

    // A link may have been passed on, so it alone confirms nothing: a topic with double opt-in asks the mailbox again (P6, R28).
    private async ValueTask<Func<Texts, Said>> SubscribeAsync(HttpContext http, LinkToken token, Topic topic, Texts texts)
    {
        var (state, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        if (state?.Address is not { } address || state.Stopped is not null || PreferencePage.IsBlocked(state)) return t => new(t.Unchanged);
        var draft = Draft(http, LedgerAction.OptIn, topic.Key, texts) with { Wording = Texts.Fill(Texts.Fill(texts.ConsentWording, "what", texts.NameOf(topic)), "description", texts.Describe(topic)) };
        var (result, after) = await desk.OptInAsync(address, topic, draft, confirmed: false, locale: null, CancellationToken.None);
        return after.StatusOf(topic.Key) == SubscriptionStatus.Pending ? t => new(t.SavedPending, "stop", topic.Key) : Said(result == ConsentResult.Recorded, "stop", topic.Key);
    }

    private async ValueTask<Func<Texts, Said>> WatchAgainAsync(HttpContext http, TrackingNumber number, AddressState? state, Texts texts)
    {
        if (state?.Address is not { } address || state.Stopped is not null || PreferencePage.IsBlocked(state) || !limits.Allow(ring.KeyOf(address))) return t => new(t.Unchanged);
        await watches.WatchAsync(new WatchRequest(number, address, WatchOptions.PublicForm, "person")
        {
            PolicyVersion = sending.RequiredPolicyVersion,
            Wording = SubscribePage.Wording(number.Value, texts),
            Evidence = Evidence.Of(http, texts),
        }, CancellationToken.None);
        return t => new(t.SavedPending, "unwatch", number.Value);
    }

    private async ValueTask<Func<Texts, Said>?> PauseAsync(HttpContext http, LinkToken token, string asked)
    {
        var days = Array.Find(PreferencePage.PauseDays, d => d.ToString(System.Globalization.CultureInfo.InvariantCulture) == asked);
        if (days == 0 && asked != "0") return null;
        DateTimeOffset? until = days == 0 ? null : time.UtcNowMs().AddDays(days);
        var draft = Draft(http, days == 0 ? LedgerAction.Unpause : LedgerAction.Pause, LedgerDraft.AllTopics);
        var changed = await book.ChangeAsync(token.Address, null, (state, _) => Transitions.Pause(state, until, draft), null, CancellationToken.None) is { Changed: true };
        return until is { } at && changed ? t => new(Texts.Fill(t.Paused, "date", t.Date(at)), "pause", "0") : Said(changed);
    }

    private async ValueTask<Func<Texts, Said>> SaveAsync(LinkToken token, PublicForm form, AddressState? state)
    {
        if (state?.Value is null || state.Suppression?.Reason == SuppressionReason.Erased) return t => new(t.Unchanged);
        var zone = form["zone"] is { Length: > 0 } chosen ? chosen : null;
        if (zone is not null && zone != state.TimeZone && !PreferencePage.Zones.Contains(zone)) return t => new(t.ZoneError);
        var locale = Texts.Find(form["language"])?.Language;
        if (state.ContactId is { } id && await contacts.GetAsync(id, CancellationToken.None) is { } contact)
        {
            var name = form["name"]?.Trim() is { Length: > 0 and <= 200 } typed && !typed.Any(char.IsControl) ? typed : contact.Profile.Name;
            await contacts.PutAsync(id, name, locale ?? contact.Profile.Locale, zone ?? contact.Profile.TimeZone, null, Source, CancellationToken.None);
            return t => new(t.Saved);
        }

        await book.ChangeAsync(
            token.Address,
            null,
            (now, _) =>
            {
                var next = now with { Locale = locale ?? now.Locale, TimeZone = zone ?? now.TimeZone };
                return next == now ? new Change(now, []) : new Change(next, []);
            },
            null,
            CancellationToken.None);
        return t => new(t.Saved);
    }

    /// <summary>
    /// Asks a new address to confirm what is on here (R33). Nothing else moves: what was stopped is not asked for, a blocked address asks for nothing, and
    /// what stands against the new address stays. The answer does not tell what is known of it.
    /// </summary>
    private async ValueTask<Func<Texts, Said>> MoveAsync(HttpContext http, LinkToken token, string? typed, AddressState? state, Texts texts)
    {
        if (!limits.Allow(http.Connection.RemoteIpAddress)) return t => new(t.BusyText);
        if (!Address.TryParse(token.Channel, typed, out var address, out _)) return t => new(token.Channel == Channel.Email ? t.EmailError : t.PhoneError);
        if (state is not { Value: not null, Stopped: null } || PreferencePage.IsBlocked(state)) return t => new(t.Unchanged);
        if (address.Value == state.Value) return t => new(t.Unchanged);
        if (limits.Allow(ring.KeyOf(address)))
        {
            foreach (var topic in topics.All.Where(t => state.StatusOf(t.Key) == SubscriptionStatus.Subscribed))
            {
                var draft = Draft(http, LedgerAction.OptIn, topic.Key, texts) with { Wording = SubscribePage.Wording(address.Channel, topic, texts) };
                await desk.OptInAsync(address, SubscribeEndpoint.Unproven(topic), draft, confirmed: false, texts.Language, CancellationToken.None);
            }
        }

        return t => new(t.ChangeDone);
    }

    private async ValueTask<Func<Texts, Said>> SetAccountAsync(string? contact, ContactStatus status)
    {
        var done = contact is not null && await contacts.SetStatusAsync(contact, status, Source, "person", CancellationToken.None) is not null;
        return t => new(!done ? t.Unchanged : status == ContactStatus.Disabled ? t.AccountDisabled : t.Saved);
    }

    // What the person disabled here, the person may enable here; what the service or an agent disabled stays (P6).
    private async ValueTask<bool> MayEnableAsync(LinkToken token, AddressState? state)
    {
        if (state is not { ContactId: not null, Contact: ContactStatus.Disabled }) return false;
        var ledger = await book.LedgerAsync(token.Address, CancellationToken.None);
        return ledger.LastOrDefault(e => e.Action == LedgerAction.Disable)?.Detail is { Source: Source, Actor: "person" };
    }

    private LedgerDraft Draft(HttpContext http, LedgerAction action, string topic, Texts? texts = null) => new(action, topic, Source, "person")
    {
        PolicyVersion = action == LedgerAction.OptIn ? sending.RequiredPolicyVersion : null,
        Evidence = Evidence.Of(http, texts),
    };

    private static Func<Texts, Said> Said(bool changed, string? undoName = null, string? undoValue = null) => t => changed ? new(t.Saved, undoName, undoValue) : new(t.Unchanged);
}

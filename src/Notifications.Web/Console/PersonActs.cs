using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Web.Addresses;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>What an agent does for a person who called or wrote: a stop, a block, the end of a block.</summary>
internal sealed class PersonActs(
    AddressBook book, ContactDesk contacts, Blocks blocks, TopicCatalog topics, KeyRing ring, AuditLog audit, TimeProvider time)
{
    /// <summary>How the sources of stops begin that an agent records; then it says how the person said it.</summary>
    internal const string Source = "console-";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct("/console/people/{key}/stop", Scope.Contacts, StopAsync);
        routes.MapAct("/console/people/{key}/block", Scope.Contacts, BlockAsync);
        routes.MapAct(
            "/console/people/{key}/unblock", Scope.Contacts, UnblockAsync,
            ask: async (http, form) =>
                await TargetAsync(http, form) is { Key: var key }
                    ? BlockedScreen.Ask((await book.LoadAsync(key, http.RequestAborted)).State, Parts.Person(key))
                    : null);
    }

    /// <summary>
    /// The forms for it, for whoever may. <paramref name="beside"/>: the account's other addresses on the channel that are still open.
    /// </summary>
    public Html Forms(HttpContext http, AddressKey key, Address? address, AddressState? state, IReadOnlyList<AddressKey> beside)
    {
        if (!http.User().May(Scope.Contacts)) return Html.None;
        var path = Parts.Person(key);
        var typed = state?.Value is null && address is { } known
            ? Html.Of(
                $"<input type=\"hidden\" name=\"address\" value=\"{known.Value}\"><input type=\"hidden\" name=\"channel\" value=\"{known.Channel.Name()}\">")
            : Html.None;
        // At one that is stopped already a topic says nothing more; everything still reaches the others.
        var stopped = state?.Stopped is not null;
        var named = stopped ? [] : topics.AllOf(state).Select(t => (t.Key, t.Name));
        var stop = stopped && beside.Count == 0 ? Html.None : Parts.Form(http, path + "/stop", Html.Of($"""
            <h3>Record that they said stop</h3>
            <p class="hint">By phone, letter or at the counter: it counts as if they had clicked. It takes effect at once, and only they can take it back.</p>
            {typed}{Parts.Select("stop-topic", "What they want to stop", [(LedgerDraft.AllTopics, "Everything on this channel"), .. named], hint: Reach(state, beside.Count), name: "topic")}{Parts.Select("source", "How they said it", [("phone", "By phone"), ("mail", "By letter or mail"), ("counter", "In person"), ("other", "Otherwise")])}{Parts.Field("stop-note", "Their words, or a note", max: 500, name: "note")}<button class="danger">Record the stop</button>
            """), "card");
        if (state is { Suppression: { Reason: SuppressionReason.Erased, Since: var since } })
        {
            return Html.Of(
                $"<h2>Act for this person</h2>\n<p>Nothing is left to do: the person was erased on {Parts.Day(since)}, and the block stays, so that nothing is ever sent there again.</p>\n");
        }

        if (state?.Suppression is { } block)
        {
            return Html.Of(
                $"<h2>Act for this person</h2>\n<div class=\"cards\">{stop}<div class=\"card\"><h3>The address is blocked</h3><p>{BlockWords.Of(block.Reason)}, since {Parts.Day(block.Since)}. {block.Note ?? "No note was left."}{BlockWords.Beneath(block)}</p>{BlockWords.Lift(http, path + "/unblock", "Lift the block", block)}</div></div>\n");
        }

        return Html.Of($"""
            <h2>Act for this person</h2>
            <div class="cards">{stop}{Parts.Form(http, path + "/block", Html.Of($"""
            <h3>Block the address</h3>
            <p class="hint">Nothing at all is sent to it, whatever it subscribed to, until the block is lifted.</p>
            {typed}{Parts.Select("reason", "Reason", BlockWords.Choices)}{Parts.Field("block-note", "Note", max: 500, name: "note")}<button class="danger">Block</button>
            """), "card")}</div>

            """);
    }

    /// <summary>How far "everything" reaches, where the account has more on the channel: it is all of it (M7).</summary>
    private static string? Reach(AddressState? state, int beside)
    {
        if (state is null || beside == 0) return null;
        var (one, many) = state.Channel == Channel.Sms ? ("phone number", "phone numbers") : ("email address", "email addresses");
        return state.Stopped is null
            ? $"Everything stops {Parts.Number(beside + 1)} {many}: all of the account that are still open. A topic stops at this one alone."
            : $"This {one} is stopped already. Everything stops {Parts.Number(beside)} more of the account.";
    }

    private async ValueTask<IResult> StopAsync(HttpContext http, PublicForm form)
    {
        if (await TargetAsync(http, form) is not { } target) return ConsolePage.Missing("Nothing is known of this address.");
        var topic = form["topic"] ?? "";
        var source = form["source"] is "phone" or "mail" or "counter" ? form["source"]! : "other";
        var user = http.User();
        var note = form["note"]?.Trim() is { Length: > 0 } words ? FreeText.Cut(words, 500) : null;
        var (before, _) = await book.LoadAsync(target.Key, http.RequestAborted);
        if (topic != LedgerDraft.AllTopics && topics.Find(topic, before) is null) return ConsolePage.Missing("There is no such topic.");
        var draft = new LedgerDraft(
            topic == LedgerDraft.AllTopics ? LedgerAction.StopAll : LedgerAction.OptOut, topic, Source + source, user.Actor)
        {
            Wording = note,
        };
        if (await StopAsync(target.Key, target.Address, draft) is not { } changed)
            return ConsolePage.Missing("Nothing is known of this address.");
        var others = 0;
        if (draft.Action == LedgerAction.StopAll
            && before?.ContactId is { } id
            && await contacts.GetAsync(id, CancellationToken.None) is { } contact)
        {
            foreach (var key in await contacts.OpenAsync(contact, before.Channel, target.Key, CancellationToken.None))
                if (await StopAsync(key, null, draft) is true) others++;
        }

        return ConsolePage.Go($"{Parts.Person(target.Key)}?said={(others > 0 ? "stopped-all" : changed ? "stopped" : "same")}");
    }

    /// <summary>
    /// Stops at one address, with its own line in the audit; whether that changed anything. Null where nothing is known of it.
    /// </summary>
    private async ValueTask<bool?> StopAsync(AddressKey key, Address? address, LedgerDraft draft)
    {
        var (before, _) = await book.LoadAsync(key, CancellationToken.None);
        var blank = address is { } known ? ConsentDesk.Blank(known) : null;
        if ((before ?? blank) is not { } stands) return null;
        Change Stop(AddressState state, DateTimeOffset now) =>
            draft.Action == LedgerAction.StopAll ? Transitions.StopAll(state, draft, now) : Transitions.OptOut(state, draft, now);
        var planned = Stop(stands, time.UtcNowMs());
        // Before the act, so that none is without its entry (R68).
        if (!ReferenceEquals(planned.State, stands))
            await audit.WriteAsync(
                draft.Actor, "consent.revoke", key.Value, Describe(before, draft.Topic), Describe(planned.State, draft.Topic),
                CancellationToken.None);
        return (await book.ChangeAsync(key, blank, Stop, null, CancellationToken.None))?.Changed;
    }

    private async ValueTask<IResult> BlockAsync(HttpContext http, PublicForm form)
    {
        if (await TargetAsync(http, form) is not { Address: { } address } target)
            return ConsolePage.Missing("Only the hash of this address is kept; it cannot be blocked by it.");
        var note = form["note"]?.Trim() is { Length: > 0 } words ? FreeText.Cut(words, 500) : null;
        await blocks.AddAsync(address, BlockWords.Read(form["reason"]), note, "console", http.User().Actor, http.RequestAborted);
        return ConsolePage.Go(Parts.Person(target.Key) + "?said=blocked");
    }

    private async ValueTask<IResult> UnblockAsync(HttpContext http, PublicForm form)
    {
        if (await TargetAsync(http, form) is not { Address: { } address } target)
            return ConsolePage.Missing("Only the hash of this address is kept.");
        var state = await blocks.RemoveAsync(
            address, "console", http.User().Actor, http.RequestAborted, BlockWords.IsOwn(form));
        if (state is { Suppression.Reason: SuppressionReason.Manual })
            return ConsolePage.Go(Parts.Person(target.Key) + "?said=own-block");
        if (state is not { Suppression: null }) return ConsolePage.Go(Parts.Person(target.Key) + "?said=not-possible");
        return ConsolePage.Go(Parts.Person(target.Key) + "?said=lifted");
    }

    /// <summary>
    /// Whose address a form is about: the one that is stored, or the one that was typed where nothing is stored and it has this very key.
    /// On the page of a record that a build of before kept for another form of a phone's number it is the phone.
    /// </summary>
    private async ValueTask<(AddressKey Key, Address? Address)?> TargetAsync(HttpContext http, PublicForm form)
    {
        if (!AddressKey.TryParse(http.Request.RouteValues["key"] as string, out var key)) return null;
        var (state, _) = await book.LoadAsync(key, http.RequestAborted);
        if (state?.Address is { } known) return (ring.KeyOf(known), known);
        if (ChannelNames.Parse(form["channel"]) is { } channel
            && Address.TryParse(channel, form["address"], out var typed, out _)
            && ring.KeyOf(typed) == key)
        {
            return (key, typed);
        }

        return state is null ? null : (key, null);
    }

    private static string Describe(AddressState? state, string topic) =>
        topic == LedgerDraft.AllTopics
            ? state?.Stopped is null ? "not stopped" : "stopped"
            : Parts.Word(state?.StatusOf(topic) ?? SubscriptionStatus.None);
}

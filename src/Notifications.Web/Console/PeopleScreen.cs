using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Web.Addresses;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// Looks people up and shows all that is known of one address: what it gets and why, its ledger with its proof, its messages. An address is
/// only ever typed into a form; what stands in a URL is its keyed hash (R61).
/// </summary>
internal sealed class PeopleScreen(
    AddressBook book,
    ContactDesk contacts, Blocks blocks, Explainer explainer, MessageReader messages, ITableStore tables, TopicCatalog topics, KeyRing ring,
    AuditLog audit, PrivacyOptions privacy, TimeProvider time)
{
    private const int ShownMessages = 100;
    private const int ReadMessages = 1000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/people", Scope.Privacy, http => ValueTask.FromResult<IResult>(Ask(http)));
        routes.MapAct("/console/people", Scope.Privacy, FindAsync, "It only finds; a POST so that no address stands in a URL (R61).");
        routes.MapScreen("/console/people/{key}", Scope.Privacy, PersonAsync);
        routes.MapAct("/console/people/{key}/stop", Scope.Contacts, StopAsync);
        routes.MapAct("/console/people/{key}/block", Scope.Contacts, BlockAsync);
        routes.MapAct("/console/people/{key}/unblock", Scope.Contacts, UnblockAsync, ask: ConsoleMap.Always(BlockedScreen.LiftQuestion));
        routes.MapScreen("/console/people/{key}/messages/{suffix}", Scope.Privacy, MessageAsync);
    }

    private static ConsolePage Ask(HttpContext http, string? wrong = null, string? who = null, int status = 200) =>
        new("Look up", Html.Of($"""
        <h1>Look up</h1>
        <p class="lead">An email address, a phone number in international form, a contact id, or a message id.</p>
        {(wrong is null ? Html.None : Html.Of($"<p class=\"warn\" role=\"alert\">{wrong}</p>"))}
        {Parts.Form(http, "/console/people", Html.Of($"{Parts.Field("who", "Whom or what", who, required: true)}<button class=\"primary\">Look up</button>"), "card slim")}
        """)) { Status = status };

    private async ValueTask<IResult> FindAsync(HttpContext http, PublicForm form)
    {
        var text = form["who"]?.Trim() ?? "";
        var cancel = http.RequestAborted;
        if (MessageId.TryParseCopied(text, out var id)) return ConsolePage.Go($"{Parts.Person(id.Address)}/messages/{id.Suffix}");
        if (AddressKey.TryParse(text, out var key) && (await book.LoadAsync(key, cancel)).State is not null)
            return ConsolePage.Go(Parts.Person(key));
        if (text.Contains('@', StringComparison.Ordinal) || text.StartsWith('+'))
        {
            if (!Address.TryParse(Address.ChannelOf(text), text, out var address, out var problem))
                return Ask(http, $"This is no address: it {problem}.", text, 400);
            if ((await book.LoadAsync(ring.KeyOf(address), cancel)).State is not null)
                return ConsolePage.Go(Parts.Person(ring.KeyOf(address)));
            return Unknown(http, address);
        }

        if (Inputs.IsId(text) && await contacts.GetAsync(text, cancel) is not null) return ConsolePage.Go("/console/contacts/" + text);
        return Ask(http, "Nothing has this name. Phone numbers begin with a plus sign and the country code.", text, 404);
    }

    private ConsolePage Unknown(HttpContext http, Address address)
    {
        var key = ring.KeyOf(address);
        return new ConsolePage("Not known", Html.Of($"""
            <h1>{address.Value}</h1>
            <p class="lead">Nothing is known of this address. Nothing was ever agreed, so no topic is sent to it.</p>
            {Acts(http, key, address, null)}
            """)) { Status = 404 };
    }

    private async ValueTask<IResult> PersonAsync(HttpContext http)
    {
        var cancel = http.RequestAborted;
        if (!AddressKey.TryParse(http.Request.RouteValues["key"] as string, out var key)
            || (await book.LoadAsync(key, cancel)).State is not { } state)
        {
            return ConsolePage.Missing("Nothing is known of this address.");
        }

        var address = state.Address;
        var ledger = (await book.LedgerAsync(key, cancel)).Where(e => e.Seq <= state.Ledger.Seq).ToList();
        var verified = LedgerChain.Verify(ledger, state.Ledger);
        var records = await MessagesAsync(key, cancel);
        var watches = await tables.RangeAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.WatchPrefix), 200, cancel);
        return new ConsolePage(address?.Value ?? "Address", Html.Of($"""
            <h1 class="address">{address?.Value ?? "An address of which only the hash is kept"}</h1>
            {Standing(state)}
            {Parts.Facts(("Channel", Html.Of($"{state.Channel.Name()}")), ("Contact", state.ContactId is { } contact ? Html.Of($"<a href=\"/console/contacts/{contact}\">{contact}</a> ({Parts.Word(state.Contact)})") : Html.None), ("Language", Html.Of($"{state.Locale}")), ("Time zone", Html.Of($"{state.TimeZone ?? state.Region}")), ("Key", Parts.Code(key.Value)))}
            <h2>Subscriptions, and what would be sent now</h2>
            {await TopicsAsync(address, state, cancel)}
            {await WhyAsync(http, key, address, cancel)}
            {Acts(http, key, address, state)}
            {Watches(watches)}
            <h2>Messages</h2>
            {(records.Count > ShownMessages ? Html.Of($"<p class=\"dim\">The newest {ShownMessages} of {records.Count}{(records.Count == ReadMessages ? " read" : "")}.</p>") : Html.None)}
            {Parts.Table("Messages", ["When", "Topic", "Status", "Why", "Message"], records.Take(ShownMessages).Select(m => (Html[])[Parts.Time(m.At), Html.Of($"{NameOf(m.Record.Topic)}"), Status(m.Record.Status), Html.Of($"{Explainer.Words(m.Record)}"), Html.Of($"<a href=\"{Parts.Person(key)}/messages/{m.Suffix}\">Receipt<span class=\"hidden\"> of {NameOf(m.Record.Topic)}</span></a>")]), "No message was ever decided for this address.")}
            <h2>Consent ledger</h2>
            <p>{(verified ? Parts.Badge("Verified", "good") : Parts.Badge("Does not verify", "bad"))} {Parts.Number(ledger.Count)} {(ledger.Count == 1 ? "entry" : "entries")}{(state.Ledger.Seq > 0 ? Html.Of($", newest hash {Parts.Short(state.Ledger.Hash)}") : Html.None)}</p>
            {Parts.Table("Consent ledger", ["No.", "When", "What", "Topic", "Source", "Who", "Evidence", "Hash"], ledger.AsEnumerable().Reverse().Select(Entry), "Nothing was ever said.")}
            """));
    }

    private static Html Standing(AddressState state)
    {
        var badges = new List<Html>();
        if (state.Suppression is { } block)
            badges.Add(Parts.Badge($"Blocked: {Parts.Word(block.Reason)}, since {block.Since.UtcDateTime:yyyy-MM-dd}", "bad"));
        if (state.Stopped is { } stopped)
            badges.Add(Parts.Badge($"Stopped everything on {stopped.Since.UtcDateTime:yyyy-MM-dd}, {stopped.Source}", "warn"));
        if (state.Contact != ContactStatus.Active) badges.Add(Parts.Badge("Account " + Parts.Word(state.Contact), "warn"));
        if (state.RestrictedSince is not null) badges.Add(Parts.Badge("Processing restricted", "warn"));
        if (state.ObjectedAt is { } objected)
            badges.Add(Parts.Badge($"Objected to marketing on {objected.UtcDateTime:yyyy-MM-dd}", "warn"));
        if (state.ReviewPending) badges.Add(Parts.Badge("Waits for review", "warn"));
        if (state.PausedUntil is { } until) badges.Add(Parts.Badge($"Marketing paused until {until.UtcDateTime:yyyy-MM-dd}"));
        if (badges.Count == 0) badges.Add(Parts.Badge("Nothing blocks it", "good"));
        return Html.Of($"<p class=\"badges\">{Html.Join(badges)}</p>");
    }

    private async ValueTask<Html> TopicsAsync(Address? address, AddressState state, CancellationToken cancel)
    {
        var rows = new List<Html[]>();
        foreach (var topic in topics.AllOf(state))
        {
            var said = state.Find(topic.Key);
            var status = state.ShownStatusOf(topic);
            var why = address is { } known ? await explainer.TopicAsync(known, topic, null, cancel) : null;
            rows.Add([
                Html.Of($"{topic.Name}"),
                Parts.Badge(
                    Parts.Word(status),
                    status switch { SubscriptionStatus.Subscribed => "good", SubscriptionStatus.Pending => "warn", _ => "" }),
                said is null ? Html.None : Parts.Day(said.Since),
                Html.Of($"{said?.Source}"),
                Html.Of($"{said?.PolicyVersion}"),
                why is null
                    ? Html.Of($"No: the address itself is not kept.")
                    : Html.Of(
                        $"<strong>{(why.Decision == Verdict.Allow ? "Yes" : why.Decision == Verdict.Defer ? "Later" : "No")}.</strong> {why.Text}"),
            ]);
        }

        return Parts.Table("Subscriptions", ["Topic", "Status", "Since", "Source", "Policy", "Sent now?"], rows, "");
    }

    // A GET, because it changes nothing; what stands in its URL is the key, a topic and a moment.
    private async ValueTask<Html> WhyAsync(HttpContext http, AddressKey key, Address? address, CancellationToken cancel)
    {
        if (address is not { } known) return Html.None;
        var topic = topics.Find(http.Request.Query["topic"]);
        var errors = new FieldErrors();
        var text = http.Request.Query["at"].ToString();
        var at = text.Length == 0
            ? null
            : Inputs.Time(errors, "at", text.Length == 16 ? text + ":00Z" : text.EndsWith('Z') ? text : text + "Z");
        var answer = Html.None;
        if (errors.Any) answer = Html.Of($"<p class=\"warn\" role=\"alert\">The moment must look like 2026-11-24T09:30.</p>");
        else if (topic is not null)
        {
            var why = await explainer.TopicAsync(known, topic, at, cancel);
            answer = Html.Of($"""
                <p class="lead" role="status"><strong>{(why.Decision == Verdict.Allow ? "It would have been sent." : why.Decision == Verdict.Defer ? "It would have waited." : "It would not have been sent.")}</strong> {why.Text}</p>
                <p class="dim">{topic.Name}, on {Parts.Time(why.At!.Value)}, by the ledger up to entry {Parts.Number(why.LedgerSeq)}.</p>
                {Rules(why.Rules)}
                """);
        }

        return Html.Of($"""
            <details class="card"{(topic is null && !errors.Any ? Html.None : new Html(" open"))}><summary>Why, or why not, at another time</summary>
            <form method="get" action="{Parts.Person(key)}" class="line">
            {Parts.Select("topic", "Topic", topics.All.Select(t => (t.Key, t.Name)), topic?.Key)}{Parts.Field("at", "When, in UTC", text.Length == 0 ? time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture) : text, "datetime-local", max: 30)}<button>Explain</button>
            </form>
            {answer}</details>

            """);
    }

    private Html Acts(HttpContext http, AddressKey key, Address? address, AddressState? state)
    {
        if (!http.User().May(Scope.Contacts)) return Html.None;
        var path = Parts.Person(key);
        var typed = state?.Value is null && address is { } known
            ? Html.Of(
                $"<input type=\"hidden\" name=\"address\" value=\"{known.Value}\"><input type=\"hidden\" name=\"channel\" value=\"{known.Channel.Name()}\">")
            : Html.None;
        var stop = Parts.Form(http, path + "/stop", Html.Of($"""
            <h3>Record that they said stop</h3>
            <p class="hint">By phone, letter or at the counter: it counts as if they had clicked (R42). It takes effect at once, and only they can take it back.</p>
            {typed}{Parts.Select("topic", "What they want to stop", [(LedgerDraft.AllTopics, "Everything on this channel"), .. topics.AllOf(state).Select(t => (t.Key, t.Name))])}{Parts.Select("source", "How they said it", [("phone", "By phone"), ("mail", "By letter or mail"), ("counter", "In person"), ("other", "Otherwise")])}{Parts.Field("note", "Their words, or a note", max: 500)}<button class="danger">Record the stop</button>
            """), "card");
        if (state?.Suppression is { } block)
        {
            return Html.Of(
                $"<h2>Act for this person</h2>\n<div class=\"cards\">{(state.Stopped is null ? stop : Html.None)}<div class=\"card\"><h3>Blocked: {Parts.Word(block.Reason)}</h3><p>{block.Note ?? "No note was left."}</p>{(block.Reason == SuppressionReason.Erased ? Html.Of($"<p class=\"hint\">The person was erased. This block stays.</p>") : Parts.Button(http, path + "/unblock", "Lift the block"))}</div></div>\n");
        }

        return Html.Of($"""
            <h2>Act for this person</h2>
            <div class="cards">{(state?.Stopped is null ? stop : Html.None)}{Parts.Form(http, path + "/block", Html.Of($"""
            <h3>Block the address</h3>
            <p class="hint">Nothing at all is sent to it, whatever it subscribed to, until the block is lifted.</p>
            {typed}{Parts.Select("reason", "Reason", [("manual", "By our decision"), ("bounce", "It refuses mail"), ("complaint", "It called us spam"), ("invalid", "It cannot receive")])}{Parts.Field("note", "Note", max: 500)}<button class="danger">Block</button>
            """), "card")}</div>

            """);
    }

    private async ValueTask<IResult> StopAsync(HttpContext http, PublicForm form)
    {
        if (await TargetAsync(http, form) is not { } target) return ConsolePage.Missing("Nothing is known of this address.");
        var topic = form["topic"] ?? "";
        var source = form["source"] is "phone" or "mail" or "counter" ? form["source"]! : "other";
        var user = http.User();
        var note = form["note"]?.Trim() is { Length: > 0 } words ? words[..Math.Min(500, words.Length)] : null;
        var before = (await book.LoadAsync(target.Key, http.RequestAborted)).State;
        if (topic != LedgerDraft.AllTopics && topics.Find(topic, before) is null) return ConsolePage.Missing("There is no such topic.");
        var draft = new LedgerDraft(
            topic == LedgerDraft.AllTopics ? LedgerAction.StopAll : LedgerAction.OptOut, topic, "console-" + source, user.Actor)
        {
            Wording = note,
        };
        var blank = target.Address is { } address ? ConsentDesk.Blank(address) : null;
        if ((before ?? blank) is not { } stands) return ConsolePage.Missing("Nothing is known of this address.");
        Change Stop(AddressState state, DateTimeOffset now) =>
            topic == LedgerDraft.AllTopics ? Transitions.StopAll(state, draft, now) : Transitions.OptOut(state, draft, now);
        var planned = Stop(stands, time.UtcNowMs());
        // Before the act, so that none is without its entry (R68).
        if (!ReferenceEquals(planned.State, stands))
            await audit.WriteAsync(
                user.Actor, "consent.revoke", target.Key.Value, Describe(before, topic), Describe(planned.State, topic),
                CancellationToken.None);
        if (await book.ChangeAsync(target.Key, blank, Stop, null, CancellationToken.None) is not { } result)
            return ConsolePage.Missing("Nothing is known of this address.");
        return ConsolePage.Go($"{Parts.Person(target.Key)}?said={(result.Changed ? "stopped" : "same")}");
    }

    private async ValueTask<IResult> BlockAsync(HttpContext http, PublicForm form)
    {
        if (await TargetAsync(http, form) is not { Address: { } address } target)
            return ConsolePage.Missing("Only the hash of this address is kept; it cannot be blocked by it.");
        var reason = form["reason"] switch
        {
            "bounce" => SuppressionReason.Bounce,
            "complaint" => SuppressionReason.Complaint,
            "invalid" => SuppressionReason.Invalid,
            _ => SuppressionReason.Manual,
        };
        var note = form["note"]?.Trim() is { Length: > 0 } words ? words[..Math.Min(500, words.Length)] : null;
        await blocks.AddAsync(address, reason, note, "console", http.User().Actor, http.RequestAborted);
        return ConsolePage.Go(Parts.Person(target.Key) + "?said=blocked");
    }

    private async ValueTask<IResult> UnblockAsync(HttpContext http, PublicForm form)
    {
        if (await TargetAsync(http, form) is not { Address: { } address } target)
            return ConsolePage.Missing("Only the hash of this address is kept.");
        var state = await blocks.RemoveAsync(address, "console", http.User().Actor, http.RequestAborted);
        if (state is not { Suppression: null }) return ConsolePage.Go(Parts.Person(target.Key) + "?said=not-possible");
        return ConsolePage.Go(Parts.Person(target.Key) + "?said=lifted");
    }

    private async ValueTask<IResult> MessageAsync(HttpContext http)
    {
        if (!MessageId.TryParse($"{http.Request.RouteValues["key"]}.{http.Request.RouteValues["suffix"]}", out var id)
            || await messages.FindAsync(id, http.RequestAborted) is not { } record)
        {
            return ConsolePage.Missing("There is no message of this id.");
        }

        var (state, _) = await book.LoadAsync(id.Address, http.RequestAborted);
        var why = !record.IsKnown ? Explainer.NoRecord(privacy) : Explainer.Words(record);
        var receipt = record.Receipt;
        return new ConsolePage("Message", Html.Of($"""
            <p><a href="{Parts.Person(id.Address)}">{state?.Address?.Value ?? "The address"}</a></p>
            <h1>{(record.IsKnown ? NameOf(record.Topic) : "A message")} {Status(record.Status)}</h1>
            <p class="lead">{why}</p>
            {Parts.Facts(("Message", Parts.Code(id.ToString())), ("Purpose", Html.Of($"{Parts.Word(record.Purpose)}")), ("Channel", Html.Of($"{record.Channel.Name()}")), ("Template", Html.Of($"{record.Template}")), ("Package", Html.Of($"{record.TrackingNumber}")), ("Queued by", Html.Of($"{record.Client}")), ("Provider’s name", Parts.Code(record.ProviderId)), ("Waits until", record.DueAt is { } due ? Parts.Time(due) : Html.None))}
            <h2>What happened</h2>
            {(record.Timeline.Length == 0 ? Html.Of($"<p class=\"empty\">Nothing yet.</p>") : Html.Of($"<ol class=\"timeline\">{Html.Join(record.Timeline.Select(e => Html.Of($"<li>{Parts.Time(e.At)} <strong>{e.Event}</strong>{(e.Detail is null ? Html.None : Html.Of($"<span class=\"dim\">{e.Detail}</span>"))}</li>\n")))}</ol>"))}
            <h2>The decision’s receipt</h2>
            {(receipt is null ? Html.Of($"<p class=\"empty\">Nothing is decided yet.</p>") : Html.Of($"""
            {Parts.Facts(("Decided", Parts.Time(receipt.At)), ("Ledger entry", Html.Of($"{Parts.Number(receipt.LedgerSeq)}")), ("Its hash", Parts.Short(receipt.LedgerHash)), ("Policy version", Html.Of($"{receipt.PolicyVersion}")))}
            {Rules(receipt.Rules())}
            """))}
            """));
    }

    /// <summary>
    /// Whose address a form is about: the one that is stored, or the one that was typed where nothing is stored and it has this very key.
    /// </summary>
    private async ValueTask<(AddressKey Key, Address? Address)?> TargetAsync(HttpContext http, PublicForm form)
    {
        if (!AddressKey.TryParse(http.Request.RouteValues["key"] as string, out var key)) return null;
        var (state, _) = await book.LoadAsync(key, http.RequestAborted);
        if (state?.Address is { } known) return (key, known);
        if (ChannelNames.Parse(form["channel"]) is { } channel
            && Address.TryParse(channel, form["address"], out var typed, out _)
            && ring.KeyOf(typed) == key)
        {
            return (key, typed);
        }

        return state is null ? null : (key, null);
    }

    private async ValueTask<List<(string Suffix, DateTimeOffset At, MessageRecord Record)>> MessagesAsync(
        AddressKey key, CancellationToken cancel)
    {
        var rows = await tables.RangeAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.MessagePrefix), ReadMessages, cancel);
        return [.. rows.Select(r => (r.Key[Rows.MessagePrefix.Length..], r.Read(CoreJson.Default.MessageRecord)))
            .Select(m => (m.Item1, m.Item2.Timeline is [var first, ..] ? first.At : DateTimeOffset.UnixEpoch, m.Item2))
            .OrderByDescending(m => m.Item2)];
    }

    private static Html Watches(IReadOnlyList<Row> rows) =>
        rows.Count == 0
            ? Html.None
            : Html.Of(
                $"<h2>Packages</h2>\n{Parts.Table("Packages", ["Tracking number", "Status", "Since"], rows.Select(r => (Row: r, Watch: r.Read(CoreJson.Default.WatchRecord))).Select(w => (Html[])[Parts.Code(w.Row.Key[Rows.WatchPrefix.Length..]), Html.Of($"{Parts.Word(w.Watch.Status)}"), Parts.Day(w.Watch.Since)]), "")}");

    private Html[] Entry(LedgerEntry entry) =>
    [
        Html.Of($"{Parts.Number(entry.Seq)}"),
        Parts.Time(entry.At), Html.Of($"<strong>{Parts.Word(entry.Action)}</strong>"), Html.Of($"{NameOf(entry.Topic)}"),
        Html.Of($"{entry.Detail?.Source}"), Html.Of($"{entry.Detail?.Actor ?? "erased"}"),
        entry.Detail is { Wording: null, Evidence: null } or null && entry.PolicyVersion is null
            ? Html.None
            : Html.Of(
                $"<details><summary>Show</summary>{Parts.Facts(("Policy", Html.Of($"{entry.PolicyVersion}")), ("Words", Html.Of($"{entry.Detail?.Wording}")), ("Evidence", Parts.Code(entry.Detail?.Evidence)))}</details>"),
        Parts.Short(entry.Hash),
    ];

    private string NameOf(string topic) => topic == LedgerDraft.AllTopics ? "Everything" : topics.Find(topic)?.Name ?? topic;

    private static Html Rules(IEnumerable<(string Rule, Reason Result)> rules) =>
        Parts.Table(
            "Rules", ["Rule", "Result"],
            rules.Select(
                r => (Html[])[
                    Html.Of($"{r.Rule}"),
                    r.Result == Reason.Allowed ? Parts.Badge("passed", "good") : Parts.Badge(Parts.Word(r.Result), "warn"),
                ]),
            "");

    /// <summary>A message's status as a coloured word.</summary>
    public static Html Status(MessageStatus status) => Parts.Badge(Parts.Word(status), status switch
    {
        MessageStatus.Sent or MessageStatus.Delivered => "good",
        MessageStatus.Bounced or MessageStatus.Failed => "bad",
        MessageStatus.Unknown or MessageStatus.Deferred => "warn",
        _ => "",
    });

    private static string Describe(AddressState? state, string topic) =>
        topic == LedgerDraft.AllTopics
            ? state?.Stopped is null ? "not stopped" : "stopped"
            : Parts.Word(state?.StatusOf(topic) ?? SubscriptionStatus.None);
}

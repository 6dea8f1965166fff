using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Web.Http;
using Notifications.Web.Pages;
using Notifications.Web.Privacy;

namespace Notifications.Web.Console;

/// <summary>
/// Looks people up and shows all that is known of one address: what it gets and why, its ledger with its proof, its messages. An address is
/// only ever typed into a form; what stands in a URL is its keyed hash (R61).
/// </summary>
internal sealed class PeopleScreen(
    AddressBook book, ContactDesk contacts, Explainer explainer, Standing standing, PersonActs acts, MessageReader messages,
    ITableStore tables, TopicCatalog topics, KeyRing ring, TimeProvider time)
{
    private const int ShownMessages = 100;
    private const int ShownWatches = 200;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/people", Scope.Privacy, http => ValueTask.FromResult<IResult>(Ask(http)));
        routes.MapAct("/console/people", Scope.Privacy, FindAsync, "It only finds; a POST so that no address stands in a URL (R61).");
        routes.MapScreen("/console/people/{key}", Scope.Privacy, PersonAsync);
    }

    private static ConsolePage Ask(HttpContext http, string? wrong = null, string? who = null, int status = 200) =>
        new("Look up", Html.Of($"""
        <h1>Look up</h1>
        <p class="lead">An email address, a phone number in international form, a contact id, or a message id.</p>
        {Parts.Form(http, "/console/people", Html.Of($"{Parts.Field("who", "Whom or what", who, required: true, wrong: wrong)}<button class=\"primary\">Look up</button>"), "card slim")}
        """)) { Status = status };

    private async ValueTask<IResult> FindAsync(HttpContext http, PublicForm form)
    {
        var text = AddressLines.One(form["who"]);
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
            <h1>{Parts.Address(address.Value)}</h1>
            <p class="lead">Nothing is known of this address. Nothing was ever agreed, so no topic is sent to it.</p>
            {acts.Forms(http, key, address, null, [])}
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
        // An address may be restricted without its account.
        var owner = state.ContactId is { } id ? await contacts.GetAsync(id, cancel) : null;
        var ledger = (await book.LedgerAsync(key, cancel)).Where(e => e.Seq <= state.Ledger.Seq).ToList();
        var verified = LedgerChain.Verify(ledger, state.Ledger);
        var (records, all) = await messages.NewestAsync([key], null, ShownMessages, cancel);
        var watches = await tables.ListAsync(Tables.Addresses, key.Value, RowRange.Prefix(Rows.WatchPrefix), ShownWatches, cancel);
        return new ConsolePage(address?.Value ?? "Address", Html.Of($"""
            <h1>{(address is { } known ? Parts.Address(known.Value) : Html.Of($"An address of which only the hash is kept"))}</h1>
            {Standing(state)}
            {Parts.Facts(("Channel", Html.Of($"{Parts.Spoken(state.Channel)}")), ("Contact", state.ContactId is { } contact ? Html.Of($"<a href=\"/console/contacts/{contact}\">{contact}</a> ({Parts.Word(owner?.Profile.ShownStatus ?? state.Contact)})") : Html.None), ("Language", Parts.Language(state.Locale)), ("Time zone", Html.Of($"{state.TimeZone ?? (state.RegionToday is { Length: 2 } region && region != "ZZ" && region[0] != '+' ? $"of {region}, by the number" : null)}")), ("Key", Parts.Code(key.Value)))}
            <h2>Subscriptions, and what would be sent now</h2>
            {await TopicsAsync(address, state, cancel)}
            {await WhyAsync(http, key, address, cancel)}
            {acts.Forms(http, key, address, state, owner is null ? [] : await contacts.OpenAsync(owner, state.Channel, key, cancel))}
            {await WatchesAsync(watches, address, state, cancel)}
            <h2>Messages</h2>
            {(all > records.Count ? Html.Of($"<p class=\"dim\">The newest {Parts.Number(records.Count)} of {Parts.Number(all)}.</p>") : Html.None)}
            {Parts.Table("Messages", ["When", "Topic", "Status", "Why", "Message"], records.Select(m => (Html[])[Parts.Time(m.At), Html.Of($"{NameOf(m.Record.Topic)}"), MessageScreen.Status(m.Record.Status), Html.Of($"{Explainer.Words(m.Record)}"), Html.Of($"<a href=\"{Parts.Person(key)}/messages/{m.Id.Suffix}\">Receipt<span class=\"hidden\"> of {NameOf(m.Record.Topic)}</span></a>")]), state.IsErased ? "What was sent to it is erased." : "No message was ever decided for this address.")}
            <h2>Consent ledger</h2>
            <p>{(verified ? Parts.Badge("Verified", "good") : Parts.Badge("Does not verify", "bad"))} {Parts.Number(ledger.Count)} {(ledger.Count == 1 ? "entry" : "entries")}{(state.Ledger.Seq > 0 ? Html.Of($", newest hash {Parts.Short(state.Ledger.Hash)}") : Html.None)}</p>
            {Parts.Table("Consent ledger", ["No.", "When", "What", "Topic", "Source", "Who", "Evidence", "Hash"], ledger.AsEnumerable().Reverse().Select(Entry), "Nothing was ever said.", brief: ledger.AsEnumerable().Reverse().Select(e => Html.Of($"<strong>{RecordWords.Of(e.Action)}</strong> <span class=\"dim\">{NameOf(e.Topic)}, {Parts.Time(e.At)}</span>")))}
            """));
    }

    private static Html Standing(AddressState state)
    {
        var badges = new List<Html>();
        if (state.Suppression is { } block)
            badges.Add(Parts.Badge($"Blocked since {Parts.DayText(block.Since)}: {BlockWords.Of(block.Reason).ToLowerInvariant()}", "bad"));
        if (state.Stopped is { } stopped)
            badges.Add(Parts.Badge($"Stopped everything on {Parts.DayText(stopped.Since)}: {RecordWords.Source(stopped.Source)}", "warn"));
        if (state.Contact != ContactStatus.Active) badges.Add(Parts.Badge("Account " + Parts.Word(state.Contact), "warn"));
        if (state.RestrictedSince is not null) badges.Add(Parts.Badge("Processing restricted", "warn"));
        if (state.ObjectedAt is { } objected)
            badges.Add(Parts.Badge($"Objected to marketing on {Parts.DayText(objected)}", "warn"));
        if (state.ReviewPending) badges.Add(Parts.Badge("Waits for review", "warn"));
        if (state.PausedUntil is { } until) badges.Add(Parts.Badge($"Marketing paused until {Parts.DayText(until)}"));
        if (badges.Count == 0) badges.Add(Parts.Badge("Nothing blocks it", "good"));
        return Html.Of($"<p class=\"badges\">{Html.Join(badges)}</p>");
    }

    private async ValueTask<Html> TopicsAsync(Address? address, AddressState state, CancellationToken cancel)
    {
        var rows = new List<Html[]>();
        foreach (var topic in topics.AllOf(state))
        {
            var status = state.ShownStatusOf(topic);
            var (since, source, policy) = Said(state, topic, status);
            var why = address is { } known ? await explainer.TopicWithPackagesAsync(known, topic, null, cancel) : null;
            rows.Add([
                Html.Of($"{topic.Name}"),
                Parts.Badge(
                    state.IsErased ? "erased" : RecordWords.Of(status),
                    status switch { SubscriptionStatus.Subscribed => "good", SubscriptionStatus.Pending => "warn", _ => "" }),
                since is { } day ? Parts.Day(day) : Html.None,
                Html.Of($"{RecordWords.Source(source)}"),
                Html.Of($"{policy}"),
                why is null ? Html.Of($"No: the address itself is not kept.") : SentNow(why.Decision, why.Text),
            ]);
        }

        return Parts.Table("Subscriptions", ["Topic", "Status", "Since", "Source", "Policy", "Sent now?"], rows, "");
    }

    // Where a stop over everything, or an objection, has ended a topic, that is what was said of it last, and not the opt-in before it. The
    // policy is that of an opt-in, and stands beside no stop.
    private static (DateTimeOffset? Since, string? Source, string? Policy) Said(AddressState state, Topic topic, SubscriptionStatus status)
    {
        var said = state.Find(topic.Key);
        if (status == SubscriptionStatus.None) return default;
        if (status != SubscriptionStatus.Unsubscribed) return (said?.Since, said?.Source, said?.PolicyVersion);
        if (said?.Status == status) return (said.Since, said.Source, null);
        return state.Stopped is { } stopped
            ? (stopped.Since, stopped.Source, null)
            : (state.StoppedAt(topic), state.IsObjected(topic) ? Objection.Source : null, null);
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
            try
            {
                var why = await explainer.TopicWithPackagesAsync(known, topic, at, cancel);
                answer = Html.Of($"""
                    <p class="lead" role="status"><strong>{(why.Decision == Verdict.Allow ? "It would have been sent." : why.Decision == Verdict.Defer ? "It would have waited." : why.Decision is null ? "It cannot be told." : "It would not have been sent.")}</strong> {why.Text}</p>
                    <p class="dim">{topic.Name}, on {Parts.Time(why.At!.Value)}, by the ledger up to entry {Parts.Number(why.LedgerSeq)}.</p>
                    {MessageScreen.Rules(why.Rules)}
                    """);
            }
            catch (UnreadableRowException)
            {
                answer = Html.Of(
                    $"<p class=\"warn\" role=\"alert\">It cannot be told: no key of the ring opens an entry of the ledger.</p>");
            }
        }

        return Html.Of($"""
            <details class="card"{(topic is null && !errors.Any ? Html.None : new Html(" open"))}><summary>Why, or why not, at another time</summary>
            <form method="get" action="{Parts.Person(key)}#why" class="line">
            {Parts.Select("topic", "Topic", topics.All.Select(t => (t.Key, t.Name)), topic?.Key)}{Parts.Field("at", "When, in UTC", text.Length == 0 ? time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture) : text, "datetime-local", max: 30)}<button>Explain</button>
            </form>
            <div id="why">{answer}</div></details>

            """);
    }

    private async ValueTask<Html> WatchesAsync(IReadOnlyList<Row> rows, Address? address, AddressState state, CancellationToken cancel)
    {
        if (rows.Count == 0) return Html.None;
        var told = address is { } known && topics.Find(TopicKey.PackageUpdates) is { } topic
            ? (await explainer.TopicWithPackagesAsync(known, topic, null, cancel)).Packages
            : [];
        var lines = rows.Select(r =>
        {
            var (number, watch) = (r.Key[Rows.WatchPrefix.Length..], r.Read(CoreJson.Default.WatchRecord));
            var silent = watch.Status != WatchStatus.Unwatched && standing.IsSilent(state, watch);
            var why = told.FirstOrDefault(p => p.TrackingNumber == number);
            return (Html[])
            [
                Parts.Code(number),
                Html.Of($"{(silent ? RecordWords.Of(SubscriptionStatus.Unsubscribed) : RecordWords.Of(watch.Status))}"),
                Parts.Day(silent ? state.StoppedAt(TopicKey.PackageUpdates) ?? watch.Since : watch.Since),
                why is null ? Html.None : SentNow(why.Decision, why.Text),
            ];
        });
        var more = rows.Count == ShownWatches
            ? Html.Of($"<p class=\"dim\">The first {ShownWatches} at most, in the order of their numbers.</p>\n")
            : Html.None;
        return Html.Of(
            $"<h2>Packages</h2>\n{more}{Parts.Table("Packages", ["Tracking number", "Status", "Since", "Sent now?"], lines, "")}");
    }

    private static Html SentNow(Verdict? decision, string text) =>
        Html.Of($"<strong>{(decision == Verdict.Allow ? "Yes" : decision == Verdict.Defer ? "Later" : "No")}.</strong> {text}");

    private Html[] Entry(LedgerEntry entry) =>
    [
        Html.Of($"{Parts.Number(entry.Seq)}"),
        Parts.Time(entry.At), Html.Of($"<strong>{RecordWords.Of(entry.Action)}</strong>"), Html.Of($"{NameOf(entry.Topic)}"),
        Html.Of($"{RecordWords.Source(entry.Detail?.Source)}"), Html.Of($"{(entry.Detail is { } said ? RecordWords.Actor(said.Actor) : "erased")}"),
        entry.Detail is { Wording: null, Evidence: null } or null && entry.PolicyVersion is null
            ? Html.None
            : Html.Of(
                $"<details><summary>Show</summary>{Parts.Facts([("Policy", Html.Of($"{entry.PolicyVersion}")), ("Words", Html.Of($"{entry.Detail?.Wording}")), .. EvidenceFacts.Of(entry.Detail?.Evidence, Texts.English).Select(f => (f.Name, Html.Of($"{f.Value}"))), ("As it is kept", Parts.Code(entry.Detail?.Evidence))])}</details>"),
        Parts.Short(entry.Hash),
    ];

    private string NameOf(string topic) => topic == LedgerDraft.AllTopics ? "Everything" : topics.Find(topic)?.Name ?? topic;
}

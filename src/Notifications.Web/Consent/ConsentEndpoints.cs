using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Web.Http;

namespace Notifications.Web.Consent;

/// <summary>One entry of the ledger (R26). Salt and detail digest let anyone verify the chain offline (P10).</summary>
/// <param name="Seq">Its place in the ledger of the address: 1, 2, 3 and so on.</param>
/// <param name="At">When it was recorded, UTC.</param>
/// <param name="Topic">The topic's key, or * for everything on the channel.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Action">What happened.</param>
/// <param name="Source">Where it was said; null once the person was erased.</param>
/// <param name="Actor">
/// Who acted: person, service:NAME (a key), agent:NAME or product:NAME (by itself); null once the person was erased.
/// </param>
/// <param name="PolicyVersion">The version of the privacy policy that it was said under, or null.</param>
/// <param name="Wording">The exact words that the person agreed to, or null.</param>
/// <param name="Evidence">What proves it, as it was given, or null.</param>
/// <param name="Salt">16 random bytes in hex, which go into the detail's digest; left out once the person was erased.</param>
/// <param name="DetailDigest">
/// SHA-256 in hex over the salted detail (source, actor, wording, evidence). Without the salt it says nothing about it.
/// </param>
/// <param name="Previous">The hash of the entry before, 64 zeros at the first.</param>
/// <param name="Hash">
/// SHA-256 in hex over seq, at in milliseconds, topic, action, policy version, detail digest and the hash of the entry before.
/// </param>
internal sealed record LedgerEntryView(
    long Seq,
    DateTimeOffset At, string Topic, Channel Channel, LedgerAction Action,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Source,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Actor,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? PolicyVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Wording,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Evidence,
    string? Salt, string DetailDigest, string Previous, string Hash)
{
    public static LedgerEntryView Of(LedgerEntry entry, Channel channel) => new(
        entry.Seq,
        entry.At, entry.Topic, channel, entry.Action, entry.Detail?.Source, entry.Detail?.Actor, entry.PolicyVersion, entry.Detail?.Wording,
        entry.Detail?.Evidence is { } evidence ? JsonElement.Parse(evidence) : null,
        entry.Detail?.Salt, entry.DetailDigest, entry.Previous, entry.Hash);
}

/// <summary>A page of the ledger.</summary>
/// <param name="Verified">Whether the whole hash chain holds, not this page's part alone.</param>
/// <param name="Entries">The entries, oldest first.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record LedgerView(bool Verified, IReadOnlyList<LedgerEntryView> Entries, long? Next) : Listed;

/// <summary>Records consents and shows the ledger.</summary>
internal sealed class ConsentEndpoints(
    ConsentDesk desk, AddressBook book, TopicCatalog topics, SendingOptions options, KeyRing ring, OurAddresses ours,
    Idempotency idempotency, TimeProvider time) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "POST", "/v1/consents", Scope.Contacts, PostAsync,
            new("Record an opt-in, a confirmation or an opt-out", typeof(ConsentInput), (200, typeof(SubscriptionView)),
                (202, typeof(SubscriptionView)))
            {
                Description = "An opt-in needs source and wording. With double opt-in it is answered 202 as pending and the person is asked to confirm, unless evidence.confirmed is true. A confirmation needs evidence. What raises is refused where its evidence.at lies before 1990, which stands for a time that is not known. An evidence.at without a fraction says the second, and counts as its end, at most as when the request came. Where evidence.at is not after the person's last stop, neither raises anything: 409, type stopped-since; nor does an opt-in that would hold at once over a stop (of the topic, of everything, an objection) without evidence.at, nor a confirmation without evidence.at of what was asked before a stop of everything, or a repetition under an Idempotency-Key over a stop of since the request first came. An opt-out needs nothing; topic * stops everything on the channel, and one that is not in the settings any more can be stopped where the address has it. basis soft-opt-in records a customer who did not refuse instead of an opt-in, where the installation allows it, and needs evidence.sale, evidence.similarProducts and evidence.refusalOffered. Of a person who was erased nothing is recorded that raises: 409, type erased.",
            });
        routes.MapApi(
            "GET", "/v1/consents", Scope.Privacy, GetAsync, new("The consent ledger of an address", null, (200, typeof(LedgerView)))
            {
                Description = "Oldest first. verified says whether the whole hash chain holds.",
                Query = [.. Api.ByAddress, .. Api.Paging],
            });
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(
        http, async body => body.Parse(WebJson.Default.ConsentInput, out var input) ?? await RecordAsync(http, input));

    private async ValueTask<Answer> RecordAsync(HttpContext http, ConsentInput input)
    {
        var errors = new FieldErrors();
        var address = AddressInput.Read(errors, "", input.Email, input.Phone, input.Channel);
        LedgerAction? action = input.Action switch
        {
            "opt-in" => LedgerAction.OptIn,
            "opt-out" => LedgerAction.OptOut,
            "confirm" => LedgerAction.Confirm,
            _ => null,
        };
        if (action is null) errors.Add("action", "must be opt-in, opt-out or confirm");
        if (action != LedgerAction.OptOut) AddressInput.NotOurs(errors, ours, "", address);
        var everything = action == LedgerAction.OptOut && input.Topic == LedgerDraft.AllTopics;
        var topic = topics.Find(input.Topic);
        if (topic is null && action == LedgerAction.OptOut && address is { } whose)
            topic = topics.Find(input.Topic, (await book.LoadAsync(ring.KeyOf(whose), http.RequestAborted)).State);
        if (topic is null && !everything) errors.Add("topic", input.Topic is null ? "is required" : $"must be one of {topics.Known}");
        var locale = Inputs.Locale(errors, input.Locale);
        var actor = ActorInput.Read(http, errors, input.Agent);
        var soft = SoftOptInInput.Read(errors, input, action, topic, options);
        var statement = new StatementInput(input.Source, input.PolicyVersion, input.Wording, input.Evidence, input.Age, input.BirthDate);
        var (draft, evidence) = statement.Read(errors, "", action ?? LedgerAction.OptOut, topic?.Key ?? "", actor, time.GetUtcNow());
        if (errors.Any) return errors.Answer();
        draft = draft with { SaidAt = KeyedRun.Said(http, evidence.At), SaidBy = KeyedRun.By(http, evidence.By) };
        if (evidence.UnderAge && action != LedgerAction.OptOut) return UnderAge();

        // A person's word is carried out to its end also when the caller has gone.
        switch (action)
        {
            case LedgerAction.OptIn when soft:
                return Raised(
                    await desk.SoftOptInAsync(
                        address!.Value, topic!, draft with { Source = SoftOptIn.SourceOf(draft.Source) }, locale, CancellationToken.None),
                    address.Value, topic!);
            case LedgerAction.OptIn:
                return Raised(
                    await desk.OptInAsync(address!.Value, topic!, draft, evidence.Confirmed, locale, CancellationToken.None),
                    address.Value, topic!);
            case LedgerAction.Confirm:
                var (result, confirmed) = await desk.ConfirmAsync(ring.KeyOf(address!.Value), topic!.Key, draft, CancellationToken.None);
                return result switch
                {
                    ConsentResult.NothingPending =>
                        Problem.Conflict(
                            "nothing-pending",
                            "No opt-in of this address waits for a confirmation of this topic; record the opt-in first."),
                    ConsentResult.Overtaken => Overtaken(confirmed!, topic),
                    _ => Show(confirmed!, address.Value, topic),
                };
            default:
                if (!everything)
                    return Show((await desk.OptOutAsync(address!.Value, draft, CancellationToken.None)).State, address.Value, topic!);
                var stop = draft with { Action = LedgerAction.StopAll, Topic = LedgerDraft.AllTopics };
                var stopped = (await book.ChangeAsync(
                    ring.KeyOf(address!.Value), ConsentDesk.Blank(address.Value), (state, now) => Transitions.StopAll(state, stop, now),
                    null, CancellationToken.None))!.State;
                return Answer.Json(
                    new SubscriptionView(
                        LedgerDraft.AllTopics, null, address.Value.Channel, SubscriptionStatus.Unsubscribed, stopped.Stopped?.Since,
                        stopped.Stopped?.Source, null),
                    WebJson.Default.SubscriptionView);
        }
    }

    /// <summary>R38.</summary>
    public static Answer UnderAge() =>
        Problem.Of(422, "under-age", "People under 18 cannot sign up.", "The request states an age under 18. Nothing was stored.");

    private static Answer Raised((ConsentResult Result, AddressState State) said, Address address, Topic topic) => said.Result switch
    {
        ConsentResult.Overtaken => Overtaken(said.State, topic),
        ConsentResult.Undated => Undated(said.State.StoppedAt(topic)!.Value, "nothing was recorded"),
        ConsentResult.Erased => Erased($"no opt-in to {topic.Key} was recorded"),
        _ => Show(said.State, address, topic),
    };

    /// <summary>R34: nobody adds an erased person again.</summary>
    public static Answer Erased(string what) => Problem.Conflict("erased", $"This person was erased: {what}.");

    /// <summary>P6: evidence of before a stop raises nothing, however late it comes.</summary>
    private static Answer Overtaken(AddressState state, Topic topic) =>
        Problem.Conflict(
            "stopped-since",
            $"The person said stop at {Told(state.StoppedAt(topic)!.Value)}, and neither evidence.at nor when this request first came shows that what it brings is of after that: the stop stands, and nothing was recorded.");

    /// <summary>P6: the same request may come twice, so over a stop it must say when the person agreed.</summary>
    public static Answer Undated(DateTimeOffset stopped, string what) =>
        Problem.Conflict(
            "stopped-since",
            $"The person said stop at {Told(stopped)}, and the request does not say when they agreed: the stop stands, and {what}. Where they have agreed since, send that time as evidence.at, such as 2026-11-24T09:30:00Z.");

    private static string Told(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static Answer Show(AddressState state, Address address, Topic topic)
    {
        var view = SubscriptionView.Of(state, address.Channel, topic);
        return Answer.Json(
            view, WebJson.Default.SubscriptionView,
            state.Find(topic.Key) is { } one && state.StillWaits(one) ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    private async ValueTask<Answer> GetAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var address = AddressInput.Query(http, errors);
        var limit = Paging.Limit(http, errors);
        var after = Paging.AfterNumber(http, errors);
        if (errors.Any) return errors.Answer();

        // The head first: entries appended after it was read are left to the next request. Behind a head that still stands there are none,
        // or the record was set back past the product.
        var key = ring.KeyOf(address!.Value);
        var (state, _) = await book.LoadAsync(key, http.RequestAborted);
        var head = state?.Ledger ?? LedgerHead.Empty;
        var entries = await book.LedgerAsync(key, http.RequestAborted);
        if (entries.Any(e => e.Seq > head.Seq) && (await book.LoadAsync(key, http.RequestAborted)).State?.Ledger != state?.Ledger)
            entries = [.. entries.Where(e => e.Seq <= head.Seq)];
        var verified = LedgerChain.Verify(entries, head);
        var page = entries.Where(e => e.Seq > after).Take(limit).Select(e => LedgerEntryView.Of(e, address.Value.Channel)).ToList();
        var more = page.Count == limit && page[^1].Seq < entries[^1].Seq;
        return Answer.Json(new LedgerView(verified, page, more ? page[^1].Seq : null), WebJson.Default.LedgerView);
    }
}

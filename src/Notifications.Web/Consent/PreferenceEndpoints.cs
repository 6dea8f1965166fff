using System.Text.Json;
using System.Text.Json.Serialization;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Unsubscribe;
using Notifications.Web.Addresses;
using Notifications.Web.Http;

namespace Notifications.Web.Consent;

/// <summary>One subscription to change. What it does not say itself the request says for all.</summary>
/// <param name="Topic">The topic's key, each at most once.</param>
/// <param name="Status">What it becomes.</param>
/// <param name="Channel">The channel, which must be the address's own; it may be left out.</param>
/// <param name="Source">Where it was said, such as the name of a form, at most 100 characters; required where permission is raised.</param>
/// <param name="PolicyVersion">The version of the privacy policy that it was said under, at most 64 characters.</param>
/// <param name="Wording">The exact words that the person agreed to, at most 4,000 characters; required where permission is raised.</param>
/// <param name="Evidence">
/// What proves it: any object of at most 8 KiB and 32 levels. Known members are <c>ip</c>, <c>userAgent</c>, <c>url</c>, <c>at</c> (when it
/// was said, RFC 3339), <c>confirmed</c>, <c>age</c> and <c>birthDate</c>.
/// </param>
internal sealed record SubscriptionInput(
    string? Topic = null, string? Status = null, string? Channel = null, string? Source = null, string? PolicyVersion = null,
    string? Wording = null, JsonElement? Evidence = null);

/// <summary>Preferences to change; what is left out stays as it is.</summary>
/// <param name="Email">An email address; or give <c>phone</c>, or either in the query.</param>
/// <param name="Phone">A phone number in international form, such as +14155550123; or give <c>email</c>, or either in the query.</param>
/// <param name="Subscriptions">The topics to change, at most 100.</param>
/// <param name="StopAll">True stops everything on the channel; false takes that back, which needs <c>evidence.confirmed</c>.</param>
/// <param name="Source">Where it was said, such as the name of a form, at most 100 characters; required where permission is raised.</param>
/// <param name="PolicyVersion">The version of the privacy policy that it was said under, at most 64 characters.</param>
/// <param name="Wording">The exact words that the person agreed to, at most 4,000 characters; required where permission is raised.</param>
/// <param name="Evidence">
/// What proves it: any object of at most 8 KiB and 32 levels. Known members are <c>ip</c>, <c>userAgent</c>, <c>url</c>, <c>at</c> (when it
/// was said, RFC 3339), <c>confirmed</c>, <c>age</c> and <c>birthDate</c>.
/// </param>
/// <param name="Agent">
/// The person at the desk who does this, as an id of 1 to 64 letters, digits, dots, underscores and hyphens; the ledger and the audit then
/// name them in place of the API key.
/// </param>
/// <param name="Locale">A language tag (BCP 47) such as en or pt-BR.</param>
/// <param name="TimeZone">An IANA time zone such as Europe/Lisbon.</param>
/// <param name="Age">The person's age in years, 0 to 150; who is under 18 is refused, and nothing is stored.</param>
/// <param name="BirthDate">The person's date of birth, such as 1990-05-01; who is under 18 is refused, and nothing is stored.</param>
internal sealed record PreferencesInput(
    string? Email = null,
    string? Phone = null,
    IReadOnlyList<SubscriptionInput>? Subscriptions = null,
    bool? StopAll = null,
    string? Source = null,
    string? PolicyVersion = null,
    string? Wording = null,
    JsonElement? Evidence = null,
    string? Agent = null,
    string? Locale = null,
    string? TimeZone = null,
    int? Age = null,
    string? BirthDate = null);

/// <summary>A stop of everything on the channel.</summary>
/// <param name="Since">Since when everything is stopped.</param>
/// <param name="Source">Where that was said.</param>
internal sealed record StopView(DateTimeOffset Since, string Source);

/// <summary>Everything that decides what an address gets.</summary>
/// <param name="Address">The address.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Subscriptions">Every topic and how it stands.</param>
/// <param name="StopAll">The stop of everything on the channel, or null.</param>
/// <param name="Suppression">The block of the address, or null.</param>
/// <param name="ContactId">The id of the contact that owns it.</param>
/// <param name="ContactStatus">How that contact stands; active where none owns it.</param>
/// <param name="Locale">The person's language, a language tag (BCP 47).</param>
/// <param name="TimeZone">The person's time zone, an IANA name.</param>
/// <param name="PreferencesUrl">The person's own preference page. Whoever has this link can change what they get.</param>
/// <param name="Overtaken">
/// The topics (* for all) that a change would have raised, had the person not said stop since; only in the answer to a change.
/// </param>
internal sealed record PreferencesView(
    string Address,
    Channel Channel,
    IReadOnlyList<SubscriptionView> Subscriptions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] StopView? StopAll,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] SuppressionView? Suppression,
    string? ContactId,
    ContactStatus ContactStatus,
    string? Locale,
    string? TimeZone,
    string PreferencesUrl,
    IReadOnlyList<string>? Overtaken = null)
{
    /// <summary>Since when processing is restricted (R35): nothing is sent. Left out where it is not.</summary>
    public DateTimeOffset? RestrictedSince { get; init; }

    /// <summary>When the person objected to direct marketing (R36). Left out where they did not.</summary>
    public DateTimeOffset? ObjectedAt { get; init; }

    /// <summary>Until when the person wants a break from marketing. Left out where none is on.</summary>
    public DateTimeOffset? PausedUntil { get; init; }
}

/// <summary>Shows and changes the preferences of an address.</summary>
internal sealed class PreferenceEndpoints(
    AddressBook book, ConsentDesk desk, TopicCatalog topics, KeyRing ring, OurAddresses ours, Links links, TimeProvider time)
    : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "GET", "/v1/preferences", Scope.Contacts, GetAsync, new("The preferences of an address", null, (200, typeof(PreferencesView)))
            {
                Description = "Every topic with its status, none where nothing was ever said, after them those that are not in the settings any more and the address has (they can only be stopped), the time of an objection to marketing, and the link to the person's own preference page.",
                Query = Api.ByAddress,
            });
        routes.MapApi(
            "PATCH", "/v1/preferences", Scope.Contacts, PatchAsync,
            new("Change the preferences of an address", typeof(PreferencesInput), (200, typeof(PreferencesView)))
            {
                Query = Api.ByAddress,
                Description = "The address stands in the query or in the body, and not in both. status is subscribed or unsubscribed. Whatever raises permission (subscribed, stopAll false) needs source and wording; with double opt-in it becomes pending unless evidence.confirmed is true, and stopAll false needs that. What lowers it is done first. Where evidence.at is not after the person's last stop it raises nothing, and overtaken names the topic; what would hold at once over a stop and has no evidence.at is not raised either: 409, type stopped-since, names the topics, and what lowers is done. Of a person who was erased nothing is raised: 409, type erased, names the topics; what lowers is done.",
            });
    }

    private async ValueTask<Answer> GetAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var address = AddressInput.Query(http, errors);
        if (errors.Any) return errors.Answer();
        return await ShowAsync(address!.Value, http.RequestAborted);
    }

    private async ValueTask<Answer> PatchAsync(HttpContext http)
    {
        var (body, problem) = await RequestBody.ReadAsync(http);
        if (problem is not null) return problem;
        if (body!.Parse(WebJson.Default.PreferencesInput, out var input) is { } wrong) return wrong;

        var errors = new FieldErrors();
        var address = AddressInput.Either(http, errors, input.Email, input.Phone);
        var locale = Inputs.Locale(errors, input.Locale);
        var zone = Inputs.TimeZone(errors, input.TimeZone);
        var actor = ActorInput.Read(http, errors, input.Agent);
        var now = time.GetUtcNow();
        var lower = new List<LedgerDraft>();
        var raise = new List<(LedgerDraft Draft, EvidenceInput Evidence)>();
        var age = EvidenceInput.Read(
            errors, "", input is { StopAll: null, Subscriptions: null } ? input.Evidence : null, input.Age, input.BirthDate, now,
            raises: false);
        if (input.StopAll is { } stop)
        {
            var said = new StatementInput(input.Source, input.PolicyVersion, input.Wording, input.Evidence)
                .Read(errors, "", stop ? LedgerAction.StopAll : LedgerAction.Resume, LedgerDraft.AllTopics, actor, now);
            if (stop) lower.Add(said.Draft);
            else raise.Add(said);
        }

        var state = address is { } whose && input.Subscriptions is not null
            ? (await book.LoadAsync(ring.KeyOf(whose), http.RequestAborted)).State
            : null;
        ReadSubscriptions(errors, input, address?.Channel, state, actor, now, lower, raise);
        if (raise.Count > 0) AddressInput.NotOurs(errors, ours, "", address);
        if (input is { StopAll: true, Subscriptions: { } } && raise.Count > 0) errors.Add("stopAll", "and subscribing exclude each other");
        if (errors.Any) return errors.Answer();
        if (raise.Exists(r => age.UnderAge || r.Evidence.UnderAge)) return ConsentEndpoints.UnderAge();
        if (age.UnderAge && lower.Count == 0 && (locale ?? zone) is not null) return ConsentEndpoints.UnderAge();
        if (age.UnderAge) (locale, zone) = (null, null); // Of whoever is under age only what lowers is carried out (R38).

        var raised = await ApplyAsync(address!.Value, lower, raise, locale, zone);
        string Named(ConsentResult result) => $"{string.Join(", ", raised[result])} was not raised";
        if (raised.Contains(ConsentResult.Erased)) return ConsentEndpoints.Erased(Named(ConsentResult.Erased));
        if (raised[ConsentResult.Undated].FirstOrDefault() is { } undated
            && (await book.LoadAsync(ring.KeyOf(address.Value), CancellationToken.None)).State is { } stands
            && (topics.Find(undated) is { } topic ? stands.StoppedAt(topic) : stands.StoppedAt(undated)) is { } stopped)
        {
            return ConsentEndpoints.Undated(stopped, Named(ConsentResult.Undated));
        }

        return await ShowAsync(address.Value, CancellationToken.None, [.. raised[ConsentResult.Overtaken]]);
    }

    private void ReadSubscriptions(
        FieldErrors errors, PreferencesInput input, Channel? channel, AddressState? state, string actor, DateTimeOffset now,
        List<LedgerDraft> lower, List<(LedgerDraft, EvidenceInput)> raise)
    {
        if (input.Subscriptions is not { } wanted) return;
        if (wanted.Count > 100) errors.Add("subscriptions", "must have at most 100 entries");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < wanted.Count && i < 100; i++)
        {
            var prefix = $"subscriptions[{i}].";
            if (wanted[i] is not { } one)
            {
                errors.Add($"subscriptions[{i}]", "must be an object");
                continue;
            }

            if (topics.Find(one.Topic, one.Status == "unsubscribed" ? state : null) is not { } topic)
            {
                errors.Add(prefix + "topic", one.Topic is null ? "is required" : $"must be one of {topics.Known}");
                continue;
            }

            if (one.Channel is not null && channel is { } own && one.Channel != own.Name())
                errors.Add(prefix + "channel", $"must be {own.Name()}, as the address is, or left out");
            if (!seen.Add(topic.Key)) errors.Add(prefix + "topic", "stands twice");
            LedgerAction? action = one.Status switch
            {
                "subscribed" => LedgerAction.OptIn,
                "unsubscribed" => LedgerAction.OptOut,
                _ => null,
            };
            if (action is null)
            {
                errors.Add(prefix + "status", "must be subscribed or unsubscribed");
                continue;
            }

            var said = new StatementInput(
                one.Source ?? input.Source, one.PolicyVersion ?? input.PolicyVersion, one.Wording ?? input.Wording,
                one.Evidence ?? input.Evidence)
                .Read(errors, prefix, action.Value, topic.Key, actor, now);
            if (action == LedgerAction.OptOut) lower.Add(said.Draft);
            else raise.Add(said);
        }
    }

    // Each step is whole by itself and may be repeated; a person's word is carried out to its end also when the caller has gone.
    private async ValueTask<ILookup<ConsentResult, string>> ApplyAsync(
        Address address, List<LedgerDraft> lower, List<(LedgerDraft Draft, EvidenceInput Evidence)> raise, string? locale, string? zone)
    {
        var key = ring.KeyOf(address);
        foreach (var draft in lower)
        {
            if (draft.Action == LedgerAction.StopAll)
                await book.ChangeAsync(
                    key, ConsentDesk.Blank(address), (state, now) => Transitions.StopAll(state, draft, now), null, CancellationToken.None);
            else await desk.OptOutAsync(address, draft, CancellationToken.None);
        }

        if (locale is not null || zone is not null)
        {
            await book.ChangeAsync(key, ConsentDesk.Blank(address), (state, _) =>
            {
                var next = state with { Locale = locale ?? state.Locale, TimeZone = zone ?? state.TimeZone };
                return new Change(state.IsErased || next == state ? state : next, []);
            }, null, CancellationToken.None);
        }

        var raised = new List<(ConsentResult Result, string Topic)>();
        foreach (var (draft, evidence) in raise)
            raised.Add((await RaiseAsync(address, key, draft, evidence.Confirmed, locale), draft.Topic));
        return raised.ToLookup(r => r.Result, r => r.Topic);
    }

    private async ValueTask<ConsentResult> RaiseAsync(Address address, AddressKey key, LedgerDraft draft, bool confirmed, string? locale)
    {
        if (draft.Action != LedgerAction.Resume)
            return (await desk.OptInAsync(address, topics.Find(draft.Topic)!, draft, confirmed, locale, CancellationToken.None)).Result;
        // What a stop of the second that is told has ended is no news when it is told again (P6).
        if (draft is { SaidAt: { } said, SaidBy: { } by }
            && (await book.LedgerAsync(key, CancellationToken.None)).Any(
                e => e is { Action: LedgerAction.Resume, Topic: LedgerDraft.AllTopics } && e.At >= said && e.At <= by))
        {
            draft = draft with { SaidBy = null };
        }

        var result = ConsentResult.Unchanged;
        await book.ChangeAsync(
            key, null,
            (state, _) =>
            {
                result = state.IsErased ? ConsentResult.Erased
                    : draft.IsOvertaken(state) ? ConsentResult.Overtaken
                    : draft.IsUndated(state) ? ConsentResult.Undated : ConsentResult.Recorded;
                return result == ConsentResult.Recorded ? Transitions.Resume(state, draft) : new Change(state, []);
            },
            null, CancellationToken.None);
        return result;
    }

    private async ValueTask<Answer> ShowAsync(Address address, CancellationToken cancel, List<string>? overtaken = null)
    {
        var key = ring.KeyOf(address);
        var (state, _) = await book.LoadAsync(key, cancel);
        return Answer.Json(
            new PreferencesView(
                address.Value,
                address.Channel,
                [.. topics.AllOf(state).Select(t => SubscriptionView.Of(state, address.Channel, t))],
                state?.Stopped is { } stopped ? new StopView(stopped.Since, stopped.Source) : null,
                state?.Suppression is { } suppression
                    ? SuppressionView.Of(null, address.Channel, suppression)
                    : null,
                state?.ContactId,
                state is { Contact: ContactStatus.Active, RestrictedSince: not null }
                    ? ContactStatus.Restricted
                    : state?.Contact ?? ContactStatus.Active,
                state?.Locale,
                state?.TimeZone,
                links.Preferences(key, address.Channel),
                overtaken is { Count: > 0 } ? overtaken : null)
            {
                RestrictedSince = state?.RestrictedSince,
                ObjectedAt = state?.ObjectedAt,
                PausedUntil = state?.PausedUntil > time.GetUtcNow() ? state.PausedUntil : null,
            },
            WebJson.Default.PreferencesView);
    }
}

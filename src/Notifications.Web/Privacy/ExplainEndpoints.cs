using Notifications.Access;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Web.Http;

namespace Notifications.Web.Privacy;

/// <summary>One rule's result.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Result">What it said: allowed, or why not.</param>
internal sealed record ExplainedRule(string Rule, Reason Result);

/// <summary>Why, in words and as data.</summary>
/// <param name="At">When it was decided, or the moment that was asked about; left out where nothing is decided yet.</param>
/// <param name="Decision">What was, or would be, decided; left out where nothing is decided yet.</param>
/// <param name="Reason">Why; left out where nothing is decided yet.</param>
/// <param name="Text">The whole answer in words.</param>
/// <param name="Rules">Each rule in its order and what it said.</param>
/// <param name="LedgerSeq">The newest entry of the consent ledger at that moment; 0 where there was none.</param>
/// <param name="LedgerHash">That entry's hash, 64 zeros where there was none.</param>
/// <param name="Status">Where the message stands; only of a message.</param>
/// <param name="Packages">Of package-updates, each package by itself; left out where none is known.</param>
internal sealed record ExplainView(
    DateTimeOffset? At, Verdict? Decision, Reason? Reason, string Text, IReadOnlyList<ExplainedRule> Rules, long LedgerSeq,
    string LedgerHash, MessageStatus? Status, IReadOnlyList<ExplainedPackage>? Packages);

/// <summary>Answers why (P2).</summary>
internal sealed class ExplainEndpoints(
    Explainer explainer, CampaignDesk campaigns, AddressBook book, TopicCatalog topics, KeyRing ring, TimeProvider time) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapApi(
            "GET", "/v1/explain", Scope.Privacy, GetAsync,
            new("Why an address did, or would, get something, or not", null, (200, typeof(ExplainView)))
            {
                Description = "With messageId, from that message's receipt; email and phone may be left out. With campaign, whether it was selected and, as with its messageId, what came of it. With topic, on the record as it stands now, breaks and caps included; at a moment in the past, as the consent ledger stood then, which knows breaks and no caps. Of package-updates each package that is followed, waits to be or is no more is told under packages, by itself: a followed one speaks without its topic, so the answer is allow where one of them would go out, and text says of how many. At a moment in the past the packages are those that stand since then as they do today. A message that waits for its turn has neither at nor reason nor rules; of a campaign's, text says what would be decided now.",
                Query =
                [
                    .. Api.ByAddress, ("topic", "A topic's key."), ("messageId", "A message's id, in place of topic, campaign and at."),
                    ("campaign", "A campaign's id, in place of topic and at."),
                    new("at", "With topic: a moment in RFC 3339 form, not in the future; now when left out.")
                    {
                        Type = typeof(DateTimeOffset),
                    },
                ],
            });

    private async ValueTask<Answer> GetAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var query = http.Request.Query;
        var named = query.TryGetValue("messageId", out var text);
        if (named) Alone(errors, query, "messageId", "campaign", "topic", "at");
        else if (query.ContainsKey("campaign")) Alone(errors, query, "campaign", "topic", "at");
        var address = named && !query.ContainsKey("email") && !query.ContainsKey("phone") ? null : AddressInput.Query(http, errors);
        var at = query.TryGetValue("at", out var moment) ? Inputs.Time(errors, "at", moment.ToString().Replace(' ', '+')) : null;
        if (at > time.GetUtcNow().AddMinutes(1)) errors.Add("at", "must not lie in the future: what will be said until then is not known");
        MessageId id = default;
        if (named && !MessageId.TryParseCopied(text.ToString(), out id)) errors.Add("messageId", "must be the id of a message");
        if (query.TryGetValue("campaign", out var campaign) && !named)
            return errors.Any ? errors.Answer() : await CampaignAsync(address!.Value, campaign.ToString(), http.RequestAborted);
        var asked = query["topic"].ToString();
        var topic = topics.Find(asked)
            ?? (address is { } whose ? topics.Find(asked, (await book.LoadAsync(ring.KeyOf(whose), http.RequestAborted)).State) : null);
        if (!named && topic is null) errors.Add("topic", $"must be one of {topics.Known}, or messageId be given");
        if (errors.Any) return errors.Answer();
        var why = named
            ? await explainer.MessageAsync(address, id, http.RequestAborted)
            : await explainer.TopicWithPackagesAsync(address!.Value, topic!, at, http.RequestAborted);
        return why is null ? Problem.NotFound("No message of this address has this id.") : View(why);
    }

    /// <summary>What a parameter answers by itself: another one beside it would be passed over.</summary>
    private static void Alone(FieldErrors errors, IQueryCollection query, string name, params ReadOnlySpan<string> others)
    {
        foreach (var other in others)
            if (query.ContainsKey(other)) errors.Add(other, $"and {name} exclude each other");
    }

    private async ValueTask<Answer> CampaignAsync(Address address, string id, CancellationToken cancel)
    {
        if (await campaigns.FindAsync(id, cancel) is not { } campaign) return Problem.NotFound("No campaign has this id.");
        var topic = topics.Of(campaign.Definition.Topic);
        return View(await explainer.CampaignAsync(address, campaign, topic, cancel));
    }

    private static Answer View(Explanation why) =>
        Answer.Json(
            new ExplainView(
                why.At, why.Decision, why.Reason, why.Text, [.. why.Rules.Select(r => new ExplainedRule(r.Rule, r.Result))], why.LedgerSeq,
                why.LedgerHash, why.Status, why.Packages is [] ? null : why.Packages),
            WebJson.Default.ExplainView);
}

using System.Text.Json;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Web.Consent;
using Notifications.Web.Http;

namespace Notifications.Web.Packages;

/// <summary>Lets services begin and end the following of packages by bare addresses.</summary>
internal sealed class WatchEndpoints(
    Watches watches, KeyRing ring, OurAddresses ours, Idempotency idempotency, TimeProvider time) : IEndpoints
{
    private const string Pattern = "/v1/packages/{number}/watches";

    private static readonly string Words = string.Join(", ", [.. EnumWord.All<WatchFilter>(), .. EnumWord.All<ParcelStatus>()]);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "POST", Pattern, Scope.Send, PostAsync,
            new("Follow a package", typeof(WatchInput), (200, typeof(WatchView)), (202, typeof(WatchView)))
            {
                Description = "statuses is one of " + Words + ", or an array of some of these, of which each is told; digest is daily or each. What is left out stays as it stands (at first all, and each), and more than the person chose needs evidence of later date. The watch of a trusted source holds at once, and unless configured every source that is named here is trusted: a service that lets anybody type an address should say evidence.confirmed only where its owner confirmed it, and the setting Notifications:Watches:TrustedSources should name the others (a list of sources, such as checkout; the watches of all that are not on it wait). A watch of a source that is not trusted, or after the person said stop, is answered 202 as pending until the address confirms it; evidence.confirmed that is to hold over a stop needs evidence.at, after the stop: without it 409, type stopped-since. It permits news of this package and nothing else.",
            });
        routes.MapApi("DELETE", Pattern, Scope.Send, DeleteAsync, new("Stop following a package", typeof(UnwatchInput), (204, null))
        {
            NeedsBody = false,
            Description = "The address stands in the query, or with a source and evidence in a JSON body, and not in both. Repeating it changes nothing.",
            Query = Api.ByAddress,
        });
        routes.MapApi(
            "GET", "/v1/packages/watches", Scope.Send, ListAsync,
            new("The packages that an address follows", null, (200, typeof(WatchList)))
            {
                Description = "In the order of their numbers, those among them that wait for a confirmation (pending) or have ended (unwatched). What keeps a watch silent stands at each (blockedBy); GET /v1/explain tells of all rules.",
                Query = [.. Api.ByAddress, .. Api.Paging],
            });
    }

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var address = AddressInput.Query(http, errors);
        var limit = Paging.Limit(http, errors);
        var after = Paging.After(http, errors, static text => TrackingNumber.TryParse(text, out var one, out _) && one.Value == text);
        if (errors.Any) return errors.Answer();
        var found = await watches.PageAsync(ring.KeyOf(address!.Value), after, limit, http.RequestAborted);
        return Answer.Json(
            new WatchList(
                [.. found.Select(w => WatchView.Of(w.Number, w.Watch))], Paging.Next(found.Count == limit ? found[^1].Number.Value : null)),
            WebJson.Default.WatchList);
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(
        http, async body => body.Parse(WebJson.Default.WatchInput, out var input) ?? await WatchAsync(http, input));

    private async ValueTask<Answer> WatchAsync(HttpContext http, WatchInput input)
    {
        var errors = new FieldErrors();
        var number = PackageInput.Number(http, errors);
        var address = AddressInput.Read(errors, "", input.Email, input.Phone);
        AddressInput.NotOurs(errors, ours, "", address);
        var filter = Filter(errors, input.Statuses);
        if (input.Digest is not (null or "daily" or "each")) errors.Add("digest", "must be daily or each, or be left out");
        var locale = Inputs.Locale(errors, input.Locale);
        var source = errors.Required("source", input.Source, 100);
        var policy = errors.Optional("policyVersion", input.PolicyVersion, 64);
        var wording = errors.Optional("wording", input.Wording, 4000);
        var actor = ActorInput.Read(http, errors, input.Agent);
        var evidence = EvidenceInput.Read(errors, "", input.Evidence, input.Age, input.BirthDate, time.GetUtcNow(), raises: true);
        if (errors.Any) return errors.Answer();
        if (evidence.UnderAge) return ConsentEndpoints.UnderAge();

        var answer = await watches.WatchAsync(new WatchRequest(number!.Value, address!.Value, source!, actor)
        {
            Filter = filter,
            Daily = input.Digest is { } digest ? digest == "daily" : null,
            Locale = locale,
            PolicyVersion = policy,
            Wording = wording,
            Evidence = evidence.Json,
            Confirmed = evidence.Confirmed,
            Told = true,
            ActedAt = evidence.Confirmed || evidence.At is not null ? KeyedRun.Said(http, evidence.At) : null,
            ActedBy = KeyedRun.By(http, evidence.By),
        }, CancellationToken.None);
        if (answer.Blocked == Reason.SuppressedErased)
            return Problem.Conflict(
                "erased", "This person was erased. The address follows nothing until the person comes back by an own act.");
        if (answer.StoppedAt is { } stopped) return ConsentEndpoints.Undated(stopped, "nothing was recorded");
        return Answer.Json(
            WatchView.Of(number.Value, answer), WebJson.Default.WatchView,
            answer.Status == WatchStatus.Active ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    /// <summary>One word or several; null where it was left out, or something is wrong with it.</summary>
    private static WatchFilter? Filter(FieldErrors errors, JsonElement? statuses)
    {
        if (statuses is not { } json) return null;
        var several = json.ValueKind == JsonValueKind.Array;
        var words = several ? [.. json.EnumerateArray()] : (JsonElement[])[json];
        var filters = new List<WatchFilter>(words.Length);
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i].ValueKind == JsonValueKind.String && Inputs.IsText(words[i]) ? words[i].GetString() : null;
            if (WatchFilters.Read(word) is { } filter) filters.Add(filter);
            else errors.Add(several ? $"statuses[{i}]" : "statuses", "must be one of " + Words);
        }

        if (words.Length == 0) errors.Add("statuses", "must name at least one of " + Words);
        return filters.Count == words.Length && filters.Count > 0 ? WatchFilters.Join(filters) : null;
    }

    private async ValueTask<Answer> DeleteAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var number = PackageInput.Number(http, errors);
        UnwatchInput input = new();
        if (http.Request.HasJsonContentType())
        {
            var (body, problem) = await RequestBody.ReadAsync(http);
            if (problem is not null) return problem;
            // Clients name the type of a body also where they send none.
            if (body!.Parse(WebJson.Default.UnwatchInput, out input) is { } wrong) return wrong;
        }

        var address = AddressInput.Either(http, errors, input.Email, input.Phone);
        var source = errors.Optional("source", input.Source, 100) ?? "api";
        var actor = ActorInput.Read(http, errors, input.Agent);
        var evidence = EvidenceInput.Read(errors, "", input.Evidence, null, null, time.GetUtcNow(), raises: false);
        if (errors.Any) return errors.Answer();
        await watches.UnwatchAsync(ring.KeyOf(address!.Value), number!.Value.Value, source, actor, evidence.Json, CancellationToken.None);
        return Answer.Nothing;
    }
}

using Notifications.Access;
using Notifications.Addresses;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Web.Consent;
using Notifications.Web.Http;

namespace Notifications.Web.Packages;

/// <summary>Lets services begin and end the following of packages by bare addresses.</summary>
internal sealed class WatchEndpoints(Watches watches, KeyRing ring, Idempotency idempotency, TimeProvider time) : IEndpoints
{
    private const string Pattern = "/v1/packages/{number}/watches";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "POST", Pattern, Scope.Send, PostAsync,
            new("Follow a package", typeof(WatchInput), (200, typeof(WatchView)), (202, typeof(WatchView)))
            {
                Description = "statuses is all, delivery or problems; digest is daily or each. What is left out stays as it stands (at first all, and each), and more than the person chose needs evidence of later date. The watch of a trusted source holds at once, and unless configured every source that is named here is trusted: a service that lets anybody type an address should say evidence.confirmed only where its owner confirmed it, and the setting Notifications:Watches:TrustedSources should name the others (a list of sources, such as checkout; the watches of all that are not on it wait). A watch of a source that is not trusted, or after the person said stop, is answered 202 as pending until the address confirms it; evidence.confirmed that is to hold over a stop needs evidence.at, after the stop: without it 409, type stopped-since. It permits news of this package and nothing else.",
            });
        routes.MapApi("DELETE", Pattern, Scope.Send, DeleteAsync, new("Stop following a package", typeof(UnwatchInput), (204, null))
        {
            NeedsBody = false,
            Description = "The address stands in the query, or with a source and evidence in a JSON body, and not in both. Repeating it changes nothing.",
            Query = Api.ByAddress,
        });
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(
        http, async body => body.Parse(WebJson.Default.WatchInput, out var input) ?? await WatchAsync(http, input));

    private async ValueTask<Answer> WatchAsync(HttpContext http, WatchInput input)
    {
        var errors = new FieldErrors();
        var number = PackageInput.Number(http, errors);
        var address = AddressInput.Read(errors, "", input.Email, input.Phone);
        WatchFilter? filter = input.Statuses switch
        {
            "all" => WatchFilter.All,
            "delivery" => WatchFilter.Delivery,
            "problems" => WatchFilter.Problems,
            _ => null,
        };
        if (filter is null && input.Statuses is not null) errors.Add("statuses", "must be all, delivery or problems");
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
        var view = new WatchView(
            number.Value.Value, answer.Status, answer.Filter, answer.Daily ? "daily" : null, answer.Since, answer.Blocked);
        return Answer.Json(
            view, WebJson.Default.WatchView, answer.Status == WatchStatus.Active ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    private async ValueTask<Answer> DeleteAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var number = PackageInput.Number(http, errors);
        var input = new UnwatchInput();
        if (http.Request.HasJsonContentType())
        {
            var (body, problem) = await RequestBody.ReadAsync(http);
            if (problem is not null) return problem;
            // Clients name the type of a body also where they send none.
            if (body!.Bytes.Length > 0)
            {
                if (body.Parse(WebJson.Default.UnwatchInput, out var parsed) is { } wrong) return wrong;
                input = parsed;
            }
        }

        var inBody = input.Email is not null || input.Phone is not null;
        if (inBody)
            foreach (var name in http.Request.Query.Keys.Where(static k => k is "email" or "phone"))
                errors.Add(name, "of the query and the address in the body exclude each other; send one request for each");
        var address = inBody ? AddressInput.Read(errors, "", input.Email, input.Phone) : AddressInput.Query(http, errors);
        var source = errors.Optional("source", input.Source, 100) ?? "api";
        var actor = ActorInput.Read(http, errors, input.Agent);
        var evidence = EvidenceInput.Read(errors, "", input.Evidence, null, null, time.GetUtcNow(), raises: false);
        if (errors.Any) return errors.Answer();
        await watches.UnwatchAsync(ring.KeyOf(address!.Value), number!.Value.Value, source, actor, evidence.Json, CancellationToken.None);
        return Answer.Nothing;
    }
}

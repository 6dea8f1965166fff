using System.Text.Json.Serialization.Metadata;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Web.Http;

namespace Notifications.Web.Campaigns;

/// <summary>Campaigns, from draft to their numbers.</summary>
internal sealed class CampaignEndpoints(
    CampaignDesk desk, TopicCatalog topics, StoredSegments segments, StaticLists lists, Idempotency idempotency,
    TimeProvider time) : IEndpoints
{
    private const string One = "/v1/campaigns/{id}";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "POST", "/v1/campaigns", Scope.Campaigns, PostAsync,
            new("Create a campaign as a draft", typeof(CampaignInput), (201, typeof(CampaignView)))
            {
                GivesETag = true,
                GivesLocation = true,
                Description = "Without an audience it is for everyone subscribed to its topic on its channel. data may nest 32 deep and have 64 KiB as it is queued, where a letter that is not Latin has 2 or 3 bytes, a no-break space 6 and an emoji 12. Each message is decided when its turn comes: whoever has said stop by then gets none.",
            });
        routes.MapApi("GET", "/v1/campaigns", Scope.Campaigns, ListAsync, new("Campaigns, newest first", null, (200, typeof(CampaignList)))
        {
            Query = [new("status", "Only those that stand there.") { Words = EnumWord.All<CampaignStatus>() }, .. Api.Paging],
            Description = "A draft that was cancelled is on no list; it still answers under its id.",
        });
        routes.MapApi("GET", One, Scope.Campaigns, GetAsync, new("A campaign", null, (200, typeof(CampaignView))) { GivesETag = true });
        routes.MapApi("PUT", One, Scope.Campaigns, PutAsync, new("Change a draft", typeof(CampaignInput), (200, typeof(CampaignView))) 
        {
            GivesETag = true,
            HeedsIfMatch = true,
            Description = "A scheduled campaign becomes a draft again. From the launch on nothing can be changed: 409. What a GET has answered can be put back: what is not the caller's to set is passed over. With If-Match it is changed only as it was read: 412 when somebody else has changed it meanwhile.",
        });
        routes.MapApi(
            "POST", One + "/dry-run", Scope.Campaigns, http => RunAsync(http, DryRunAsync),
            new(
                "What would become of everyone in the audience now", null, (200, typeof(CampaignForecast)),
                (202, typeof(CampaignForecast)))
            {
                Description = "Decides as the send would, and sends nothing. The result is kept as the campaign's forecast; afterwards its numbers explain every difference to it. Where 20 seconds does not do for everyone, the answer is 202 with the numbers so far and underWay true: the same request again (with another Idempotency-Key, where it has one) goes on from there, within an hour. Until a 200 the forecast is the one before, and dryRun of the campaign's stats has the numbers so far.",
            });
        routes.MapApi(
            "POST", One + "/test", Scope.Campaigns, http => RunAsync(
                http, WebJson.Default.CampaignTestInput, (id, actor, input) => TestAsync(id, actor, input, KeyedRun.Of(http)?.Seed)),
            new("Send it to up to ten named addresses", typeof(CampaignTestInput), (202, typeof(CampaignTested)))
            {
                Description = "Marked as a test and outside the campaign's numbers. Needs no consent of theirs, and still goes to nobody who has said stop or is blocked. A subject test sends each subject.",
            });
        routes.MapApi(
            "POST", One + "/schedule", Scope.Campaigns, http => RunAsync(http, WebJson.Default.CampaignScheduleInput, ScheduleAsync),
            new("Have it launch by itself", typeof(CampaignScheduleInput), (200, typeof(CampaignView)))
            {
                GivesETag = true,
                NeedsBody = false,
                Description = "Without at and zone the campaign's own schedule counts. A time that is over, or more than a year ahead, is refused. Over the configured size confirm must be the number of recipients, as for a launch. With zone recipient each gets it when it is that time where they are.",
            });
        routes.MapApi(
            "POST", One + "/launch", Scope.Campaigns, http => RunAsync(http, WebJson.Default.CampaignLaunchInput, LaunchAsync),
            new("Launch it", typeof(CampaignLaunchInput), (200, typeof(CampaignView)))
            {
                GivesETag = true,
                NeedsBody = false,
                Description = "Over the configured size confirm must be the number of recipients; 409 tells it in count. Audience and template version are fixed from here on. It begins now: a schedule that it has is dropped.",
            });
        routes.MapApi(
            "POST", One + "/pause", Scope.Campaigns, http => RunAsync(http, WebJson.Default.CampaignPauseInput, PauseAsync),
            new("Pause it", typeof(CampaignPauseInput), (200, typeof(CampaignView)))
            {
                GivesETag = true,
                NeedsBody = false,
                Description = "Once this is answered, no message of the campaign begins to be handed off before it is resumed.",
            });
        routes.MapApi(
            "POST", One + "/resume", Scope.Campaigns,
            http => RunAsync(http, async (id, actor, _) => Answer(await desk.ResumeAsync(id, actor, CancellationToken.None))),
            new("Let it go on", null, (200, typeof(CampaignView))) { GivesETag = true });
        routes.MapApi(
            "POST", One + "/cancel", Scope.Campaigns,
            http => RunAsync(http, WebJson.Default.CampaignCancelInput, CancelAsync),
            new("End it", typeof(CampaignCancelInput), (200, typeof(CampaignView)))
            {
                GivesETag = true,
                NeedsBody = false,
                Description = "Once this is answered, no message of the campaign begins to be handed off any more. What was not sent counts as skipped: campaign-cancelled. A draft is discarded: it is on no list any more.",
            });
        routes.MapApi("GET", One + "/stats", Scope.Campaigns, StatsAsync, new("Its numbers", null, (200, typeof(CampaignStats)))
        {
            Description = "At every moment selected = sent + skipped + deferred + failed + unknown. delivered, bounced, complained, unsubscribed, opened and clicked are parts of sent. Before the launch dryRun has the numbers so far of a dry run that is not through; it is missing where there is none.",
        });
        CampaignRecipientsEndpoint.Map(routes, desk);
    }

    private async ValueTask<Answer> PostAsync(HttpContext http) => await idempotency.RunAsync(http, async body =>
    {
        var (definition, wrong) = await ReadAsync(http, body);
        if (wrong is not null) return wrong;
        // Derived from the run, so that a request which died before it was answered makes no second campaign.
        var campaign = await desk.CreateAsync(definition!, KeyedRun.Of(http)?.Hex(16), http.Actor(), CancellationToken.None);
        // An earlier request came so far before it failed. What was changed since is shown as it stands.
        if (campaign is { Epoch: 0, Forecast: null } && !campaign.Definition.Same(definition!)) return Problem.KeyReused();
        return View(campaign, StatusCodes.Status201Created) with { Location = "/v1/campaigns/" + campaign.Id };
    });

    private async ValueTask<Answer> ListAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var status = Inputs.Word<CampaignStatus>(http, errors, "status");
        var after = Paging.After(http, errors, CampaignStore.IsPosition);
        if (errors.Any) return errors.Answer();
        var page = await desk.ListAsync(status, after, limit, http.RequestAborted);
        return Http.Answer.Json(new CampaignList([.. page.Campaigns.Select(CampaignView.Of)], page.Next), WebJson.Default.CampaignList);
    }

    private async ValueTask<Answer> GetAsync(HttpContext http) =>
        await desk.FindAsync(http.Id(), http.RequestAborted) is { } campaign ? View(campaign) : NotFound();

    private async ValueTask<Answer> PutAsync(HttpContext http)
    {
        var (body, problem) = await RequestBody.ReadAsync(http);
        if (problem is not null) return problem;
        if (await desk.FindAsync(http.Id(), http.RequestAborted) is null) return NotFound();
        var (definition, wrong) = await ReadAsync(http, body!, http.Id());
        if (wrong is not null) return wrong;
        if (!IfMatch.TrySeen(http, out var seen)) return IfMatch.Wrong();
        return Answer(await desk.UpdateAsync(http.Id(), definition!, http.Actor(), CancellationToken.None, seen));
    }

    private async ValueTask<(CampaignDefinition? Definition, Answer? Problem)> ReadAsync(
        HttpContext http, RequestBody body, string? id = null)
    {
        var (type, shown) = (WebJson.Default.CampaignInput, WebJson.Default.CampaignView);
        if (AsShown.Parse(body, id, type, shown, out var input) is { } wrong) return (null, wrong);
        var errors = new FieldErrors();
        var definition = await CampaignReader.ReadAsync(errors, input, topics, segments, lists, time.GetUtcNow(), http.RequestAborted);
        if (definition is not null && await desk.TemplateProblemAsync(definition, http.RequestAborted) is { } problem)
            errors.Add("template", $"cannot be used: {problem.TrimEnd('.')}");
        return errors.Any ? (null, errors.Answer()) : (definition, null);
    }

    private async ValueTask<Answer> DryRunAsync(string id, string actor, CancellationToken cancel)
    {
        var (outcome, forecast) = await desk.DryRunAsync(id, actor, cancel);
        return forecast is null
            ? Answer(outcome)
            : Http.Answer.Json(forecast, WebJson.Default.CampaignForecast, forecast.UnderWay ? 202 : 200);
    }

    private async ValueTask<Answer> TestAsync(string id, string actor, CampaignTestInput input, string? seed)
    {
        if (await desk.FindAsync(id, CancellationToken.None) is not { } campaign) return NotFound();
        var errors = new FieldErrors();
        var to = input.To ?? [];
        if (to.Count is 0 or > CampaignDesk.MostTests) errors.Add("to", $"must have 1 to {CampaignDesk.MostTests} entries");
        var addresses = new List<Address>();
        for (var i = 0; i < to.Count && i < CampaignDesk.MostTests; i++)
        {
            if (to[i] is null) errors.Add($"to[{i}]", "must be an object");
            else if (AddressInput.Read(errors, $"to[{i}].", to[i].Email, to[i].Phone) is { } address)
            {
                if (address.Channel == campaign.Definition.Channel) addresses.Add(address);
                else errors.Add($"to[{i}]", $"must be an address of the campaign's channel, {campaign.Definition.Channel.Name()}");
            }
        }

        if (errors.Any) return errors.Answer();
        var (outcome, sent) = await desk.TestAsync(id, addresses, actor, CancellationToken.None, seed);
        return outcome.Done
            ? Http.Answer.Json(new CampaignTested(sent), WebJson.Default.CampaignTested, StatusCodes.Status202Accepted)
            : Answer(outcome);
    }

    private async ValueTask<Answer> ScheduleAsync(string id, string actor, CampaignScheduleInput input)
    {
        var errors = new FieldErrors();
        var named = input.At is not null || input.Zone is not null || input.FallbackZone is not null;
        var schedule = named
            ? CampaignReader.Schedule(errors, new ScheduleInput(input.At, input.Zone, input.FallbackZone), time.GetUtcNow(), "")
            : null;
        if (schedule is { ByRecipient: true } && (await desk.FindAsync(id, CancellationToken.None))?.Definition is { } definition)
        {
            if (definition.Throttle is not null) errors.Add("zone", "cannot be each recipient's own for a campaign with a throttle");
            else if (definition.SubjectTest is not null)
                errors.Add("zone", "cannot be each recipient's own for a campaign that tries subjects");
        }

        return errors.Any ? errors.Answer() : Answer(await desk.ScheduleAsync(id, schedule, input.Confirm, actor, CancellationToken.None));
    }

    private async ValueTask<Answer> LaunchAsync(string id, string actor, CampaignLaunchInput input) =>
        Answer(await desk.LaunchAsync(id, input.Confirm, actor, CancellationToken.None));

    private async ValueTask<Answer> PauseAsync(string id, string actor, CampaignPauseInput input)
    {
        var errors = new FieldErrors();
        var why = errors.Optional("reason", input.Reason, 200);
        return errors.Any ? errors.Answer() : Answer(await desk.PauseAsync(id, why, actor, CancellationToken.None));
    }

    private async ValueTask<Answer> CancelAsync(string id, string actor, CampaignCancelInput input)
    {
        var errors = new FieldErrors();
        var why = errors.Optional("reason", input.Reason, 200);
        return errors.Any ? errors.Answer() : Answer(await desk.CancelAsync(id, why, actor, CancellationToken.None));
    }

    private async ValueTask<Answer> StatsAsync(HttpContext http) =>
        await desk.StatsAsync(http.Id(), http.RequestAborted) is { } stats
            ? Http.Answer.Json(stats, WebJson.Default.CampaignStats)
            : NotFound();

    /// <summary>An act whose body may be left out.</summary>
    private ValueTask<Answer> RunAsync<TInput>(
        HttpContext http, JsonTypeInfo<TInput> type, Func<string, string, TInput, ValueTask<Answer>> act)
        where TInput : class => idempotency.RunAsync(http, type, input => act(http.Id(), http.Actor(), input));

    /// <summary>An act that takes nothing.</summary>
    private ValueTask<Answer> RunAsync(HttpContext http, Func<string, string, CancellationToken, ValueTask<Answer>> act) =>
        idempotency.RunAsync(http, WebJson.Default.NoInput, _ => act(http.Id(), http.Actor(), http.RequestAborted));

    private static Answer Answer(CampaignOutcome outcome) => outcome.Refusal switch
    {
        CampaignRefusal.None => View(outcome.Campaign!),
        CampaignRefusal.NotFound => NotFound(),
        CampaignRefusal.Unconfirmed => Problem.Unconfirmed(outcome.Why!, outcome.Count ?? 0),
        CampaignRefusal.Stale => IfMatch.Stale("campaign-changed", outcome.Why!),
        CampaignRefusal.WrongStatus => Problem.Conflict("campaign-status", outcome.Why!),
        _ => Problem.Conflict("campaign-not-ready", outcome.Why!),
    };

    // Its tag is its epoch: a dry run, which changes nothing, leaves it as it is.
    private static Answer View(Campaign campaign, int status = StatusCodes.Status200OK) =>
        Http.Answer.Json(CampaignView.Of(campaign), WebJson.Default.CampaignView, status) with { ETag = IfMatch.Tag(campaign.Epoch) };

    internal static Answer NotFound() => Problem.NotFound("No campaign has this id.");
}

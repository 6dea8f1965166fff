using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Sending;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// A launched campaign in numbers: how far it is, what came of it, and how that differs from the dry run. The same markup is sent again as
/// it moves.
/// </summary>
internal static class CampaignProgress
{
    public static Html Render(Campaign campaign, CampaignStats s)
    {
        var skipped = s.Skipped.Values.Sum();
        double Share(long count) => s.Selected == 0 ? 0 : 100.0 * count / s.Selected;
        var path = $"/console/campaigns/{campaign.Id}/recipients";
        return Html.Of($"""
            <div class="card progress"><p class="inline wrap"><strong>{Parts.Number(s.Selected - s.Deferred)} of {Parts.Number(s.Selected)} settled</strong>{(s.Selecting ? Parts.Badge("still selecting", "warn") : Html.None)}</p>
            {Parts.Bar($"{Parts.Number(s.Sent)} sent, {Parts.Number(skipped)} skipped, {Parts.Number(s.Failed + s.Unknown)} failed or unknown, {Parts.Number(s.Deferred)} waiting, of {Parts.Number(s.Selected)}", ("s1", Share(s.Sent), $"{Parts.Number(s.Sent)} sent"), ("s2", Share(skipped), $"{Parts.Number(skipped)} skipped"), ("s4", Share(s.Failed + s.Unknown), $"{Parts.Number(s.Failed + s.Unknown)} failed or unknown"))}
            <ul class="legend"><li><span class="key k1" aria-hidden="true"></span>sent</li><li><span class="key k2" aria-hidden="true"></span>skipped</li><li><span class="key k4" aria-hidden="true"></span>failed or unknown</li><li><span class="key k0" aria-hidden="true"></span>waiting</li></ul></div>
            <div class="stats">{Parts.Stat("Selected", Parts.Number(s.Selected), null, "", path)}{Parts.Stat("Sent", Parts.Number(s.Sent), null, "", path + "?status=sent")}{Parts.Stat("Skipped", Parts.Number(skipped), null, "", path + "?status=skipped")}{Parts.Stat("Waiting", Parts.Number(s.Deferred))}{Parts.Stat("Failed", Parts.Number(s.Failed), null, s.Failed > 0 ? "warn" : "", path + "?status=failed")}{Parts.Stat("Unknown", Parts.Number(s.Unknown), s.Unknown > 0 ? "not sent again" : null, s.Unknown > 0 ? "warn" : "", path + "?status=unknown")}</div>
            <h2>What came of it</h2>
            <div class="stats">{Of("Delivered", s.Delivered, s, path + "?status=delivered")}{(campaign.Definition.Channel == Channel.Sms ? Html.None : Of("Opened", s.Opened, s))}{Of("Clicked", s.Clicked, s)}{Of("Unsubscribed", s.Unsubscribed, s)}{Of("Bounced", s.Bounced, s, path + "?status=bounced")}{Of("Complained", s.Complained, s)}</div>
            <div class="charts">{(skipped == 0 ? Html.None : Chart.Bars("Why some get nothing", "skipped", [.. s.Skipped.Select(r => (ReasonWords.Of(r.Key), r.Value))], ""))}{(s.Deferred == 0 ? Html.None : Chart.Bars("What still waits", "waiting", [.. s.DeferredBy.Select(r => (ReasonWords.Of(r.Key), r.Value))], "Nothing."))}</div>
            {Subjects(campaign, s)}{Forecast(s)}
            """);
    }

    private static Html Of(string label, long count, CampaignStats s, string? path = null) =>
        Parts.Stat(label, Parts.Number(count), s.Sent == 0 ? null : Parts.Percent((double)count / s.Sent) + " of sent", "", path);

    private static Html Subjects(Campaign campaign, CampaignStats s) => s.Subjects.Count == 0 ? Html.None : Html.Of($"""
        <h2>Subjects</h2>
        {Parts.Table("Subjects", ["Subject", "Sent", "Opened", "Clicked", "Unsubscribed", "Outcome"], [.. s.Subjects.Select(x => Numbers(x.Subject, x.Sent, x.Opened, x.Clicked, x.Unsubscribed, Outcome(campaign, s, x))), .. Rest(s)], "")}
        {Undecided(campaign)}
        """);

    private static Html[] Numbers(string whose, long sent, long opened, long clicked, long unsubscribed, Html outcome) =>
        [
            Html.Of($"{whose}"), Html.Of($"{Parts.Number(sent)}"), Html.Of($"{Parts.Number(opened)}"), Html.Of($"{Parts.Number(clicked)}"),
            Html.Of($"{Parts.Number(unsubscribed)}"), outcome,
        ];

    // What was tried stands by itself, so that the subjects can be compared.
    private static IEnumerable<Html[]> Rest(CampaignStats s)
    {
        if (s.Rest is { Selected: > 0 } r)
            yield return Numbers(
                $"Everybody else{(r.Subject is null ? "" : ": " + r.Subject)}", r.Sent, r.Opened, r.Clicked, r.Unsubscribed, Html.None);
    }

    // Why most of it waits meanwhile.
    private static Html Undecided(Campaign campaign)
    {
        if (campaign is not { Winner: null, EndedAt: null, Definition.SubjectTest: { } test }) return Html.None;
        var better = test.By switch
        {
            SubjectMeasure.Opens => "more opens",
            SubjectMeasure.Clicks => "more clicks",
            _ => "fewer people who leave",
        };
        return campaign.RunningSince is { } since
            ? Html.Of(
                $"<p class=\"dim\">Everybody else waits for the one with {better}: it is chosen at {Parts.Time(since - campaign.RanFor + test.DecideAfter)} UTC, or a little after.</p>")
            : Html.Of($"<p class=\"dim\">Everybody else waits for the one with {better}: while the campaign stands still, none is chosen.</p>");
    }

    // A former version did not write down what a subject was chosen by: what is reported today may have come after that.
    private static Html Outcome(Campaign campaign, CampaignStats all, SubjectStats one) =>
        !one.Chosen ? Html.None
        : one.Winner ? Parts.Badge("winner", "good")
        : campaign.Unmeasured == true ? Parts.Badge($"taken as the first: {Untold(campaign)}")
        : campaign.Definition.SubjectTest?.IsMeasured(all.Subjects) == false ? Parts.Badge($"taken, not measured: {Untold(campaign)}")
        : Parts.Badge("taken: whether it was measured by then is not recorded");

    private static string Untold(Campaign campaign) => campaign.Definition.SubjectTest?.By switch
    {
        SubjectMeasure.Opens => "no opens were reported",
        SubjectMeasure.Clicks => "no clicks were reported",
        _ => "nobody had left",
    };

    private static Html Forecast(CampaignStats s)
    {
        if (s.Forecast is not { } f) return Html.None;
        var reasons = f.Skipped.Keys.Concat(f.Deferred.Keys).Concat(s.Skipped.Keys).Distinct().Order(StringComparer.Ordinal);
        var settled = s.Deferred == 0 && !s.Selecting;
        Html[] Line(string what, long forecast, long came, bool known) =>
            [
                Html.Of($"{what}"), Html.Of($"{Parts.Number(forecast)}"), Html.Of($"{Parts.Number(came)}"),
                came == forecast || !known
                    ? Html.None
                    : Html.Of($"{(came > forecast ? "+" : "−")}{Parts.Number(Math.Abs(came - forecast))}"),
            ];
        var rows = new List<Html[]>
        {
            Line("In the audience", f.Selected, s.Selected, !s.Selecting), Line("Sent", f.Allowed, s.Sent, settled),
        };
        rows.AddRange(
            reasons.Select(
                r => Line(
                    "Not sent: " + ReasonWords.Of(r), f.Skipped.GetValueOrDefault(r) + f.Deferred.GetValueOrDefault(r),
                    s.Skipped.GetValueOrDefault(r) + s.DeferredBy.GetValueOrDefault(r), settled)));
        if (s.DeferredBy.GetValueOrDefault("queued") is > 0 and var open) rows.Add(Line("Still to be decided", 0, open, settled));
        if (s.Failed > 0) rows.Add(Line("Failed", 0, s.Failed, settled));
        if (s.Unknown > 0) rows.Add(Line("Unknown", 0, s.Unknown, settled));
        return Html.Of($"""
            <h2>Forecast and outcome</h2>
            <p class="dim">The dry run of {Parts.Time(f.At)} beside what came.</p>
            {Parts.Table("Forecast and outcome", ["What", "Forecast", "Came", "Difference"], rows, "")}
            <h2>Every difference, explained</h2>
            {Parts.Table("Every difference, explained", ["People", "Forecast", "Came", "Because"], f.Differences.Select(x => (Html[])[Html.Of($"{Parts.Number(x.Count)}"), Html.Of($"{Words(x.Forecast)}"), Html.Of($"{Words(x.Actual)}"), Html.Of($"{Because(x.Because)}")]), !settled ? $"Nothing has come otherwise so far; {(s.Selecting ? "recipients are still being selected." : $"{Parts.Number(s.Deferred)} {(s.Deferred == 1 ? "is" : "are")} not settled yet.")}" : "It came as forecast, for everyone.")}
            {(f.Unexplained > 0 ? Html.Of($"<p class=\"warn\">{Parts.Number(f.Unexplained)} are not explained. That is a fault of this product: please report it.</p>") : Html.None)}
            """);
    }

    // Of "skipped: unsubscribed" the reason says it all, in the words that stand in the table above.
    private static string Words(string outcome) => outcome switch
    {
        "allowed" => "sent",
        "not selected" => ReasonWords.Of(Reason.NotSelected),
        _ => ReasonWords.Of(outcome[(outcome.IndexOf(": ", StringComparison.Ordinal) is >= 0 and var colon ? colon + 2 : 0)..]),
    };

    private static string Because(string because) => because switch
    {
        "changed" => "The person said something, or their record changed, after the dry run.",
        "cap" => "They had received as many messages as allowed for now, or took a break.",
        "clock" => "A rule that looks at the clock: quiet hours, or an end.",
        "joined" => "They came into the audience after the dry run.",
        "left" => "They left the audience before the launch.",
        "operator" => "The campaign was paused or cancelled.",
        "provider" => "The provider’s answer.",
        _ => "Nothing explains it.",
    };
}

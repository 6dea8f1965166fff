using Notifications.Sending;

namespace Notifications.Campaigns;

/// <summary>Sums batches up. Each recipient is counted in exactly one of sent, skipped, deferred, failed and unknown (P9).</summary>
internal sealed class CampaignTally(Campaign campaign)
{
    private readonly bool _cancelled = campaign.Status == CampaignStatus.Cancelled;
    private readonly Dictionary<Reason, long> _skipped = [];
    private readonly Dictionary<string, long> _deferred = [];
    private readonly Dictionary<(Foretold, Reason?, MessageStatus, Because), long> _differences = [];
    private long _undecided;

    // Those outside the test stand behind its subjects.
    private readonly long[,] _subjects = new long[(campaign.Definition.SubjectTest?.Subjects.Count ?? 0) + 1, 6];

    public long Selected { get; private set; }

    public long Sent { get; private set; }

    public long Delivered { get; private set; }

    public long Hard { get; private set; }

    public long Soft { get; private set; }

    public long Complained { get; private set; }

    public long Unsubscribed { get; private set; }

    public long Opened { get; private set; }

    public long Clicked { get; private set; }

    public long Failed { get; private set; }

    /// <summary>Of the failed, how many the provider refused for good.</summary>
    public long Rejected { get; private set; }

    public long Unknown { get; private set; }

    public long Deferred { get; private set; }

    /// <summary>Of the deferred, how many wait because no provider took them.</summary>
    public long Unavailable { get; private set; }

    /// <summary>Of the deferred, how many wait for quiet hours to end.</summary>
    public long Quiet { get; private set; }

    /// <summary>How many of the selected were in the dry run's audience.</summary>
    public long WereForetold { get; private set; }

    public void Add(BatchRow row)
    {
        if (row.Outcomes is null) _undecided += row.Size;
        for (var i = 0; i < row.Size; i++) Add(row.Of(i), row.Subject);
    }

    private void Add(Outcome outcome, int? subject)
    {
        outcome = campaign.AsSeen(outcome);
        Selected++;
        if (outcome.Foretold.Reason is not null) WereForetold++;
        if (outcome.Because != Because.AsForetold || outcome.Foretold == Foretold.Absent) Difference(outcome);
        switch (outcome.Status)
        {
            case MessageStatus.Sent or MessageStatus.Delivered or MessageStatus.Bounced:
                AddSent(outcome);
                break;
            case MessageStatus.Skipped:
                _skipped[outcome.Reason] = _skipped.GetValueOrDefault(outcome.Reason) + 1;
                break;
            case MessageStatus.Failed:
                Failed++;
                if (outcome.Reason == Reason.ProviderRejected) Rejected++;
                break;
            case MessageStatus.Unknown:
                Unknown++;
                break;
            default:
                Deferred++;
                if (outcome.Reason == Reason.ProviderUnavailable) Unavailable++;
                if (outcome.Reason == Reason.QuietHours) Quiet++;
                var why = outcome.Status == MessageStatus.Sending
                    ? "sending"
                    : outcome.Reason == Reason.Allowed ? "queued" : outcome.Reason.Name();
                _deferred[why] = _deferred.GetValueOrDefault(why) + 1;
                break;
        }

        AddSubject(outcome, subject ?? _subjects.GetLength(0) - 1);
    }

    private void AddSent(Outcome outcome)
    {
        Sent++;
        if (outcome.Status == MessageStatus.Delivered) Delivered++;
        if (outcome.Status == MessageStatus.Bounced)
        {
            if (outcome.Has(OutcomeMarks.Soft) && !outcome.Has(OutcomeMarks.Hard)) Soft++;
            else Hard++;
        }

        if (outcome.Has(OutcomeMarks.Complained)) Complained++;
        if (outcome.Has(OutcomeMarks.Unsubscribed)) Unsubscribed++;
        if (outcome.Has(OutcomeMarks.Opened)) Opened++;
        if (outcome.Has(OutcomeMarks.Clicked)) Clicked++;
    }

    private void AddSubject(Outcome outcome, int subject)
    {
        _subjects[subject, 0]++;
        if (!outcome.Sent) return;
        _subjects[subject, 1]++;
        if (outcome.Has(OutcomeMarks.Opened)) _subjects[subject, 2]++;
        if (outcome.Has(OutcomeMarks.Clicked)) _subjects[subject, 3]++;
        if (outcome.Has(OutcomeMarks.Unsubscribed)) _subjects[subject, 4]++;
        if (outcome.Has(OutcomeMarks.Complained)) _subjects[subject, 5]++;
    }

    private void Difference(Outcome outcome)
    {
        var because = outcome.Foretold == Foretold.Absent ? Because.Joined : outcome.Because;
        var key = (
            outcome.Foretold, outcome.Sent ? (Reason?)null : outcome.Reason, outcome.Sent ? MessageStatus.Sent : outcome.Status, because);
        _differences[key] = _differences.GetValueOrDefault(key) + 1;
    }

    public IReadOnlyList<SubjectStats> Subjects()
    {
        if (campaign.Definition.SubjectTest is not { } test) return [];
        return test.Subjects.Select(
            (subject, i) =>
                new SubjectStats(
                    subject, _subjects[i, 0], _subjects[i, 1], _subjects[i, 2], _subjects[i, 3], _subjects[i, 4], _subjects[i, 5],
                    campaign.Winner == i, campaign.Winner == i && campaign.Unmeasured == false)).ToList();
    }

    private RestStats? Rest()
    {
        if (campaign.Definition.SubjectTest is not { Subjects: var tried }) return null;
        var i = tried.Count;
        return new RestStats(
            campaign.Winner is { } chosen ? tried[chosen] : null, _subjects[i, 0], _subjects[i, 1], _subjects[i, 2], _subjects[i, 3],
            _subjects[i, 4], _subjects[i, 5]);
    }

    public CampaignStats Stats(bool selecting, CampaignForecast? forecast) => new()
    {
        Status = campaign.Status,
        Selecting = selecting,
        Selected = Selected,
        Sent = Sent,
        Skipped = _skipped.ToDictionary(s => s.Key.Name(), s => s.Value),
        Deferred = Deferred,
        DeferredBy = _deferred,
        Delivered = Delivered,
        Bounced = Hard + Soft,
        BouncedBy = new Dictionary<string, long> { ["hard"] = Hard, ["soft"] = Soft },
        Complained = Complained,
        Unsubscribed = Unsubscribed,
        Opened = Opened,
        Clicked = Clicked,
        Failed = Failed,
        Unknown = Unknown,
        Subjects = Subjects(),
        Rest = Rest(),
        Forecast = forecast is null ? null : Compare(forecast, selecting),
    };

    private ForecastStats Compare(CampaignForecast forecast, bool selecting)
    {
        var differences = _differences.Select(
            d => new ForecastDifference(
                Words(d.Key.Item1), Words(d.Key.Item3, d.Key.Item2), d.Key.Item4.ToString().ToLowerInvariant(), d.Value)).ToList();
        var gone = forecast.Selected - WereForetold;

        // Of a batch that waits for its turn nobody has looked yet who was foretold: as many as can be are taken to be, so who joined and
        // who left are told by so many as the audience grew or shrank. When the campaign is cancelled nobody will look.
        if (campaign.Forecast is not null && campaign.LaunchedAt is not null && !selecting)
        {
            var foretold = Math.Min(gone, _undecided);
            var came = _cancelled ? Words(MessageStatus.Skipped, Reason.CampaignCancelled) : MessageStatus.Queued.Name();
            var told = forecast.Allowed == forecast.Selected ? Reason.Allowed.Name() : "in the audience";
            if (foretold > 0 && _cancelled) differences.Add(new(told, came, "operator", foretold));
            if (_undecided > foretold) differences.Add(new(Words(Foretold.Absent), came, "joined", _undecided - foretold));
            if (gone > foretold) differences.Add(new(told, "not selected", _cancelled ? "operator" : "left", gone - foretold));
        }

        return new ForecastStats(forecast.At, forecast.Selected, forecast.Allowed, forecast.Skipped, forecast.Deferred,
            [.. differences.OrderByDescending(d => d.Count)], differences.Where(d => d.Because == "unexplained").Sum(d => d.Count));
    }

    private static string Words(Foretold told) => told.Reason?.Name() ?? "not in the audience";

    private static string Words(MessageStatus status, Reason? reason) =>
        reason is null or Reason.Allowed
            ? status.Name()
            : $"{status.Name()}: {reason.Value.Name()}";
}

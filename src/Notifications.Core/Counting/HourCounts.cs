namespace Notifications.Counting;

/// <summary>What was counted in one hour; the names are those of <see cref="Measure.Name"/>.</summary>
public sealed record HourCounts(DateTimeOffset At, IReadOnlyDictionary<string, long> Counts)
{
    /// <summary>The sum of every count whose name begins so, for example <c>message/sent/</c>.</summary>
    public long Sum(string prefix)
    {
        var sum = 0L;
        foreach (var (name, count) in Counts)
            if (name.StartsWith(prefix, StringComparison.Ordinal)) sum += count;
        return sum;
    }
}

/// <summary>One instance's counts of one hour, as stored.</summary>
public sealed record StatisticsRow(Dictionary<string, long> Counts);

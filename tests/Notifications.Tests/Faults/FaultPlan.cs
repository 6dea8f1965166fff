namespace Notifications.Tests.Faults;

/// <summary>How much goes wrong, in parts of a hundred. <paramref name="Fails"/>: nothing happened and an error came.
/// <paramref name="Lost"/>: it happened and an error came. <paramref name="Repeated"/>: it happened, the answer was lost, and the client
/// library tried again by itself. <paramref name="Jumps"/>: the clock leaps, either way.</summary>
internal sealed record FaultPlan(int Fails, int Lost, int Repeated, int Jumps)
{
    /// <summary>
    /// From this step on everything works. The longest step of a campaign, which puts all its buckets on the queue, takes a hundred
    /// operations in a row: while one in three fails it is begun again and again, and has no chance to end.
    /// </summary>
    public const int Ends = 5000;

    /// <summary>Everything works.</summary>
    public static readonly FaultPlan None = new(0, 0, 0, 0);

    /// <summary>A bad day, worse for some seeds than for others.</summary>
    public static FaultPlan Of(int seed) => (seed % 4) switch
    {
        0 => new FaultPlan(2, 2, 2, 0),
        1 => new FaultPlan(10, 0, 5, 1),
        2 => new FaultPlan(0, 10, 10, 1),
        _ => new FaultPlan(15, 15, 5, 2),
    };
}

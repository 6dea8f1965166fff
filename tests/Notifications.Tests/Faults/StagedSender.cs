using Notifications.Sending;

namespace Notifications.Tests.Faults;

/// <summary>
/// A provider that takes a message and loses the answer, is slow, throttles, is away, or refuses; and remembers what it truly took.
/// </summary>
/// <param name="stage">Whose turn it is.</param>
/// <param name="plan">What goes wrong.</param>
/// <param name="taken">What was taken, and how often: outlives this process.</param>
internal sealed class StagedSender(Stage stage, FaultPlan plan, Dictionary<string, int> taken) : IEmailSender, ISmsSender
{
    /// <summary>Called as a hand-off begins.</summary>
    public Action<MessageId>? Offered { get; set; }

    public bool Deduplicates => false;

    public ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel) => TakeAsync(email.Id, cancel);

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) => TakeAsync(sms.Id, cancel);

    private async ValueTask<HandOff> TakeAsync(MessageId id, CancellationToken cancel)
    {
        Offered?.Invoke(id);
        await stage.StepAsync();
        var chance = stage.Steps < FaultPlan.Ends ? stage.Random.Next(100) : 100;
        if (chance < plan.Fails / 3) return HandOff.Unavailable("The plan says away.");
        if (chance < plan.Fails * 2 / 3) return HandOff.Throttled(TimeSpan.FromSeconds(stage.Random.Next(1, 90)));
        if (chance < plan.Fails)
            return stage.Random.Next(2) == 0
                ? HandOff.Rejected("The plan refuses.")
                : HandOff.Unavailable("The plan says away.", TimeSpan.FromSeconds(20));
        taken[id.ToString()] = taken.GetValueOrDefault(id.ToString()) + 1;
        if (chance < plan.Fails + plan.Lost)
        {
            if (stage.Random.Next(2) == 0) throw new HttpRequestException("The plan cut the line.");
            while (!cancel.IsCancellationRequested) await stage.RestAsync(); // Taken, and never answered.
            throw new OperationCanceledException(cancel);
        }

        await stage.StepAsync();
        return HandOff.Accepted("provider-" + id.Suffix);
    }
}

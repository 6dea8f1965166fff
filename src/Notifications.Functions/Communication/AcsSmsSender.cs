using Azure.Communication.Sms;
using Notifications.Sending;

namespace Notifications.Functions.Communication;

/// <summary>Texts through Azure Communication Services.</summary>
internal sealed class AcsSmsSender(SmsClient client, AdaptiveQuota quota, TimeProvider time) : ISmsSender
{
    /// <summary>Each text carries its own repeatability id and time: see <see cref="RepeatabilityPolicy"/>.</summary>
    public bool Deduplicates => true;

    /// <inheritdoc/>
    public int AtOnce => quota.AtOnce;

    /// <inheritdoc/>
    public int PerMinute => quota.PerMinute;

    /// <inheritdoc/>
    public ValueTask<HandOff?> ReadyAsync(CancellationToken cancel) => quota.ReadyAsync(cancel);

    /// <inheritdoc/>
    public async ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel)
    {
        try
        {
            using var repeatable = RepeatabilityPolicy.For(sms);
            // The tag comes back in the delivery report: the id whole, so that the report finds its message by a point read.
            var answer = await client.SendAsync(
                sms.From, [sms.To], sms.Text, new SmsSendOptions(enableDeliveryReport: true) { Tag = sms.Id.ToString() }, cancel);
            return answer.Value is [var result]
                ? Read(result)
                : HandOff.Unknown($"The provider answered for {answer.Value?.Count ?? 0} recipients in place of one.");
        }
        catch (Exception failure)
            when (!cancel.IsCancellationRequested && Failures.Classify(failure, SmsOutcomes.Table, time) is { } outcome)
        {
            return outcome;
        }
    }

    // The request was taken; the recipient's own status says whether the text was.
    private static HandOff Read(SmsSendResult result)
    {
        if (result.Successful) return HandOff.Accepted(result.MessageId);
        var outcome = SmsOutcomes.Table.Classify(result.HttpStatusCode, SmsOutcomes.Recipient, null);
        return outcome.Result == HandOffResult.Accepted
            ? HandOff.Unknown($"{result.HttpStatusCode}: the provider says both taken and not successful.")
            : outcome;
    }
}

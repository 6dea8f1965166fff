using Microsoft.Extensions.Logging;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Subscribe;

namespace Notifications.Events;

/// <summary>Gives each inbound event to its reader.</summary>
public sealed partial class InboundEvents(
    SmsConversation conversation, ProviderReports reports, EngagementReports engagement, InboundMailDesk mail,
    SignupDesk signups, ILogger<InboundEvents> log)
{
    /// <summary>Handles one event. A type without a reader changes nothing.</summary>
    public async ValueTask<WorkOutcome> HandleAsync(InboundEvent happening, CancellationToken cancel)
    {
        if (happening.Type == SmsConversation.SmsReceived) return await conversation.HandleAsync(happening, cancel);
        if (ProviderReports.Reads(happening.Type)) return await reports.HandleAsync(happening, cancel);
        if (EngagementReports.Reads(happening.Type)) return await engagement.HandleAsync(happening, cancel);
        if (happening.Type == InboundMail.EventType) return await mail.HandleAsync(happening, cancel);
        if (happening.Type == SignupRequest.EventType) return await signups.HandleAsync(happening, cancel);
        LogIgnored(happening.Type);
        return WorkOutcome.Done;
    }

    [LoggerMessage(
        EventId = 142, EventName = "EventIgnored", Level = LogLevel.Information,
        Message = "An inbound event of type {Type} has no reader and changes nothing")]
    private partial void LogIgnored(string type);
}

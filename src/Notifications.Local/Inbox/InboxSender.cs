using System.Globalization;
using Notifications.Addresses;
using Notifications.Sending;
using Notifications.Smtp;
using Notifications.Storage;

namespace Notifications.Local.Inbox;

/// <summary>Delivers to <c>/inbox</c>. The message id is the row's key there, so offering it again delivers nothing again.</summary>
internal sealed class InboxSender(InboxStore inbox, TimeProvider time) : IEmailSender, ISmsSender
{
    public bool Deduplicates => true;

    public async ValueTask<HandOff> SendAsync(OutgoingEmail email, CancellationToken cancel)
    {
        var at = time.UtcNowMs();
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["From"] = $"{email.FromName} <{email.From}>",
            ["To"] = email.To,
            ["Subject"] = email.Subject,
            ["Date"] = at.ToString("R", CultureInfo.InvariantCulture),
            ["Message-ID"] = $"<{MimeMail.MessageId(email)}>",
        };
        foreach (var (name, value) in email.Headers) headers[name] = value;
        return await DeliverAsync(
            new InboxMessage(email.Id.ToString(), Channel.Email, email.From, email.To, email.Subject, email.Text, email.Html, headers, at)
            {
                FromName = email.FromName,
            },
            cancel);
    }

    public ValueTask<HandOff> SendAsync(OutgoingSms sms, CancellationToken cancel) =>
        DeliverAsync(
            new InboxMessage(
                sms.Id.ToString(), Channel.Sms, sms.From, sms.To, null, sms.Text, null, new Dictionary<string, string>(), time.UtcNowMs()),
            cancel);

    // Where the store is away nothing is known of the message, and offering it again delivers it once.
    private async ValueTask<HandOff> DeliverAsync(InboxMessage message, CancellationToken cancel)
    {
        try
        {
            await inbox.AddAsync(message, cancel);
            return HandOff.Accepted(message.Id);
        }
        catch (StorageUnavailableException away)
        {
            return HandOff.Unavailable("The inbox is not reachable: " + away.Message);
        }
    }
}

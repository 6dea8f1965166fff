using AzureContracts;
using Azure.Core;

namespace Azure.Communication.Email;

public class EmailClientOptions : ClientOptions
{
    public EmailClientOptions(ServiceVersion version = ServiceVersion.V2023_03_31) => _ = version;

    public enum ServiceVersion
    {
        V2023_03_31 = 2,
    }
}

public class EmailClient
{
    protected EmailClient() { }

    public EmailClient(string connectionString, EmailClientOptions options) => throw new ContractOnlyException();

    public EmailClient(Uri endpoint, TokenCredential credential, EmailClientOptions? options = null) => throw new ContractOnlyException();

    public virtual Task<EmailSendOperation> SendAsync(
        WaitUntil wait, EmailMessage message, Guid operationId, CancellationToken cancellationToken = default) =>
        throw new ContractOnlyException();
}

public class EmailMessage(string senderAddress, EmailRecipients recipients, EmailContent content)
{
    public string SenderAddress { get; } = senderAddress;

    public EmailRecipients Recipients { get; } = recipients;

    public EmailContent Content { get; } = content;

    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>();

    public bool? UserEngagementTrackingDisabled { get; set; }
}

public class EmailContent(string subject)
{
    public string Subject { get; } = subject;

    public string? Html { get; set; }

    public string? PlainText { get; set; }
}

public class EmailRecipients(
    IEnumerable<EmailAddress>? to = null, IEnumerable<EmailAddress>? cc = null, IEnumerable<EmailAddress>? bcc = null)
{
    public IList<EmailAddress> To { get; } = [.. to ?? []];

    public IList<EmailAddress> CC { get; } = [.. cc ?? []];

    public IList<EmailAddress> BCC { get; } = [.. bcc ?? []];
}

public readonly struct EmailAddress(string address)
{
    public string Address { get; } = address;
}

public class EmailSendOperation : Operation<EmailSendResult>
{
    protected EmailSendOperation() { }

    public override string Id => throw new ContractOnlyException();

    public override EmailSendResult Value => throw new ContractOnlyException();

    public override bool HasValue => throw new ContractOnlyException();

    public override bool HasCompleted => throw new ContractOnlyException();

    public override Response GetRawResponse() => throw new ContractOnlyException();

    public override Response UpdateStatus(CancellationToken cancellationToken = default) => throw new ContractOnlyException();

    public override ValueTask<Response> UpdateStatusAsync(CancellationToken cancellationToken = default) =>
        throw new ContractOnlyException();
}

public class EmailSendResult
{
    internal EmailSendResult() { }
}

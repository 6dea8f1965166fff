using AzureContracts;
using Azure.Core;

namespace Azure.Communication.Sms
{
    public class SmsClientOptions : ClientOptions
    {
        public SmsClientOptions(ServiceVersion version = ServiceVersion.V2021_03_07) => _ = version;

        public enum ServiceVersion
        {
            V2021_03_07 = 1,
        }
    }

    public class SmsClient
    {
        protected SmsClient() { }

        public SmsClient(string connectionString, SmsClientOptions options) => throw new ContractOnlyException();

        public SmsClient(Uri endpoint, TokenCredential tokenCredential, SmsClientOptions? options = null) =>
            throw new ContractOnlyException();

        public virtual Task<Response<IReadOnlyList<SmsSendResult>>> SendAsync(
            string from, IEnumerable<string> to, string message, SmsSendOptions? options = null,
            CancellationToken cancellationToken = default) =>
            throw new ContractOnlyException();
    }

    public class SmsSendOptions(bool enableDeliveryReport)
    {
        public bool EnableDeliveryReport { get; } = enableDeliveryReport;

        public string? Tag { get; set; }
    }

    public class SmsSendResult
    {
        internal SmsSendResult(string messageId, int httpStatusCode, bool successful)
        {
            MessageId = messageId;
            HttpStatusCode = httpStatusCode;
            Successful = successful;
        }

        public string MessageId { get; }

        public int HttpStatusCode { get; }

        public bool Successful { get; }
    }
}

namespace Azure.Communication.Sms.Models
{
    public static class SmsModelFactory
    {
        public static SmsSendResult SmsSendResult(string to, string messageId, int httpStatusCode, bool successful, string errorMessage) =>
            new(messageId, httpStatusCode, successful);
    }
}

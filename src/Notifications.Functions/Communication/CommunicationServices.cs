using Azure.Communication.Email;
using Azure.Communication.Sms;
using Azure.Core;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Sending;
using Notifications.Smtp;

namespace Notifications.Functions.Communication;

/// <summary>Composes the two senders and their clients.</summary>
internal static class CommunicationServices
{
    /// <summary>Adds the ways out. The clients are made when first used.</summary>
    public static void AddCommunicationServices(
        this IServiceCollection services, EmailWay email, SmsWay sms, TokenCredential credential)
    {
        if (email.BySmtp) AddSmtp(services, email);
        else AddEmail(services, email, credential);
        if (sms.Off) services.AddSingleton<ISmsSender, NoTexts>();
        else AddSms(services, sms, credential);
    }

    private static void AddEmail(IServiceCollection services, CommunicationOptions email, TokenCredential credential) =>
        services.AddSingleton<IEmailSender>(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            var quota = new AdaptiveQuota(email.MaxPerMinute, time);
            return new AcsEmailSender(EmailClient(email, credential, quota, time), quota, time);
        });

    // Apart, so that an app without SMTP does not load MailKit.
    private static void AddSmtp(IServiceCollection services, EmailWay email) =>
        services.AddSingleton<IEmailSender>(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            return new PacedSmtpSender(
                new SmtpSender(email.Server("Notifications:Email"), time), new AdaptiveQuota(email.MaxPerMinute, time));
        });

    private static void AddSms(IServiceCollection services, CommunicationOptions sms, TokenCredential credential) =>
        services.AddSingleton<ISmsSender>(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            var quota = new AdaptiveQuota(sms.MaxPerMinute, time);
            return new AcsSmsSender(SmsClient(sms, credential, quota, time), quota, time);
        });

    private static EmailClient EmailClient(CommunicationOptions options, TokenCredential credential, AdaptiveQuota quota, TimeProvider time)
    {
        var client = Bound(new EmailClientOptions(), quota, time);
        return options.ConnectionString is { Length: > 0 } secret
            ? new EmailClient(secret, client)
            : new EmailClient(new Uri(options.Endpoint!), credential, client);
    }

    private static SmsClient SmsClient(CommunicationOptions options, TokenCredential credential, AdaptiveQuota quota, TimeProvider time)
    {
        var client = Bound(new SmsClientOptions(), quota, time);
        client.AddPolicy(new RepeatabilityPolicy(), HttpPipelinePosition.PerCall);
        return options.ConnectionString is { Length: > 0 } secret
            ? new SmsClient(secret, client)
            : new SmsClient(new Uri(options.Endpoint!), credential, client);
    }

    /// <summary>
    /// What both clients' options have in common. The SDK repeats nothing: a repeated POST may send twice, and HandOffs already repeats
    /// what is safe to. It gives up before a hand-off's longest time, so that the reason is known; it logs no bodies, and of headers none
    /// that we add.
    /// </summary>
    internal static T Bound<T>(T client, AdaptiveQuota quota, TimeProvider time) where T : ClientOptions
    {
        client.Retry.MaxRetries = 0;
        client.Retry.NetworkTimeout = TimeSpan.FromSeconds(30);
        client.Diagnostics.IsLoggingContentEnabled = false;
        client.AddPolicy(new QuotaPolicy(quota, time), HttpPipelinePosition.PerRetry);
        return client;
    }
}

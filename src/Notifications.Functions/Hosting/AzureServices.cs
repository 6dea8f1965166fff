using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Functions.Communication;
using Notifications.Functions.Http;
using Notifications.Functions.Queueing;
using Notifications.Sending;
using Notifications.Web;

namespace Notifications.Functions.Hosting;

/// <summary>The product, composed for Azure: the domain on Azure Storage, the Communication Services as its ways out, and what the triggers call.</summary>
internal static class AzureServices
{
    /// <summary>Adds everything but telemetry. Reads and validates every setting now, so that a wrong one stops the start.</summary>
    /// <exception cref="ArgumentException">A setting cannot be used; the message names it and the remedy.</exception>
    public static void AddNotificationsOnAzure(this IServiceCollection services, IConfiguration configuration)
    {
        var storage = StorageSettings.Read(configuration);
        var settings = AppSettings.Read(configuration);
        throw new NotImplementedException(storage.ToString() + settings);
    }

    /// <summary>The same on a given backend, for tests.</summary>
    public static void AddNotificationsOnAzure(this IServiceCollection services, AppSettings settings, Backend backend, BodyResolver bodies, TokenCredential credential)
    {
        services.AddNotifications(settings.Options, settings.KeyRing, Instance.New(exclusive: false), backend);
        services.AddNotificationsWeb();
        services.AddCommunicationServices(settings.Email, settings.Sms, credential);
        services.AddSingleton(bodies).AddSingleton<WebPipeline>().AddSingleton<QueuePump>();
    }

    /// <summary>The app's managed identity (<c>AZURE_CLIENT_ID</c> names a user-assigned one); outside Azure, whatever the developer is signed in with.</summary>
    public static TokenCredential Credential(IConfiguration configuration) =>
        configuration["IDENTITY_ENDPOINT"] is null
            ? new DefaultAzureCredential()
            : new ManagedIdentityCredential(configuration["AZURE_CLIENT_ID"] is { Length: > 0 } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned);
}

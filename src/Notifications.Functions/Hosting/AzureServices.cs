using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Functions.Communication;
using Notifications.Functions.Http;
using Notifications.Functions.Queueing;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Storage.Azure;
using Notifications.Web;

namespace Notifications.Functions.Hosting;

/// <summary>
/// The product, composed for Azure: the domain on Azure Storage, the Communication Services as its ways out, and what the triggers call.
/// </summary>
internal static class AzureServices
{
    /// <summary>Adds everything but telemetry. Reads and validates every setting now, so that a wrong one stops the start.</summary>
    /// <exception cref="ArgumentException">A setting cannot be used; the message names it and the remedy.</exception>
    public static void AddNotificationsOnAzure(this IServiceCollection services, IConfiguration configuration)
    {
        var storage = StorageSettings.Read(configuration);
        var settings = AppSettings.Read(configuration);
        var credential = Credential(configuration);
        var azure = storage.Open(credential);
        var created = storage.ConnectionString is not null;
        services.AddNotificationsOnAzure(
            settings, new Backend(azure.Tables, azure.Queues, azure.Blobs) { TableNames = created ? Tables.All : Tables.Provisioned },
            azure.Queues, credential);
        if (created) services.AddSingleton(azure).AddHostedService<StorageCreator>();
        services.AddHostedService<FirstApiKey>();
    }

    /// <summary>
    /// The same on a given backend. <paramref name="triggers"/> is the queue whose bodies the triggers bring; null when all fit in a
    /// message.
    /// </summary>
    public static void AddNotificationsOnAzure(
        this IServiceCollection services, AppSettings settings, Backend backend, AzureWorkQueue? triggers, TokenCredential credential)
    {
        services.AddNotifications(settings.Options, settings.KeyRing, Instance.New(exclusive: false), backend);
        services.AddNotificationsWeb(settings.Options);
        services.AddCommunicationServices(settings.Email, settings.Sms, credential);
        services.AddSingleton(new QueueBodies(triggers, backend.Queues)).AddSingleton<WebPipeline>().AddSingleton<QueuePump>();
        services.AddSingleton(new FrontDoor(settings.FrontDoorId));
        services.AddSingleton(settings).AddHostedService<StartLog>();
    }

    /// <summary>
    /// The app's managed identity (<c>AZURE_CLIENT_ID</c> names a user-assigned one); outside Azure, whatever the developer is signed in
    /// with.
    /// </summary>
    public static TokenCredential Credential(IConfiguration configuration) =>
        configuration["IDENTITY_ENDPOINT"] is null
            ? new DefaultAzureCredential()
            : new ManagedIdentityCredential(
                configuration["AZURE_CLIENT_ID"] is { Length: > 0 } id
                    ? ManagedIdentityId.FromUserAssignedClientId(id)
                    : ManagedIdentityId.SystemAssigned);
}

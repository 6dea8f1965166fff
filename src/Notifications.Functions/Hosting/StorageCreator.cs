using Microsoft.Extensions.Hosting;
using Notifications.Storage;
using Notifications.Storage.Azure;

namespace Notifications.Functions.Hosting;

/// <summary>
/// Creates what the store lacks before the first trigger runs. Only where it is given by connection string, as for Azurite: on Azure infra/
/// provisions it.
/// </summary>
internal sealed class StorageCreator(AzureStorage storage) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        storage.EnsureCreatedAsync(Tables.All, Storage.Queues.WithDeadLetters, Containers.All, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

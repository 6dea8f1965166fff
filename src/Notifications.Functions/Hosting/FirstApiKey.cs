using Microsoft.Extensions.Hosting;
using Notifications.Access;

namespace Notifications.Functions.Hosting;

/// <summary>Makes sure that the key named in the settings is one: the first, with every scope, that the others are made with. A new value in the vault adds a key; the old one is revoked through the API.</summary>
internal sealed class FirstApiKey(ApiKeys keys, AppSettings settings) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.FirstApiKey is { } secret) await keys.EnsureAsync(secret, "first", cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

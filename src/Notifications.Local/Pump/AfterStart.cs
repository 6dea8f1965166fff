namespace Notifications.Local.Pump;

/// <summary>
/// Makes and starts a service of the host a moment after the server listens: whoever unsubscribes first does not wait for what sends.
/// </summary>
internal sealed class AfterStart<T>(IServiceProvider services) : IHostedLifecycleService where T : class, IHostedService
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);
    private T? _service;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Moment, cancellationToken);
        _service = services.GetRequiredService<T>();
        await _service.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _service?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using Notifications;
using Notifications.Access;
using Notifications.Audit;
using Notifications.Local;
using Notifications.Local.Demo;
using Notifications.Security;

LocalOptions options;
try
{
    options = LocalOptions.Parse(args);
}
catch (ArgumentException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 2;
}

if (options.Help)
{
    await Console.Out.WriteAsync(LocalOptions.Usage);
    return 0;
}

try
{
    options = options with
    {
        Urls = Settings.FreePort(options.Urls),
        ApiKey = options.ApiKey ?? Environment.GetEnvironmentVariable("NOTIFICATIONS_API_KEY"),
    };
    var data = DataDirectory.Open(options.Data);
    // Beside what follows, for a start in less time.
    var opening = options.RotateKeys ? null : Task.Run(() => Store.OpenAsync(options, data).AsTask());
    // Settings are read once; watching for changes would watch every folder below this one.
    var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
    var settings = Settings.Read(builder.Configuration, options, data);
    if (opening is null)
    {
        await Console.Out.WriteLineAsync(
            data.IsNewRing
                ? $"There was no key ring at {data.KeyRingFile}: a new one was made, with one key, which nothing was sent with. To rotate another, name its directory with --data."
                : $"""
                    The current key of {data.KeyRingFile} is now {data.RotateKeys(settings.Environment)}. The older ones stay: links that were sent keep working.
                    Restart what runs on this directory: until then it signs and seals with the key before.
                    """);
        return 0;
    }

    await using var store = await opening;
    await using var app = LocalHost.Build(builder, options, settings, data, store);
    var (key, made) = options.ApiKey is { } given ? (given, false) : data.ApiKey();
    await app.Services.GetRequiredService<KeyRingCanary>().CheckAsync(CancellationToken.None);
    if (await store.TakeOverAsync(settings.Sending.Hold) is { } copied) await Console.Out.WriteLineAsync("! " + copied);
    if (options.Demo) await Month.LiveAsync(app.Services);
    await app.Services.GetRequiredService<ApiKeys>().EnsureAsync(
        key, "local", app.Services.GetRequiredService<AuditLog>(), CancellationToken.None);
    if (options.Demo) await Company.SeedAsync(app.Services);
    try
    {
        await app.StartAsync();
    }
    catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
    {
        await app.StopAsync(); // It was told to end before all of it had begun.
        return 0;
    }

    var known = await app.Services.GetRequiredService<ApiKeys>().FindAsync(key, CancellationToken.None);
    await Banner.WriteAsync(Console.Out, options, settings, data, key, made, known?.RevokedAt);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception failed) when (StartFailure.IsTold(failed))
{
    await Console.Error.WriteLineAsync(StartFailure.Text(failed, options));
    return StartFailure.Code(failed);
}

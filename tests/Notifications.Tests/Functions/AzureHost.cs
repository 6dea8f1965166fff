using System.Diagnostics;
using Azure.Communication.Sms.Models;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Functions.Communication;
using Notifications.Functions.Hosting;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Functions;

/// <summary>The Functions app's services as Program.cs composes them, on a store in memory.</summary>
internal sealed class AzureHost : IDisposable
{
    private readonly ServiceProvider _services;

    public AzureHost(
        Action<IServiceCollection>? replace = null, ITableStore? tables = null, IWorkQueue? queue = null,
        params (string Name, string? Value)[] settings)
    {
        Store = new MemoryStore(TimeProvider.System);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(new DiagnosticListener("tests")); // The worker's web host has one.
        services.AddNotificationsOnAzure(
            AppSettings.Read(Settings(settings)),
            new Backend(tables ?? Store, queue ?? Store, new MemoryBlobs()) { TableNames = Tables.Provisioned }, triggers: null,
            new DefaultAzureCredential());
        AddSenders(services);
        replace?.Invoke(services);
        _services = services.BuildServiceProvider();
    }

    public MemoryStore Store { get; }

    public IServiceProvider Services => _services;

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>App settings that are complete, with changes; a null takes one out.</summary>
    public static IConfiguration Settings(params (string Name, string? Value)[] changes)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Notifications:Environment"] = "test",
            ["Notifications:PublicUrl"] = "https://notify.example.com",
            ["Notifications:KeyRing"] = KeyRing.NewJson(),
            ["Notifications:WebhookSecret"] = "0123456789abcdef",
            ["Notifications:Email:Endpoint"] = "https://acs.communication.azure.com",
            ["Notifications:Sms:Endpoint"] = "https://acs.communication.azure.com",
            ["AzureWebJobsStorage:blobServiceUri"] = "https://store.blob.core.windows.net",
            ["AzureWebJobsStorage:queueServiceUri"] = "https://store.queue.core.windows.net",
            ["AzureWebJobsStorage:tableServiceUri"] = "https://store.table.core.windows.net",
        };
        foreach (var (name, value) in changes) settings[name] = value;
        return new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
    }

    /// <summary>The app's own senders, on clients that take everything.</summary>
    public static void AddSenders(IServiceCollection services)
    {
        services.AddSingleton<IEmailSender>(new AcsEmailSender(
            new FakeEmailClient((_, id) => new FakeOperation(id)), new AdaptiveQuota(0, TimeProvider.System), TimeProvider.System));
        services.AddSingleton<ISmsSender>(new AcsSmsSender(
            new FakeSmsClient((_, to, _, _) => [SmsModelFactory.SmsSendResult(to[0], "Outgoing_1", 202, true, "")]),
            new AdaptiveQuota(0, TimeProvider.System), TimeProvider.System));
    }

    /// <summary>What the host says of an item of a queue beside its body: how often it has given it out.</summary>
    public static Dictionary<string, object?> Binding(object deliveries) => new() { ["DequeueCount"] = deliveries };

    public void Dispose() => _services.Dispose();
}

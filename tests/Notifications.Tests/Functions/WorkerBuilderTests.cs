using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Functions.Hosting;
using Notifications.Functions.Http;

namespace Notifications.Tests.Functions;

/// <summary>Program.cs on the worker itself, as far as it comes without a Functions host to speak to.</summary>
public sealed class WorkerBuilderTests
{
    [Fact]
    public void Every_function_can_be_made_of_what_Program_adds_to_the_workers_own_builder()
    {
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.ConfigureFunctionsWebApplication();
        builder.Configuration.AddConfiguration(AzureHost.Settings(
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=00000000-0000-0000-0000-000000000008")));
        builder.Services.AddNotificationsOnAzure(builder.Configuration);
        builder.Services.AddTelemetryOnAzure(builder.Configuration);
        AzureHost.AddSenders(builder.Services); // The clients are contracts here.
        using var worker = builder.Build();

        var classes = typeof(HttpFunctions).Assembly
            .GetExportedTypes()
            .Where(t => t.GetMethods().Any(m => m.IsDefined(typeof(FunctionAttribute), inherit: false)))
            .ToArray();
        Assert.Equal(3, classes.Length);
        Assert.All(classes, c => Assert.NotNull(ActivatorUtilities.CreateInstance(worker.Services, c)));
    }
}

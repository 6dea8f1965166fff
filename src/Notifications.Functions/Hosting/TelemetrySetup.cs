using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Notifications.Functions.Hosting;

/// <summary>
/// Traces, metrics and logs to Azure Monitor. host.json's <c>telemetryMode</c> makes the host speak OpenTelemetry too, so a trace spans
/// both.
/// </summary>
internal static class TelemetrySetup
{
    private const string ConnectionString = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>
    /// Adds the exporter when its connection string is set; it signs in with the app's identity, so local authentication can be off.
    /// </summary>
    public static void AddTelemetryOnAzure(this IServiceCollection services, IConfiguration configuration)
    {
        // ASP.NET Core logs the address of every request as information, and ours hold tokens (R67).
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning));
        if (configuration[ConnectionString] is not { Length: > 0 } connection) return;
        services.AddOpenTelemetry()
            .UseFunctionsWorkerDefaults()
            .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name))
            .WithTracing(Traces)
            .UseAzureMonitorExporter(exporter =>
            {
                exporter.ConnectionString = connection;
                exporter.Credential = AzureServices.Credential(configuration);
                Sampling(exporter);
            });
    }

    /// <summary>So many traces a second leave each process, and every log, whether its trace is among them or not.</summary>
    internal static void Sampling(AzureMonitorExporterOptions exporter)
    {
        exporter.TracesPerSecond = 5;
        exporter.EnableTraceBasedLogsSampler = false;
    }

    /// <summary>What is traced, and what is taken out of it before anything is exported.</summary>
    internal static void Traces(TracerProviderBuilder traces) => traces.AddSource(Telemetry.Name).AddProcessor(new LinkRedaction());
}

using System.Diagnostics;
using System.Text.Json;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notifications.Functions.Hosting;
using Notifications.Tests.Infrastructure;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Notifications.Tests.Functions;

/// <summary>R67: whoever may read traces and logs must not be able to follow somebody's links.</summary>
public sealed class TelemetryTests
{
    [Theory]
    [InlineData("GET /u/A1b2-_c3", "GET /u/{token}")]
    [InlineData("/u/A1b2-_c3", "/u/{token}")]
    [InlineData("/u/A1b2\r\n-_c3", "/u/{token}")]
    [InlineData("GET /p/ A1b2 -_c3", "GET /p/{token}")]
    [InlineData("/P/A1b2-_c3/more", "/P/{token}")]
    [InlineData("https://my.example.com/c/A1b2-_c3?lang=de", "https://my.example.com/c/{token}?lang=de")]
    [InlineData("http://127.0.0.1:7071/u/A1b2-_c3#top", "http://127.0.0.1:7071/u/{token}#top")]
    [InlineData("POST u/{*rest}", "POST u/{token}")]
    [InlineData("/v1/u/topics", "/v1/u/topics")]
    [InlineData("/assets/p/site.css", "/assets/p/site.css")]
    [InlineData("send", "send")]
    [InlineData("https://store.queue.core.windows.net/send/messages", "https://store.queue.core.windows.net/send/messages")]
    public void R67_A_trace_is_exported_without_the_token_of_its_link(string recorded, string exported)
    {
        string[] attributes = ["url.path", "url.full", "http.route", "http.target", "http.url"];
        var memory = new Memory();
        var builder = Sdk.CreateTracerProviderBuilder();
        TelemetrySetup.Traces(builder);
        using (var provider = builder.AddProcessor(new SimpleActivityExportProcessor(memory)).Build())
        {
            using var activity = Telemetry.Activities.StartActivity(recorded, ActivityKind.Server)!;
            foreach (var name in attributes) activity.SetTag(name, recorded);
            activity.SetTag("http.response.status_code", 200);
        }

        var trace = Assert.Single(memory.Traces, t => (int?)t.GetTagItem("http.response.status_code") == 200);
        Assert.Equal(exported, trace.DisplayName);
        Assert.All(attributes, name => Assert.Equal(exported, trace.GetTagItem(name)));
    }

    [Fact]
    public void No_log_is_left_out_because_its_trace_is()
    {
        var exporter = new AzureMonitorExporterOptions();
        TelemetrySetup.Sampling(exporter);
        Assert.False(exporter.EnableTraceBasedLogsSampler);
        Assert.Equal(5, exporter.TracesPerSecond);
    }

    [Fact]
    public void R67_The_addresses_that_ASP_NET_Core_logs_stay_out_of_the_logs()
    {
        var services = new ServiceCollection();
        services.AddTelemetryOnAzure(new ConfigurationBuilder().Build());
        services.AddLogging(logging => logging.AddProvider(new Anything()));
        using var provider = services.BuildServiceProvider();
        var requests = provider.GetRequiredService<ILoggerFactory>().CreateLogger("Microsoft.AspNetCore.Hosting.Diagnostics");
        Assert.False(requests.IsEnabled(LogLevel.Information));
        Assert.True(requests.IsEnabled(LogLevel.Warning));
        Assert.True(provider.GetRequiredService<ILoggerFactory>()
            .CreateLogger("Notifications.Sending.Dispatcher")
            .IsEnabled(LogLevel.Information));
    }

    [Fact]
    public void R67_The_hosts_own_logs_of_each_request_and_of_its_forwarding_are_off()
    {
        using var host = JsonDocument.Parse(Repository.Read("host.json"));
        var levels = host.RootElement.GetProperty("logging").GetProperty("logLevel");
        foreach (var category in new[]
        {
            "Microsoft.AspNetCore",
            "Microsoft.Azure.WebJobs.Script.WebHost.Middleware.SystemTraceMiddleware",
            "Yarp",
        })
        {
            Assert.Equal("Warning", levels.GetProperty(category).GetString());
        }
    }

    private sealed class Memory : BaseExporter<Activity>
    {
        public List<Activity> Traces { get; } = [];

        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var activity in batch) Traces.Add(activity);
            return ExportResult.Success;
        }
    }

    private sealed class Anything : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }

        public void Dispose()
        {
        }
    }
}

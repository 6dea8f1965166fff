using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notifications.Functions.Hosting;
using Notifications.Local;

namespace Notifications.Tests.Functions;

public sealed class StartLogTests
{
    [Fact]
    public async Task R23_What_the_local_host_says_of_its_settings_at_its_start_the_Functions_host_says_too()
    {
        var heard = new Heard();
        using var host = new AzureHost(
            services => services.AddSingleton<ILogger<StartLog>>(heard), settings: ("Notifications:Sending:Hold", "true"));
        await host.Services.GetServices<IHostedService>().OfType<StartLog>().Single().StartAsync(default);
        Assert.Equal(Banner.Warnings(host.Get<NotificationsOptions>()), heard.Lines);
        foreach (var setting in (string[])["Sender__PostalAddress", "Sending__PolicyVersion", "Sending__Hold"])
            Assert.Single(heard.Lines, line => line.Contains("Notifications__" + setting, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Notifications:TrustedProxies", "1", 1)]
    [InlineData("NOTIFICATIONS_TRUSTED_PROXIES", "2", 1)] // As deployments set it before they knew Front Door's id.
    [InlineData("Notifications:TrustedProxies", "0", 0)]
    [InlineData("Notifications:TrustedProxies", null, 0)]
    public async Task R63_That_proxies_are_named_where_nothing_goes_by_them_is_said_once_with_what_to_set_instead(
        string name, string? value, int lines)
    {
        var heard = new Heard();
        using var host = new AzureHost(services => services.AddSingleton<ILogger<StartLog>>(heard), settings: (name, value));
        await host.Services.GetServices<IHostedService>().OfType<StartLog>().Single().StartAsync(default);
        var said = heard.Lines.FindAll(line => line.Contains("Notifications__TrustedProxies", StringComparison.Ordinal));
        Assert.Equal(lines, said.Count);
        Assert.All(said, line => Assert.Contains("Notifications__FrontDoorId", line, StringComparison.Ordinal));
        Assert.Equal(0, host.Get<NotificationsOptions>().TrustedProxies);
    }

    private sealed class Heard : ILogger<StartLog>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Assert.Equal(LogLevel.Warning, logLevel);
            Lines.Add(formatter(state, exception));
        }
    }
}

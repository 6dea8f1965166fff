using Azure.Identity;
using MailKit.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Functions.Communication;
using Notifications.Functions.Hosting;
using Notifications.Sending;

namespace Notifications.Tests.Functions;

public sealed class SettingsTests
{
    [Fact]
    public void App_settings_reach_every_option()
    {
        var settings = AppSettings.Read(AzureHost.Settings(
            ("Notifications:Sender:Name", "Track & Co"),
            ("Notifications:Sending:HandOffTimeout", "00:00:20"), ("Notifications:Email:MaxPerMinute", "1200")));

        Assert.Equal("https://notify.example.com", settings.Options.PublicUrl);
        Assert.Equal("Track & Co", settings.Options.Sender.Name);
        Assert.Equal(TimeSpan.FromSeconds(20), settings.Options.Sending.HandOffTimeout);
        Assert.Equal((1200, 200), (settings.Email.MaxPerMinute, settings.Sms.MaxPerMinute));
        Assert.Equal("test", settings.KeyRing.Environment);
    }

    [Fact]
    public void P4_A_logo_that_cannot_be_read_stops_the_start_on_Azure_too() =>
        Assert.Contains(
            "Notifications:Sender:Logo cannot be read",
            Assert.Throws<ArgumentException>(() => new AzureHost(settings: [("Notifications:Sender:Logo", "/no/such/logo.svg")])).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("Notifications:KeyRing", null, "Key Vault reference")]
    [InlineData("Notifications:KeyRing", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/ring)", "Key Vault Secrets User")]
    [InlineData("Notifications:KeyRing", "secret-canary", "not JSON")]
    [InlineData(
        "Notifications:WebhookSecret", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/hook)", "Key Vault Secrets User")]
    [InlineData(
        "Notifications:FirstApiKey", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/first)", "Key Vault Secrets User")]
    [InlineData(
        "Notifications:Packages:SeventeenTrackKey", "@Microsoft.KeyVault(VaultName=v;SecretName=seventeen-track-key)",
        "Key Vault Secrets User")]
    [InlineData("Notifications:FirstApiKey", "secret-canary", "at least 32")]
    [InlineData("Notifications:FirstApiKey", "secret-canary-0123456789abcdef0123456789abcdef\n", "a line break")]
    [InlineData("Notifications:PublicUrl", "notify.example.com", "PublicUrl")]
    [InlineData("Notifications:PublicUrl", "http://notify.example.com", "must begin with https://")] // R1: no http URI.
    [InlineData("Notifications:TrustedProxies", "-1", "0 to 10")]
    [InlineData("Notifications:TrustedProxies", "11", "0 to 10")]
    [InlineData("Notifications:FrontDoorId", "secret-canary", "a GUID")]
    [InlineData("Notifications:Sending:HandOffTimeout", "soon", "00:00:45")]
    [InlineData("Notifications:Email:Endpoint", null, "Notifications__Email__Endpoint")]
    [InlineData("Notifications:Email:Endpoint", "http://acs.communication.azure.com", "https")]
    [InlineData("Notifications:Email:ConnectionString", "endpoint=https://x/;accesskey=secret-canary", "exactly one")]
    [InlineData("Notifications:Email:Endpoint", null, "Notifications__Email__Smtp")]
    [InlineData("Notifications:Email:Smtp", "smtp://u:canary@relay.example.com:587", "leave Endpoint and ConnectionString out")]
    [InlineData("Notifications:Sms:Endpoint", null, "Notifications__Sms__Off")]
    [InlineData("Notifications:Sms:Off", "true", "leave Endpoint and ConnectionString out")]
    [InlineData("Notifications:Sms:MaxPerMinute", "-1", "0 to 1000000")]
    [InlineData("Notifications:Sms:MaxPerMinute", "secret-canary", "digits only")]
    public void A_setting_that_cannot_be_used_stops_the_start_and_names_the_remedy_and_no_secret(string name, string? value, string remedy)
    {
        var error = Assert.Throws<ArgumentException>(() => AppSettings.Read(AzureHost.Settings((name, value))));

        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@Microsoft.KeyVault(VaultName=v;SecretName=smtp)", "Key Vault Secrets User")]
    [InlineData("relay.example.com:587", "must be smtp://host:port")]
    [InlineData("http://u:canary@relay.example.com", "must be smtp://host:port")]
    [InlineData("smtp://u:canary@relay.example.com", "another port than 25")]
    [InlineData("smtp://u:canary@relay.example.com:25", "another port than 25")]
    [InlineData("smtp://u@relay.example.com:587/canary", "%2F")]
    public void A_mail_server_that_cannot_be_used_stops_the_start_and_its_password_is_not_repeated(string url, string remedy)
    {
        var error = Assert.Throws<ArgumentException>(() => AppSettings.Read(BySmtp(url)));

        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Notifications:Email:Smtp ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("smtp://u:p%40ss@relay.example.com:587", 587, SecureSocketOptions.StartTls)]
    [InlineData("smtp://127.0.0.1:2525", 2525, SecureSocketOptions.StartTls)]
    [InlineData("smtps://u:p%40ss@relay.example.com", 465, SecureSocketOptions.SslOnConnect)]
    public async Task M12_Mail_leaves_by_a_mail_server_and_always_encrypted(string url, int port, SecureSocketOptions security)
    {
        var settings = AppSettings.Read(BySmtp(url));
        var server = settings.Email.Server("Notifications:Email");
        Assert.Equal((port, security), (server.Port, server.Security));
        Assert.Equal(url.Contains('@', StringComparison.Ordinal) ? ("u", "p@ss") : (null, null), (server.User, server.Password));

        var services = new ServiceCollection().AddSingleton(TimeProvider.System);
        services.AddCommunicationServices(settings.Email, settings.Sms, new DefaultAzureCredential());
        await using var provider = services.BuildServiceProvider();
        var mail = provider.GetRequiredService<IEmailSender>();
        Assert.IsType<PacedSmtpSender>(mail);
        Assert.Equal((false, 2, 30), (mail.Deduplicates, mail.AtOnce, mail.PerMinute));
        var text = await provider.GetRequiredService<ISmsSender>()
            .SendAsync(new OutgoingSms(default, "+18005550100", "+12065550100", "hello"), default);
        Assert.Equal(HandOffResult.Rejected, text.Result);
    }

    private static IConfiguration BySmtp(string url) =>
        AzureHost.Settings(
            ("Notifications:Email:Endpoint", null), ("Notifications:Email:Smtp", url), ("Notifications:Sms:Endpoint", null),
            ("Notifications:Sms:Off", "true"));

    [Fact]
    public void The_store_is_the_hosts_own_with_managed_identity_or_by_connection_string()
    {
        var identity = StorageSettings.Read(AzureHost.Settings());
        Assert.Equal((null, "https://store.table.core.windows.net/"), (identity.ConnectionString, identity.Tables!.AbsoluteUri));
        Assert.Equal(
            "UseDevelopmentStorage=true",
            StorageSettings.Read(AzureHost.Settings(("AzureWebJobsStorage", "UseDevelopmentStorage=true"))).ConnectionString);

        var error = Assert.Throws<ArgumentException>(
            () => StorageSettings.Read(AzureHost.Settings(("AzureWebJobsStorage:queueServiceUri", null))));
        Assert.Contains("AzureWebJobsStorage__queueServiceUri", error.Message, StringComparison.Ordinal);
    }
}

using Notifications.Functions.Hosting;

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
    [InlineData("Notifications:PublicUrl", "notify.example.com", "PublicUrl")]
    [InlineData("Notifications:PublicUrl", "http://notify.example.com", "must begin with https://")] // R1: no http URI.
    [InlineData("Notifications:TrustedProxies", "-1", "0 to 10")]
    [InlineData("Notifications:TrustedProxies", "11", "0 to 10")]
    [InlineData("Notifications:FrontDoorId", "secret-canary", "a GUID")]
    [InlineData("Notifications:Sending:HandOffTimeout", "soon", "00:00:45")]
    [InlineData("Notifications:Email:Endpoint", null, "Notifications__Email__Endpoint")]
    [InlineData("Notifications:Email:Endpoint", "http://acs.communication.azure.com", "https")]
    [InlineData("Notifications:Email:ConnectionString", "endpoint=https://x/;accesskey=secret-canary", "exactly one")]
    [InlineData("Notifications:Sms:MaxPerMinute", "-1", "0 to 1000000")]
    [InlineData("Notifications:Sms:MaxPerMinute", "secret-canary", "digits only")]
    public void A_setting_that_cannot_be_used_stops_the_start_and_names_the_remedy_and_no_secret(string name, string? value, string remedy)
    {
        var error = Assert.Throws<ArgumentException>(() => AppSettings.Read(AzureHost.Settings((name, value))));

        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

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

using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Notifications.Security;

namespace Notifications.Tests.Infra;

/// <summary>
/// The app settings of a stage as the app would find them, and which of them were asked for. What only Azure can say (an address, a secret
/// behind a reference) is told by the output that the setting refers to, not by the setting's name: a setting wired to the wrong output
/// gets the wrong value here too.
/// </summary>
internal sealed class DeployedSettings : ConfigurationProvider, IConfigurationSource
{
    private static readonly Dictionary<string, string> Outputs = new()
    {
        ["outputs.references.value.keyRing"] = KeyRing.NewJson(),
        ["outputs.references.value.firstApiKey"] = new string('f', 48),
        ["outputs.references.value.webhookSecret"] = new string('w', 48),
        ["outputs.references.value.seventeenTrackKey"] = new string('t', 32),
        ["outputs.references.value.smtp"] = "smtp://apikey:secret@relay.example.com:587",
        ["outputs.endpoint.value"] = "https://acs.communication.azure.com",
        ["outputs.marketingFrom.value"] = "news@mail.example.com",
        ["outputs.transactionalFrom.value"] = "parcels@mail.example.com",
        ["outputs.sharedFrom.value"] = "False",
        ["outputs.endpoints.value.blob"] = "https://store.blob.core.windows.net/",
        ["outputs.endpoints.value.queue"] = "https://store.queue.core.windows.net/",
        ["outputs.endpoints.value.table"] = "https://store.table.core.windows.net/",
        ["outputs.clientId.value"] = "00000000-0000-0000-0000-000000000009",
        ["outputs.connectionString.value"] = "InstrumentationKey=00000000-0000-0000-0000-000000000008;IngestionEndpoint=https://in.example.com/",
        [".defaultHostName)"] = "https://func-notifications.azurewebsites.net",
    };

    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    private DeployedSettings(JsonElement settings)
    {
        foreach (var setting in settings.EnumerateObject()) Data[Key(setting.Name)] = Resolve(setting.Value.GetString()!);
        Configuration = new ConfigurationBuilder().Add(this).Build();
    }

    public IConfiguration Configuration { get; }

    /// <summary>The settings that nothing has asked for.</summary>
    public IEnumerable<string> Unread =>
        Data.Keys.Where(key => !_asked.Contains(key))
            .Select(key => key.Replace(":", "__", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    public static DeployedSettings Of(Bicep bicep, string stage) =>
        new(bicep.Resources(stage, "Microsoft.Web/sites/config").Single().GetProperty("properties"));

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override bool TryGet(string key, out string? value)
    {
        _asked.Add(key);
        return base.TryGet(key, out value);
    }

    private static string Key(string name) => name.Replace("__", ":", StringComparison.Ordinal);

    private static string Resolve(string value) =>
        !value.StartsWith('[') ? value : Outputs.SingleOrDefault(output => value.Contains(output.Key, StringComparison.Ordinal)).Value
            ?? throw new InvalidOperationException($"Say what Azure answers to {value}.");
}

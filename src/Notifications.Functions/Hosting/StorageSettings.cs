using Azure.Core;
using Microsoft.Extensions.Configuration;
using Notifications.Storage.Azure;

namespace Notifications.Functions.Hosting;

/// <summary>
/// Where the store is: the same settings the host itself uses, so that there is one storage account and one place to say so.
/// </summary>
/// <param name="ConnectionString"><c>AzureWebJobsStorage</c>; a secret, for development and Azurite.</param>
/// <param name="Blobs"><c>AzureWebJobsStorage__blobServiceUri</c>, with managed identity.</param>
/// <param name="Queues"><c>AzureWebJobsStorage__queueServiceUri</c>.</param>
/// <param name="Tables"><c>AzureWebJobsStorage__tableServiceUri</c>.</param>
internal sealed record StorageSettings(string? ConnectionString, Uri? Blobs, Uri? Queues, Uri? Tables)
{
    private const string Name = "AzureWebJobsStorage";

    /// <summary>Reads the settings: a connection string, or else all three addresses.</summary>
    /// <exception cref="ArgumentException">One is missing or is no address; the message names the remedy.</exception>
    public static StorageSettings Read(IConfiguration configuration) =>
        configuration[Name] is { Length: > 0 } secret
            ? new StorageSettings(secret, null, null, null)
            : new StorageSettings(null, Address(configuration, "blob"), Address(configuration, "queue"), Address(configuration, "table"));

    /// <summary>The three ports. No connection is made yet.</summary>
    public AzureStorage Open(TokenCredential credential) =>
        ConnectionString is { } secret
            ? AzureStorage.FromConnectionString(secret, TimeProvider.System)
            : AzureStorage.From(Tables!, Queues!, Blobs!, credential, TimeProvider.System);

    private static Uri Address(IConfiguration configuration, string service)
    {
        var text = configuration[$"{Name}:{service}ServiceUri"];
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            ? uri
            : throw new ArgumentException(
                $"{Name}__{service}ServiceUri must be the https address of the account's {service} service, such as https://NAME.{service}.core.windows.net (or set {Name} to a connection string).");
    }
}

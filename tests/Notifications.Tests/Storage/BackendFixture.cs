using System.Diagnostics.CodeAnalysis;

namespace Notifications.Tests.Storage;

/// <summary>Opens the backends of a contract class.</summary>
[SuppressMessage("Performance", "CA1822", Justification = "TODO")]
public sealed class BackendFixture
{
    internal Task<Stores> OpenAsync(Backend backend) => Task.FromResult(Stores.Sqlite());
}

using System.Globalization;

namespace Notifications.Tests.Infrastructure;

/// <summary>
/// The Azure Storage emulator, one for all test classes of its collection, started when the first test asks and ended with the collection.
/// </summary>
public sealed class Azurite : IDisposable
{
    /// <summary>The collection whose classes share it.</summary>
    public const string Collection = "Azurite";

    private static int _prefixes;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private AzuriteProcess? _process;

    /// <summary>Why tests that need Azurite are skipped on this machine, or null when they run.</summary>
    public static string? SkipReason { get; } = NeedsTool.SkipReason(
        "Node.js with npm, for Azurite",
        NeedsTool.OnPath("node") is not null && (AzuriteProcess.Installed() is not null || NeedsTool.OnPath("npm") is not null));

    /// <summary>The connection string of the running emulator; starts it at the first call.</summary>
    public async Task<string> ConnectionAsync()
    {
        await _gate.WaitAsync();
        try
        {
            return (_process ??= await AzuriteProcess.StartAsync()).Connection;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// A prefix of names that no other test has: what is left under it ends with the emulator, which keeps everything in memory.
    /// </summary>
    public static string Prefix() => string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _prefixes)}x");

    public void Dispose()
    {
        _process?.Dispose();
        _gate.Dispose();
    }
}

/// <summary>Binds <see cref="Azurite"/> to the classes of its collection.</summary>
[CollectionDefinition(Azurite.Collection)]
public sealed class AzuriteGroup : ICollectionFixture<Azurite>;

/// <summary>A test that needs Azurite; its class is in <see cref="Azurite.Collection"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AzuriteFactAttribute : FactAttribute
{
    public AzuriteFactAttribute() => Skip = Azurite.SkipReason;
}

/// <summary>A theory that needs Azurite; its class is in <see cref="Azurite.Collection"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AzuriteTheoryAttribute : TheoryAttribute
{
    public AzuriteTheoryAttribute() => Skip = Azurite.SkipReason;
}

namespace Notifications.Tests.Infrastructure;

/// <summary>For tests that measure the process itself: they run when no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}

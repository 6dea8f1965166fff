using System.Reflection;
using Notifications.Tests.Infrastructure;
using Xunit.Sdk;

namespace Notifications.Tests.Storage;

/// <summary>What the contract runs on.</summary>
public enum Backend
{
    /// <summary>The embedded store in a directory of its own.</summary>
    Sqlite,

    /// <summary>The Azure SDKs against Azurite.</summary>
    Azurite,
}

/// <summary>Runs a contract test on SQLite.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnSqliteAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[Backend.Sqlite]];
}

/// <summary>Runs a contract test through the Azure SDKs on Azurite; skipped with the reason where there is no Node.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnAzuriteAttribute : DataAttribute
{
    public OnAzuriteAttribute() => Skip = Azurite.SkipReason;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[Backend.Azurite]];
}

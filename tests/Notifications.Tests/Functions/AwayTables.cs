using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Functions;

/// <summary>Tables that are out of reach.</summary>
internal sealed class AwayTables() : PassingStore(new MemoryStore(TimeProvider.System))
{
    protected override ITableStore At(string table) => throw new StorageUnavailableException();
}

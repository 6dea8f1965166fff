using System.Globalization;

namespace Notifications.Storage.Sqlite;

/// <summary>
/// Where a received item stands and which receive it belongs to: <c>{due}.{number}</c>. Every receive and release gives a new number.
/// </summary>
internal readonly record struct ItemReceipt(long Id, long Due, long Number)
{
    /// <summary>The receipt as the port carries it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Due}.{Number}");

    /// <summary>Reads the receipt of an item; null when this store did not write it.</summary>
    public static ItemReceipt? Of(QueueItem item)
    {
        var text = item.Receipt.AsSpan();
        var dot = text.IndexOf('.');
        return dot > 0
            && long.TryParse(item.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && long.TryParse(text[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var due)
            && long.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? new ItemReceipt(id, due, number)
                : null;
    }
}

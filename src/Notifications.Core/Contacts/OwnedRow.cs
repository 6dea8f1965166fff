using System.Text;
using Notifications.Addresses;
using Notifications.Storage;

namespace Notifications.Contacts;

/// <summary>The row of an address in its contact's partition.</summary>
/// <param name="Key">The address's key.</param>
/// <param name="Address">The address.</param>
/// <param name="IsLeaving">It is the contact's no longer, and its record may not say so yet: this row says who has to be let go.</param>
/// <param name="ETag">The row's.</param>
internal sealed record OwnedRow(AddressKey Key, Address Address, bool IsLeaving, string ETag)
{
    private const string Leaving = "leaving:";

    /// <summary>The address in a row; null where it is another row of the contact.</summary>
    public static OwnedRow? Read(Row row)
    {
        if (!row.Key.StartsWith(Rows.AddressPrefix, StringComparison.Ordinal)) return null;
        if (!AddressKey.TryParse(row.Key.AsSpan(Rows.AddressPrefix.Length), out var key)) return null;
        var text = Encoding.UTF8.GetString(row.Value.Span);
        var leaving = text.StartsWith(Leaving, StringComparison.Ordinal);
        return new(key, Address.OfStored(leaving ? text[Leaving.Length..] : text), leaving, row.ETag);
    }

    /// <summary>Writes that an address is the contact's, whatever stands there.</summary>
    public static RowChange Put(AddressKey key, Address address) => RowChange.Put(Rows.Address(key.Value), Text("", address));

    /// <summary>Marks it as leaving. Not where the row was deleted: an erased person is written down nowhere again (R34).</summary>
    public RowChange Leave() => RowChange.Replace(Rows.Address(Key.Value), Text(Leaving, Address), ETag);

    /// <summary>Takes that mark back.</summary>
    public RowChange Stay() => RowChange.Replace(Rows.Address(Key.Value), Text("", Address), ETag);

    /// <summary>Deletes it, as it was read.</summary>
    public RowChange Delete() => RowChange.Delete(Rows.Address(Key.Value), ETag);

    private static byte[] Text(string mark, Address address) => Encoding.UTF8.GetBytes(mark + address.Stored);
}

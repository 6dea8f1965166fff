using Notifications.Addresses;

namespace Notifications.Contacts;

/// <summary>A contact with its addresses.</summary>
public sealed record ContactView(ContactProfile Profile, IReadOnlyList<(AddressKey Key, Address Address)> Addresses);

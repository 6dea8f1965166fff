namespace Notifications.Contacts;

/// <summary>What a contact's change came to.</summary>
public enum ContactResult
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>One of the addresses belongs to another contact.</summary>
    AddressTaken,

    /// <summary>One of the addresses is that of a person who was erased; it is written down nowhere again (R34).</summary>
    AddressErased,

    /// <summary>The contact owns as many addresses as it may.</summary>
    TooManyAddresses,

    /// <summary>It is not as its changer has seen it; nothing was changed.</summary>
    Stale,
}

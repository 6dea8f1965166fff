using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Storage;

namespace Notifications.Packages;

/// <summary>
/// A confirmation of a waiting watch that is decided and to be written: the record and the watch's row, in one commit.
/// </summary>
/// <param name="Watch">The watch after it.</param>
/// <param name="Change">What it changes of the address's record.</param>
/// <param name="Row">The watch's row, under the ETag of the one that was read.</param>
/// <param name="Former">What holds marketing back at the addresses that the watch was moved from.</param>
internal sealed record WatchConfirmation(
    WatchRecord Watch, Change Change, RowChange Row, IReadOnlyList<(AddressKey From, Restraint? Holds)> Former);

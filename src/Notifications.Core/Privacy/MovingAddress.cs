using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;

namespace Notifications.Privacy;

/// <summary>What a person takes along to another address (R33).</summary>
/// <param name="From">Whose it is.</param>
/// <param name="On">The topics that are subscribed.</param>
/// <param name="Packages">The packages that are followed, the newest first.</param>
/// <param name="Stopped">The topics that were stopped, and whether marketing was objected to (<see cref="Objection.Moving"/>).</param>
public sealed record MovingAddress(
    AddressKey From, IReadOnlyList<Topic> On, IReadOnlyList<(string Number, WatchRecord Watch)> Packages,
    IReadOnlyCollection<string> Stopped)
{
    /// <summary>Whether there is nothing to confirm, and so nobody to ask.</summary>
    public bool IsEmpty => On.Count == 0 && Packages.Count == 0;
}

using System.Globalization;
using Notifications.Privacy;

namespace Notifications.Web.Console;

/// <summary>
/// Where a request stands in the list: those whose clock runs come first, the next to be due before the others; then what still restricts;
/// then the newest. A page begins behind a place and not behind a request, which may have been answered meanwhile and stand elsewhere: then
/// the page would begin there, and leave out all whose clock runs.
/// </summary>
internal sealed record RequestPlace(int Group, long Due, string Id) : IComparable<RequestPlace>
{
    private const int Running = 0;

    public static RequestPlace Of(PrivacyRequest request) => new(
        request.Status == PrivacyStatus.Running ? Running : request.Stands ? 1 : 2, request.DueAt.ToUnixTimeMilliseconds(), request.Id);

    /// <summary>Reads <see cref="ToString"/>; null where it is none.</summary>
    public static RequestPlace? Parse(string? text) =>
        text?.Split('-', 3) is [var group, var due, var id]
            && int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var one)
            && long.TryParse(due, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? new RequestPlace(one, at, id)
            : null;

    public int CompareTo(RequestPlace? other) =>
        other is null ? 1
        : Group != other.Group ? Group.CompareTo(other.Group)
        : Group != Running ? string.CompareOrdinal(other.Id, Id)
        : Due != other.Due ? Due.CompareTo(other.Due)
        : string.CompareOrdinal(Id, other.Id);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Group}-{Due}-{Id}");
}

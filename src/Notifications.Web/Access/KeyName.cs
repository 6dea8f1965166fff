using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Web.Http;

namespace Notifications.Web.Access;

/// <summary>What a key may be called: the audit tells who acted by it.</summary>
internal static class KeyName
{
    /// <summary>What is wrong with a name; null where nothing is.</summary>
    public static string? ProblemOf(string name) =>
        !Inputs.IsId(name) ? ContactId.Rule
        : Actors.IsOurs(name) ? "is what the product itself is called in the audit; take another"
        : null;
}

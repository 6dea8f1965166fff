using Notifications.Addresses;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Why an address is blocked, as people say it.</summary>
internal static class BlockWords
{
    /// <summary>What an agent may choose from, by its word in a form.</summary>
    public static readonly (string Value, string Label)[] Choices =
        [
            ("manual", Of(SuppressionReason.Manual)), ("bounce", Of(SuppressionReason.Bounce)),
            ("complaint", Of(SuppressionReason.Complaint)), ("invalid", Of(SuppressionReason.Invalid)),
        ];

    /// <summary>The reason of a form's word; of any other, our own decision.</summary>
    public static SuppressionReason Read(string? word) => word switch
    {
        "bounce" => SuppressionReason.Bounce,
        "complaint" => SuppressionReason.Complaint,
        "invalid" => SuppressionReason.Invalid,
        _ => SuppressionReason.Manual,
    };

    /// <summary>What is said beside a block that an operator's own stands beneath; else nothing.</summary>
    public static string Beneath(Suppression block) =>
        block.Beneath is not { } own ? ""
        : $" Also blocked by hand since {Parts.DayText(own.Since)}.{(own.Note is { } note ? $" The note: “{note}”" : "")}";

    /// <summary>The button that lifts a block as it is shown: an operator's own by its name, so that none is lifted unseen.</summary>
    public static Html Lift(HttpContext http, string action, string label, Suppression block, string? about = null) =>
        block.Reason == SuppressionReason.Manual
            ? Parts.Button(http, action, label, name: "own", value: "yes", about: about)
            : Parts.Button(http, action, label, about: about);

    /// <summary>Whether such a form is about the operator's own block.</summary>
    public static bool IsOwn(PublicForm form) => form["own"] == "yes";

    /// <summary>The reason as a few words.</summary>
    public static string Of(SuppressionReason reason) => reason switch
    {
        SuppressionReason.Bounce => "It refuses mail",
        SuppressionReason.Complaint => "It called us spam",
        SuppressionReason.Invalid => "It cannot receive",
        SuppressionReason.Erased => "The person was erased",
        _ => "By our decision",
    };
}

using Notifications.Addresses;

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

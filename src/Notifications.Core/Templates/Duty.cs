namespace Notifications.Templates;

/// <summary>One thing that marketing email must carry where people see it (R23).</summary>
/// <param name="Name">As findings call it: <c>missing-unsubscribe</c>, <c>hidden-unsubscribe</c>.</param>
/// <param name="Variable">What stands for it in Liquid.</param>
/// <param name="What">What it is, in a sentence.</param>
/// <param name="IsLink">It is followed; otherwise it is read.</param>
internal sealed record Duty(string Name, string Variable, string What, bool IsLink)
{
    /// <summary>Every duty.</summary>
    public static readonly Duty[] All =
    [
        new("postal-address", "sender.postalAddress", "the sender's postal address", IsLink: false),
        new("unsubscribe", "unsubscribeUrl", "a link to unsubscribe", IsLink: true),
        new("stop-all", "preferencesUrl", "a link to stop all marketing", IsLink: true),
    ];
}

using Notifications.Consent;

namespace Notifications.Templates;

/// <summary>One thing that an email must carry where people see it (R16, R23).</summary>
/// <param name="Name">As findings call it: <c>missing-unsubscribe</c>, <c>hidden-unsubscribe</c>.</param>
/// <param name="Variables">What stands for it in Liquid: any of these is enough, and of those that a template carries the first is judged.
/// </param>
/// <param name="What">What it is, in a sentence.</param>
/// <param name="IsLink">It is followed; otherwise it is read.</param>
internal sealed record Duty(string Name, string[] Variables, string What, bool IsLink)
{
    // Either page offers both: to leave the topic, and to stop everything.
    private static readonly Duty Unsubscribe =
        new("unsubscribe", ["unsubscribeUrl", "preferencesUrl"], "a link to unsubscribe", IsLink: true);

    /// <summary>Every duty: those of marketing.</summary>
    public static readonly Duty[] All =
    [
        new("postal-address", ["sender.postalAddress"], "the sender's postal address", IsLink: false),
        Unsubscribe,
        new("stop-all", ["preferencesUrl", "unsubscribeUrl"], "a link to stop all marketing", IsLink: true),
    ];

    private static readonly Duty[] Service = [Unsubscribe];

    /// <summary>What mail of a topic must carry, and in whose name findings say it.</summary>
    public static (Duty[] Duties, string Mail, string Rule) Of(Topic topic) =>
        topic.IsMarketing ? (All, "Marketing email", "R23") : (Service, "Email", "R16");
}

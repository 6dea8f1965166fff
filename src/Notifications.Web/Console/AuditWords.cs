using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Review;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>An entry of the audit as people say it: the act, what it was done to, what that changed.</summary>
internal static class AuditWords
{
    private static readonly Dictionary<string, string> Acts = new(StringComparer.Ordinal)
    {
        ["campaign.cancel"] = "cancelled a campaign",
        ["campaign.complete"] = "a campaign is through",
        ["campaign.create"] = "made a campaign",
        ["campaign.dry-run"] = "made a dry run",
        ["campaign.export"] = "downloaded recipients",
        ["campaign.launch"] = "launched a campaign",
        ["campaign.pause"] = "paused a campaign",
        ["campaign.resume"] = "resumed a campaign",
        ["campaign.schedule"] = "scheduled a campaign",
        ["campaign.test"] = "sent a test of a campaign",
        ["campaign.unschedule"] = "a campaign was not launched",
        ["campaign.update"] = "changed a campaign",
        ["consent.revoke"] = "recorded a stop",
        ["console.sign-in"] = "signed in",
        ["contact.create"] = "made a contact",
        ["contact.delete"] = "deleted a contact",
        ["contact.disable"] = "disabled an account",
        ["contact.enable"] = "enabled an account",
        ["contact.update"] = "changed a contact",
        ["dead-letter.discard"] = "discarded a dead letter",
        ["dead-letter.replay"] = "replayed a dead letter",
        ["dead-letter.replay-all"] = "replayed a queue’s dead letters",
        ["export"] = "downloaded addresses",
        ["import.create"] = "imported a file",
        ["key.create"] = "made an API key",
        ["key.revoke"] = "revoked an API key",
        ["list.create"] = "made a list",
        ["list.delete"] = "deleted a list",
        ["list.members"] = "changed who is on a list",
        ["list.rename"] = "renamed a list",
        ["privacy.complete"] = "completed a rights request",
        ["privacy.export"] = "read a person’s data",
        ["privacy.extend"] = "extended a rights request",
        ["privacy.import"] = "took in a person’s data",
        ["privacy.lift"] = "lifted a restriction",
        ["privacy.open"] = "recorded a rights request",
        ["review.decide"] = "said what was meant",
        ["segment.create"] = "made a segment",
        ["segment.delete"] = "deleted a segment",
        ["segment.update"] = "changed a segment",
        ["suppression.add"] = "blocked an address",
        ["suppression.lift"] = "lifted a block",
        ["template.delete"] = "deleted a template",
        ["template.save"] = "saved a template",
        ["template.test"] = "sent a test of a template",
    };

    /// <summary>The act; null where it is none that is known.</summary>
    public static string? Act(string action) => Acts.GetValueOrDefault(action);

    /// <summary>What it was done to, with the way there for whoever may go.</summary>
    public static Html On(AuditEntry entry, ConsoleUser user)
    {
        var (scope, path) = entry.Action.Split('.')[0] switch
        {
            "campaign" => (Scope.Campaigns, "/console/campaigns/"),
            "template" when entry.After is not null => (Scope.Campaigns, "/console/templates/"),
            "list" => (Scope.Campaigns, "/console/lists/"),
            "segment" => (Scope.Campaigns, "/console/segments/"),
            "import" => (Scope.Contacts, "/console/imports/"),
            "privacy" when entry.Action != "privacy.import" => (Scope.Privacy, "/console/requests/"),
            "consent" or "suppression" when AddressKey.TryParse(entry.Subject, out _) => (Scope.Privacy, "/console/people/"),
            _ => (Scope.Admin, ""),
        };
        return path.Length > 0 && user.May(scope) && !entry.Action.EndsWith(".delete", StringComparison.Ordinal)
            ? Html.Of($"<a href=\"{path}{entry.Subject}\">{Parts.Code(entry.Subject)}</a>")
            : Parts.Code(entry.Subject);
    }

    /// <summary>What was before and after it, in words.</summary>
    public static Html Change(AuditEntry entry)
    {
        // That it was open stands in the act.
        if (entry.Action == "review.decide") return Html.Of($"{Value(entry.Action, entry.After)}");
        return entry.Before is null
            ? Html.Of($"{Value(entry.Action, entry.After)}")
            : Html.Of($"{Value(entry.Action, entry.Before)} → {Value(entry.Action, entry.After) ?? "–"}");
    }

    private static string? Value(string action, string? value) => (action, value) switch
    {
        (_, null) => null,
        ("segment.create" or "segment.update" or "segment.delete", _) => SegmentFields.Say(value),
        ("suppression.add" or "suppression.lift", _) when EnumWord.Read<SuppressionReason>(value) is { } reason =>
            BlockWords.Of(reason).ToLowerInvariant(),
        ("consent.revoke", "none") => RecordWords.Of(SubscriptionStatus.None),
        ("review.decide", _) => RecordWords.Of(value == "revoke" ? ReviewVerdict.Revoke : ReviewVerdict.NotARevocation),
        ("privacy.export", "html") => "to read",
        ("privacy.export", "json") => "for machines",
        ("import.create", "suppressions") => "blocks",
        ("import.create", "validate") => "only checked",
        ("dead-letter.replay" or "dead-letter.discard" or "dead-letter.replay-all", "dead") => "given up",
        ("campaign.export", _) when value.Split(", ") is [var status, var why] =>
            $"{(status == "any" ? "all of them" : status)}{(why == "any" ? "" : ": " + ReasonWords.Of(why))}",
        ("list.members", _) when value.Split(' ') is [['+', .. var added], ['-', .. var removed]] =>
            $"{added} put on, {removed} taken off",
        _ => value,
    };
}

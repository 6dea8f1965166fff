using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;

namespace Notifications.Sending.Rules;

/// <summary>
/// The person must have agreed to this topic on this channel. A followed package is an agreement to its own updates, and to nothing else
/// (R54); a package no longer followed stays silent even where package updates are on. After "no package updates any more", only what the
/// person asked to follow since then speaks. An objection to marketing is a stop to each marketing topic, whatever was agreed to before it
/// (R36).
/// </summary>
internal sealed class SubscriptionRule : DecisionRule
{
    public override string Name => "subscription";

    public override RuleResult Check(in DecisionInput input)
    {
        if (input.Purpose == MessagePurpose.Reply) return RuleResult.Pass;
        if (input.Purpose == MessagePurpose.Notice)
            return input is { Channel: Channel.Sms, State.Stopped: not null } ? new(Reason.Unsubscribed) : RuleResult.Pass;
        if (input.Purpose == MessagePurpose.PreferencesLink) return PreferencesLink(input.State);
        var status = input.State?.StatusOf(input.Topic) ?? SubscriptionStatus.None;
        // What was agreed to is known to nobody any more (P8).
        if (!input.Topic.IsOffered) return new(status == SubscriptionStatus.Unsubscribed ? Reason.Unsubscribed : Reason.NoConsent);
        if (input.Purpose == MessagePurpose.Confirmation) return Confirmation(input);
        if (input.Purpose == MessagePurpose.Test)
            return status == SubscriptionStatus.Unsubscribed ? new(Reason.Unsubscribed) : RuleResult.Pass;
        if (status == SubscriptionStatus.Unsubscribed) return FollowedSince(input) ? RuleResult.Pass : new(Reason.Unsubscribed);
        if (input.AboutPackage)
        {
            if (input.Watch == WatchStatus.Unwatched) return new(Reason.PackageUnwatched);
            if (input.Watch == WatchStatus.Active && input.Topic.Key == TopicKey.PackageUpdates) return RuleResult.Pass;
            if (input.Watch == WatchStatus.Pending && status == SubscriptionStatus.None && input.Topic.Key == TopicKey.PackageUpdates)
                return new(Reason.Unconfirmed);
        }

        return status switch
        {
            // R37
            SubscriptionStatus.Subscribed when input.State!.Find(input.Topic.Key) is { } held
                && SoftOptIn.Is(held.Source)
                && !(input.Options.SoftOptIn && input.Topic.IsMarketing) =>
                new(Reason.NoConsent),
            SubscriptionStatus.Subscribed => RuleResult.Pass,
            SubscriptionStatus.Pending => new(Reason.Unconfirmed),
            _ => new(Reason.NoConsent),
        };
    }

    // Asking for the link proves nothing: a stranger may have typed the address. It is about no topic, so a stop of one holds nothing back.
    private static RuleResult PreferencesLink(AddressState? state) => state switch
    {
        null => new(Reason.NoConsent),
        { Stopped: not null } => new(Reason.Unsubscribed),
        _ => RuleResult.Pass,
    };

    // Only what waits is asked about, and not after a stop that was said later than the question, be it lifted since: a STOP by text
    // leaves what waits as it was (R65).
    private static RuleResult Confirmation(in DecisionInput input)
    {
        var held = input.State?.Find(input.Topic.Key);
        DateTimeOffset? asked = input.AboutPackage
            ? input.Watch == WatchStatus.Pending ? input.WatchSince : null
            : held?.Unconfirmed is { } waits ? held.ConfirmationAt ?? waits.Since : null;
        if (asked is null) return new(Reason.Unconfirmed);
        var overtaken = input.AboutPackage
            ? input.State?.LastStop >= asked
            : !input.State!.StillWaits(held!);
        var stopped = overtaken
            || (held is { Status: SubscriptionStatus.Unsubscribed } && held.Since >= asked && !(held.Unconfirmed?.Since > held.Since));
        return stopped ? new(Reason.Unsubscribed) : RuleResult.Pass;
    }

    private static bool FollowedSince(in DecisionInput input) =>
        input is { AboutPackage: true, Watch: WatchStatus.Active, State.Stopped: null, Topic.Key: TopicKey.PackageUpdates }
            && input.WatchSince > (input.State!.Find(input.Topic.Key)?.Since ?? input.State.ObjectedAt);
}

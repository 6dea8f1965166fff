using System.Diagnostics;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Unsubscribe;

/// <summary>How much a person wants to stop.</summary>
public enum UnsubscribeScope
{
    /// <summary>What the link names: its topic, or its package.</summary>
    Named,

    /// <summary>The link's topic, also where it names one package.</summary>
    Topic,

    /// <summary>Everything on the link's channel.</summary>
    All,
}

/// <summary>Carries out what an unsubscribe link asks for. Durable before it returns (P4); repeating it changes nothing (R10).</summary>
public sealed class Unsubscriber(AddressBook book, ITableStore tables, Watches watches, CampaignMarks marks)
{
    /// <summary>Stops. The answer is the record as it now stands.</summary>
    public ValueTask<ChangeResult> StopAsync(LinkToken token, UnsubscribeScope scope, string source, CancellationToken cancel)
    {
        if (scope == UnsubscribeScope.All || token.Topic is not { } topic)
        {
            var everything = Draft(LedgerAction.StopAll, LedgerDraft.AllTopics, token, source);
            return ChangeAsync(token, (state, now) => Transitions.StopAll(state, everything, now), cancel);
        }

        if (scope != UnsubscribeScope.Named || token.TrackingNumber is not { } number)
            return StopTopicsAsync(token, [topic], source, cancel);
        var package = Draft(LedgerAction.Unwatch, TopicKey.PackageUpdates, token, source) with { Evidence = Evidence(token, number) };
        return CountedAsync(token, blank => watches.EndAsync(token.Address, blank, number, package, cancel));
    }

    /// <summary>Stops several topics in one commit, so that all of it carries one moment.</summary>
    public ValueTask<ChangeResult> StopTopicsAsync(
        LinkToken token, IReadOnlyList<string> topics, string source, CancellationToken cancel) =>
        ChangeAsync(token, (state, now) =>
        {
            var change = new Change(state, []);
            foreach (var topic in topics)
                change = change.Then(s => Transitions.OptOut(s, Draft(LedgerAction.OptOut, topic, token, source), now));
            return change;
        }, cancel);

    /// <summary>
    /// Whether what the link names stands stopped already, with nothing of it waiting for a confirmation. Reads; changes nothing (P3).
    /// </summary>
    public async ValueTask<bool> HasStoppedAsync(LinkToken token, AddressState state, CancellationToken cancel)
    {
        if (token.Topic is not { } topic) return state.Stopped is not null && !Array.Exists(state.Subscriptions, static s => s.Waits);
        var held = state.Find(topic);
        if (held is { Waits: true }) return false;
        if (state.Stopped is not null) return true;
        if (token.TrackingNumber is not { } number) return held is { Status: SubscriptionStatus.Unsubscribed };
        var (watch, _) = await WatchRows.LoadAsync(tables, token.Address, number, cancel);
        return watch is { Status: WatchStatus.Unwatched }
            || (held is { Status: SubscriptionStatus.Unsubscribed } && !(watch?.SaidAt > held.Since));
    }

    /// <summary>
    /// Has the campaign that the link came with counted anew. Beside the answer, which does not wait for it: the stop itself is in the
    /// ledger, and the count is taken from there.
    /// </summary>
    private async Task NoteAsync(AddressKey address, string message)
    {
        try
        {
            var (record, _) = await MessageRows.LoadAsync(tables, new MessageId(address, message), CancellationToken.None);
            if (record is { Campaign: { } campaign, Batch: { } batch })
                await marks.TouchAsync(campaign, batch, CancellationToken.None);
        }
        catch (StorageUnavailableException)
        {
            // The batch is counted with its next change.
        }
    }

    /// <summary>
    /// The stop, unless the person was erased: the block that stands there is above every stop and nobody lifts it, so that nothing goes
    /// out, and nothing more is written of them (R34).
    /// </summary>
    private ValueTask<ChangeResult> ChangeAsync(
        LinkToken token, Func<AddressState, DateTimeOffset, Change> stop, CancellationToken cancel) =>
        CountedAsync(
            token,
            blank => book.ChangeAsync(
                token.Address, blank, (state, now) => state.IsErased ? new(state, []) : stop(state, now), null,
                cancel));

    private async ValueTask<ChangeResult> CountedAsync(LinkToken token, Func<AddressState, ValueTask<ChangeResult?>> stop)
    {
        var started = Stopwatch.GetTimestamp();
        var result = (await stop(new AddressState { Channel = token.Channel }))!;
        Telemetry.OptedOut(Stopwatch.GetElapsedTime(started), "link");
        if (result.Changed && token.Message is { } message) _ = NoteAsync(token.Address, message);
        return result;
    }

    private static LedgerDraft Draft(LedgerAction action, string topic, LinkToken token, string source) =>
        new(action, topic, source, Actors.Person) { Evidence = Evidence(token, null) };

    // Only base64url and validated tracking numbers stand here, so the JSON needs no escaping.
    private static string? Evidence(LinkToken token, string? package) => (token.Message, package) switch
    {
        (null, null) => null,
        (null, _) => $$"""{"package":"{{package}}"}""",
        (_, null) => $$"""{"message":"{{token.Address.Value}}.{{token.Message}}"}""",
        _ => $$"""{"message":"{{token.Address.Value}}.{{token.Message}}","package":"{{package}}"}""",
    };
}

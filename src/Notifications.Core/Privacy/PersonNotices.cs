using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;

namespace Notifications.Privacy;

/// <summary>Where a person was told something about their request.</summary>
/// <param name="Messages">The ids of the messages that tell it.</param>
/// <param name="Unreached">How many of their addresses nothing can be written to.</param>
public sealed record Notified(string[] Messages, int Unreached)
{
    /// <summary>Nobody was to be told.</summary>
    public static Notified Nobody { get; } = new([], 0);
}

/// <summary>
/// Tells a person about their request before a restriction is lifted (R35), and when an answer takes longer (R31): what happens and when,
/// in their language, and then why, in the operator's words. Neither a restriction nor a disabled account holds that back, for it is no use
/// of their data but its end.
/// </summary>
public sealed class PersonNotices(
    AddressBook book, ContactDesk contacts, Restrictions restrictions, SendQueue queue, MessageIds ids, KeyRing ring, SenderOptions sender,
    TimeProvider time)
{
    /// <summary>Tells that the answer takes longer, and the last day of it (GDPR, article 12(3)).</summary>
    public ValueTask<Notified> ExtendAsync(PrivacyRequest request, DateTimeOffset due, string words, CancellationToken cancel) =>
        SendAsync(
            request, "extend", words,
            (_, _, texts) => texts["requestExtended"]
                .Replace("{opened}", texts.Shared.Date(request.OpenedAt), StringComparison.Ordinal)
                .Replace("{due}", texts.Shared.Date(due), StringComparison.Ordinal),
            cancel);

    /// <summary>
    /// Tells that a restriction ends, and what then begins again (GDPR, article 18(3)); where another one stands over the same data, only
    /// the operator's words.
    /// </summary>
    public async ValueTask<Notified> LiftAsync(PrivacyRequest request, string words, CancellationToken cancel)
    {
        var others = await restrictions.StandingAsync(request, cancel);
        return await SendAsync(
            request, "lift", words,
            (key, state, texts) => others.Exists(o => o.Restricts(key, state?.ContactId)) ? null : texts["restrictionEnds"], cancel);
    }

    /// <summary>
    /// Has each address told that can be written to. Once it returns, the notice will go out, whatever dies meanwhile, but to no phone
    /// whose owner says STOP before it does (P1); asked again with the same words it is the same notice (P5).
    /// </summary>
    private async ValueTask<Notified> SendAsync(
        PrivacyRequest request, string act, string words, Func<AddressKey, AddressState?, ConsentTexts, string?> says,
        CancellationToken cancel)
    {
        var (sent, unreached) = (new List<string>(), 0);
        foreach (var address in await AddressesAsync(request, cancel))
        {
            var key = ring.KeyOf(address);
            var (state, _) = await book.LoadAsync(key, cancel);
            if (!CanBeTold(state, address))
            {
                unreached++;
                continue;
            }

            var id = ids.Derive(key, $"privacy/{request.Id}/{act}/{words}");
            sent.Add(id.ToString());
            if (await queue.IsRecordedAsync(id, cancel)) continue;
            var texts = ConsentTexts.For(state?.Locale);
            var said = says(key, state, texts);
            await queue.EnqueueAsync(Notice(id, address, said is null ? words : $"{said}\n\n{words}", texts, state?.Locale), cancel);
        }

        return new Notified([.. sent], unreached);
    }

    private async ValueTask<IEnumerable<Address>> AddressesAsync(PrivacyRequest request, CancellationToken cancel)
    {
        var named = request.Named();
        return request is { WholeContact: true, ContactId: { } id } && await contacts.GetAsync(id, cancel) is { } contact
            ? named.Union(contact.Addresses.Select(a => a.Address))
            : named;
    }

    // A phone whose owner said STOP gets no text of ours, and its carrier would deliver none.
    private static bool CanBeTold(AddressState? state, Address address) =>
        state is null
            || (!state.IsErased
                && state.Suppression is null or { Reason: SuppressionReason.Manual }
                && !(address.Channel == Channel.Sms && state.Stopped is not null));

    private SendRequest Notice(MessageId id, Address address, string words, ConsentTexts texts, string? locale) => new()
    {
        Id = id.ToString(),
        Channel = address.Channel,
        To = address.Value,
        Topic = TopicKey.PackageUpdates,
        Purpose = MessagePurpose.Notice,
        Content = address.Channel == Channel.Sms
            ? new(null, $"{sender.Name}{texts.Shared.Colon}{words}", null)
            : new(texts["aboutRequest"], words, null),
        Locale = locale,
        AcceptedAt = time.UtcNowMs(),
    };
}

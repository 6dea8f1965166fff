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
/// Tells a person what an operator has to say about their request, in the operator's words: before a restriction is lifted (R35), and when
/// an answer takes longer (R31). Neither a restriction nor a disabled account holds that back, for it is no use of their data but its end.
/// </summary>
public sealed class PersonNotices(
    AddressBook book, ContactDesk contacts, SendQueue queue, MessageIds ids, KeyRing ring, SenderOptions sender, TimeProvider time)
{
    /// <summary>
    /// Has each address told that can be written to. Once it returns, the notice will go out, whatever dies meanwhile, but to no phone
    /// whose owner says STOP before it does (P1); asked again with the same words it is the same notice (P5).
    /// </summary>
    public async ValueTask<Notified> SendAsync(PrivacyRequest request, string act, string words, CancellationToken cancel)
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
            if (!await queue.IsRecordedAsync(id, cancel)) await queue.EnqueueAsync(Notice(id, address, words, state?.Locale), cancel);
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

    private SendRequest Notice(MessageId id, Address address, string words, string? locale) => new()
    {
        Id = id.ToString(),
        Channel = address.Channel,
        To = address.Value,
        Topic = TopicKey.PackageUpdates,
        Purpose = MessagePurpose.Notice,
        Content = address.Channel == Channel.Sms
            ? new(null, $"{sender.Name}{ConsentTexts.For(locale).Shared.Colon}{words}", null)
            : new(ConsentTexts.For(locale)["aboutRequest"], words, null),
        Locale = locale,
        AcceptedAt = time.UtcNowMs(),
    };
}

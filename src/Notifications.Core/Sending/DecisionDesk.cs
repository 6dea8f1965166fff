using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sms;
using Notifications.Packages;
using Notifications.Storage;
using Notifications.Templates;

namespace Notifications.Sending;

/// <summary>
/// What would become of a message: the decision, and for a text what it would cost (R56); null for mail and where its template cannot be
/// rendered.
/// </summary>
public readonly record struct Foretold(Decision Decision, SmsSegments? Segments);

/// <summary>
/// Tells what would become of a message if its turn came now, or at its own later time, by what is known now. Reads, and writes nothing.
/// </summary>
public sealed class DecisionDesk(
    AddressBook book, ITableStore tables, TopicCatalog topics, Renderer renderer, TemplateBook templates, SendingOptions options,
    TimeProvider time)
{
    /// <summary>The decision on the address's record as it stands.</summary>
    public async ValueTask<Foretold> AskAsync(SendRequest request, CancellationToken cancel)
    {
        if (!MessageId.TryParse(request.Id, out var id)) throw new ArgumentException("The message id is not one of ours.", nameof(request));
        var (state, _) = await book.LoadAsync(id.Address, cancel);
        var (watch, _) = request.TrackingNumber is { } number
            ? await WatchRows.LoadAsync(tables, id.Address, number, cancel)
            : default;
        var topic = topics.Of(request.Topic);
        var now = time.UtcNowMs();
        var due = request.SendAt > now ? request.SendAt.Value : now;
        var decision = DecisionRules.Decide(new DecisionInput
        {
            State = state,
            Topic = topic,
            Channel = request.Channel,
            Now = due,
            Purpose = request.Purpose,
            ContactId = request.ContactId,
            AboutPackage = request.TrackingNumber is not null,
            Watch = watch?.Status,
            WatchSince = watch?.SaidAt,
            NewerKnown = watch is not null && await PackageChanges.NewerKnownAsync(tables, request, watch, cancel),
            DueSince = due,
            ExpiresAt = request.ExpiresAt,
            Options = options,
        });
        return new Foretold(
            decision,
            request.Channel == Channel.Sms
                ? Segments(request, id, topic, state, await templates.FindAsync(request.Template, Channel.Sms, cancel))
                : null);
    }

    private SmsSegments? Segments(SendRequest request, MessageId id, Topic topic, AddressState? state, TemplateSet? set)
    {
        try
        {
            return SmsSegments.Count(renderer.Sms(request, id, topic, state, set).Text);
        }
        catch (TemplateException)
        {
            return null; // The send itself would say what is wrong with the template.
        }
    }
}

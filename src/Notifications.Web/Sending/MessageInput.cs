using System.Text.Json;
using Notifications.Addresses;
using Notifications.Sending;

namespace Notifications.Web.Sending;

/// <summary>Who a message goes to: exactly one of the three.</summary>
/// <param name="Email">An email address; or give <c>phone</c> or <c>contactId</c>.</param>
/// <param name="Phone">A phone number in international form; or give <c>email</c> or <c>contactId</c>.</param>
/// <param name="ContactId">
/// A contact's id, for each of the addresses that it has now; or give <c>email</c> or <c>phone</c>. An address that has left it when the
/// message's turn comes gets none (skipped, not-selected), and one that came since is not written to.
/// </param>
internal sealed record RecipientInput(string? Email = null, string? Phone = null, string? ContactId = null);

/// <summary>Ready content: email needs a subject and text or HTML, SMS needs text.</summary>
/// <param name="Subject">The subject, 1 to 200 characters on one line; email only, which needs it.</param>
/// <param name="Text">The plain text; of an SMS at most 1,600 characters.</param>
/// <param name="Html">The HTML; email only.</param>
internal sealed record ContentInput(string? Subject = null, string? Text = null, string? Html = null);

/// <summary>A message as a client asks for it.</summary>
/// <param name="Topic">The topic's key: whoever has not agreed to it gets nothing.</param>
/// <param name="To">Who it goes to.</param>
/// <param name="Channel">Of a contact only the addresses of this channel; of an address it must be its own.</param>
/// <param name="Template">
/// The name of a saved template, or the id of one of its languages, or the name of one that comes with the product. The topic's own when
/// left out; not with <c>content</c>. Which language is sent follows from the person, and from <c>locale</c>.
/// </param>
/// <param name="Data">
/// What the template reads as <c>data</c>: an object of at most 32 levels. Those that come with the product print its <c>subject</c>,
/// <c>title</c>, <c>intro</c> and <c>text</c>, each a text or a number, and <c>items</c>, a list of objects with <c>title</c>, <c>text</c>
/// and <c>url</c>; that of package updates <c>description</c>, <c>status</c>, <c>location</c> and <c>occurredAt</c>.
/// </param>
/// <param name="Content">
/// Ready content in place of a template. Under a transactional topic two different signs of advertising in it, such as a percentage off and
/// a coupon, are refused: send it under a marketing topic.
/// </param>
/// <param name="TrackingNumber">The package that it is about; only with the topic package-updates.</param>
/// <param name="SendAt">When to send it, within a year; at once when left out.</param>
/// <param name="ExpiresAt">When it is too late to send it; after <c>sendAt</c>.</param>
/// <param name="Locale">The language, a language tag (BCP 47) such as en or pt-BR; the person's own when left out.</param>
internal sealed record MessageInput(
    string? Topic = null,
    RecipientInput? To = null,
    string? Channel = null,
    string? Template = null,
    JsonElement? Data = null,
    ContentInput? Content = null,
    string? TrackingNumber = null,
    string? SendAt = null,
    string? ExpiresAt = null,
    string? Locale = null);

/// <summary>One accepted message.</summary>
/// <param name="Id">The message's id: GET /v1/messages/{id} tells what became of it.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Status">Always queued.</param>
internal sealed record AcceptedMessage(string Id, string Channel, string Status);

/// <summary>The answer to a message: its id, or one message for each address of a contact that has several.</summary>
/// <param name="Id">The message's id: GET /v1/messages/{id} tells what became of it. Left out where there are several.</param>
/// <param name="Status">Always queued.</param>
/// <param name="Messages">One message for each address of a contact that has several.</param>
internal sealed record MessageAccepted(string? Id, string Status, IReadOnlyList<AcceptedMessage>? Messages)
{
    private const string Queued = "queued";

    public static MessageAccepted Of(IReadOnlyList<SendRequest> requests) => requests.Count == 1
        ? new(requests[0].Id, Queued, null)
        : new(null, Queued, [.. requests.Select(r => new AcceptedMessage(r.Id, r.Channel.Name(), Queued))]);
}

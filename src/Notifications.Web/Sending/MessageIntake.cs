using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Templates;
using Notifications.Web.Http;
using Notifications.Web.Templates;

namespace Notifications.Web.Sending;

/// <summary>Makes of a client's body the messages it means, or says everything that is wrong with it.</summary>
internal sealed class MessageIntake(
    TopicCatalog topics, ContactDesk contacts, KeyRing ring, OurAddresses ours, MessageIds ids, TemplateBook templates, TimeProvider time)
{
    /// <summary>The longest text of an SMS: room is left for the sender's name and how to stop within the provider's 2,048.</summary>
    private const int SmsText = 1600;

    /// <summary>
    /// What a queue item may hold. A queued message is at most six times as long as its body: that many bytes has the escape of a control
    /// character.
    /// </summary>
    private const int QueueLimit = 240 * 1024;

    /// <summary>The messages, or the problem.</summary>
    /// <param name="input">The body.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="client">The key's id.</param>
    /// <param name="seed">What the ids are derived from, or null for new ones.</param>
    /// <param name="cancel">Cancels reading the contact.</param>
    public async ValueTask<(IReadOnlyList<SendRequest> Requests, Answer? Problem)> ReadAsync(
        MessageInput input, int length, string client, string? seed, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var topic = topics.Find(input.Topic);
        if (topic is null) errors.Add("topic", input.Topic is null ? "is required" : $"must be one of {topics.Known}");
        var to = await RecipientsAsync(errors, input, cancel);
        CheckContent(errors, input, to);
        var template = input.Template is { } named ? TemplateId.SetOf(named, to.Select(a => a.Channel)) : null;
        if (template is null && input.Template is not null) errors.Add("template", TemplateId.NoSet);
        else if (template is not null && topic is not null) await CheckTemplateAsync(errors, template, topic, to, cancel);
        if (topic is not null && input.Content is null && (template is null) == (input.Template is null))
            Inputs.Printed(errors, template, topic.Key, input.Data);

        string? package = null;
        if (input.TrackingNumber is not null)
        {
            if (!TrackingNumber.TryParse(input.TrackingNumber, out var number, out var problem)) errors.Add("trackingNumber", problem);
            // R54
            else if (topic is not null && topic.Key != TopicKey.PackageUpdates)
                errors.Add("trackingNumber", $"goes with the topic {TopicKey.PackageUpdates} only");
            package = number.Value;
        }

        var content = input.Content is { } ready ? new MessageContent(ready.Subject?.Trim(), ready.Text, ready.Html) : null;
        var now = time.UtcNowMs();
        var sendAt = Inputs.Time(errors, "sendAt", input.SendAt);
        var expiresAt = Inputs.Time(errors, "expiresAt", input.ExpiresAt);
        if (sendAt > now.AddYears(1)) errors.Add("sendAt", "must be within a year");
        if (sendAt is { } begin && expiresAt <= begin) errors.Add("expiresAt", "must be after sendAt");
        var locale = Inputs.Locale(errors, input.Locale);
        if (!errors.Any && content is not null && !topic!.IsMarketing)
            foreach (var ad in AdWords.BlocksOf(content, locale ?? "en"))
                errors.Add("content." + ad.Part, $"must carry no advertising (R24): send it under a marketing topic. {ad.Message}");
        if (errors.Any) return ([], errors.Answer());

        var requests = new SendRequest[to.Count];
        for (var i = 0; i < requests.Length; i++)
        {
            var key = ring.KeyOf(to[i]);
            requests[i] = new SendRequest
            {
                Id = (seed is null ? ids.New(key) : ids.Derive(key, seed)).ToString(),
                Channel = to[i].Channel,
                To = to[i].Value,
                ContactId = input.To!.ContactId,
                Topic = topic!.Key,
                Template = template,
                Data = input.Data,
                Content = content,
                TrackingNumber = package,
                SendAt = sendAt,
                ExpiresAt = expiresAt,
                Locale = locale,
                Client = client,
                AcceptedAt = now,
            };
        }

        if (length * 6 > QueueLimit && SendQueue.BodyOf(requests[0]).Length > QueueLimit)
            return ([], Problem.Invalid(input.Content is null ? "data" : "content", "is too large to queue; shorten it"));
        return (requests, null);
    }

    private async ValueTask<IReadOnlyList<Address>> RecipientsAsync(FieldErrors errors, MessageInput input, CancellationToken cancel)
    {
        var to = input.To;
        if (to is null || (to.Email is null ? 0 : 1) + (to.Phone is null ? 0 : 1) + (to.ContactId is null ? 0 : 1) != 1)
        {
            errors.Add("to", "must have exactly one of email, phone and contactId");
            if (input.Channel is not null && ChannelNames.Parse(input.Channel) is null) errors.Add("channel", "must be email or sms");
            return [];
        }

        if (to.ContactId is null)
        {
            var named = AddressInput.Read(errors, "to.", to.Email, to.Phone, input.Channel);
            AddressInput.NotOurs(errors, ours, "to.", named);
            return named is { } address ? [address] : [];
        }

        var channel = ChannelNames.Parse(input.Channel);
        if (input.Channel is not null && channel is null)
        {
            errors.Add("channel", "must be email or sms");
            return [];
        }

        if (!Inputs.IsId(to.ContactId) || await contacts.GetAsync(to.ContactId, cancel) is not { } contact)
        {
            errors.Add("to.contactId", "is not a known contact");
            return [];
        }

        var found = new List<Address>(contact.Addresses.Count);
        foreach (var (_, candidate) in contact.Addresses)
            if (channel is null || candidate.Channel == channel) found.Add(candidate);
        if (found.Count == 0) errors.Add("to.contactId", "names a contact without such an address");
        return found;
    }

    private async ValueTask CheckTemplateAsync(
        FieldErrors errors, string name, Topic topic, IReadOnlyList<Address> to, CancellationToken cancel)
    {
        if (DefaultTemplates.TopicOf(name) is { } own && own != topic.Key) errors.Add("template", $"is for the topic {own}"); // R24
        if (TemplateName.IsBuiltIn(name)) return;
        foreach (var channel in to.Select(a => a.Channel).Distinct())
        {
            var set = await templates.FindAsync(name, channel, cancel);
            if (set is null)
                errors.Add(
                    "template", $"must be one of {string.Join(", ", DefaultTemplates.Names)}, or a saved template for {channel.Name()}");
            else if (set.Topic != topic.Key) errors.Add("template", $"is for the topic {set.Topic}");
            else if (set.Problem is { } unfit) errors.Add("template", $"cannot be sent: {unfit}");
        }
    }

    private static void CheckContent(FieldErrors errors, MessageInput input, IReadOnlyList<Address> to)
    {
        Inputs.Given(errors, input.Data);
        if (input.Content is not { } content) return;
        if (input.Template is not null) errors.Add("content", "and template exclude each other");
        if (content.Subject is { } subject && (subject.Trim().Length is 0 or > 200 || subject.Any(char.IsControl)))
            errors.Add("content.subject", "must have 1 to 200 characters on one line");
        CheckText(errors, "content.text", content.Text);
        CheckText(errors, "content.html", content.Html);
        if (Goes(Channel.Email, to))
        {
            if (content.Subject is null) errors.Add("content.subject", "is required for email");
            if (content.Text is null && content.Html is null) errors.Add("content.text", "or html is required for email");
        }

        if (!Goes(Channel.Sms, to)) return;
        if (content.Text is null) errors.Add("content.text", "is required for SMS");
        else if (content.Text.Length > SmsText) errors.Add("content.text", $"must have at most {SmsText} characters for SMS");
    }

    private static void CheckText(FieldErrors errors, string field, string? text)
    {
        if (text is null) return;
        if (string.IsNullOrWhiteSpace(text)) errors.Add(field, "must not be empty");
        else if (text.Any(static c => c < ' ' && c is not ('\n' or '\r' or '\t')))
            errors.Add(field, "must not contain control characters but line breaks and tabs");
    }

    private static bool Goes(Channel channel, IReadOnlyList<Address> to)
    {
        foreach (var address in to)
            if (address.Channel == channel) return true;
        return false;
    }
}

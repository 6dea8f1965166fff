using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Fluid;
using Fluid.Values;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Unsubscribe;

namespace Notifications.Templates;

/// <summary>
/// Makes of a request what a provider can send: Liquid text in a layout that always names the sender and says how to stop (R16, R23, R25,
/// R51).
/// </summary>
public sealed class Renderer(DefaultTemplates templates, Links links, SenderOptions sender, TopicCatalog topics, SmsOptions sms)
{
    private const string TestMark = "[Test] ";
    private const int MostSubjects = 200;
    private readonly ConcurrentDictionary<string, TriedSubject> _subjects = new(StringComparer.Ordinal);
    private readonly SmsReplies _replies = new(sms, sender);
    private readonly FluidValue _sender =
        Value(
            new()
            {
                ["name"] = sender.Name,
                ["postalAddress"] = sender.PostalAddress,
                ["contact"] = sender.Contact,
                ["twoWay"] = sms.CanAnswer(sender),
            });
    private readonly FrozenDictionary<Topic, FluidValue> _topics = topics.All.ToFrozenDictionary(t => t, ValueOf);
    private readonly FrozenDictionary<Topic, LayoutWords> _words = topics.All.ToFrozenDictionary(t => t, t => new LayoutWords(t, sender));

    /// <summary>An email with both parts and its headers.</summary>
    /// <param name="stored">The stored set that <see cref="SendRequest.Template"/> names, already loaded
    /// (<see cref="TemplateBook.FindAsync"/>); null for a built-in one.</param>
    /// <exception cref="TemplateException">The template is unknown, for another topic, or cannot be rendered.</exception>
    public OutgoingEmail Email(SendRequest request, MessageId id, Topic topic, AddressState? state, TemplateSet? stored = null)
    {
        var pair = new LinkPair(
            links.UnsubscribeToken(id.Address, Channel.Email, topic.Key, request.TrackingNumber, id.Suffix),
            links.PreferencesToken(id.Address, Channel.Email));
        var own = Own(request, topic, state, stored);
        var parts =
            request is { Merge: { } merge, Content: null, Purpose: MessagePurpose.Notification }
                && MailKind(request, topic, state, own) is { } kind
                ? merge.TryPrint(kind, request.Data, pair)
                    ?? merge.Add(kind, request.Data, pair, Parts(request, id.Address, topic, state, own, pair))
                : Parts(request, id.Address, topic, state, own, pair);
        var notifies = Notifies(request);
        var marketing = topic.IsMarketing && notifies;
        return new OutgoingEmail(
            id,
            marketing ? sender.MarketingFrom : sender.TransactionalFrom,
            sender.Name,
            request.To,
            parts.Subject,
            parts.Html,
            parts.Text,
            notifies ? links.ListHeaders(pair.Unsubscribe, topic) : [new("Auto-Submitted", "auto-generated")]);
    }

    /// <summary>
    /// A text that begins with the sender's name and ends with how to stop, in <see cref="PlainMarks"/>; what its own words say already is
    /// not said twice.
    /// </summary>
    /// <param name="stored">The stored set that <see cref="SendRequest.Template"/> names, already loaded; null for a built-in one.</param>
    /// <exception cref="TemplateException">The template is unknown, for another topic, or cannot be rendered.</exception>
    public OutgoingSms Sms(SendRequest request, MessageId id, Topic topic, AddressState? state, TemplateSet? stored = null)
    {
        if (request.Purpose is MessagePurpose.Reply or MessagePurpose.Notice or MessagePurpose.PreferencesLink)
            return Outgoing(request.Content?.Text ?? "");
        var pair = new LinkPair(
            links.UnsubscribeToken(id.Address, Channel.Sms, topic.Key, request.TrackingNumber, null),
            links.PreferencesToken(id.Address, Channel.Sms));
        var own = Own(request, topic, state, stored);
        var context = Context(request, id.Address, topic, state, own, pair);
        var text = request.Content is { } content ? content.Text ?? PlainText.FromHtml(content.Html ?? "")
            : own is not null ? own.Text(context) ?? ""
            : Render(templates.Get(SetOf(request, topic), "sms"), context, NullEncoder.Default);
        var says = own?.Says ?? default;
        context.SetValue("named", says.Sender || BeginsWithName(text));
        var twoWay = sms.CanAnswer(sender);
        context.SetValue("needsStop", twoWay && !says.Stop && (topic.IsMarketing || !says.Link)); // R25, R51
        context.SetValue("needsLink", !says.Link && (topic.IsMarketing || !twoWay)); // R25, R50
        if (request.Purpose == MessagePurpose.Test) text = TestMark + text;
        context.SetValue("body", new StringValue(text.Trim(), encode: false));
        // R53
        var introduction = state?.Find(topic.Key)?.IntroducedBy == id.Suffix ? _replies.Introduction(LocaleOf(request, state, own)) : null;
        if (own is { Layout: TemplateLayout.None })
            return Outgoing(introduction is null ? text.Trim() : $"{text.Trim()}\n{introduction}");
        if (introduction is not null) context.SetValue("introduction", introduction);
        var layout = request.Purpose == MessagePurpose.Confirmation ? "service" : "layout";
        // A name in Latin letters before Arabic words would turn their line round: a mark says which way it runs.
        var mark = context.GetValue("bodyDirection").ToStringValue() == "rtl" ? "\u200F" : "";
        return Outgoing(mark + Render(Layout(layout, SetOf(request, topic), request, "sms"), context, NullEncoder.Default).Trim());

        OutgoingSms Outgoing(string said) => new(id, sender.SmsFrom, request.To, PlainMarks.Of(said));
    }

    /// <summary>What is wrong with a subject's Liquid, or null.</summary>
    public static string? SubjectProblem(string subject) => Liquid.TryParse(subject, out _, out var error) ? null : error;

    private EmailParts Parts(
        SendRequest request, AddressKey address, Topic topic, AddressState? state, StoredTemplate? own, in LinkPair pair)
    {
        var context = Context(request, address, topic, state, own, pair);
        var set = SetOf(request, topic);
        string subject, html, text;
        if (request.Content is { } content)
        {
            subject = content.Subject ?? "";
            html = content.Html ?? PlainText.ToHtml(content.Text ?? "");
            text = content.Text ?? PlainText.FromHtml(content.Html ?? "");
        }
        else if (own is not null)
        {
            subject = Tried() ?? own.Subject(context);
            html = own.Html(context);
            text = own.Text(context) ?? PlainText.FromHtml(html);
            context.SetValue("styles", new StringValue(own.Styles, encode: false));
        }
        else
        {
            subject = Tried() ?? Render(templates.Get(set, "subject"), context, NullEncoder.Default);
            html = Render(templates.Get(set, "html"), context, HtmlEncoder.Default);
            text = Render(templates.Get(set, "text"), context, NullEncoder.Default);
        }

        var layout = Notifies(request) ? "layout" : "service";
        if (request.Purpose == MessagePurpose.Test) subject = TestMark + subject;
        context.SetValue("subject", OneLine(subject));
        context.SetValue("body", new StringValue(html, encode: false));
        if (own is not { Layout: TemplateLayout.None }) html = Render(Layout(layout, set, request, "html"), context, HtmlEncoder.Default);
        context.SetValue("body", new StringValue(text.Trim(), encode: false));
        if (own?.HasPlainFoot(topic) != false) text = Render(Layout(layout, set, request, "text"), context, NullEncoder.Default);
        return new EmailParts(OneLine(subject), html, text);

        string? Tried() =>
            request.Subject is { } source ? Liquid.Render(Subject(source).Template, context, NullEncoder.Default) : null;
    }

    private static bool Notifies(SendRequest request) => request.Purpose is MessagePurpose.Notification or MessagePurpose.Test;

    // Null where every email is to be rendered by itself. The built-in templates only print the links, and ask nothing of the person but
    // the language and a package's local time.
    private MailKind? MailKind(SendRequest request, Topic topic, AddressState? state, StoredTemplate? own)
    {
        var subject = request.Subject is { } tried ? Subject(tried) : null;
        if (own is { Merges: false } || subject is { Merges: false }) return null;
        var asks = own is { AsksOfContact: true } || subject is { AsksOfContact: true };
        return new MailKind(
            topic.Key, request.Template, own, request.Subject, request.TrackingNumber, request.Locale ?? state?.Locale,
            asks || request.TrackingNumber is not null ? state?.TimeZone : null, asks ? state?.Name : null);
    }

    // The subjects of running campaigns: a handful, each parsed once.
    private TriedSubject Subject(string source)
    {
        if (_subjects.TryGetValue(source, out var parsed)) return parsed;
        if (_subjects.Count >= MostSubjects) _subjects.Clear();
        return _subjects[source] = new(Liquid.Parse(source)!, MailMerge.Fits(source), MailMerge.AsksOfContact(source));
    }

    // A set may bring its own layout; ready content always stands in the common one.
    private IFluidTemplate Layout(string common, string set, SendRequest request, string part) =>
        (request.Content is null ? templates.Find(set, "layout." + part) : null) ?? templates.Get(common, part);

    // A stored set stands in the layout of its topic's own set.
    private static string SetOf(SendRequest request, Topic topic) =>
        request.Purpose == MessagePurpose.Confirmation ? (request.TrackingNumber is null ? "confirm" : "package-updates.confirm")
        : DefaultTemplates.SetOf(request.Template, topic.Key);

    // The language of the message, else the person's. A set was checked under the rules of its topic, and goes out for no other (R23-R25);
    // a built-in one of marketing never under those of a service, though it may have been accepted so once.
    private StoredTemplate? Own(SendRequest request, Topic topic, AddressState? state, TemplateSet? stored)
    {
        if (request.Content is not null || request.Purpose == MessagePurpose.Confirmation || request.Template is null) return null;
        if (!topic.IsMarketing && topics.Find(DefaultTemplates.TopicOf(request.Template)) is { IsMarketing: true } other)
            throw new TemplateException($"The template is for the topic {topics.Say(other.Key)}.");
        if (TemplateName.IsBuiltIn(request.Template)) return null;
        if (stored is null) throw new TemplateException("There is no such template.");
        if (stored.Topic != topic.Key) throw new TemplateException($"The template is for the topic {topics.Say(stored.Topic)}.");
        var own = stored.For(request.Locale ?? state?.Locale);
        return own.Problem is null ? own : throw new TemplateException(own.Problem) { Unfit = true };
    }

    // As each language writes a colon.
    private bool BeginsWithName(string text) =>
        text.StartsWith(sender.Name, StringComparison.OrdinalIgnoreCase)
            && text.AsSpan(sender.Name.Length).TrimStart() is [':' or '：', ..];

    // A phone whose owner has said none reads our own words in that of the number's region, as it is answered (R55).
    private static string? LocaleOf(SendRequest request, AddressState? state, StoredTemplate? own) =>
        request.Locale
            ?? state?.Locale
            ?? (request is { Channel: Channel.Sms, Content: null } && own is null
                ? ReplyLanguage.OfRegion(state?.RegionToday ?? PhoneNumber.RegionOf(new Address(Channel.Sms, request.To)))
                : null);

    private TemplateContext Context(
        SendRequest request, AddressKey address, Topic topic, AddressState? state, StoredTemplate? own, in LinkPair pair)
    {
        var unsubscribeUrl = links.Unsubscribe(pair.Unsubscribe);
        var locale = LocaleOf(request, state, own);
        var language = PackageTexts.For(locale ?? own?.Locale); // Who has said none reads that of the template.
        var body = own?.Locale ?? (request is { TrackingNumber: not null, Content: null } ? null : locale) ?? language.Language;
        var context = new TemplateContext(Liquid.Options) { CultureInfo = Culture(locale) };
        context.SetValue(
            "contact", new Dictionary<string, object?> { ["name"] = state?.Name, ["locale"] = locale, ["timeZone"] = state?.TimeZone });
        context.SetValue("data", request.Data is { } data ? TemplateData.From(data) : NilValue.Instance);
        context.SetValue("sender", _sender);
        context.SetValue("topic", _topics.TryGetValue(topic, out var known) ? known : ValueOf(topic));
        context.SetValue("words", (_words.TryGetValue(topic, out var words) ? words : new LayoutWords(topic, sender)).In(language));
        context.SetValue("bodyLanguage", body);
        context.SetValue("bodyBreaks", LayoutWords.Breaks(Culture(body)));
        context.SetValue("bodyDirection", Culture(body).TextInfo.IsRightToLeft ? "rtl" : "ltr");
        context.SetValue("unsubscribeUrl", unsubscribeUrl);
        context.SetValue("preferencesUrl", links.Preferences(pair.Preferences));
        if (request.Purpose == MessagePurpose.Confirmation)
        {
            // What was taken back or confirmed since is not asked about any more.
            Topic[] chosen =
                [
                    topic,
                    .. request.AlsoTopics.Where(t => t != topic.Key && state?.Find(t) is { } one && state.StillWaits(one))
                        .Select(topics.Find)
                        .OfType<Topic>(),
                ];
            var url = links.Confirm(address, request.Channel, chosen.Length == 1 ? topic.Key : null, request.TrackingNumber);
            context.SetValue("confirmUrl", url);
            if (request.TrackingNumber is null)
                context.SetValue("confirm", ConfirmationView.Of(chosen, locale, url, unsubscribeUrl, sender, sms.CanAnswer(sender)));
        }

        if (request.TrackingNumber is { } number)
            context.SetValue("package", PackageView.Of(number, request.Data, language.Language, state?.TimeZone, sender.Name));
        return context;
    }

    private static FluidValue ValueOf(Topic topic) =>
        Value(new() { ["key"] = topic.Key, ["name"] = topic.Name, ["marketing"] = topic.IsMarketing });

    private static FluidValue Value(Dictionary<string, object?> members) => FluidValue.Create(members, Liquid.Options);

    private static string Render(IFluidTemplate template, TemplateContext context, TextEncoder encoder)
    {
        try
        {
            return template.Render(context, encoder);
        }
        catch (Exception broken) when (broken is InvalidOperationException or ParseException or FormatException or ArgumentException)
        {
            throw new TemplateException($"The template cannot be rendered ({broken.GetType().Name}).", broken);
        }
    }

    private static CultureInfo Culture(string? locale)
    {
        try
        {
            return locale is null ? CultureInfo.InvariantCulture : Gregorian.Of(CultureInfo.GetCultureInfo(locale));
        }
        catch (CultureNotFoundException)
        {
            return CultureInfo.InvariantCulture; // A well-formed tag that this machine has no data for: numbers and dates in neutral form.
        }
    }

    // A subject is a header: whatever the data hold, it stays on one line (R2).
    private static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            var breaks = char.IsControl(c) || c is '\u2028' or '\u2029';
            if (!breaks) line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
        }

        return line.ToString().Trim();
    }

    // A subject of a campaign's test, parsed, and what MailMerge has to know of it.
    private sealed record TriedSubject(IFluidTemplate Template, bool Merges, bool AsksOfContact);
}

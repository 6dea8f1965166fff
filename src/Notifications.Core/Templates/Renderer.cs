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

/// <summary>Makes of a request what a provider can send: Liquid text in a layout that always names the sender and says how to stop (R16, R23, R25, R51).</summary>
public sealed class Renderer(DefaultTemplates templates, Links links, SenderOptions sender, TopicCatalog topics, SmsOptions? sms = null)
{
    private readonly SmsOptions _sms = sms ?? new SmsOptions();
    private readonly SmsReplies _replies = new(sms ?? new SmsOptions(), sender);
    private static readonly TemplateOptions Options = new() { MaxSteps = 100_000, MaxRecursion = 20 };

    /// <summary>An email with both parts and its headers.</summary>
    /// <exception cref="TemplateException">The template is unknown or cannot be rendered.</exception>
    public OutgoingEmail Email(SendRequest request, MessageId id, Topic topic, AddressState? state)
    {
        var token = links.UnsubscribeToken(id.Address, Channel.Email, topic.Key, request.TrackingNumber, id.Suffix);
        var context = Context(request, id, topic, state, links.Unsubscribe(token));
        var set = SetOf(request, topic);
        string subject, html, text;
        if (request.Content is { } content)
        {
            subject = content.Subject ?? "";
            html = content.Html ?? PlainText.ToHtml(content.Text ?? "");
            text = content.Text ?? Plain(content.Html ?? "");
        }
        else
        {
            subject = Render(templates.Get(set, "subject"), context, NullEncoder.Default);
            html = Render(templates.Get(set, "html"), context, HtmlEncoder.Default);
            text = Render(templates.Get(set, "text"), context, NullEncoder.Default);
        }

        var layout = request.Purpose == MessagePurpose.Notification ? "layout" : "service";
        context.SetValue("subject", OneLine(subject));
        context.SetValue("body", new StringValue(html, encode: false));
        html = Render(Layout(layout, set, request, "html"), context, HtmlEncoder.Default);
        context.SetValue("body", new StringValue(text.Trim(), encode: false));
        text = Render(Layout(layout, set, request, "text"), context, NullEncoder.Default);

        var marketing = topic.IsMarketing && request.Purpose == MessagePurpose.Notification;
        return new OutgoingEmail(
            id,
            marketing ? sender.MarketingFrom : sender.TransactionalFrom,
            sender.Name,
            request.To,
            OneLine(subject),
            html,
            text,
            request.Purpose == MessagePurpose.Notification ? links.ListHeaders(token, topic) : [new("Auto-Submitted", "auto-generated")]);
    }

    /// <summary>A text that begins with the sender's name and ends with how to stop.</summary>
    /// <exception cref="TemplateException">The template is unknown or cannot be rendered.</exception>
    public OutgoingSms Sms(SendRequest request, MessageId id, Topic topic, AddressState? state)
    {
        if (request.Purpose == MessagePurpose.Reply) return new OutgoingSms(id, sender.SmsFrom, request.To, request.Content?.Text ?? "");
        var token = links.UnsubscribeToken(id.Address, Channel.Sms, topic.Key, request.TrackingNumber, null);
        var context = Context(request, id, topic, state, links.Unsubscribe(token));
        var text = request.Content is { } content
            ? content.Text ?? Plain(content.Html ?? "")
            : Render(templates.Get(SetOf(request, topic), "sms"), context, NullEncoder.Default);
        context.SetValue("body", new StringValue(text.Trim(), encode: false));
        if (state?.Find(topic.Key)?.IntroducedBy == id.Suffix) context.SetValue("introduction", _replies.Introduction(request.Locale ?? state.Locale));
        var layout = request.Purpose == MessagePurpose.Confirmation ? "service" : "layout";
        return new OutgoingSms(id, sender.SmsFrom, request.To, Render(Layout(layout, SetOf(request, topic), request, "sms"), context, NullEncoder.Default).Trim());
    }

    // A set may bring its own layout; ready content always stands in the common one.
    private IFluidTemplate Layout(string common, string set, SendRequest request, string part) =>
        (request.Content is null ? templates.Find(set, "layout." + part) : null) ?? templates.Get(common, part);

    private static string SetOf(SendRequest request, Topic topic) =>
        request.Purpose == MessagePurpose.Confirmation ? (request.TrackingNumber is null ? "confirm" : "package-updates.confirm") : request.Template ?? (Array.IndexOf(DefaultTemplates.Names, topic.Key) >= 0 ? topic.Key : "message");

    private TemplateContext Context(SendRequest request, MessageId id, Topic topic, AddressState? state, string unsubscribeUrl)
    {
        var locale = request.Locale ?? state?.Locale;
        var context = new TemplateContext(Options) { CultureInfo = Culture(locale) };
        context.SetValue("contact", new Dictionary<string, object?> { ["locale"] = locale, ["timeZone"] = state?.TimeZone });
        context.SetValue("data", request.Data is { } data ? TemplateData.From(data) : null);
        context.SetValue("sender", new Dictionary<string, object?> { ["name"] = sender.Name, ["postalAddress"] = sender.PostalAddress, ["contact"] = sender.Contact, ["twoWay"] = _sms.TwoWay });
        context.SetValue("topic", new Dictionary<string, object?> { ["key"] = topic.Key, ["name"] = topic.Name, ["marketing"] = topic.IsMarketing });
        context.SetValue("unsubscribeUrl", unsubscribeUrl);
        context.SetValue("preferencesUrl", links.Preferences(id.Address, request.Channel));
        if (request.Purpose == MessagePurpose.Confirmation)
        {
            // What was taken back or confirmed since is not asked about any more.
            Topic[] chosen = [topic, .. request.AlsoTopics.Where(t => t != topic.Key && state?.Find(t)?.Status == SubscriptionStatus.Pending).Select(t => topics.Find(t) ?? new Topic { Key = t, Name = t })];
            var url = links.Confirm(id.Address, request.Channel, chosen.Length == 1 ? topic.Key : null, request.TrackingNumber);
            context.SetValue("confirmUrl", url);
            if (request.TrackingNumber is null) context.SetValue("confirm", ConfirmationView.Of(chosen, locale, url, unsubscribeUrl, sender, _sms.TwoWay));
        }

        if (request.TrackingNumber is { } number) context.SetValue("package", PackageView.Of(number, request.Data, locale, state?.TimeZone, sender.Name));
        return context;
    }

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

    private static string Plain(string html)
    {
        try
        {
            return PlainText.FromHtml(html);
        }
        catch (RegexMatchTimeoutException broken)
        {
            throw new TemplateException("The HTML cannot be turned into plain text; give the text too.", broken);
        }
    }

    private static CultureInfo Culture(string? locale)
    {
        try
        {
            return locale is null ? CultureInfo.InvariantCulture : CultureInfo.GetCultureInfo(locale);
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
}

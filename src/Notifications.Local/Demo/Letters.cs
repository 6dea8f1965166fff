using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Templates;

namespace Notifications.Local.Demo;

/// <summary>The templates that the company's marketer wrote.</summary>
internal static class Letters
{
    public const string Letter = "monthly-letter";
    public const string Offer = "autumn-offer";
    public const string OfferText = "offer-text";

    public static readonly TemplateSource First = Mail(Letter, TopicKey.Newsletter, "en", "{{ data.title }}", """
        <h1>{{ data.title }}</h1>
        <p>This is what is new.</p>
        {% for item in data.items %}<h2>{{ item.title }}</h2>
        <p>{{ item.text }}</p>{% endfor %}
        """);

    public static readonly TemplateSource German = Mail(Letter, TopicKey.Newsletter, "de", "{{ data.title }}", """
        <h1>{{ data.title }}</h1>
        <p>Das ist neu.</p>
        {% for item in data.items %}<h2>{{ item.title }}</h2>
        <p>{{ item.text }}</p>{% endfor %}
        """);

    public static readonly TemplateSource Second = Mail(Letter, TopicKey.Newsletter, "en", "{{ data.title | default: 'Your letter' }}", """
        <style>
          h1 { color: #0b6b57; }
          h2 { margin-bottom: 4px; }
          .lead { font-size: 18px; }
          @media (prefers-color-scheme: dark) { h1 { color: #6fd3b9 !important; } }
        </style>
        <h1>{{ data.title | default: "Your parcels this month" }}</h1>
        <p class="lead">This is what is new around your parcels.</p>
        {% for item in data.items %}<h2>{{ item.title }}</h2>
        <p>{{ item.text }}</p>{% endfor %}
        """, """
        {{ data.title | default: "Your parcels this month" }}
        {% for item in data.items %}
        {{ item.title }}
        {{ item.text }}
        {% endfor %}
        """);

    public static readonly TemplateSource Promotion = Mail(
        Offer, TopicKey.Promotions, "en", "{{ data.title | default: 'Ten parcels, the eleventh is on us' }}", """
        <h1>{{ data.title | default: "Ten parcels, the eleventh is on us" }}</h1>
        <p>{{ data.intro | default: "Until the end of the month, for every size up to ten kilograms." }}</p>
        <p><a href="https://example.com/offer">See the offer</a></p>
        """);

    public static readonly TemplateSource Text = new()
    {
        Name = OfferText,
        Topic = TopicKey.Promotions, Channel = Channel.Sms, Locale = "en", Layout = TemplateLayout.Standard,
        Text = "{{ data.text | default: 'Send ten parcels, the eleventh is on us.' }}",
    };

    private static TemplateSource Mail(string name, string topic, string locale, string subject, string html, string? text = null) =>
        new()
        {
            Name = name,
            Topic = topic,
            Channel = Channel.Email,
            Locale = locale,
            Layout = TemplateLayout.Standard,
            Subject = subject,
            Html = html,
            Text = text,
        };
}

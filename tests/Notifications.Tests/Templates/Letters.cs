using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Templates;

namespace Notifications.Tests.Templates;

/// <summary>Templates as they are begun: a newsletter by mail in English, and what a test changes of that.</summary>
internal static class Letters
{
    public static TemplateSource Newsletter(string name) => new()
    {
        Name = name,
        Topic = TopicKey.Newsletter,
        Channel = Channel.Email,
        Locale = "en",
        Subject = "Hello",
        Html = "<p>Hello</p>",
    };
}

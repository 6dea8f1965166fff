using System.Text.RegularExpressions;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Templates;

/// <summary>
/// Korean is broken between words, in mails as on pages; it is said where the words stand, for some mailboxes drop selectors.
/// </summary>
public sealed partial class LineBreakTests
{
    private static readonly World World = new();
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

    [Theory]
    [InlineData("ko", true), InlineData("ko-KR", true), InlineData("kok", false), InlineData("ja", false), InlineData("zh-Hans", false), InlineData("en", false)]
    public void R59_A_korean_mail_breaks_no_word_and_no_other_is_told_to(string locale, bool kept)
    {
        foreach (var mail in Mails(locale))
        {
            var parts = Parts().Matches(mail).Select(m => m.Value).ToList();
            Assert.NotEmpty(parts);
            Assert.All(parts, part => Assert.Equal(kept, part.Contains("word-break:keep-all", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void R59_Under_words_in_korean_a_body_in_another_language_is_broken_as_that_language_is()
    {
        var stored = LayoutWordsTests.Stored(Channel.Email, TopicKey.Newsletter, "<p>日本語</p>", "ja");
        var parts = Parts().Matches(Html(World.Request(Ana, TopicKey.Newsletter) with { Locale = "ko", Template = "spring" }, stored));
        Assert.Equal([false, true], parts.Select(m => m.Value.Contains("word-break:keep-all", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Mails(string locale) =>
        from request in (SendRequest[])[
            World.Request(Ana, TopicKey.Newsletter), World.Request(Ana, TopicKey.Promotions),
            World.Request(Ana, TopicKey.PackageUpdates) with { TrackingNumber = PackagesWorld.Number },
            World.Request(Ana, TopicKey.Newsletter) with { Purpose = MessagePurpose.Confirmation },
            World.Request(Ana, TopicKey.PackageUpdates) with
            {
                TrackingNumber = PackagesWorld.Number, Purpose = MessagePurpose.Confirmation,
            },
        ]
        select Html(request with { Locale = locale }, null);

    private static string Html(SendRequest request, Notifications.Templates.TemplateSet? stored) =>
        World.Renderer.Email(request, World.Ids.Derive(World.Ring.KeyOf(Ana), "one"), World.Topics.Of(request.Topic), null, stored).Html;

    // The body and the foot of a layout.
    [GeneratedRegex("""<div class="(body|sheet foot)"[^>]*>|<td class="pad( foot)?"[^>]*>""")]
    private static partial Regex Parts();
}

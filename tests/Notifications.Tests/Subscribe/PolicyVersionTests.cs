using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Subscribe;

/// <summary>
/// M15: every consent that is given on a page carries the policy version that was published then, whether or not one is required.
/// </summary>
public sealed class PolicyVersionTests
{
    private const string Package = "RR123456785PT";

    [Theory]
    [InlineData("2026-11-01", null, "2026-11-01")]
    [InlineData("2026-11-01", "2026-03-01", "2026-11-01")]
    [InlineData(null, "2026-03-01", "2026-03-01")]
    [InlineData(null, null, "1")] // No consent is without one.
    public async Task R26_Consents_of_the_sign_up_page_and_the_preference_page_carry_the_published_policy_version(
        string? published, string? required, string expected)
    {
        var product = new ProductFixture
        {
            Configure = o => (o.Sending.PolicyVersion, o.Sending.RequiredPolicyVersion) = (published, required),
        };
        await product.InitializeAsync();
        try
        {
            var (ana, next) = (CoreProduct.Email("ana@example.com"), CoreProduct.Email("next@example.com"));
            await product.FormAsync(
                "/subscribe", "en", ("email", ana.Value), ("topic-email-newsletter", "yes"), ("package", Package), ("watch-email", "yes"),
                ("age", "adult"));
            Assert.Equal([expected, expected], (await product.LedgerAsync(ana)).Select(e => e.PolicyVersion));

            var links = product.Get<Links>();
            var centre = new Uri(links.Preferences(product.Key(ana), Channel.Email)).AbsolutePath;
            await product.FormAsync(
                new Uri(links.Confirm(product.Key(ana), Channel.Email, TopicKey.Newsletter)).AbsolutePath, "en", ("confirm", "yes"));
            await product.FormAsync(centre, "en", ("subscribe", TopicKey.Promotions));
            await product.FormAsync(
                new Uri(links.Confirm(product.Key(ana), Channel.Email, TopicKey.PackageUpdates, Package)).AbsolutePath, "en",
                ("confirm", "yes"));
            await product.FormAsync(centre, "en", ("unwatch", Package));
            await product.FormAsync(centre, "en", ("watch", Package));
            await product.FormAsync(centre, "en", ("move", "yes"), ("address", next.Value));

            var given = (await product.LedgerAsync(ana))
                .Where(e => e.Action is LedgerAction.OptIn or LedgerAction.Confirm or LedgerAction.Watch)
                .ToList();
            Assert.Equal(6, given.Count);
            Assert.Equal(
                ["Get “Newsletter”?\nYes, confirm", "Get “Updates of package RR123456785PT”?\nYes, confirm"],
                given.Where(e => e.Action == LedgerAction.Confirm).Select(e => e.Detail!.Wording));
            Assert.All(given.Concat(await product.LedgerAsync(next)), e => Assert.Equal(expected, e.PolicyVersion));
            Assert.NotEmpty(await product.LedgerAsync(next));
        }
        finally
        {
            await product.DisposeAsync();
        }
    }

    [Fact]
    public async Task R50_R26_Where_nobody_can_answer_our_texts_neither_the_form_nor_the_kept_words_say_to_answer_STOP()
    {
        var product = new ProductFixture { Configure = o => o.Sms.TwoWay = false };
        await product.InitializeAsync();
        try
        {
            var phone = CoreProduct.Phone("+14155550178");
            var shown = (await product.OpenAsync("/subscribe")).Text;
            Assert.Contains("Each text has a link to stop.", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("STOP", shown, StringComparison.Ordinal);
            await product.FormAsync("/subscribe", "en", ("phone", phone.Value), ("topic-sms-newsletter", "yes"), ("age", "adult"));
            Assert.EndsWith(
                "Each text has a link to stop.", Assert.Single(await product.LedgerAsync(phone)).Detail!.Wording, StringComparison.Ordinal);
            foreach (var texts in Notifications.Web.Pages.Texts.All)
                Assert.DoesNotContain("STOP", texts.BoxSmsOneWay, StringComparison.Ordinal);
        }
        finally
        {
            await product.DisposeAsync();
        }
    }

    [Fact]
    public async Task M15_A_consent_under_an_older_policy_waits_for_the_agreement_to_the_new_one_and_the_page_offers_it()
    {
        var product = new ProductFixture { Configure = o => o.Sending.RequiredPolicyVersion = "2026-11-01" };
        await product.InitializeAsync();
        try
        {
            var ana = CoreProduct.Email("outdated@example.com");
            var newsletter = product.Get<TopicCatalog>().Find(TopicKey.Newsletter)!;
            await product.Get<ConsentDesk>().OptInAsync(
                ana, newsletter,
                new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person") { PolicyVersion = "2025-01-01" },
                confirmed: true, null, default);
            var links = product.Get<Links>();
            var centre = new Uri(links.Preferences(product.Key(ana), Channel.Email)).AbsolutePath;
            var shown = (await product.OpenAsync(centre)).Text;
            Assert.Contains("Waits for your agreement to the new policy", shown, StringComparison.Ordinal);
            Assert.Contains("name=\"subscribe\" value=\"newsletter\"", shown, StringComparison.Ordinal);
            Assert.Contains("name=\"stop\" value=\"newsletter\"", shown, StringComparison.Ordinal);

            var (_, asked) = await product.FormAsync(centre, "en", ("subscribe", TopicKey.Newsletter));
            Assert.Contains("Waiting for your confirmation", asked, StringComparison.Ordinal);
            Assert.DoesNotContain(">Undo<", asked, StringComparison.Ordinal); // It would end the older consent as well.

            // Raised before it is confirmed, what is confirmed does not suffice, and the page does not say that it does (R21, R28).
            var sending = product.Get<Notifications.Sending.SendingOptions>();
            sending.RequiredPolicyVersion = "2026-12-01";
            var (_, late) = await product.FormAsync(
                new Uri(links.Confirm(product.Key(ana), Channel.Email, TopicKey.Newsletter)).AbsolutePath, "en", ("confirm", "yes"));
            Assert.Contains("Newsletter: Waits for your agreement to the new policy", late, StringComparison.Ordinal);
            Assert.DoesNotContain("now gets this", late, StringComparison.Ordinal);
            sending.RequiredPolicyVersion = "2026-11-01";
            await product.FormAsync(
                new Uri(links.Confirm(product.Key(ana), Channel.Email, TopicKey.Newsletter)).AbsolutePath, "en", ("confirm", "yes"));
            shown = (await product.OpenAsync(centre)).Text;
            Assert.DoesNotContain("Waits for your agreement", shown, StringComparison.Ordinal);
            Assert.Equal(
                "allowed",
                (await product.PostAsync(
                    "/v1/decisions",
                    new { topic = TopicKey.Newsletter, to = new { email = ana.Value }, content = new { subject = "s", text = "t" } }))[
                        "reason"]);
        }
        finally
        {
            await product.DisposeAsync();
        }
    }
}

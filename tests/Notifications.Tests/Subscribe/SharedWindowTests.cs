using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Schedule;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Subscribe;

/// <summary>What anybody types into the sign-up form: packages and topics of one address share one window.</summary>
public sealed class SharedWindowTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static readonly string[] Numbers = ["RR123456785PT", "LX123456785CN", "JD0002"];

    [Fact]
    public async Task R63_Somebody_who_signs_another_up_to_packages_and_topics_has_one_message_sent_per_window()
    {
        var victim = CoreProduct.Email("victim.packages@example.com");
        for (var window = 1; window <= 6; window++)
        {
            if (window <= 2) foreach (var number in Numbers) await SignUpAsync(victim, number);
            await product.WorkAsync();
            // Three packages, the first once more when it was asked for anew, and together the topics.
            Assert.Equal(Math.Min(window, 5), product.MailsTo(victim));
            product.Time.Advance(TimeSpan.FromHours(25));
            await product.Get<ScheduleRunner>().RunDueAsync(default);
        }
    }

    [Fact]
    public async Task R63_R28_The_page_of_the_one_message_asks_about_everything_that_waits_and_confirms_what_is_ticked()
    {
        var ana = CoreProduct.Email("ana.packages@example.com");
        foreach (var number in Numbers) await SignUpAsync(ana, number);
        await product.WorkAsync();
        Assert.Contains(Numbers[0], Assert.Single(product.Sent.Emails, m => m.To == ana.Value).Text, StringComparison.Ordinal);
        var links = product.Get<Links>();
        var path = new Uri(links.Confirm(product.Key(ana), Channel.Email, TopicKey.PackageUpdates, Numbers[0])).AbsolutePath;
        var shown = (await product.OpenAsync(path)).Text;
        foreach (var box in (string[])["also-newsletter", "also-package-" + Numbers[1], "also-package-" + Numbers[2]])
            Assert.Contains($"name=\"{box}\"", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(" checked", shown, StringComparison.Ordinal);

        var (_, done) = await product.FormAsync(path, "en", ("confirm", "yes"), ("also-package-" + Numbers[1], "yes"));
        Assert.Contains($"package {Numbers[0]}, Updates of package {Numbers[1]}", done, StringComparison.Ordinal);
        var watches = (await product.Get<Watches>().OfAsync(product.Key(ana), default)).ToDictionary(w => w.Number, w => w.Watch.Status);
        Assert.Equal(
            (WatchStatus.Active, WatchStatus.Active, WatchStatus.Pending),
            (watches[Numbers[0]], watches[Numbers[1]], watches[Numbers[2]]));
        Assert.Equal(SubscriptionStatus.Pending, (await product.StateAsync(ana))!.StatusOf(TopicKey.Newsletter));

        // The address has answered: the next wish is asked about at once.
        await SignUpAsync(ana, "CP123456785PT");
        await product.WorkAsync();
        Assert.Equal(2, product.MailsTo(ana));
    }

    private async Task SignUpAsync(Address address, string number) =>
        await product.FormAsync(
            "/subscribe", "en", ("email", address.Value), ("package", number), ("watch-email", "yes"), ("topic-email-newsletter", "yes"),
            ("age", "adult"));
}

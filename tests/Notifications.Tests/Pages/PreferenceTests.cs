using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Pages;

/// <summary>What the buttons of the preference centre do.</summary>
public sealed class PreferenceTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R21_A_break_defers_marketing_until_its_end_keeps_package_news_and_can_be_taken_back()
    {
        var address = CoreProduct.Email("break@example.com");
        await product.SubscribedAsync(address, TopicKey.Newsletter, TopicKey.PackageUpdates);
        var (_, body) = await product.PressAsync(address, ("pause", "60"));
        Assert.Contains("Newsletters and promotions wait until", body, StringComparison.Ordinal);
        Assert.Contains("name=\"pause\" value=\"0\">Undo", body, StringComparison.Ordinal);
        var until = product.Time.GetUtcNow().AddDays(60);
        var decision = await DecideAsync(address, TopicKey.Newsletter);
        Assert.Equal((Verdict.Defer, Reason.FrequencyCap), (decision.Verdict, decision.Reason));
        Assert.InRange(decision.Until!.Value, until.AddMinutes(-1), until.AddMinutes(1));
        Assert.Equal(Verdict.Allow, (await DecideAsync(address, TopicKey.PackageUpdates)).Verdict);

        Assert.NotNull((await product.GetAsync($"/v1/preferences?email={address.Value}"))["pausedUntil"]);
        await product.PressAsync(address, ("pause", "0"));
        Assert.Null((await product.GetAsync($"/v1/preferences?email={address.Value}"))["pausedUntil"]);
        Assert.Equal(Verdict.Allow, (await DecideAsync(address, TopicKey.Newsletter)).Verdict);
        Assert.Equal([LedgerAction.Pause, LedgerAction.Unpause], (await product.LedgerAsync(address)).Skip(2).Select(e => e.Action));
        Assert.Equal(HttpStatusCode.BadRequest, (await product.PressAsync(address, ("pause", "3650"))).Status);
    }

    [Fact]
    public async Task R29_All_marketing_stops_with_one_button_and_package_news_stay()
    {
        var address = CoreProduct.Email("marketing@example.com");
        await product.SubscribedAsync(address, TopicKey.Newsletter, TopicKey.Promotions, TopicKey.PackageUpdates);
        var (_, body) = await product.PressAsync(address, ("stop", "~marketing"));
        Assert.Contains("No more messages of this kind: Newsletters and promotions.", body, StringComparison.Ordinal);
        var state = (await product.StateAsync(address))!;
        Assert.Equal(SubscriptionStatus.Unsubscribed, state.StatusOf(TopicKey.Newsletter));
        Assert.Equal(SubscriptionStatus.Unsubscribed, state.StatusOf(TopicKey.Promotions));
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.PackageUpdates));
    }

    [Fact]
    public async Task M7_P6_The_other_channel_of_the_account_stops_from_here_too_and_is_not_taken_up_from_here()
    {
        var (mail, phone, elses) = (
            CoreProduct.Email("twoways@example.com"), CoreProduct.Phone("+14155550181"), CoreProduct.Phone("+14155550182"));
        foreach (var address in new[] { mail, phone, elses }) await product.SubscribedAsync(address, TopicKey.Newsletter);
        Assert.DoesNotContain(
            "value=\"*sms\"", (await product.OpenAsync(product.PreferencesPath(mail))).Text,
            StringComparison.Ordinal);
        await product.Get<ContactDesk>().PutAsync("two-1", "Ana", null, null, [mail, phone], "service:test", default);
        var shown = (await product.OpenAsync(product.PreferencesPath(mail))).Text;
        Assert.Contains("value=\"*sms\">Stop everything by text message</button>", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("0181", shown, StringComparison.Ordinal); // Nothing is told of the phone itself.

        var (_, body) = await product.PressAsync(mail, ("stop", "*sms"));
        Assert.Contains("Nothing more comes by text message.", body, StringComparison.Ordinal);
        Assert.DoesNotContain(">Undo<", body, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"*sms\"", body, StringComparison.Ordinal);
        Assert.Equal(Reason.Unsubscribed, (await DecideAsync(phone, TopicKey.Newsletter)).Reason);
        Assert.Equal(Verdict.Allow, (await DecideAsync(mail, TopicKey.Newsletter)).Verdict);
        Assert.Null((await product.StateAsync(elses))!.Stopped);
        await product.PressAsync(mail, ("resume", "yes"));
        Assert.NotNull((await product.StateAsync(phone))!.Stopped);
    }

    [Fact]
    public async Task R33_A_changed_address_confirms_anew_and_sheds_nothing()
    {
        var (old, next, blocked) = (
            CoreProduct.Email("old@example.com"), CoreProduct.Email("next@example.com"), CoreProduct.Email("blocked@example.com"));
        await product.SubscribedAsync(old, TopicKey.Newsletter, TopicKey.Promotions);
        await product.PressAsync(old, ("stop", TopicKey.Promotions));
        await product.PressAsync(old, ("move", "yes"), ("address", next.Value));
        var state = (await product.StateAsync(next))!;
        Assert.Equal(SubscriptionStatus.Pending, state.StatusOf(TopicKey.Newsletter));
        Assert.Equal(SubscriptionStatus.None, state.StatusOf(TopicKey.Promotions));
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(old))!.StatusOf(TopicKey.Newsletter));

        // A block of the old address lets nothing out, and one of the new address stays.
        var suppressions = product.Get<Suppressions>();
        await suppressions.AddAsync(
            blocked, SuppressionReason.Complaint, null,
            new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "test", "service:test"), default);
        await product.PressAsync(old, ("move", "yes"), ("address", blocked.Value));
        Assert.NotNull((await product.StateAsync(blocked))!.Suppression);
        await suppressions.AddAsync(
            old, SuppressionReason.Complaint, null, new LedgerDraft(LedgerAction.Suppress, LedgerDraft.AllTopics, "test", "service:test"),
            default);
        await product.PressAsync(old, ("move", "yes"), ("address", "third@example.com"));
        Assert.Null(await product.StateAsync(CoreProduct.Email("third@example.com")));
    }

    [Fact]
    public async Task M1_A_followed_package_is_shown_and_stopped_and_following_again_asks_the_mailbox()
    {
        var address = CoreProduct.Email("follower@example.com");
        var watches = product.Get<Watches>();
        Assert.True(TrackingNumber.TryParse("RR123456785PT", out var number, out _));
        await watches.WatchAsync(new WatchRequest(number, address, "shop", "service:shop"), default);
        Assert.Contains(
            "name=\"unwatch\" value=\"RR123456785PT\"",
            (await product.OpenAsync(product.PreferencesPath(address))).Text, StringComparison.Ordinal);
        var (_, body) = await product.PressAsync(address, ("unwatch", number.Value));
        Assert.Contains("name=\"watch\" value=\"RR123456785PT\">Undo", body, StringComparison.Ordinal);
        Assert.Equal(WatchStatus.Unwatched, Assert.Single(await watches.OfAsync(product.Key(address), default)).Watch.Status);
        await product.PressAsync(address, ("watch", number.Value));
        Assert.Equal(WatchStatus.Pending, Assert.Single(await watches.OfAsync(product.Key(address), default)).Watch.Status);
    }

    [Fact]
    public async Task M8_A_person_disables_the_account_and_enables_it_again_but_not_one_that_the_service_disabled()
    {
        var (mail, phone) = (CoreProduct.Email("account@example.com"), CoreProduct.Phone("+14155550122"));
        var contacts = product.Get<ContactDesk>();
        await contacts.PutAsync("c-77", "Ana", null, null, [mail, phone], "service:test", default);
        await product.PressAsync(mail, ("disable", "yes"));
        Assert.Equal(ContactStatus.Disabled, (await product.StateAsync(phone))!.Contact);
        await product.PressAsync(mail, ("enable", "yes"));
        Assert.Equal(ContactStatus.Active, (await product.StateAsync(phone))!.Contact);

        await contacts.SetStatusAsync("c-77", ContactStatus.Disabled, "api", "service:test", default);
        var (_, body) = await product.PressAsync(mail, ("enable", "yes"));
        Assert.DoesNotContain("name=\"enable\"", body, StringComparison.Ordinal);
        Assert.Equal(ContactStatus.Disabled, (await product.StateAsync(mail))!.Contact);
    }

    [Fact]
    public async Task P6_M8_Who_disabled_the_account_enables_it_no_more_once_the_service_has_disabled_it_too()
    {
        var (mail, phone) = (CoreProduct.Email("twice@example.com"), CoreProduct.Phone("+14155550123"));
        var contacts = product.Get<ContactDesk>();
        await contacts.PutAsync("c-78", "Ana", null, null, [mail, phone], "service:test", default);
        Assert.Contains("name=\"enable\"", (await product.PressAsync(mail, ("disable", "yes"))).Body, StringComparison.Ordinal);
        for (var i = 0; i < 2; i++) await contacts.SetStatusAsync("c-78", ContactStatus.Disabled, "api", "agent:kim", default);
        var (_, body) = await product.PressAsync(mail, ("enable", "yes"));
        Assert.DoesNotContain("name=\"enable\"", body, StringComparison.Ordinal);
        foreach (var address in new[] { mail, phone })
        {
            Assert.Equal(ContactStatus.Disabled, (await product.StateAsync(address))!.Contact);
            Assert.Equal(
                ["person", "agent:kim"],
                (await product.LedgerAsync(address)).Where(e => e.Action == LedgerAction.Disable).Select(e => e.Detail!.Actor));
        }
    }

    [Fact]
    public async Task R21_R29_No_message_is_promised_where_none_is_sent_and_the_page_says_what_to_do()
    {
        var address = CoreProduct.Email("refused@example.com");
        var watches = product.Get<Watches>();
        string[] numbers = ["RR123456785PT", "LX123456785CN", "RR123456785DE", "RR123456785FR"];
        foreach (var number in numbers) await product.FollowAsync(address, number);
        foreach (var number in numbers) await product.PressAsync(address, ("unwatch", number));
        foreach (var number in numbers[..3])
            Assert.Contains(
                "we have sent you a message", (await product.PressAsync(address, ("watch", number))).Body, StringComparison.Ordinal);
        var (_, body) = await product.PressAsync(address, ("watch", numbers[3]));
        Assert.Contains("Only so many packages can wait for your confirmation at once (at most: 3).", body, StringComparison.Ordinal);
        Assert.DoesNotContain("we have sent you a message", body, StringComparison.Ordinal);
        Assert.Equal(
            WatchStatus.Unwatched,
            (await watches.OfAsync(product.Key(address), default)).Single(w => w.Number == numbers[3]).Watch.Status);

        for (var i = 0; i < 2; i++) (_, body) = await product.PressAsync(address, ("watch", numbers[3])); // The sixth within the hour.
        Assert.Contains("Please try again in an hour.", body, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing had to be changed", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R59_The_language_and_time_zone_are_corrected_and_the_answer_is_in_the_new_language()
    {
        var address = CoreProduct.Email("locale@example.com");
        await product.SubscribedAsync(address, TopicKey.Newsletter);
        var (_, body) = await product.PressAsync(address, ("save", "details"), ("language", "ar"), ("zone", "Africa/Cairo"));
        Assert.Contains("<html lang=\"ar\" dir=\"rtl\">", body, StringComparison.Ordinal);
        Assert.Contains("تم الحفظ.", body, StringComparison.Ordinal);
        var state = (await product.StateAsync(address))!;
        Assert.Equal(("ar", "Africa/Cairo"), (state.Locale, state.TimeZone));
        await product.PressAsync(address, ("save", "details"), ("language", "ar"), ("zone", "Mars/Crater"));
        Assert.Equal("Africa/Cairo", (await product.StateAsync(address))!.TimeZone);
    }

    private async Task<Decision> DecideAsync(Address address, string topic) => DecisionRules.Decide(new DecisionInput
    {
        State = await product.StateAsync(address),
        Topic = product.Get<TopicCatalog>().Find(topic)!,
        Channel = address.Channel,
        Now = product.Time.GetUtcNow(),
        Options = new SendingOptions(),
    });
}

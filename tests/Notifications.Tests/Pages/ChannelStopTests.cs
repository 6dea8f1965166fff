using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Pages;

/// <summary>"Stop everything by text message" means the account's phones, and "by email" its mailboxes, on whichever link it is pressed.</summary>
public sealed class ChannelStopTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData(Channel.Sms)]
    [InlineData(Channel.Email)]
    public async Task M7_P6_Stop_everything_stops_each_address_of_its_channel_of_the_account_and_is_taken_back_for_that_of_the_link(
        Channel channel)
    {
        var (here, beside, other, elses) = await AccountAsync(channel);
        var (by, all) = channel == Channel.Sms
            ? ("by text message", "nothing more reaches any phone number of your account")
            : ("by email", "nothing more reaches any email address of your account");
        var shown = (await product.OpenAsync(product.PreferencesPath(here))).Text;
        Assert.Contains(all, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(beside.Masked(), shown, StringComparison.Ordinal); // Nothing is told of the other address itself.

        var (_, body) = await product.PressAsync(here, ("stop", LedgerDraft.AllTopics));
        Assert.Contains($"Everything is stopped. Nothing more comes {by}.", body, StringComparison.Ordinal);
        Assert.Contains("From here you can take that back for ", body, StringComparison.Ordinal);
        Assert.Contains(" alone. What you chose before will then apply there again.", body, StringComparison.Ordinal);
        Assert.DoesNotContain($">Stop everything {by}<", body, StringComparison.Ordinal);
        foreach (var address in new[] { here, beside })
        {
            Assert.NotNull((await product.StateAsync(address))!.Stopped);
            var entry = Assert.Single(await product.LedgerAsync(address), e => e.Action == LedgerAction.StopAll);
            Assert.Equal(("preference-page", "person"), (entry.Detail!.Source, entry.Detail.Actor));
        }

        foreach (var address in new[] { other, elses }) Assert.Null((await product.StateAsync(address))!.Stopped);

        await product.PressAsync(here, ("resume", "yes"));
        Assert.Null((await product.StateAsync(here))!.Stopped);
        Assert.NotNull((await product.StateAsync(beside))!.Stopped);
    }

    [Fact]
    public async Task M7_Whose_phone_is_stopped_already_still_stops_the_accounts_other_phone_from_its_page()
    {
        var (here, beside, _, _) = await AccountAsync(Channel.Sms);
        await product.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, product.Key(here), Channel.Sms), UnsubscribeScope.All, "sms", default);
        var shown = (await product.OpenAsync(product.PreferencesPath(here))).Text;
        Assert.Contains("name=\"stop\" value=\"*\">Stop everything by text message</button>", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing more comes by text message.", shown, StringComparison.Ordinal);

        var (_, body) = await product.PressAsync(here, ("stop", LedgerDraft.AllTopics));
        Assert.Contains("Nothing more comes by text message.", body, StringComparison.Ordinal);
        Assert.NotNull((await product.StateAsync(beside))!.Stopped);
    }

    [Fact]
    public async Task R5_R41_One_click_the_page_of_one_mail_and_a_link_of_no_account_stop_their_own_address_alone()
    {
        var (here, beside, _, elses) = await AccountAsync(Channel.Email);
        var links = product.Get<Links>();
        var path = new Uri(
            links.Unsubscribe(links.UnsubscribeToken(product.Key(here), Channel.Email, TopicKey.Newsletter, null, null))).AbsolutePath;
        var (status, _) = await product.FormAsync(path, "en", ("List-Unsubscribe", "One-Click"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("You are unsubscribed", (await product.FormAsync(path, "en", ("scope", "all"))).Body, StringComparison.Ordinal);
        Assert.NotNull((await product.StateAsync(here))!.Stopped);
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(beside))!.StatusOf(TopicKey.Newsletter));

        var (_, body) = await product.PressAsync(elses, ("stop", LedgerDraft.AllTopics));
        Assert.Contains("You can take that back. What you chose before will then apply again.", body, StringComparison.Ordinal);
        Assert.Null((await product.StateAsync(beside))!.Stopped);
    }

    private static int _accounts;

    /// <summary>An account with two addresses on a channel and one on the other; and an address that is not its own.</summary>
    private async Task<(Address Here, Address Beside, Address Other, Address Elses)> AccountAsync(Channel channel)
    {
        var number = Interlocked.Increment(ref _accounts);
        Address Make(Channel of, string who) =>
            of == Channel.Email ? CoreProduct.Email($"{who}{number}@all.example") : CoreProduct.Phone($"+1415555{who[0] % 10}{number}61");
        var others = channel == Channel.Email ? Channel.Sms : Channel.Email;
        var made = (Make(channel, "a-here"), Make(channel, "beside"), Make(others, "c-other"), Make(channel, "d-elses"));
        foreach (var address in new[] { made.Item1, made.Item2, made.Item3, made.Item4 })
            await product.SubscribedAsync(address, TopicKey.Newsletter);
        await product.Get<ContactDesk>().PutAsync(
            $"all-{number}", "Rosa", null, null, [made.Item1, made.Item2, made.Item3], "service:test", default);
        return made;
    }
}

using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.ConsolePages;

/// <summary>Who calls and wants no more texts has one account, and maybe several phones.</summary>
public sealed class ChannelStopTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R42_M7_Everything_on_this_channel_stops_every_phone_of_the_callers_account_and_says_beforehand_how_many()
    {
        var (first, second, mail) = (
            CoreProduct.Phone("+14155550171"), CoreProduct.Phone("+14155550172"), CoreProduct.Email("caller@all.example"));
        foreach (var address in new[] { first, second, mail }) await product.SubscribedAsync(address, TopicKey.Newsletter);
        await product.Get<ContactDesk>().PutAsync("caller-1", "Rosa", null, null, [first, second, mail], "service:test", default);
        var console = await product.SignedInAsync("rosas-agent", Scope.All);
        var path = "/console/people/" + product.Key(first).Value;
        var shown = (await console.GetAsync(path)).Document;
        Assert.Equal(
            "Everything stops 2 phone numbers: all of the account that are still open. A topic stops at this one alone.",
            shown.QuerySelector("#stop-topic-hint")?.TextContent);

        // A topic is of the one number.
        await console.PostAsync(path + "/stop", ("topic", TopicKey.Newsletter), ("source", "phone"));
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(second))!.StatusOf(TopicKey.Newsletter));

        var done = await console.PostAsync(path + "/stop", ("topic", LedgerDraft.AllTopics), ("source", "phone"), ("note", "No more texts"));
        Assert.Contains(
            "Recorded at every address of the account on this channel.", (await console.GetAsync(done.Location!)).Text,
            StringComparison.Ordinal);
        var audited = (await product.GetAsync("/v1/audit?limit=500")).Text;
        foreach (var phone in new[] { first, second })
        {
            Assert.NotNull((await product.StateAsync(phone))!.Stopped);
            var entry = Assert.Single(await product.LedgerAsync(phone), e => e.Action == LedgerAction.StopAll);
            Assert.Equal(
                ("console-phone", "agent:rosas-agent", "No more texts"),
                (entry.Detail!.Source, entry.Detail.Actor, entry.Detail.Wording));
            Assert.Contains(product.Key(phone).Value, audited, StringComparison.Ordinal);
        }

        Assert.Null((await product.StateAsync(mail))!.Stopped);
        Assert.Empty((await console.GetAsync(path)).Document.QuerySelectorAll($"form[action='{path}/stop']"));
    }

    [Fact]
    public async Task R42_M7_A_phone_that_is_stopped_still_offers_to_stop_the_accounts_other_one()
    {
        var (first, second) = (CoreProduct.Phone("+14155550173"), CoreProduct.Phone("+14155550174"));
        foreach (var address in new[] { first, second }) await product.SubscribedAsync(address, TopicKey.Newsletter);
        var console = await product.SignedInAsync("annas-agent", Scope.All);
        var path = "/console/people/" + product.Key(first).Value;
        await console.PostAsync(path + "/stop", ("topic", LedgerDraft.AllTopics), ("source", "phone"));
        await product.Get<ContactDesk>().PutAsync("caller-2", "Anna", null, null, [first, second], "service:test", default);
        var shown = (await console.GetAsync(path)).Document;
        Assert.Equal(
            "This phone number is stopped already. Everything stops 1 more of the account.",
            shown.QuerySelector("#stop-topic-hint")?.TextContent);
        await console.PostAsync(path + "/stop", ("topic", LedgerDraft.AllTopics), ("source", "phone"));
        Assert.NotNull((await product.StateAsync(second))!.Stopped);
    }
}

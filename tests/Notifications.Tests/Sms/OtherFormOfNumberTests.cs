using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Sms;

/// <summary>The carrier writes the number of a phone in another form than the company stored.</summary>
public sealed class OtherFormOfNumberTests
{
    private const string Long = "+5491133334444";
    private const string Short = "+541133334444";

    public static TheoryData<string, string> Pairs => new()
    {
        { Short, Long }, { Long, Short }, { "+551187654321", "+5511987654321" }, { "+525511111111", "+5215511111111" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task P1_M4_A_STOP_from_another_form_of_the_number_stops_and_START_resumes(string stored, string from)
    {
        var product = await WithAsync(stored);
        await product.TextAsync(from, "STOP", "e1");
        await product.TextAsync(from, "STOP", "e1");
        Assert.Equal(Reason.Unsubscribed, (await SendAsync(product, stored))!.Reason);
        Assert.Equal(stored, Assert.Single(product.Outbox.Texts).To);

        await product.TextAsync(from, "START", "e2");
        Assert.Equal(MessageStatus.Sent, (await SendAsync(product, stored))!.Status);
        var before = product.Outbox.Texts.Count;
        await product.TextAsync(from, "HELP", "e3");
        Assert.Equal(before + 1, product.Outbox.Texts.Count);
    }

    [Theory]
    [InlineData("page"), InlineData("one-click"), InlineData("api"), InlineData("api, all"), InlineData("block")]
    [InlineData("objection"), InlineData("restriction"), InlineData("erasure")]
    public async Task P1_M4_M7_What_stops_one_form_of_a_number_by_whatever_way_stops_the_phone(string way)
    {
        foreach (var (stored, named) in new[] { (Short, Long), (Long, Short), ("+551187654321", "+5511987654321") })
        {
            var product = new CoreProduct();
            await product.SubscribeAsync(stored, TopicKey.Promotions);
            var phone = CoreProduct.Phone(named);
            LedgerDraft Draft(LedgerAction action, string topic) => new(action, topic, way, "agent:kim");
            LinkToken Link(LinkPurpose purpose) => new(purpose, product.Ring.KeyOf(phone), Channel.Sms) { Topic = TopicKey.Promotions };
            async Task RightAsync(PrivacyRight right) =>
                await product.Get<PrivacyDesk>().OpenAsync(right, [phone], null, null, null, "agent:kim", default);
            await (way switch
            {
                "page" => product.Get<Unsubscriber>().StopAsync(
                    Link(LinkPurpose.Preferences), UnsubscribeScope.All, "page", default).AsTask(),
                "one-click" => product.Get<Unsubscriber>().StopAsync(
                    Link(LinkPurpose.Unsubscribe), UnsubscribeScope.Named, "one-click", default).AsTask(),
                "api" => product.Consents.OptOutAsync(phone, Draft(LedgerAction.OptOut, TopicKey.Promotions), default).AsTask(),
                "api, all" => product.Book.ChangeAsync(
                    product.Ring.KeyOf(phone), ConsentDesk.Blank(phone),
                    (s, now) => Transitions.StopAll(s, Draft(LedgerAction.StopAll, LedgerDraft.AllTopics), now), null, default).AsTask(),
                "block" => product.Suppressions.AddAsync(
                    phone, SuppressionReason.Manual, null, Draft(LedgerAction.Suppress, LedgerDraft.AllTopics), default).AsTask(),
                "objection" => RightAsync(PrivacyRight.Objection),
                "restriction" => RightAsync(PrivacyRight.Restriction),
                _ => RightAsync(PrivacyRight.Erasure),
            });
            var record = await product.SendAsync(product.Message(CoreProduct.Phone(stored), TopicKey.Promotions));
            Assert.Equal((stored, MessageStatus.Skipped), (stored, record!.Status));
            Assert.Empty(product.Outbox.Texts);
        }
    }

    [Fact]
    public async Task M1_A_number_is_texted_as_it_was_written_last_and_is_one_address_however_it_is_written()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Short, TopicKey.Promotions);
        var state = await product.SubscribeAsync(Long, TopicKey.Newsletter);
        Assert.Equal((Long, 2), (state.Value, state.Subscriptions.Length));
        await product.SendAsync(product.Message(CoreProduct.Phone(Short), TopicKey.Newsletter));
        await product.SendAsync(product.Message(CoreProduct.Phone(Long), TopicKey.Promotions) with { To = "" });
        Assert.Equal([Short, Long], product.Outbox.Texts.Select(t => t.To));
    }

    [Fact]
    public async Task R32_The_data_of_a_phone_that_are_asked_for_by_another_form_are_taken_in_elsewhere()
    {
        var (there, here) = (new CoreProduct(), new CoreProduct());
        await there.Consents.OptInAsync(
            CoreProduct.Phone(Short), there.Topics.Of(TopicKey.Promotions),
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Promotions, "test", "person") { Evidence = """{"confirmed":true}""" },
            confirmed: true, null, default);
        var export = await there.Get<PersonExports>().ReadAsync([CoreProduct.Phone(Long)], null, default);
        Assert.Equal(ImportResult.Done, await here.Get<PersonImports>().ImportAsync(export, "service:x", default));
        Assert.Equal(SubscriptionStatus.Subscribed, (await here.StateAsync(CoreProduct.Phone(Short))).StatusOf(TopicKey.Promotions));
    }

    [Fact]
    public async Task R33_A_number_that_is_corrected_to_another_form_of_itself_is_no_change_of_address()
    {
        var product = new CoreProduct();
        await product.SubscribeAsync(Short, TopicKey.Promotions);
        await product.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [CoreProduct.Phone(Short)], null, null, new Rectification(NewAddress: Long), "agent:kim", default);
        var state = await product.StateAsync(CoreProduct.Phone(Short));
        Assert.Equal((null, SubscriptionStatus.Subscribed), (state.Stopped, state.StatusOf(TopicKey.Promotions)));
    }

    [Fact]
    public async Task P6_A_STOP_of_a_number_that_nothing_is_known_of_stands_at_every_form_of_it()
    {
        var product = new CoreProduct();
        await product.TextAsync(Long, "STOP");
        foreach (var form in new[] { Short, Long })
            Assert.NotNull((await product.StateAsync(CoreProduct.Phone(form))).Stopped);
        Assert.Equal(Long, Assert.Single(product.Outbox.Texts).To);
    }

    [Fact]
    public async Task R41_An_unclear_text_from_another_form_is_read_once_and_its_decision_ends_the_pause()
    {
        var product = await WithAsync(Short);
        await product.TextAsync(Long, "Stop by at 5?");
        Assert.True((await product.StateAsync(CoreProduct.Phone(Short))).ReviewPending);
        var item = Assert.Single(await product.Reviews.ListAsync(resolved: false, null, 10, default));
        await product.Reviews.ResolveAsync(item.Id, Notifications.Review.ReviewVerdict.NotARevocation, "agent:kim", default);
        Assert.False((await product.StateAsync(CoreProduct.Phone(Short))).ReviewPending);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task R65_Reports_about_another_form_find_the_message_and_an_opt_out_with_the_carrier_stops_both(bool tagged)
    {
        var product = await WithAsync(Short);
        var sent = product.Message(CoreProduct.Phone(Short), TopicKey.PackageUpdates);
        Assert.Equal(MessageStatus.Sent, (await product.SendAsync(sent))!.Status);
        object Report(string status, string details) => new
        {
            MessageId = "Outgoing_" + sent.Id[(AddressKey.Length + 1)..],
            From = "+18005550100",
            To = Long[1..],
            DeliveryStatus = status,
            DeliveryStatusDetails = details,
            ReceivedTimestamp = product.Now,
            Tag = tagged ? sent.Id : null,
        };
        await product.Inbound.HandleAsync(
            CoreProduct.Event("r1", ProviderReports.SmsReport, product.Now, Report("Delivered", "2000")), default);
        Assert.Equal(MessageStatus.Delivered, (await product.RecordAsync(sent.Id))!.Status);

        await product.Inbound.HandleAsync(
            CoreProduct.Event("r2", ProviderReports.SmsReport, product.Now, Report("Failed", "4007")), default);
        foreach (var form in new[] { Short, Long })
            Assert.NotNull((await product.StateAsync(CoreProduct.Phone(form))).Stopped);
    }

    private static async Task<CoreProduct> WithAsync(params string[] stored)
    {
        var product = new CoreProduct();
        foreach (var form in stored) await product.SubscribeAsync(form, TopicKey.PackageUpdates);
        return product;
    }

    private static Task<MessageRecord?> SendAsync(CoreProduct product, string to) =>
        product.SendAsync(product.Message(CoreProduct.Phone(to), TopicKey.PackageUpdates));
}

using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

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

    [Fact]
    public async Task P1_M4_Where_both_forms_are_stored_both_stop_and_one_answer_goes()
    {
        var product = await WithAsync(Short, Long);
        await product.TextAsync(Short, "STOP");
        foreach (var form in new[] { Short, Long }) Assert.Equal(Reason.Unsubscribed, (await SendAsync(product, form))!.Reason);
        Assert.Single(product.Outbox.Texts);
        await product.TextAsync(Long, "START");
        foreach (var form in new[] { Short, Long })
            Assert.Null((await product.StateAsync(CoreProduct.Phone(form))).Stopped);
        Assert.Equal(2, product.Outbox.Texts.Count);
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
    public async Task P1_R44_A_STOP_that_was_cut_off_between_the_forms_goes_on_when_it_is_delivered_again_and_is_answered_once()
    {
        var product = await WithAsync(Short);
        await product.TextAsync(Long, "STOP", "e1");
        var (tables, other) = (product.Get<ITableStore>(), product.Ring.KeyOf(CoreProduct.Phone(Long)).Value);
        await foreach (var row in tables.AllRowsAsync(Tables.Addresses, other, RowRange.All, default))
            await tables.CommitAsync(Tables.Addresses, other, [RowChange.Delete(row.Key)]);
        await product.TextAsync(Long, "STOP", "e1");
        Assert.NotNull((await product.StateAsync(CoreProduct.Phone(Long))).Stopped);
        Assert.Single(product.Outbox.Texts);
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
        Assert.Null((await product.Book.LoadAsync(product.Ring.KeyOf(CoreProduct.Phone(Long)), default)).State);
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
        Assert.Null((await product.Book.LoadAsync(product.Ring.KeyOf(CoreProduct.Phone(Long)), default)).State);

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

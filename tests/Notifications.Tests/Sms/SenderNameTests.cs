using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Templates;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Sms;

/// <summary>Whether people can answer our texts follows from whom they come from.</summary>
public sealed class SenderNameTests
{
    private static readonly World World = new();
    private static readonly Address Phone = CoreProduct.Phone("+14155550160");

    [Theory]
    [InlineData("ParcelPost", "To stop: https://mail.example.com/u/", "Reply STOP")]
    [InlineData("7eleven", "To stop: https://mail.example.com/u/", "Reply STOP")]
    [InlineData("+18005550100", "Reply STOP to stop.", "https://")]
    [InlineData("72345", "Reply STOP to stop.", "https://")]
    public void R50_R25_R51_Where_texts_come_from_a_name_each_says_the_link_and_where_from_a_number_STOP_with_no_setting_besides(
        string from, string says, string never)
    {
        var renderer = new Renderer(
            new DefaultTemplates(), World.Links, new SenderOptions { SmsFrom = from }, World.Topics, new SmsOptions());
        var request = World.Request(Phone, TopicKey.PackageUpdates) with
        {
            Content = new MessageContent(null, "out for delivery", null),
        };
        var text = renderer.Sms(
            request, World.Ids.Derive(World.Ring.KeyOf(Phone), "news"), World.Topics.Find(TopicKey.PackageUpdates)!, null).Text;
        Assert.Contains(says, text, StringComparison.Ordinal);
        Assert.DoesNotContain(never, text, StringComparison.Ordinal);
    }

    [Fact]
    public void R50_A_name_that_is_said_to_be_answered_is_refused_at_the_start_with_the_remedy()
    {
        Assert.Contains("Leave TwoWay out", Refused(o => (o.Sender.SmsFrom, o.Sms.TwoWay) = ("ParcelPost", true)), StringComparison.Ordinal);
        Assert.Contains("SmsFrom must be", Refused(o => o.Sender.SmsFrom = "+1 (800) 555-0100"), StringComparison.Ordinal);
        Of(o => (o.Sender.SmsFrom, o.Sms.TwoWay) = ("ParcelPost", false)).Validate();
        Of(o => (o.Sender.SmsFrom, o.Sms.TwoWay) = ("72345", true)).Validate();
    }

    [Theory]
    [InlineData("+18005550100"), InlineData("+442071838750"), InlineData("333"), InlineData("723450")]
    [InlineData("ParcelPost"), InlineData("7 eleven"), InlineData("A")]
    public void R50_Texts_come_from_a_number_with_its_plus_a_short_code_or_a_name_that_carriers_take(string from) =>
        Of(o => o.Sender.SmsFrom = from).Validate();

    [Theory]
    [InlineData("+12", "a phone number"), InlineData("+", "a phone number"), InlineData("+1 800 555 0100", "a phone number")]
    [InlineData("+1800555010012345", "a phone number"), InlineData("+ParcelPost", "a phone number")]
    [InlineData("18005550100", "a short code"), InlineData("1", "a short code"), InlineData("1234567", "a short code")]
    [InlineData("Große Paket-Firma AG", "a name"), InlineData("Groß", "a name"), InlineData("Parcel-Post", "a name")]
    [InlineData("Parcel Posts", "a name"), InlineData("12 34", "a name"), InlineData("   ", "a name"), InlineData("", "a name")]
    [InlineData("１２３４５", "a name")]
    public void R50_Whom_no_carrier_lets_texts_come_from_stops_the_start_and_is_told_which_of_the_three_it_failed_to_be(
        string from, string failed) =>
        Assert.StartsWith(
            "Notifications:Sender:SmsFrom must be " + failed, Refused(o => o.Sender.SmsFrom = from), StringComparison.Ordinal);

    private static string Refused(Action<NotificationsOptions> change) =>
        Assert.Throws<ArgumentException>(Of(change).Validate).Message;

    private static NotificationsOptions Of(Action<NotificationsOptions> change)
    {
        var options = new NotificationsOptions { PublicUrl = "https://mail.example.com" };
        change(options);
        return options;
    }
}

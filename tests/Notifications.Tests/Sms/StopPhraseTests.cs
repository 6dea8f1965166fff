using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Sms.Texter;

namespace Notifications.Tests.Sms;

/// <summary>A stop word and what is to stop.</summary>
public sealed class StopPhraseTests
{
    [Theory]
    [InlineData("STOP UPDATES"), InlineData("STOP TRACKING"), InlineData("stop spam"), InlineData("Stop all the package updates, please!")]
    [InlineData("STOP everything"), InlineData("CANCEL notifications"), InlineData("End alerts"), InlineData("STOP mensajes")]
    [InlineData("BAJA avisos"), InlineData("STOP mises à jour"), InlineData("STOPP Benachrichtigungen"), InlineData("pare as mensagens")]
    [InlineData("BASTA notifiche"), InlineData("STOP berichten"), InlineData("STOPPA aviseringar"), InlineData("STOP powiadomienia")]
    [InlineData("СТОП уведомления"), InlineData("DUR mesajlar"), InlineData("توقف الرسائل"), InlineData("别发了"), InlineData("別發了")]
    [InlineData("通知停止"), InlineData("알림 중지"), InlineData("STOP AB12SP0001"), InlineData("Stop tracking AB12SP0001")]
    [InlineData("stop RR123456785PT"), InlineData("STOP RR123456786PT"), InlineData("stop updates for ab12-sp0001")]
    // The shortest and the longest number.
    [InlineData("STOP A1B2C3D4"), InlineData("STOP ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRST1234")]
    public void R41_A_stop_word_and_what_messages_or_which_parcel_it_is_about_is_a_stop(string text) =>
        Assert.Equal(SmsIntent.Stop, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("Stop by at 5?"), InlineData("stop at the corner shop"), InlineData("STOP updates?"), InlineData("stop 24"), InlineData("Stop more")]
    [InlineData("cancel all orders"), InlineData("stop 12 Main Street"), InlineData("stop all parcels")]
    [InlineData("STOP AB12345"), InlineData("STOP ABCDE123"), InlineData("STOP ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTU1234")]
    [InlineData("stop all AB12SP0001")]
    public void R41_What_is_doubtful_is_none(string text) => Assert.NotEqual(SmsIntent.Stop, SmsKeyword.Read(text).Intent);

    [Fact]
    public async Task R41_R43_After_a_stop_that_names_a_parcel_no_update_goes_and_the_person_is_told_so()
    {
        var product = await WithAnaAsync();
        await product.TextAsync(Ana, "STOP AB12SP0001");
        Assert.NotNull((await product.StateAsync(Phone)).Stopped);
        Assert.Single(product.Outbox.Texts);
        Assert.Equal(Reason.Unsubscribed, (await product.SendAsync(product.Message(Phone, TopicKey.PackageUpdates)))!.Reason);
        Assert.Empty(await product.Reviews.ListAsync(resolved: false, null, 10, default));
    }
}

using Notifications.Sms;

namespace Notifications.Tests.Sms;

/// <summary>Stops that are mistyped, drawn out or in letters of two scripts, and long texts.</summary>
public sealed class DisguiseTests
{
    [Theory]
    [InlineData("sstop"), InlineData("STOP2END"), InlineData("st0p"), InlineData("5TOP"), InlineData("please st0p texting me")]
    [InlineData("CTOП"), InlineData("STOП"), InlineData("СТОP"), InlineData("STOР"), InlineData("Stopping"), InlineData("UNSUBSCR1BE")]
    [InlineData("stip"), InlineData("unsubscribee"), InlineData("aufhoeren"), InlineData("baaja"), InlineData("Cancell")]
    public void R41_A_stop_mistyped_is_read_by_a_person(string text) => Assert.Equal(SmsIntent.Unsure, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("stoppppp"), InlineData("STOOOOP"), InlineData("STOPIT"), InlineData("stopthis"), InlineData("stooop texting me")]
    [InlineData("unsubscriiiibe please")]
    public void R41_A_stop_drawn_out_is_a_stop(string text) => Assert.Equal(SmsIntent.Stop, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("don't stoooop"), InlineData("stooop?! the bus stooops here"), InlineData("leave it on the stoop")]
    public void R41_What_only_looks_like_a_stop_drawn_out_stops_nothing(string text) =>
        Assert.NotEqual(SmsIntent.Stop, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("1Z999AA10123456784"), InlineData("deliver to unit 5A"), InlineData("code A1B2C3"), InlineData("wohoooo it came")]
    [InlineData("III. Etage")]
    [InlineData("IPHONE15 for ana"), InlineData("yesss"), InlineData("helllo"), InlineData("ΑΒΓ")]
    public void R41_Numbers_and_joy_are_no_stop_in_disguise(string text) => Assert.Equal(SmsIntent.None, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData(660), InlineData(1_530)]
    public void P1_R41_A_stop_at_the_end_of_a_long_text_is_one(int length)
    {
        const string End = "so please stop texting me. Remove my number from your list. STOP";
        var story = string.Concat(Enumerable.Repeat("I was on my way to the depot. ", 60));
        Assert.Equal(new SmsReading(SmsIntent.Stop, "en"), SmsKeyword.Read(story[..(length - End.Length)] + End));
    }

    [Fact]
    public void P1_R41_A_text_that_is_longer_than_what_is_read_of_it_is_read_by_a_person()
    {
        Assert.Equal(SmsIntent.None, SmsKeyword.Read(new string('a', 4_000)).Intent);
        Assert.Equal(SmsIntent.Unsure, SmsKeyword.Read(new string('a', 4_001)).Intent);
        Assert.Equal(SmsIntent.Stop, SmsKeyword.Read("stop texting me. " + new string('a', 4_001)).Intent);
    }
}

using Notifications.Sms;

namespace Notifications.Tests.Sms;

/// <summary>The bounds of the settings of texts: each is refused beyond them, by its name, with what it must be.</summary>
public sealed class SmsOptionsTests
{
    public static TheoryData<string, Action<SmsOptions>> Within => new()
    {
        { "as it is", _ => { } },
        { "window", o => o.ChoiceWindow = TimeSpan.FromMinutes(1) },
        { "window", o => o.ChoiceWindow = TimeSpan.FromDays(7) },
        { "own", o => o.OwnNumbers = ["123", "+18005550100", "+123456789012345"] },
        { "answered", o => o.ProviderAnswersStop = ["+18005550100"] },
        { "name", o => o.ProgrammeName = new string('n', 40) },
        { "month", o => o.MessagesPerMonth = 100 },
        { "hour", o => o.RepliesPerHour = 1 },
        { "hour", o => o.RepliesPerHour = 20 },
    };

    public static TheoryData<string, Action<SmsOptions>> Beyond => new()
    {
        { "StopScope must be all or clarification", o => o.StopScope = (StopScope)7 },
        { "ChoiceWindow must be 00:01:00 to 7.00:00:00", o => o.ChoiceWindow = TimeSpan.FromSeconds(59) },
        { "ChoiceWindow must be 00:01:00 to 7.00:00:00", o => o.ChoiceWindow = TimeSpan.FromDays(7) + TimeSpan.FromTicks(1) },
        { "ProviderAnswersStop must be phone numbers such as +18005550100", o => o.ProviderAnswersStop = ["18005550100"] },
        { "OwnNumbers must be phone numbers such as +18005550100, or short codes", o => o.OwnNumbers = ["12"] },
        { "OwnNumbers must be phone numbers such as +18005550100, or short codes", o => o.OwnNumbers = ["+1234567890123456"] },
        { "OwnNumbers must be phone numbers such as +18005550100, or short codes", o => o.OwnNumbers = ["12a45"] },
        { "OwnNumbers must be phone numbers such as +18005550100, or short codes", o => o.OwnNumbers = ["a2345"] },
        { "OwnNumbers must be phone numbers such as +18005550100, or short codes", o => o.OwnNumbers = ["12345", "1+345"] },
        { "ProgrammeName must be a name of 1 to 40 characters on one line", o => o.ProgrammeName = "" },
        { "ProgrammeName must be a name of 1 to 40 characters on one line", o => o.ProgrammeName = new string('n', 41) },
        { "ProgrammeName must be a name of 1 to 40 characters on one line", o => o.ProgrammeName = "Parcel\nPost" },
        { "MessagesPerMonth must be 0 to 100", o => o.MessagesPerMonth = -1 },
        { "MessagesPerMonth must be 0 to 100", o => o.MessagesPerMonth = 101 },
        { "RepliesPerHour must be 1 to 20", o => o.RepliesPerHour = 0 },
        { "RepliesPerHour must be 1 to 20", o => o.RepliesPerHour = 21 },
    };

    [Theory, MemberData(nameof(Within), DisableDiscoveryEnumeration = true)]
    public void A_setting_at_its_bound_is_taken(string what, Action<SmsOptions> set)
    {
        var options = new SmsOptions();
        set(options);
        Assert.True(Record.Exception(options.Validate) is null, what);
    }

    [Theory, MemberData(nameof(Beyond), DisableDiscoveryEnumeration = true)]
    public void A_setting_beyond_its_bound_is_refused_by_name_with_what_it_must_be(string problem, Action<SmsOptions> set)
    {
        var options = new SmsOptions();
        set(options);
        Assert.Equal($"Notifications:Sms:{problem}.", Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    [Theory]
    [InlineData("+18005550100", "STOP", true)]
    [InlineData("+18885550100", " start ", true)]
    [InlineData("+18665550100", "unstop", true)]
    [InlineData("+18005550100", "QUIT", false)]
    [InlineData("+18015550100", "STOP", false)] // Utah.
    [InlineData("+180055501000", "STOP", false)] // Not a North American number's length.
    [InlineData("+49800555010", "STOP", false)]
    [InlineData("+14155552671", "STOP", false)]
    public void R47_The_carrier_answers_stop_and_start_and_no_other_word_at_a_toll_free_number(string number, string text, bool answered)
    {
        Assert.Equal(answered, new SmsOptions { TollFreeAnswersStop = true }.AnsweredAt(number, text));
        Assert.False(new SmsOptions().AnsweredAt(number, text));
        Assert.True(new SmsOptions { ProviderAnswersStop = [number] }.AnsweredAt(number, text));
    }
}

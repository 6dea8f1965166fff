using System.Text.Json.Serialization;
using Notifications.Sending;

namespace Notifications.Sms;

/// <summary>How much a STOP stops (R45).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StopScope>))]
public enum StopScope
{
    /// <summary>Every text of ours.</summary>
    [JsonStringEnumMemberName("all")] All,

    /// <summary>Every text of ours, and the confirmation asks whether to keep one kind. Silence keeps everything stopped.</summary>
    [JsonStringEnumMemberName("clarification")] Clarification,
}

/// <summary>How conversations by text go (configuration section <c>Notifications:Sms</c>). Validated at start.</summary>
public sealed class SmsOptions
{
    /// <summary>What STOP stops. Default: everything, without asking.</summary>
    public StopScope StopScope { get; set; } = StopScope.All;

    /// <summary>How long the question of <see cref="StopScope.Clarification"/> can be answered, 1 minute to 7 days. Default 24 h.</summary>
    public TimeSpan ChoiceWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Our numbers, in international form, at which the carrier or provider answers itself whatever stops and starts (R47): we act on the
    /// words and send no second answer. Default: none; <see cref="TollFreeAnswersStop"/> says of a whole kind that it answers some.
    /// </summary>
    public string[] ProviderAnswersStop { get; set; } = [];

    /// <summary>
    /// Whether the carrier answers STOP, START and UNSTOP, and no other word, at every US toll-free number of ours (+1 800, 833, 844, 855,
    /// 866, 877 and 888). Default: false, as there is no carrier behind a laptop's inbox; on Azure true.
    /// </summary>
    public bool TollFreeAnswersStop { get; set; }

    /// <summary>
    /// Further numbers and short codes of ours beside the sender's. A text from one of them is a machine's and is never answered, and
    /// nobody is signed up at one. Default: none.
    /// </summary>
    public string[] OwnNumbers { get; set; } = [];

    /// <summary>
    /// Whether people can answer our texts; where not, each names the link to stop in place of STOP (R50). Null, the default: they can
    /// answer a number and a short code, and not a name. True is refused where <see cref="SenderOptions.SmsFrom"/> is a name.
    /// </summary>
    public bool? TwoWay { get; set; }

    /// <summary>
    /// The programme's name in HELP and in the first text (R48, R53), 1 to 40 characters. Null, the default, is "SMS alerts" in the
    /// language of the text.
    /// </summary>
    public string? ProgrammeName { get; set; }

    /// <summary>How many messages a month people are told to expect at most, 0 to 100; 0, the default, says that it varies.</summary>
    public int MessagesPerMonth { get; set; }

    /// <summary>
    /// At most this many answers to one phone within an hour, 1 to 20, so that two machines never talk for long; the one confirmation of
    /// a stop goes out all the same (R44). Default 6.
    /// </summary>
    public int RepliesPerHour { get; set; } = 6;

    /// <summary>Whether people can answer the texts of this sender.</summary>
    public bool CanAnswer(SenderOptions sender) => TwoWay ?? !sender.TextsFromName;

    /// <summary>Whether somebody before us answers a text that stops or starts at this number of ours, in international form.</summary>
    internal bool AnsweredAt(string number, string text) =>
        Array.IndexOf(ProviderAnswersStop, number) >= 0
            || (TollFreeAnswersStop && IsTollFree(number) && text.Trim().ToUpperInvariant() is "STOP" or "START" or "UNSTOP");

    private static bool IsTollFree(string number) =>
        number.Length == 12
            && number.StartsWith("+18", StringComparison.Ordinal)
            && number[3..5] is "00" or "33" or "44" or "55" or "66" or "77" or "88";

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of its bounds.</exception>
    public void Validate()
    {
        Check(Enum.IsDefined(StopScope), nameof(StopScope), "all or clarification");
        Check(
            ChoiceWindow >= TimeSpan.FromMinutes(1) && ChoiceWindow <= TimeSpan.FromDays(7), nameof(ChoiceWindow),
            "00:01:00 to 7.00:00:00");
        Check(
            Array.TrueForAll(ProviderAnswersStop, n => Addresses.PhoneNumber.TryParse(n, out var phone, out _) && phone.Value == n),
            nameof(ProviderAnswersStop), "phone numbers such as +18005550100");
        Check(
            Array.TrueForAll(
                OwnNumbers, n => n.Length is >= 3 and <= 16 && n.AsSpan(n[0] == '+' ? 1 : 0).IndexOfAnyExceptInRange('0', '9') < 0),
            nameof(OwnNumbers), "phone numbers such as +18005550100, or short codes");
        Check(
            ProgrammeName is null or { Length: > 0 and <= 40 } && !ProgrammeName.AsSpan().ContainsAny('\r', '\n'), nameof(ProgrammeName),
            "a name of 1 to 40 characters on one line");
        Check(MessagesPerMonth is >= 0 and <= 100, nameof(MessagesPerMonth), "0 to 100");
        Check(RepliesPerHour is >= 1 and <= 20, nameof(RepliesPerHour), "1 to 20");
    }

    private static void Check(bool valid, string name, string bounds)
    {
        if (!valid) throw new ArgumentException($"Notifications:Sms:{name} must be {bounds}.");
    }
}

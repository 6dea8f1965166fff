namespace Notifications.Privacy;

/// <summary>Rights of persons, and how long things are kept. Validated at start.</summary>
public sealed class PrivacyOptions
{
    /// <summary>
    /// Whom the export names where <see cref="Processors"/> is not set, as they stand in the file. A page has them in its own language.
    /// </summary>
    public const string
        Cloud = "Microsoft (Azure Communication Services): the address or phone number and the content of each message, to deliver it",
        Server = "Our own mail server: the address and the content of each message, to deliver it";

    /// <summary>
    /// Who else receives the data and what of it. Name the providers that you use, all of them; persons of every language read it as it
    /// stands here. Null, the default, is Azure Communication Services and a mail server of our own, in the person's language.
    /// </summary>
    public List<string>? Processors { get; set; }

    /// <summary>
    /// Whom the access export names (M14). What is configured stands in place of the default: an export that names others is wrong.
    /// </summary>
    internal IReadOnlyList<string> Recipients => (IReadOnlyList<string>?)Processors ?? [Cloud, Server];

    /// <summary>After how many days the record of a finished message is purged, 1 to 3,650. Default 400.</summary>
    public int MessageDays { get; set; } = 400;

    /// <summary>
    /// The same of what a message leaves besides. A letter or a text may hold somebody's STOP: however short messages are kept, an operator
    /// has a quarter of a year.
    /// </summary>
    internal int LeftoverDays => Math.Max(MessageDays, 90);

    /// <summary>After how many days an opt-in that nobody confirmed is purged (R28), 1 to 90. Default 30.</summary>
    public int UnconfirmedDays { get; set; } = 30;

    /// <summary>
    /// After how many days the record of a person's request is purged, once nothing is to be done about it, 365 to 7,300: long enough to
    /// prove that a right was answered. Default 1,095, three years.
    /// </summary>
    public int RequestDays { get; set; } = 1095;

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of its bounds.</exception>
    public void Validate()
    {
        if (MessageDays is < 1 or > 3650) throw new ArgumentException("Notifications:Privacy:MessageDays must be 1 to 3650.");
        if (UnconfirmedDays is < 1 or > 90) throw new ArgumentException("Notifications:Privacy:UnconfirmedDays must be 1 to 90.");
        if (RequestDays is < 365 or > 7300) throw new ArgumentException("Notifications:Privacy:RequestDays must be 365 to 7300.");
        if (Processors is { Count: 0 } || Recipients.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException("Notifications:Privacy:Processors must name each recipient of the data.");
    }
}

namespace Notifications.Imports;

/// <summary>
/// What a column can mean to an import. The text forms are the header of the own shape, and what a caller maps columns to.
/// </summary>
public enum ImportField
{
    /// <summary>An email address.</summary>
    Email,

    /// <summary>A phone number in international form.</summary>
    Phone,

    /// <summary>A topic's key; <c>*</c> is everything on the channel, for rows that take away.</summary>
    Topic,

    /// <summary><c>email</c> or <c>sms</c>; it must agree with the address.</summary>
    Channel,

    /// <summary>What the row says of the address; its words depend on the shape.</summary>
    Status,

    /// <summary>Where the consent was given.</summary>
    Source,

    /// <summary>Under which policy.</summary>
    PolicyVersion,

    /// <summary>In which words.</summary>
    Wording,

    /// <summary>When.</summary>
    At,

    /// <summary>From which IP address.</summary>
    Ip,

    /// <summary><c>true</c> when the consent was confirmed by a second step (double opt-in).</summary>
    Confirmed,

    /// <summary>When it was confirmed.</summary>
    ConfirmedAt,

    /// <summary>From which IP address it was confirmed.</summary>
    ConfirmedIp,

    /// <summary>Language tag.</summary>
    Locale,

    /// <summary>IANA time zone.</summary>
    TimeZone,

    /// <summary>The contact that owns the address.</summary>
    ContactId,

    /// <summary>Tags, separated by commas, semicolons or bars.</summary>
    Tags,

    /// <summary>A message log's sender.</summary>
    From,

    /// <summary>A message log's recipient.</summary>
    To,

    /// <summary>A message log's text.</summary>
    Body,

    /// <summary>A message log's direction.</summary>
    Direction,

    /// <summary>A message log's error code.</summary>
    ErrorCode,

    /// <summary>An email address or a phone number, as each row has it.</summary>
    Address,

    /// <summary>How old the person is, in years (R38).</summary>
    Age,

    /// <summary>When the person was born, such as 1990-05-01 (R38).</summary>
    BirthDate,
}

/// <summary>The text forms of <see cref="ImportField"/>.</summary>
public static class ImportFields
{
    private static readonly Dictionary<string, ImportField> ByName = new(StringComparer.OrdinalIgnoreCase);
    private static readonly string[] Names = MakeNames();

    /// <summary>How many there are.</summary>
    public static int Count => Names.Length;

    /// <summary>Those a caller can map a column to: all but a message log's own.</summary>
    public static IEnumerable<ImportField> Mappable => Enum.GetValues<ImportField>().Where(IsMappable);

    /// <summary>For example <c>policyVersion</c>.</summary>
    public static string Name(this ImportField field) => Names[(int)field];

    /// <summary>The field of a name, whatever its case; null for anything else.</summary>
    public static ImportField? Parse(string name) => ByName.TryGetValue(name, out var field) && IsMappable(field) ? field : null;

    private static bool IsMappable(ImportField field) => field is < ImportField.From or >= ImportField.Address;

    private static string[] MakeNames()
    {
        var names = Array.ConvertAll(Enum.GetNames<ImportField>(), n => char.ToLowerInvariant(n[0]) + n[1..]);
        for (var i = 0; i < names.Length; i++) ByName[names[i]] = (ImportField)i;
        return names;
    }
}

using System.Collections.Frozen;
using static Notifications.Imports.ImportField;

namespace Notifications.Imports;

/// <summary>
/// One form of file, recognised by its header: which columns it has, what they mean, and what its words for a status mean. Header names are
/// compared without regard to case.
/// </summary>
public sealed class ImportShape
{
    private readonly FrozenDictionary<string, ImportField> _columns;
    private readonly FrozenDictionary<string, ImportStatement> _words;
    private readonly string[] _needs;

    private ImportShape(
        string name, string[] needs, (string Column, ImportField Field)[] columns, ImportStatement? says = null,
        (string Word, ImportStatement Statement)[]? words = null, bool exact = false)
    {
        Name = name;
        Says = says;
        Exact = exact;
        _needs = needs;
        _columns = columns.ToFrozenDictionary(c => c.Column, c => c.Field, StringComparer.OrdinalIgnoreCase);
        _words = (words ?? []).ToFrozenDictionary(w => w.Word, w => w.Statement, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>As the API names it.</summary>
    public string Name { get; }

    /// <summary>What every row of such a file says; null where a column tells.</summary>
    public ImportStatement? Says { get; }

    /// <summary>Whether the header must have no other columns: the shape is too plain to be told by what it has.</summary>
    private bool Exact { get; }

    /// <summary>
    /// Whether it is another product's: times without an offset are then UTC, and values we cannot use (a time zone by another name) are
    /// left out.
    /// </summary>
    public bool IsForeign => this != Own;

    /// <summary>
    /// Ours (DESIGN section 7), as exports write it: any order, missing columns allowed, <c>confirmed</c>, <c>confirmedAt</c>,
    /// <c>confirmedIp</c>, <c>age</c> and <c>birthDate</c> besides, and what people call an email address.
    /// </summary>
    public static ImportShape Own { get; } = new(
        "own", [],
        [
            .. ImportFields.Mappable.Select(f => (f.Name(), f)), ("e-mail", Email), ("email address", Email), ("e-mail address", Email),
        ]);

    /// <summary>
    /// Every shape, in the order they are tried.
    /// <list type="bullet">
    /// <item>Mailchimp: an audience export is one file per status. All carry MEMBER_RATING, OPTIN_TIME, CONFIRM_TIME, LEID and EUID; the
    /// unsubscribed one adds UNSUB_TIME, the cleaned one CLEAN_TIME. https://mailchimp.com/help/view-export-contacts/ and
    /// https://mailchimp.com/help/export-field-definitions/. Times have no offset.</item>
    /// <item>listmonk: <c>uuid,email,name,attributes,status,created_at,updated_at</c>, written by its handler ExportSubscribers; status
    /// enabled, disabled or blocklisted (https://listmonk.app/docs/concepts/#subscriber). <c>created_at</c> is when the record was made,
    /// not when anybody agreed, so it is no evidence.</item>
    /// <item>Recipients: those of one of our own campaigns, as the API and the console give them. What came of a message is no word of the
    /// person's, so its status is not read.</item>
    /// <item>SendGrid: the suppression lists have the fields of https://www.twilio.com/docs/sendgrid/api-reference/bounces-api (status,
    /// reason, email, created), spam-reports-api (ip, email, created), invalid-emails-api (reason, email, created) and
    /// suppressions-global-suppressions (email, created); contacts those of
    /// https://www.twilio.com/docs/sendgrid/api-reference/contacts/export-contacts. The list of blocks has the fields of bounces; SendGrid
    /// itself goes on sending to those.</item>
    /// <item>Twilio: consents have the fields of https://www.twilio.com/docs/messaging/features/consent-api; a message log those of
    /// https://www.twilio.com/docs/messaging/api/message-resource, in which an inbound STOP and error 21610
    /// (https://www.twilio.com/docs/api/errors/21610) each tell of an opt-out.</item>
    /// </list>
    /// </summary>
    public static IReadOnlyList<ImportShape> All { get; } =
    [
        Mailchimp("mailchimp-unsubscribed", "UNSUB_TIME", ImportStatement.Unsubscribed, ("UNSUB_TIME", At)),
        Mailchimp("mailchimp-cleaned", "CLEAN_TIME", ImportStatement.Bounced, ("CLEAN_TIME", At)),
        Mailchimp(
            "mailchimp-subscribed", "MEMBER_RATING", ImportStatement.Subscribed, ("OPTIN_TIME", At), ("OPTIN_IP", Ip),
            ("CONFIRM_TIME", ConfirmedAt), ("CONFIRM_IP", ConfirmedIp)),
        new("listmonk", ["uuid", "email", "status", "attributes"], [("email", Email), ("status", Status)], words:
            [
                ("enabled", ImportStatement.Subscribed), ("disabled", ImportStatement.Unsubscribed),
                ("blocklisted", ImportStatement.Suppressed), ("blacklisted", ImportStatement.Suppressed),
            ]),
        new("twilio-consents", ["contact_id", "status"],
            [("contact_id", Phone), ("status", Status), ("source", Source), ("date_of_consent", At)], words:
                [
                    ("opt-in", ImportStatement.Subscribed), ("opt-out", ImportStatement.Unsubscribed),
                    ("re-opt-in", ImportStatement.Subscribed),
                ]),
        new("twilio-messages", ["From", "To", "Body"],
            [
                ("From", From), ("To", To), ("Body", Body), ("Direction", Direction), ("ErrorCode", ErrorCode), ("error_code", ErrorCode),
                ("SentDate", At), ("DateSent", At), ("date_sent", At),
            ]),
        new("sendgrid-bounces", ["status", "reason", "email", "created"], [("email", Email), ("created", At)], ImportStatement.Bounced,
            exact: true),
        new("sendgrid-spam-reports", ["ip", "email", "created"], [("email", Email), ("created", At)], ImportStatement.Complained,
            exact: true),
        new("sendgrid-invalid", ["reason", "email", "created"], [("email", Email), ("created", At)], ImportStatement.Invalid, exact: true),
        new("sendgrid-unsubscribes", ["email", "created"], [("email", Email), ("created", At)], ImportStatement.Unsubscribed, exact: true),
        new("recipients", ["messageId", "address", "status", "reason"], [("address", Address)], ImportStatement.Subscribed),
        new("sendgrid-contacts", ["EMAIL", "FIRST_NAME", "LAST_NAME"], [("EMAIL", Email)], ImportStatement.Subscribed),
        Own,
    ];

    /// <summary>The shape of that name, or null.</summary>
    public static ImportShape? Find(string name)
    {
        foreach (var shape in All)
            if (shape.Name == name) return shape;
        return null;
    }

    /// <summary>The shape of a file with this header; <see cref="Own"/> where it is none of the others'.</summary>
    public static ImportShape Recognise(IReadOnlyList<string> header)
    {
        var names = new HashSet<string>(header, StringComparer.OrdinalIgnoreCase);
        foreach (var shape in All)
        {
            if (shape == Own) break;
            if ((!shape.Exact || names.Count == shape._needs.Length) && Array.TrueForAll(shape._needs, names.Contains)) return shape;
        }

        return Own;
    }

    /// <summary>What a column means; null for one that this shape does not use.</summary>
    public ImportField? Meaning(string column) => _columns.TryGetValue(column, out var field) ? field : null;

    /// <summary>
    /// What a word in the status column means; null for one this shape does not have. Our own words are understood in every shape.
    /// </summary>
    public ImportStatement? Statement(string word) =>
        _words.TryGetValue(word, out var statement) ? statement : ImportStatements.Parse(word);

    /// <summary>The words of the status column, for error messages.</summary>
    public string Words => _words.Count == 0
        ? ImportStatements.Known
        : $"{string.Join(", ", _words.Keys.Order(StringComparer.Ordinal))}, or {ImportStatements.Known}";

    private static ImportShape Mailchimp(string name, string mark, ImportStatement says, params (string, ImportField)[] more) =>
        new(name, ["Email Address", mark], [("Email Address", Email), ("TIMEZONE", ImportField.TimeZone), ("TAGS", Tags), .. more], says);
}

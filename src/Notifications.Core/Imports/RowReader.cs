using System.Globalization;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Sms;

namespace Notifications.Imports;

/// <summary>
/// Reads the cells of a row into what they say, or into everything that is wrong with them. What lowers is rejected for its address, its
/// status or its topic only: any other cell that cannot be read is passed over (P6).
/// </summary>
internal sealed class RowReader
{

    private readonly ImportMapping _mapping;
    private readonly ImportSettings _settings;
    private readonly ImportShape _shape;
    private readonly TopicCatalog _topics;
    private readonly KeyRing _ring;
    private readonly OurAddresses _ours;
    private readonly DateTimeOffset _received;
    private readonly int[] _at = new int[ImportFields.Count];

    /// <summary>For one file, which came in at <paramref name="received"/>: nothing that it tells of can have happened later.</summary>
    public RowReader(
        ImportMapping mapping, ImportSettings settings, TopicCatalog topics, KeyRing ring, OurAddresses ours, DateTimeOffset received)
    {
        (_mapping, _settings, _topics, _ring, _ours, _received) = (mapping, settings, topics, ring, ours, received);
        _shape = ImportShape.Find(mapping.Shape) ?? ImportShape.Own;
        for (var i = 0; i < _at.Length; i++) _at[i] = Array.IndexOf(mapping.Columns, (ImportField)i);
    }

    /// <summary>
    /// The row, or null where it is rejected; why, and what was passed over, is added to <paramref name="errors"/>.
    /// </summary>
    public ImportRow? Read(CsvRow row, List<RowError> errors)
    {
        if (row.Cells is not { } cells)
        {
            errors.Add(new RowError(
                row.Number, "", "has a quote where none may stand: put the whole cell in quotes, and write a quote within it twice"));
            return null;
        }

        if (cells.Length > _mapping.Header.Length)
        {
            errors.Add(new RowError(
                row.Number, "",
                $"has {cells.Length} cells where the header has {_mapping.Header.Length}: put a cell that holds the separator in quotes"));
            return null;
        }

        var reading = new Reading(this, row.Number, cells, errors);
        return _shape.Name == "twilio-messages" && _at[(int)ImportField.Email] < 0 && _at[(int)ImportField.Phone] < 0
            ? reading.MessageLog()
            : reading.Row();
    }

    /// <summary>One row being read.</summary>
    private struct Reading(RowReader file, long number, string[] cells, List<RowError> errors)
    {
        private bool _lowers;
        private bool _rejected;

        public ImportRow? Row()
        {
            var says = ReadStatement();
            _lowers = says?.Lowers() == true;
            var address = ReadAddress(out var column);
            var topic = ReadTopic(says);
            var confirmedAt = ReadTime(ImportField.ConfirmedAt, says);
            var at = ReadTime(ImportField.At, says);
            var stated = at ?? (_lowers && Cell(ImportField.At) is not null ? null : confirmedAt);
            var confirmed = ReadConfirmed() ?? (confirmedAt is null ? null : true);
            var source = Text(ImportField.Source, 100) ?? file._settings.Source;
            var policy = Text(ImportField.PolicyVersion, 64) ?? file._settings.PolicyVersion;
            var wording = Text(ImportField.Wording, 4000) ?? file._settings.Wording;
            var ip = ReadIp(ImportField.ConfirmedIp) ?? ReadIp(ImportField.Ip);
            var locale = ReadLocale();
            var zone = ReadTimeZone();
            var contact = ReadContact();
            var tags = ReadTags();
            var child = IsChild();
            if (_rejected || address is not { } whose || says is not { } statement) return null;
            return new ImportRow
            {
                Number = number,
                Address = whose, Column = column, Key = file._ring.KeyOf(whose), Says = statement, Topic = topic, Source = source,
                PolicyVersion = policy, Wording = wording, At = Counts(stated), StatedAt = stated,
                Ip = ip, Confirmed = confirmed, Locale = child ? null : locale, TimeZone = child ? null : zone,
                ContactId = child ? null : contact, Tags = child ? [] : tags,
            };
        }

        /// <summary>
        /// An inbound STOP is its sender's opt-out, and so is what may be one, as nobody reads it here; error 21610 says that the
        /// recipient had sent one before.
        /// </summary>
        public ImportRow? MessageLog()
        {
            var stopped = Cell(ImportField.ErrorCode) == "21610";
            var inbound = Cell(ImportField.Direction) is { } direction
                && direction.StartsWith("inbound", StringComparison.OrdinalIgnoreCase);
            if (inbound) stopped = SmsKeyword.Read(Cell(ImportField.Body) ?? "").Intent is SmsIntent.Stop or SmsIntent.Unsure;
            var field = inbound ? ImportField.From : ImportField.To;
            _lowers = stopped;
            var at = stopped ? ReadTime(ImportField.At, ImportStatement.Unsubscribed) : null;
            if (!PhoneNumber.TryParse(Cell(field), out var phone, out var problem) && stopped) Wrong(field, problem);
            if (_rejected) return null;
            var whose = stopped ? Address.Of(phone) : default;
            return new ImportRow
            {
                Number = number,
                Address = whose,
                Key = stopped ? file._ring.KeyOf(whose) : default,
                Column = field,
                Says = stopped ? ImportStatement.Unsubscribed : ImportStatement.Nothing,
                Topic = stopped ? file._topics.Find(file._settings.Topic) : null,
                At = Counts(at),
                StatedAt = at,
            };
        }

        private Address? ReadAddress(out ImportField column)
        {
            // A column of either kind tells by itself which it holds.
            var either = Cell(ImportField.Address);
            var isEmail = either is not null && Address.ChannelOf(either) == Channel.Email;
            var email = Cell(ImportField.Email) ?? (isEmail ? either : null);
            var phone = Cell(ImportField.Phone) ?? (isEmail ? null : either);
            column = ImportField.Email;
            Channel? channel = null;
            if (Cell(ImportField.Channel) is { } named && (channel = ChannelNames.Parse(named)) is null)
                Wrong(ImportField.Channel, "must be email or sms");
            if (email is not null && phone is not null) channel ??= file._settings.Channel;
            if (email is not null && phone is not null && channel is null)
            {
                Wrong(
                    ImportField.Phone,
                    "stands beside an email address: say with channel which of them the row is about, or write a row for each");
                return null;
            }

            var of = channel
                ?? (email is not null
                    ? Channel.Email
                    : phone is not null
                        ? Channel.Sms
                        : file._at[(int)ImportField.Phone] < 0 ? Channel.Email : file._at[(int)ImportField.Email] < 0 ? Channel.Sms : null);
            if (of is not { } actual)
            {
                Wrong(ImportField.Email, "or phone is required");
                return null;
            }

            column = actual == Channel.Email ? ImportField.Email : ImportField.Phone;
            if (file._at[(int)ImportField.Address] >= 0 && Cell(column) is null) column = ImportField.Address;
            var text = actual == Channel.Email ? email : phone;
            if (text is null) Wrong(column, "is required");
            else if (!Address.TryParse(actual, text, out var address, out var problem)) Wrong(column, problem);
            else if (!_lowers && file._ours.Has(address)) Wrong(column, OurAddresses.Problem);
            else return address;
            return null;
        }

        private ImportStatement? ReadStatement()
        {
            // Another product's file says one thing throughout, unless the caller names the column that tells.
            var settings = file._settings;
            var fixedWord = file._shape.IsForeign
                ? settings.Status ?? (settings.Columns.ContainsKey(ImportField.Status) ? null : file._shape.Says)
                : null;
            var word = fixedWord is null ? Cell(ImportField.Status) : null;
            var says = fixedWord ?? (word is null ? settings.Status ?? Unsaid() : file._shape.Statement(word));
            if (settings.SuppressionsOnly)
                return says is ImportStatement.Bounced or ImportStatement.Complained or ImportStatement.Invalid
                    ? says
                    : ImportStatement.Suppressed;
            if (says is null)
                Wrong(
                    ImportField.Status,
                    word is null
                        ? "is empty: write what the row says (in the API with ?status= for every row without a word)"
                        : "must be " + file._shape.Words);
            return says;
        }

        // A list in which no row has a word is one of people who agreed. Beside the words of others, none is no consent.
        private readonly ImportStatement? Unsaid() => file._at[(int)ImportField.Status] < 0 ? ImportStatement.Subscribed : null;

        private Topic? ReadTopic(ImportStatement? says)
        {
            var key = Cell(ImportField.Topic)?.ToLowerInvariant() ?? file._settings.Topic;
            if (says is not (ImportStatement.Subscribed or ImportStatement.Pending or ImportStatement.Unsubscribed)) return null;
            if (says == ImportStatement.Unsubscribed && (key is null or LedgerDraft.AllTopics)) return null;
            if (file._topics.Find(key) is { } topic) return topic;
            // Where the address has a subscription of it, the row lowers that (P6).
            if (says == ImportStatement.Unsubscribed && TopicKey.IsValid(key)) return Topic.Gone(key!);
            Wrong(
                ImportField.Topic,
                key is null
                    ? "is required: give it in each row, or for all rows beside the file (in the API with ?topic=)"
                    : $"must be one of {file._topics.Known}");
            return null;
        }

        /// <summary>
        /// Whether an age under 18 is stated. Such a row may only lower, and nothing else of it is kept (R38); what lowers is taken
        /// whatever stands there (P6).
        /// </summary>
        private bool IsChild()
        {
            var byAge = Cell(ImportField.Age) is { } years ? Age.IsUnder(years) : false;
            var byBirth = Cell(ImportField.BirthDate) is { } born ? Age.IsUnder(born, file._received) : false;
            if (!_lowers)
            {
                if (byAge != false) Wrong(ImportField.Age, byAge is null ? Age.YearsRule : Age.Refusal);
                if (byBirth != false) Wrong(ImportField.BirthDate, byBirth is null ? Age.DateRule : Age.Refusal);
            }

            return byAge == true || byBirth == true;
        }

        private DateTimeOffset? ReadTime(ImportField field, ImportStatement? says)
        {
            if (Cell(field) is not { } text) return null;
            if (!Times.TryParse(text, zoneless: file._shape.IsForeign, out var time))
                Wrong(field, "must be a time in RFC 3339 form such as 2026-11-24T09:30:00Z");
            else if ((says == ImportStatement.Subscribed || (_lowers && time < Clock.Earliest))
                && Clock.Problem(time, file._received) is { } problem)
                Wrong(field, problem);
            else return time;
            return null;
        }

        /// <summary>
        /// When it counts as said. What lies ahead of when the file came was written by a clock that runs ahead: an opt-in counts as
        /// <see cref="Clock.Counted"/> says; whatever lowers counts from when the file came, and so it does where a time that stands there
        /// cannot be read.
        /// </summary>
        private readonly DateTimeOffset? Counts(DateTimeOffset? stated)
        {
            if (_lowers)
                return stated > file._received || (stated is null && (Cell(ImportField.At) ?? Cell(ImportField.ConfirmedAt)) is not null)
                    ? file._received
                    : stated;
            return stated is { } at ? Clock.Counted(at, file._received) : null;
        }

        private bool? ReadConfirmed()
        {
            if (Cell(ImportField.Confirmed) is not { } text) return null;
            if (bool.TryParse(text, out var confirmed)) return confirmed;
            Wrong(ImportField.Confirmed, "must be true or false");
            return null;
        }

        private string? ReadIp(ImportField field)
        {
            if (Cell(field) is not { } text) return null;
            if (IpText.IsValid(text)) return text;
            Wrong(field, "must be an IP address");
            return null;
        }

        private string? ReadLocale()
        {
            if (Cell(ImportField.Locale) is not { } text) return null;
            if (LanguageTag.IsValid(text)) return text;
            Wrong(ImportField.Locale, "must be a language tag such as en or pt-BR");
            return null;
        }

        private string? ReadTimeZone()
        {
            if (Cell(ImportField.TimeZone) is not { } text) return null;
            if (ZoneName.IsValid(text)) return text;
            if (!file._shape.IsForeign) Wrong(ImportField.TimeZone, "must be an IANA time zone such as Europe/Lisbon");
            return null;
        }

        private string? ReadContact()
        {
            if (Text(ImportField.ContactId, 64) is not { } text) return null;
            if (ContactId.IsValid(text)) return text;
            Wrong(ImportField.ContactId, ContactId.Rule);
            return null;
        }

        private string[] ReadTags()
        {
            if (Text(ImportField.Tags, 4000) is not { } text) return file._settings.Tags;
            var tags = new List<string>(file._settings.Tags);
            foreach (var part in text.Split([',', ';', '|'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (Addresses.Tags.Given(part.Trim('"', ' ')) is not { } tag)
                    Wrong(
                        ImportField.Tags,
                        "must be tags of 1 to 64 characters without quotation marks, separated by commas, semicolons or bars");
                else if (!tags.Contains(tag)) tags.Add(tag);
            }

            if (tags.Count > Tags.Most) Wrong(ImportField.Tags, $"must be at most {Addresses.Tags.Most} tags");
            return [.. tags.Take(Tags.Most)];
        }

        private string? Text(ImportField field, int max)
        {
            if (Cell(field) is not { } text) return null;
            if (Formula.Is(cells[file._at[(int)field]]))
                Wrong(field, "begins like a spreadsheet formula; put a ' in front if it is meant as text");
            else if (text.Length > max) Wrong(field, $"must have at most {max} characters");
            else if (FreeText.HasControls(text)) Wrong(field, "must not contain control characters");
            else return text;
            return null;
        }

        private readonly string? Cell(ImportField field)
        {
            var at = file._at[(int)field];
            if (at < 0 || at >= cells.Length || string.IsNullOrWhiteSpace(cells[at])) return null;
            var text = Formula.Unescape(cells[at]).Trim();
            return text.Length == 0 ? null : text;
        }

        private void Wrong(ImportField field, string problem)
        {
            var passes = _lowers && field is not (ImportField.Email or ImportField.Phone or ImportField.Address
                or ImportField.From or ImportField.To or ImportField.Topic);
            _rejected |= !passes;
            errors.Add(new RowError(number, file._mapping.ColumnOf(field), passes ? "was passed over: it " + problem : problem));
        }
    }
}

using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Imports;
using Notifications.Web.Http;

namespace Notifications.Web.Imports;

/// <summary>Reads how a file is to be imported from the query.</summary>
internal static class ImportSettingsInput
{
    private static readonly string[] Modes = ["import", "validate"], Reactions = ["reject", "abort"], Kinds = ["contacts", "suppressions"];

    /// <summary>The parameters, for the API's description.</summary>
    public static readonly QueryParameter[] Query =
    [
        new("mode", "`import` (default), or `validate` to write nothing and only say what would become of each row.") { Words = Modes },
        new("onError", "`reject` (default) leaves rows in error out, one by one; `abort` imports nothing when any row is in error.")
        {
            Words = Reactions,
        },
        new("kind", "`contacts` (default), or `suppressions`: every row is a block, whatever its status says.") { Words = Kinds },
        ("topic", "The topic of rows without one. Unsubscribed rows without any stop everything on the channel."),
        ("channel", "What rows with both an email address and a phone number are about: email or sms."),
        new("status", "The status of rows without one, and of every row of another product's file. Without it a row whose status is empty is rejected; where no column has it, every row is subscribed.")
        {
            Words = [.. EnumWord.All<ImportStatement>().Where(word => ImportStatements.Parse(word) is not null)],
        },
        ("source", "Where consent was given, for rows that do not say it."),
        ("policyVersion", "The policy version consent was given under, for rows that do not say it."),
        ("wording", "The words agreed to, for rows that do not say them."),
        ("tags", "Tags for every address, separated by commas."),
        .. ImportFields.Mappable.Select(f => ("map." + f.Name(), $"The name of the file's column that holds {f.Name()}. Letters of another case count where none has these.")),
    ];

    public static ImportSettings Read(HttpContext http, FieldErrors errors, TopicCatalog topics)
    {
        var query = http.Request.Query;
        var columns = new Dictionary<ImportField, string>();
        foreach (var (name, value) in query)
        {
            if (!name.StartsWith("map.", StringComparison.Ordinal))
            {
                if (!Array.Exists(Query, known => known.Name == name)) errors.Add(RequestBody.Short(name), "is not a known parameter");
                continue;
            }

            if (ImportFields.Parse(name[4..]) is not { } field)
                errors.Add(
                    RequestBody.Short(name), $"must be map. and one of {string.Join(", ", ImportFields.Mappable.Select(f => f.Name()))}");
            else if (errors.Required(name, value, 200) is { } column) columns[field] = column;
        }

        var topic = Text("topic", 32);
        if (topic is not null and not LedgerDraft.AllTopics && topics.Find(topic) is null)
            errors.Add("topic", $"must be one of {topics.Known}");
        var word = Text("status", 32);
        var status = ImportStatements.Parse(word);
        if (word is not null && status is null) errors.Add("status", "must be " + ImportStatements.Known);
        var named = Text("channel", 32);
        var channel = ChannelNames.Parse(named);
        if (named is not null && channel is null) errors.Add("channel", "must be email or sms");
        var tags = (Text("tags", 1000) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (tags.Length > 50 || tags.Any(t => Tags.Given(t) is null))
            errors.Add("tags", "must be at most 50 tags of 1 to 64 characters without semicolons, bars and quotation marks, separated by commas");
        return new ImportSettings
        {
            ValidateOnly = IsSecond("mode", Modes),
            AbortOnError = IsSecond("onError", Reactions),
            SuppressionsOnly = IsSecond("kind", Kinds),
            Topic = topic,
            Channel = channel, Status = status, Source = Text("source", 100), PolicyVersion = Text("policyVersion", 64),
            Wording = Text("wording", 4000),
            Tags = [.. tags.Select(t => t.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)], Columns = columns,
        };

        string? Text(string name, int max) => query.TryGetValue(name, out var value) ? errors.Optional(name, value.ToString(), max) : null;

        bool IsSecond(string name, string[] words)
        {
            var value = Text(name, 32);
            if (value is not null && Array.IndexOf(words, value) < 0) errors.Add(name, "must be " + string.Join(" or ", words));
            return value == words[1];
        }
    }
}

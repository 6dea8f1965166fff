using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Imports;
using Notifications.Web.Http;

namespace Notifications.Web.Imports;

/// <summary>Gives everything out as CSV that an import takes in again. Each is in the audit (M16).</summary>
internal sealed class ExportEndpoints(Exporter exporter, TopicCatalog topics, AuditLog audit) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "GET", "/v1/exports/preferences.csv", Scope.Contacts, PreferencesAsync,
            new("What every address said of each topic, as CSV", null, (200, null))
            {
                Description = "The shape that imports take: importing it again changes nothing. confirmed is true where the person confirmed, and empty elsewhere. What holds a person back besides is not in it: who is blocked (suppressions.csv), restricted or has a disabled account stands in it by what they said. Cells that a spreadsheet would run as a formula have a ' in front. " + CsvAnswer.LastRecord,
                Gives = ApiDoc.Csv,
                Query = [("topic", "Only this topic."), ("channel", "Only email or sms.")],
            });
        routes.MapApi(
            "GET", "/v1/exports/suppressions.csv", Scope.Contacts, SuppressionsAsync,
            new("Every blocked address, as CSV", null, (200, null))
            {
                Description = "Erased persons are not in it: their addresses are not known any more. " + CsvAnswer.LastRecord,
                Gives = ApiDoc.Csv,
                Query = [("channel", "Only email or sms.")],
            });
    }

    private async ValueTask<IResult> PreferencesAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var channel = ReadChannel(http, errors);
        string? topic = http.Request.Query.TryGetValue("topic", out var text) ? text.ToString() : null;
        if (topic is not null && topics.Find(topic) is null) errors.Add("topic", $"must be one of {topics.Known}");
        if (errors.Any) return errors.Answer();
        await NoteAsync(http, "preferences");
        return new CsvAnswer("preferences.csv", exporter.PreferencesAsync(topic, channel, http.RequestAborted));
    }

    private async ValueTask<IResult> SuppressionsAsync(HttpContext http)
    {
        var errors = new FieldErrors();
        var channel = ReadChannel(http, errors);
        if (errors.Any) return errors.Answer();
        await NoteAsync(http, "suppressions");
        return new CsvAnswer("suppressions.csv", exporter.SuppressionsAsync(channel, http.RequestAborted));
    }

    // Before the first line goes out. A HEAD gives nothing away.
    private async ValueTask NoteAsync(HttpContext http, string what)
    {
        if (!HttpMethods.IsHead(http.Request.Method)) await audit.WriteAsync(http.Actor(), "export", what, null, null, http.RequestAborted);
    }

    private static Channel? ReadChannel(HttpContext http, FieldErrors errors)
    {
        if (!http.Request.Query.TryGetValue("channel", out var text)) return null;
        if (ChannelNames.Parse(text.ToString()) is { } channel) return channel;
        errors.Add("channel", "must be email or sms");
        return null;
    }
}

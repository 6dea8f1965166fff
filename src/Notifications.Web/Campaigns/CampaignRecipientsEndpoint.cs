using System.Runtime.CompilerServices;
using System.Text;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Imports;
using Notifications.Sending;
using Notifications.Web.Http;
using Notifications.Web.Imports;

namespace Notifications.Web.Campaigns;

/// <summary>A page of recipients, in the order of their batches.</summary>
/// <param name="Recipients">The recipients.</param>
/// <param name="Next">What <c>after</c> is for the next page; left out on the last one.</param>
internal sealed record RecipientList(IReadOnlyList<CampaignRecipient> Recipients, string? Next) : Listed;

/// <summary>
/// Who a campaign has selected and what has come of each: a page as JSON, or all of them as a CSV stream. Whole addresses only for who may
/// look people up.
/// </summary>
internal static class CampaignRecipientsEndpoint
{
    private const int Page = 1000;

    public static void Map(IEndpointRouteBuilder routes, CampaignDesk desk)
    {
        RequestDelegate run = http => RunAsync(http, desk);
        routes.MapMethods("/v1/campaigns/{id}/recipients", Verbs.Read, run).Needs(Scope.Campaigns).WithMetadata(
            new ApiDoc("Its recipients and what has come of each", null, (200, typeof(RecipientList)))
            {
                Description = "Addresses are masked unless the key has the scope privacy or contacts too. With Accept: text/csv all of them, streamed, which stands in the audit; what a spreadsheet would take for a formula, as every phone number and an id that begins with a hyphen, has an apostrophe before it, which imports and the console take off again from an address. The reason of somebody of whom nothing is decided yet is null, or empty. subject counts from 0 in both, as chosen of the campaign does. " + CsvAnswer.LastRecord,
                AlsoGives = ApiDoc.Csv,
                Query =
                [
                    new(
                        "status",
                        "Only messages that stand there; sent, as in the numbers, are also those that were delivered or bounced since.")
                    {
                        Words = EnumWord.All<MessageStatus>(),
                    },
                    new("reason", "Only those with this reason.") { Words = EnumWord.All<Reason>() }, .. Api.Paging,
                ],
            },
            run.Method);
    }

    private static async Task RunAsync(HttpContext http, CampaignDesk desk)
    {
        var errors = new FieldErrors();
        var limit = Paging.Limit(http, errors);
        var status = Inputs.Word<MessageStatus>(http, errors, "status");
        var reason = Inputs.Word<Reason>(http, errors, "reason");
        var after = Paging.After(http, errors, CampaignRecipients.IsPosition);
        if (errors.Any)
        {
            await errors.Answer().ExecuteAsync(http);
            return;
        }

        if (await desk.FindAsync(http.Id(), http.RequestAborted) is not { } campaign)
        {
            await CampaignEndpoints.NotFound().ExecuteAsync(http);
            return;
        }

        var name = Naming(http.Key(), campaign.Definition.Channel);
        if (PrefersCsv(http.Request))
        {
            // A HEAD takes nothing.
            if (!HttpMethods.IsHead(http.Request.Method))
                await desk.NoteExportAsync(campaign.Id, status, reason, http.Actor(), CancellationToken.None);
            await new CsvAnswer(
                $"campaign-{campaign.Id}.csv", CsvAsync(desk, campaign.Id, status, reason, name, http.RequestAborted)).ExecuteAsync(http);
        }
        else
        {
            await Api.ListAsync(http, _ => PageAsync(desk, campaign.Id, status, reason, after, limit, name, http.RequestAborted));
        }
    }

    private static async ValueTask<Answer> PageAsync(
        CampaignDesk desk, string id, MessageStatus? status, Reason? reason, string? after, int limit, Func<string?, string> name,
        CancellationToken cancel) =>
        await desk.RecipientsAsync(id, status, reason, after, limit, cancel) is { } page
            ? Answer.Json(
                new RecipientList(
                    [.. page.Recipients.Select(r => r with { Address = r.Address is null ? null : name(r.Address) })], page.Next),
                WebJson.Default.RecipientList)
            : CampaignEndpoints.NotFound();

    /// <summary>
    /// Whether CSV is asked for, and JSON not rather (RFC 9110 section 12.5.1). All of it is given out only to who names its type.
    /// </summary>
    private static bool PrefersCsv(HttpRequest request)
    {
        if (request.GetTypedHeaders().Accept is not { } accept) return false;
        double? Of(string type)
        {
            var named = accept.FirstOrDefault(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase));
            return named is null ? null : named.Quality ?? 1;
        }

        return Of(ApiDoc.Csv) is > 0 and var csv && csv >= (Of(ApiDoc.Json) ?? Of("application/*") ?? Of("*/*") ?? 0);
    }

    private static Func<string?, string> Naming(ApiKey key, Channel channel) =>
        key.May(Scope.Privacy) || key.May(Scope.Contacts)
            ? address => address ?? ""
            : address => address is null ? "" : new Address(channel, address).Masked();

    /// <summary>
    /// All of them as CSV, a page at a time. <paramref name="name"/> writes an address, or what stands for one that is not known any more.
    /// </summary>
    internal static async IAsyncEnumerable<ReadOnlyMemory<byte>> CsvAsync(
        CampaignDesk desk, string id, MessageStatus? status, Reason? reason, Func<string?, string> name,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        yield return "messageId,address,status,reason,subject,complained,unsubscribed,opened,clicked\r\n"u8.ToArray();
        string? after = null;
        do
        {
            if (await desk.RecipientsAsync(id, status, reason, after, Page, cancel) is not { } page) yield break;
            yield return Encoding.UTF8.GetBytes(Lines(page, name));
            after = page.Next;
        }
        while (after is not null);
    }

    private static string Lines(RecipientPage page, Func<string?, string> name)
    {
        var lines = new StringBuilder();
        foreach (var r in page.Recipients)
        {
            lines.Append(Cell(r.MessageId))
                .Append(',')
                .Append(Cell(name(r.Address)))
                .Append(',')
                .Append(r.Status.ToString().ToLowerInvariant())
                .Append(',')
                .Append(r.Reason?.Name())
                .Append(',')
                .Append(r.Subject)
                .Append(',')
                .Append(Flag(r.Complained))
                .Append(',')
                .Append(Flag(r.Unsubscribed))
                .Append(',')
                .Append(Flag(r.Opened))
                .Append(',')
                .Append(Flag(r.Clicked))
                .Append("\r\n");
        }

        return lines.ToString();
    }

    private static string Flag(bool set) => set ? "true" : "false";

    /// <summary>A cell that no spreadsheet takes for a formula, quoted where RFC 4180 wants it.</summary>
    internal static string Cell(string text)
    {
        text = Formula.Escape(text);
        return text.AsSpan().ContainsAny("\",\r\n")
            ? string.Concat("\"", text.Replace("\"", "\"\"", StringComparison.Ordinal), "\"")
            : text;
    }
}

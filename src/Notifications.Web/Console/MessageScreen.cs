using Notifications.Access;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>One message: what happened to it, and the receipt of its decision.</summary>
internal sealed class MessageScreen(AddressBook book, MessageReader messages, TopicCatalog topics, PrivacyOptions privacy)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapScreen("/console/people/{key}/messages/{suffix}", Scope.Privacy, MessageAsync);

    private async ValueTask<IResult> MessageAsync(HttpContext http)
    {
        if (!MessageId.TryParse($"{http.Request.RouteValues["key"]}.{http.Request.RouteValues["suffix"]}", out var id)
            || await messages.FindAsync(id, http.RequestAborted) is not { } record)
        {
            return ConsolePage.Missing("There is no message of this id.");
        }

        var (state, _) = await book.LoadAsync(id.Address, http.RequestAborted);
        var why = Explainer.Words(record, privacy);
        var receipt = record.Receipt;
        return new ConsolePage("Message", Html.Of($"""
            <p><a href="{Parts.Person(id.Address)}">{(state?.Address is { } whose ? Parts.Address(whose.Value) : Html.Of($"The address"))}</a></p>
            <h1>{(record.IsKnown ? topics.Find(record.Topic)?.Name ?? record.Topic : "A message")} {Status(record.Status)}</h1>
            <p class="lead">{why}</p>
            {Parts.Facts(("Purpose", Html.Of($"{RecordWords.Of(record.Purpose)}")), ("Channel", Html.Of($"{Parts.Spoken(record.Channel)}")), ("Template", Html.Of($"{record.Template}")), ("Package", Html.Of($"{record.TrackingNumber}")), ("Queued by", Html.Of($"{record.Client}")), ("Waits until", record.DueAt is { } due ? Parts.Time(due) : Html.None), ("Message", Id(id.ToString())), ("The provider’s id", Id(record.ProviderId)))}
            <h2>What happened</h2>
            {(record.Timeline.Length == 0 ? Html.Of($"<p class=\"empty\">Nothing yet.</p>") : Html.Of($"<ol class=\"timeline\">{Html.Join(record.Timeline.Select(e => Html.Of($"<li>{Parts.Time(e.At)} <strong>{RecordWords.Happening(e.Event)}</strong>{(e.Detail is null ? Html.None : Html.Of($"<span class=\"dim\">{e.Detail}</span>"))}</li>\n")))}</ol>"))}
            <h2>The decision’s receipt</h2>
            {(receipt is null ? Html.Of($"<p class=\"empty\">Nothing is decided yet.</p>") : Html.Of($"""
            {Parts.Facts(("Decided", Parts.Time(receipt.At)), ("Ledger entry", Html.Of($"{Parts.Number(receipt.LedgerSeq)}")), ("Its hash", Parts.Short(receipt.LedgerHash)), ("Policy version", Html.Of($"{receipt.PolicyVersion}")))}
            {Rules(receipt.Rules())}
            """))}
            """));
    }

    /// <summary>What each rule said.</summary>
    public static Html Rules(IEnumerable<(string Rule, Reason Result)> rules) =>
        Parts.Table(
            "Rules", ["Rule", "Result", "In records"],
            rules.Select(
                r => (Html[])[
                    Html.Of($"{RecordWords.Rule(r.Rule)}"),
                    r.Result == Reason.Allowed ? Parts.Badge("passed", "good") : Parts.Badge(ReasonWords.Of(r.Result), "warn"),
                    Parts.Code(r.Rule),
                ]),
            "");

    /// <summary>A message's status as a coloured word.</summary>
    public static Html Status(MessageStatus status) => Parts.Badge(Parts.Word(status), status switch
    {
        MessageStatus.Sent or MessageStatus.Delivered => "good",
        MessageStatus.Bounced or MessageStatus.Failed => "bad",
        MessageStatus.Unknown or MessageStatus.Deferred => "warn",
        _ => "",
    });

    // Too long for a column: it has a line of its own.
    private static Html Id(string? id) => id is null ? Html.None : Html.Of($"<span class=\"wide\">{Parts.Code(id)}</span>");
}

using System.Text;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Web.Http;
using Notifications.Web.Pages;
using Notifications.Web.Privacy;

namespace Notifications.Web.Console;

/// <summary>The rights of persons with their clocks (R31): recorded, carried out, answered, extended with notice.</summary>
internal sealed class RequestScreen(
    PrivacyDesk desk, PersonHtml readable, OurAddresses ours, PrivacyOptions options, TimeProvider time)
{
    private const int PageSize = 50;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapScreen("/console/requests", Scope.Privacy, http => ListAsync(http, null));
        routes.MapAct(
            "/console/requests", Scope.Privacy, OpenAsync, ask: AskAsync, leave: (http, form) => ListAsync(http, form));
        routes.MapScreen(
            "/console/requests/{id}", Scope.Privacy,
            async http => await FindAsync(http) is { } request ? Page(http, request) : Unknown());
        routes.MapAct(
            "/console/requests/{id}/extend", Scope.Privacy, (http, form) => TellAsync(http, form, "extend", desk.ExtendAsync, "extended"));
        routes.MapAct(
            "/console/requests/{id}/complete", Scope.Privacy,
            (http, form) => TellAsync(http, form, "complete", desk.CompleteAsync, "answered"));
        routes.MapAct(
            "/console/requests/{id}/lift", Scope.Privacy, (http, form) => TellAsync(http, form, "lift", desk.LiftAsync, "unrestricted"));
        routes.MapAct("/console/requests/{id}/export", Scope.Privacy, ExportAsync);
    }

    // Only of what can be recorded: what is wrong with it is said first.
    private async ValueTask<Question?> AskAsync(HttpContext http, PublicForm form)
    {
        if (form["type"] != "erasure" || await ReadAsync(form, new FieldErrors(), http.RequestAborted) is not { } asked) return null;
        var (count, all) = (asked.Addresses.Count, string.Join(", ", asked.Addresses.Select(a => a.Value)));
        var which = asked.Contact is null ? ""
            : count == 0 ? "This contact has no address. "
            : $"This contact has {count} {(count == 1 ? "address" : "addresses")}: {all}. ";
        return new Question(
            $"Erase everything about {asked.Contact ?? asked.Addresses[0].Value}?",
            which + "Their record, what was sent to them and what they agreed to are destroyed, for good: nobody can bring them back. Only hashes stay, so that nothing is ever sent there again.",
            "Erase it all", "/console/requests");
    }

    private async ValueTask<IResult> ListAsync(HttpContext http, PublicForm? form)
    {
        var after = RequestPlace.Parse(http.Request.Query["after"]);
        var all = await AllAsync(http.RequestAborted);
        var found = all.Where(r => after is null || RequestPlace.Of(r).CompareTo(after) > 0).Take(PageSize).ToList();
        return new ConsolePage("Rights requests", Html.Of($"""
            <h1>Rights requests</h1>
            <p class="lead">What people asked under the GDPR. The clock runs one month, three when extended.</p>
            <p class="hint">Each is carried out as soon as it is recorded, but access and portability, which are done when somebody has handed the export over. Open ones first, by the day they are due; then restrictions that stand; then the newest.</p>
            {Parts.Table("Rights requests", ["Came", "Whose", "Right", "Status", "Due", "By", "Request"], found.Select(Line), "Nobody has asked for anything.")}
            {Parts.Pager("/console/requests", found.Count == PageSize ? RequestPlace.Of(found[^1]).ToString() : null, after is not null)}
            {OpenForm(http, new FieldErrors(), form)}
            """));
    }

    // There are never so many that reading them all would matter.
    private async ValueTask<List<PrivacyRequest>> AllAsync(CancellationToken cancel)
    {
        var all = new List<PrivacyRequest>();
        while (await desk.ListAsync(all.Count == 0 ? null : all[^1].Id, 1000, cancel) is { Count: > 0 } page) all.AddRange(page);
        return [.. all.OrderBy(RequestPlace.Of)];
    }

    private Html[] Line(PrivacyRequest r) =>
    [
        Parts.Time(r.OpenedAt), Whose(r), Html.Of($"{r.Type.ToString()}"), Status(r), Html.Of($"{Parts.Day(r.DueAt)}{(r.ExtendedAt is null ? "" : " (extended)")}"),
        Html.Of($"{RecordWords.Actor(r.Actor)}"), Html.Of($"<a href=\"/console/requests/{r.Id}\">Open<span class=\"hidden\"> {r.Id}</span></a>"),
    ];

    // The first address stands for them all; of who was erased since, nothing is left to tell.
    internal static Html Whose(PrivacyRequest r) =>
        r.Addresses is [var first, .. var others]
            ? Html.Of($"{Parts.Address(Bare(first))}{(others.Length == 0 ? "" : $" and {others.Length} more")}")
            : r.ContactId is { } id ? Html.Of($"{id}") : Html.Of($"<span class=\"dim\">erased</span>");

    /// <summary>An address as a request keeps it, without its channel.</summary>
    private static string Bare(string address) => address[(address.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private Html Status(PrivacyRequest r)
    {
        if (r.Stands) return Parts.Badge("stands", "warn");
        if (r.Status == PrivacyStatus.Completed) return Parts.Badge("completed", "good");
        var now = time.GetUtcNow();
        if (now >= r.OverdueAt) return Parts.Badge("overdue", "bad");
        var left = (r.DueAt.UtcDateTime.Date - now.UtcDateTime.Date).Days;
        return Parts.Badge(left switch { 0 => "due today", 1 => "1 day left", _ => $"{left} days left" }, left < 7 ? "warn" : "");
    }

    private static Html OpenForm(HttpContext http, FieldErrors errors, PublicForm? form) => Html.Of($"""
        <h2>Record a request</h2>
        {Parts.Form(http, "/console/requests", Html.Of($"""
        {Parts.Select("type", "Right", [("access", "Access: to see what is held (art. 15)"), ("portability", "Portability: to take it elsewhere (art. 20)"), ("rectification", "Rectification: to have it corrected (art. 16)"), ("erasure", "Erasure: to be forgotten (art. 17)"), ("restriction", "Restriction: keep it, use it not (art. 18)"), ("objection", "Objection: no more marketing (art. 21)")], form?["type"], wrong: Wrong(errors, "type"))}
        {Parts.Field("who", "Email address, phone number or contact id", form?["who"], required: true, wrong: Wrong(errors, "who", "email", "phone"))}
        {Parts.Field("receivedAt", "When it came, in UTC", form?["receivedAt"], "datetime-local", "Empty is now. The month to answer runs from then; where it is over, the request is overdue at once.", max: 30, wrong: Wrong(errors, "receivedAt"))}
        {Parts.Field("note", "Note", form?["note"], hint: "How they asked, and how you know that it is them.", max: 1000, wrong: Wrong(errors, "note"))}
        <details{(form is not null && Corrections.Any(c => Some(form[c]) is not null || Wrong(errors, c) is not null) ? new Html(" open") : Html.None)}><summary>What is corrected (rectification only)</summary>
        {Parts.Field("name", "Name", form?["name"], max: 200, wrong: Wrong(errors, "name"))}{Parts.Field("locale", "Language", form?["locale"], hint: "A language tag such as en or pt-BR.", max: 35, wrong: Wrong(errors, "locale"))}{Parts.Field("timeZone", "Time zone", form?["timeZone"], hint: "Such as Europe/Lisbon.", max: 64, wrong: Wrong(errors, "timeZone"))}{Parts.Field("newAddress", "New address", form?["newAddress"], hint: "Of the same kind as the old one; it is asked to confirm.", wrong: Wrong(errors, "newAddress", "newEmail", "newPhone"))}
        </details>
        <button class="primary">Record and carry out</button>
        """), "card slim")}
        """);

    private static readonly string[] Corrections = ["name", "locale", "timeZone", "newAddress"];

    /// <summary>What is wrong with a field of the form above; the API has other names for some.</summary>
    private static string? Wrong(FieldErrors errors, params string[] fields) =>
        errors.All.FirstOrDefault(e => fields.Contains(e.Field))?.Message;

    private async ValueTask<IResult> OpenAsync(HttpContext http, PublicForm form)
    {
        var errors = new FieldErrors();
        if (await ReadAsync(form, errors, http.RequestAborted) is not { } asked)
            return new ConsolePage("Rights requests", Html.Of($"<h1>Rights requests</h1>\n{OpenForm(http, errors, form)}"))
            {
                Status = 400,
            };
        var request = await desk.OpenAsync(
            asked.Right, asked.Addresses, asked.Contact, asked.Note, asked.Change, http.User().Actor, CancellationToken.None,
            came: asked.Came);
        return ConsolePage.Go($"/console/requests/{request.Id}?said=opened");
    }

    /// <summary>A request as its form tells it.</summary>
    private sealed record Asked(
        PrivacyRight Right, IReadOnlyList<Address> Addresses, string? Contact, string? Note, Rectification? Change, DateTimeOffset? Came);

    /// <summary>What the form tells, and whom it is about; null where something is wrong with it.</summary>
    private async ValueTask<Asked?> ReadAsync(PublicForm form, FieldErrors errors, CancellationToken cancel)
    {
        PrivacyRight? right = Enum.GetValues<PrivacyRight>()
            .Cast<PrivacyRight?>()
            .FirstOrDefault(r => Parts.Word(r!.Value) == form["type"]);
        if (right is null) errors.Add("type", "must be chosen");
        var who = errors.Required("who", AddressLines.One(form["who"]), 320) ?? "";
        Address? address = null;
        string? contact = null;
        if (who.Contains('@', StringComparison.Ordinal) || who.StartsWith('+') || (PhoneText.Begins(who) && !ContactId.MayStand(who)))
            address = Address.ChannelOf(who) == Channel.Sms
                ? AddressInput.Read(errors, "", null, who)
                : AddressInput.Read(errors, "", who, null);
        else if (ContactId.MayStand(who)) contact = who;
        else if (!errors.Any) errors.Add("who", "must be an email address, a phone number in international form, or a contact id");
        var came = PrivacyInput.Came(
            errors, Some(form["receivedAt"]) is { } typed ? typed.Length == 16 ? typed + ":00Z" : typed : null, time.GetUtcNow(),
            options);
        var note = Some(form["note"]) is { } words ? errors.Optional("note", words, 1000) : null;
        var change = new Rectification(
            Some(form["name"]), Inputs.Locale(errors, Some(form["locale"])), Inputs.TimeZone(errors, Some(form["timeZone"])));
        if (AddressLines.One(form["newAddress"]) is { Length: > 0 } next)
        {
            if (contact is not null) errors.Add("newAddress", "needs the old address, not a contact id");
            else if (address is { } old
                && AddressInput.Read(
                    errors, "new", old.Channel == Channel.Email ? next : null, old.Channel == Channel.Sms ? next : null) is { } parsed)
            {
                AddressInput.NotOurs(errors, ours, "new", parsed);
                change = change with { NewAddress = parsed.Value };
            }
        }

        var empty = Corrections.All(c => Some(form[c]) is null);
        if (right == PrivacyRight.Rectification && empty) errors.Add("name", "is required, or another correction");
        if (right is not (null or PrivacyRight.Rectification) && !empty)
            errors.Add("type", "must be rectification where something is corrected");
        if (errors.Any) return null;
        if (await desk.ResolveAsync(address, contact, cancel) is { } addresses)
            return new Asked(right!.Value, addresses, contact, note, empty ? null : change, came);
        errors.Add("who", "is no contact that is known");
        return null;
    }

    private static ConsolePage Unknown() => ConsolePage.Missing("No request has this id.");

    /// <summary>
    /// A request; where what the person was told is missing or <paramref name="wrong"/>, with what was typed to <paramref name="act"/>.
    /// </summary>
    private ConsolePage Page(HttpContext http, PrivacyRequest r, string? act = null, string? typed = null, string? wrong = null)
    {
        Html Told(string label, string of) =>
            Parts.Area(of + "-notice", label, act == of ? typed : null, required: true, wrong: act == of ? wrong : null, name: "notice");
        var path = "/console/requests/" + r.Id;
        var acts = new List<Html>();
        if (r.Type is PrivacyRight.Access or PrivacyRight.Portability && r.IsAboutSomebody)
            acts.Add(Parts.Form(
                http, path + "/export",
                Html.Of(
                    $"<h3>The export</h3><p class=\"hint\">Read at this moment, stored nowhere. That it was read stands in the audit.</p><p class=\"inline wrap\"><button name=\"as\" value=\"html\">To read</button><button name=\"as\" value=\"json\">For machines</button></p>"),
                "card"));
        if (r.WaitsForHand)
            acts.Add(Parts.Form(
                http, path + "/complete",
                Html.Of(
                    $"<h3>{(r.Type == PrivacyRight.Rectification ? "End it" : "It is handed over")}</h3>{Told("What the person was told, and how", "complete")}<button class=\"primary\">Complete</button>"),
                "card"));
        if (r.Status == PrivacyStatus.Running && r.ExtendedAt is null && time.GetUtcNow() < r.OverdueAt)
            acts.Add(Parts.Form(
                http, path + "/extend",
                Html.Of(
                    $"<h3>Extend by two months</h3>{Told("Why it takes longer: it is sent to their addresses in these words, below the last day of the answer", "extend")}<button>Extend</button>"),
                "card"));
        if (r.Stands)
            acts.Add(Parts.Form(
                http, path + "/lift",
                Html.Of(
                    $"<h3>Lift the restriction</h3>{Told("Why it ends: it is sent to their addresses in these words, below the sentence that it does and what is sent again", "lift")}<button>Lift</button>"),
                "card"));
        return new ConsolePage("Rights request", Html.Of($"""
            <p><a href="/console/requests">All requests</a></p>
            <h1>{r.Type.ToString()} {Status(r)}</h1>
            {(r.Outcome is null ? Html.None : Html.Of($"<p class=\"lead\">{r.Outcome.Replace(" at /export of this request", " below", StringComparison.Ordinal)}</p>"))}
            {Parts.Facts(("Request", Parts.Code(r.Id)), ("Came", Parts.Time(r.OpenedAt)), ("Recorded", Parts.Time(r.RecordedAt)), ("By", Html.Of($"{RecordWords.Actor(r.Actor)}")), ("Due", Parts.Day(r.DueAt)), ("Extended", r.ExtendedAt is { } e ? Parts.Time(e) : Html.None), ("Told", Html.Of($"{r.Notice}")), ("Carried out", r.CompletedAt is { } c ? Parts.Time(c) : Html.None), ("Lifted", r.LiftedAt is { } l ? Parts.Time(l) : Html.None), ("Contact", r.ContactId is { } id ? Html.Of($"<a href=\"/console/contacts/{id}\">{id}</a>") : Html.None), ("Note", Html.Of($"{r.Note}")))}
            {Parts.Table("Addresses", ["Address"], r.AddressKeys.Select((key, i) => (Html[])[i < r.Addresses.Length ? Html.Of($"<a href=\"/console/people/{key}\">{Parts.Address(Bare(r.Addresses[i]))}</a>") : Html.Of($"<a href=\"/console/people/{key}\">{Parts.Code(key)}</a> (erased)")]), "It is about no address.")}
            {(acts.Count == 0 ? Html.None : Html.Of($"<h2>What can be done</h2>\n<div class=\"cards\">{Html.Join(acts)}</div>"))}
            """)) { Status = wrong is null ? 200 : 400 };
    }

    private async ValueTask<IResult> TellAsync(
        HttpContext http, PublicForm form, string name,
        Func<PrivacyRequest, string, string, CancellationToken, ValueTask<PrivacyRequest?>> act, string said)
    {
        if (await FindAsync(http) is not { } request) return Unknown();
        var errors = new FieldErrors();
        var notice = errors.Required("notice", form["notice"], 1000);
        if (errors.Any) return Page(http, request, name, form["notice"], errors.All[0].Message);
        var done = await act(request, notice!, http.User().Actor, CancellationToken.None);
        return ConsolePage.Go($"/console/requests/{request.Id}?said={(done is null ? "not-possible" : said)}");
    }

    // A POST, because reading somebody's data is an act that stands in the audit.
    private async ValueTask<IResult> ExportAsync(HttpContext http, PublicForm form)
    {
        if (await FindAsync(http) is not { } request || await desk.ExportAsync(request, http.RequestAborted) is not { } export)
            return ConsolePage.Missing("No access or portability request has this id.");
        var html = form["as"] == "html";
        await desk.NoteExportAsync(request, html, http.User().Actor, CancellationToken.None);
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{request.Id}.{(html ? "html" : "json")}\"";
        return html
            ? new Answer(200, readable.Write(export, Texts.English), "text/html; charset=utf-8")
            : Answer.Json(export, CoreJson.Default.PersonExport);
    }

    private async ValueTask<PrivacyRequest?> FindAsync(HttpContext http) =>
        http.Id() is var id && IsRequest(id) ? await desk.FindAsync(id, http.RequestAborted) : null;

    private static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static bool IsRequest(string text) => text.Length is > 0 and <= 40 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}

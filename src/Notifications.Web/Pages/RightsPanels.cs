using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;

namespace Notifications.Web.Pages;

/// <summary>
/// A person's rights as <c>/p/{token}</c> offers them: each a panel with what will happen and one button. The grave ones ask once more on a
/// page of their own.
/// </summary>
internal sealed class RightsPanels(Standing standing, SenderOptions sender)
{
    /// <summary>
    /// To object to direct marketing: always there and never folded away (R36). Of an address that no account owns, as of a former one, it
    /// is of that address alone, and says so.
    /// </summary>
    public Html Objection(AddressState? state, string name, string? said, Texts texts)
    {
        var text = IsAlone(state) ? Texts.Fill(texts.ObjectTextAlone, "address", name) : texts.ObjectText;
        var act = state?.ObjectedAt is not null && !standing.HasMarketing(state)
            ? PreferencePage.Unless(said, Objected(state, name, texts), "dim")
            : Html.Of($"<p><button class=\"danger\" name=\"object\" value=\"yes\">{texts.ObjectButton}</button></p>\n");
        return Html.Of($"<h3>{texts.ObjectSection}</h3>\n<p>{Html.Breaking(text)}</p>\n{act}");
    }

    /// <summary>That the objection holds, and where.</summary>
    public static string Objected(AddressState? state, string name, Texts texts) =>
        IsAlone(state) ? Texts.Fill(texts.ObjectDoneAlone, "address", name) : texts.ObjectDone;

    private static bool IsAlone(AddressState? state) => state?.ContactId is null;

    /// <summary>What stands above every choice while processing is restricted, and how that ends.</summary>
    public (string Text, Html Act) Restricted(bool mayLift, string name, Texts texts) => (
        Texts.Fill(texts.Restricted, "address", name),
        mayLift
            ? Html.Of($"<button name=\"lift\" value=\"ask\">{texts.LiftButton}</button>")
            : Html.Of($"<p>{Texts.Fill(texts.RestrictedContact, "contact", sender.Contact)}</p>"));

    /// <summary>
    /// Why nothing is sent whatever is chosen, in plain words, and whom to ask about it: what the person can lift here, or has, says so
    /// itself.
    /// </summary>
    public Html Blocked(AddressState? state, bool mayEnable, Texts texts)
    {
        if (state is null || (state.Suppression is null && (mayEnable || state.Contact == ContactStatus.Active))) return Html.None;

        var why = state.Suppression?.Reason switch
        {
            SuppressionReason.Bounce or SuppressionReason.Invalid => texts.BlockedBounce,
            SuppressionReason.Complaint => texts.BlockedComplaint,
            _ => texts.Blocked,
        };
        return Html.Of($"<div class=\"warn\"><p>{why}</p><p>{Texts.Fill(texts.BlockedContact, "contact", sender.Contact)}</p></div>\n");
    }

    /// <summary>See and take the data, restrict their use, erase them.</summary>
    public Html Panels(AddressState state, string name, string? open, Texts texts)
    {
        var restrict = state.RestrictedSince is not null
            ? Html.None
            : DetailsPanels.Panel("restrict", texts.RestrictSection, open, Html.Of($"""
            <p>{Html.Breaking(Texts.Fill(texts.RestrictText, "address", name))}</p>
            <form method="post"><button name="restrict" value="yes">{texts.RestrictButton}</button></form>
            """));
        return Html.Of($"""
            {DetailsPanels.Panel("export", texts.ExportSection, open, Html.Of($"""
                <p>{Html.Breaking(Texts.Fill(texts.ExportText, "address", name))}</p>
                <form method="post" class="inline wrap"><button name="export" value="html">{texts.ExportRead}</button>
                <button name="export" value="json">{texts.ExportDownload}</button></form>
                <p class="note">{Alone(texts)}</p>
                """))}{restrict}{DetailsPanels.Panel("erase", texts.EraseSection, open, Html.Of($"""
                <p>{Html.Breaking(Texts.Fill(texts.EraseText, "address", name))}</p>
                <form method="post"><button class="danger" name="erase" value="ask">{texts.EraseButton}</button></form>
                """))}
            """);
    }

    /// <summary>The second step of an erasure: what goes, what stays and why, and that there is no way back.</summary>
    public Page AskErase(string name, string back, Texts texts) => new(texts.EraseSection, Html.Of($"""
        <h1>{Html.Breaking(Texts.Fill(texts.EraseHeading, "address", name))}</h1>
        <p class="lead">{texts.EraseFinal}</p>
        <h2>{texts.EraseGoesTitle}</h2>
        <p>{texts.EraseGoes}</p>
        <h2>{texts.EraseStaysTitle}</h2>
        <p>{texts.EraseStays}</p>
        <p>{Alone(texts)}</p>
        <form method="post" class="stack">
        <button class="primary grave" name="erase" value="yes">{texts.EraseNow}</button>
        <a class="button" href="{back}">{texts.Keep}</a>
        </form>
        """)) { Texts = texts };

    // A link proves one address: what is held at another, or was at a former one, is not reached by it, and the person is to know.
    private string Alone(Texts texts) => Texts.Fill(texts.ExportNote, "contact", sender.Contact);

    /// <summary>The notice before a restriction ends (R35): what will be sent again.</summary>
    public Page AskLift(
        AddressState state, IReadOnlyList<(string Number, WatchRecord Watch)> watches, string name, string back, Texts texts)
    {
        var on = Lifted(state, watches, texts).Select(what => Html.Of($"<li>{what}</li>")).ToList();
        return new(texts.LiftHeading, Html.Of($"""
            <h1>{texts.LiftHeading}</h1>
            <p class="lead">{Html.Breaking(Notice(state, watches, name, texts))}</p>
            {(on.Count == 0 ? Html.None : Html.Of($"<ul class=\"plain\">{Html.Join(on)}</ul>\n"))}<form method="post" class="stack">
            <button class="primary" name="lift" value="yes">{texts.LiftButton}</button>
            <a class="button" href="{back}">{texts.Keep}</a>
            </form>
            """)) { Texts = texts };
    }

    /// <summary>The notice's words, which the request and the ledger keep.</summary>
    public string Notice(
        AddressState state, IReadOnlyList<(string Number, WatchRecord Watch)> watches, string name, Texts texts) =>
        Texts.Fill(Lifted(state, watches, texts).Count == 0 ? texts.LiftTextSilent : texts.LiftText, "address", name);

    private IReadOnlyList<string> Lifted(
        AddressState state, IReadOnlyList<(string Number, WatchRecord Watch)> watches, Texts texts) =>
        standing.Gets(state with { RestrictedSince = null }, watches, texts);

    /// <summary>
    /// What an erased address's link shows, from then on. It leads to the sign-up for another one: this one is sent nothing there either.
    /// </summary>
    public static Page Erased(Texts texts) => new(texts.ErasedHeading, Html.Of($"""
        <div role="status">
        <h1><span class="tick" aria-hidden="true"></span>{texts.ErasedHeading}</h1>
        <p class="lead">{texts.ErasedText}</p>
        </div>
        {Page.Way("/subscribe", texts.SubscribeOther)}
        """)) { Texts = texts };
}

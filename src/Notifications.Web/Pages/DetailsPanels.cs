using System.Globalization;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary>What <c>/p/{token}</c> lets a person correct: the details, the address, and whether the account is active.</summary>
internal static class DetailsPanels
{
    private static readonly string[] ZoneList = [.. PreferencePage.Zones.Order(StringComparer.Ordinal)];

    /// <summary>What is needed seldom, folded away.</summary>
    public static Html Panel(string name, string title, string? open, Html body) => Html.Of($"""
        <details class="panel" id="{name}"{(name == open ? new Html(" open") : Html.None)}>
        <summary><h3>{title}</h3></summary>
        <div>{body}</div>
        </details>

        """);

    public static Html Details(PreferenceView view, AddressState state, Said? said, Texts texts)
    {
        var wrong = said?.Wrong ?? [];
        // What is right stays as it was chosen where something else is wrong.
        var form = said?.Form;
        var name = state.ContactId is null
            ? Html.None
            : Html.Of($"""
            <p><label for="name">{texts.NameLabel}</label>
            <input type="text" id="name" name="name" maxlength="200" autocomplete="name" value="{form?["name"] ?? view.ContactName}"{Problems.Mark(wrong, "name")}>
            {Problems.Beside(wrong, "name")}</p>

            """);
        var language = Texts.Find(form?["language"])?.Language ?? state.Locale;
        var languages = Html.Join(Texts.All.Select(t => Option(t.Language, t.Culture.NativeName, t.Language == language, t.Language)));
        var stored = state.Locale is null
            ? Option("", "–", chosen: language is null)
            : Texts.All.Any(t => t.Language == state.Locale)
                ? Html.None
                : Option(state.Locale, NameOf(state.Locale), chosen: language == state.Locale, state.Locale);
        var zone = form?["zone"] is { } typed && PreferencePage.Zones.Contains(typed) ? typed : state.TimeZone;
        // One that is stored and not in the list, as the Asia/Calcutta that browsers say, stays what is chosen (M6, R52).
        var storedZone = state.TimeZone is not { } held
            ? Option("", "–", chosen: zone is null)
            : PreferencePage.Zones.Contains(held) ? Html.None : Option(held, held, chosen: zone == held);
        var zones = Html.Join(ZoneList.Select(z => Option(z, z, z == zone)));
        return Panel("details", texts.DetailsSection, said?.Panel, Html.Of($"""
            <form method="post">
            {name}<p><label for="language">{texts.LanguageLabel}</label>
            <select id="language" name="language" autocomplete="language">{stored}{languages}</select></p>
            <p><label for="zone">{texts.TimeZoneLabel}</label>
            <select id="zone" name="zone" dir="ltr"{Problems.Mark(wrong, "zone")}>{storedZone}{zones}</select>
            {Problems.Beside(wrong, "zone")}</p>
            <button name="save" value="details">{texts.SaveButton}</button>
            </form>
            """));
    }

    // A tag is stored as it came, and may name no language that is known here.
    private static string NameOf(string tag)
    {
        try
        {
            return CultureInfo.GetCultureInfo(tag, predefinedOnly: true).NativeName;
        }
        catch (CultureNotFoundException)
        {
            return tag;
        }
    }

    private static Html Option(string value, string label, bool chosen, string? language = null) =>
        Html.Of(
            $"<option value=\"{value}\"{(language is null ? Html.None : Html.Of($" lang=\"{language}\""))}{(chosen ? new Html(" selected") : Html.None)}>{label}</option>");

    public static Html Change(LinkToken token, AddressState state, Said? said, Texts texts)
    {
        if (state.Stopped is not null || PreferencePage.IsBlocked(state)) return Html.None;
        var email = token.Channel == Channel.Email;
        var wrong = said?.Wrong ?? [];
        var typed = said?.Typed is { Length: <= 320 } text ? Html.Of($" value=\"{text}\"") : Html.None;
        return Panel("change", email ? texts.ChangeEmail : texts.ChangePhone, said?.Panel, Html.Of($"""
            <p>{texts.ChangeText}{(state.ContactId is null ? "" : texts.Gap + texts.ChangeApart)}</p>
            <form method="post" novalidate>
            <p><label for="address">{(email ? texts.EmailLabel : texts.PhoneLabel)}</label>
            <input type="{(email ? "email" : "tel")}" id="address" name="address" maxlength="320" dir="ltr" autocomplete="{(email ? "email" : "tel")}" required{typed}{Problems.Mark(wrong, "address")}>
            {Problems.Beside(wrong, "address")}</p>
            <button name="move" value="yes">{texts.ChangeButton}</button>
            </form>
            """));
    }

    public static Html Account(AddressState state, string? open, Texts texts) =>
        state is not { ContactId: not null, Contact: ContactStatus.Active }
            ? Html.None
            : Panel("account", texts.DisableSection, open, Html.Of($"""
            <p>{texts.DisableText}</p>
            <form method="post"><button class="danger" name="disable" value="yes">{texts.DisableButton}</button></form>
            """));
}

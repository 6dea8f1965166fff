using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>
/// What somebody had filled in and could not be done: their sign-in had ended, or it must be asked once more. It stands in the next page as
/// hidden fields under a button, so that nothing typed is lost and nothing is done that nobody presses.
/// </summary>
internal sealed record KeptForm(string Path, IReadOnlyList<(string Name, string Value)> Fields)
{
    /// <summary>The field that carries all of it through the sign-in.</summary>
    public const string Field = "kept";

    /// <summary>The field that says that the question was answered with yes.</summary>
    public const string Sure = "sure";

    /// <summary>The field that says that it is not to be done, and that what was filled in is to stand again.</summary>
    public const string Leave = "leave";

    /// <summary>The largest sign-in form, in bytes: what was filled in travels in it.</summary>
    public const int Limit = 64 * 1024;

    /// <summary>A form as it was posted, without its token.</summary>
    public static KeptForm Of(HttpContext http, PublicForm form) =>
        new(http.Request.Path.ToUriComponent(), [.. form.All.Where(f => f.Name is not (Sessions.TokenField or Sure or Leave))]);

    /// <summary>What <see cref="Write"/> wrote, if it leads to a page of the console; else null.</summary>
    public static KeptForm? Read(string? text)
    {
        if (text is not { Length: > 0 }
            || text.IndexOf('?', StringComparison.Ordinal) is not (> 0 and var mark)
            || SignInScreen.Back(text[..mark]) != text[..mark])
        {
            return null;
        }

        using var reader = new FormReader(text[(mark + 1)..]);
        try
        {
            return new KeptForm(text[..mark], [.. reader.ReadForm().SelectMany(f => f.Value.Select(v => (f.Key, v ?? "")))]);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>As one line.</summary>
    public string Write() =>
        Path + "?" + string.Join('&', Fields.Select(f => $"{Uri.EscapeDataString(f.Name)}={Uri.EscapeDataString(f.Value)}"));

    /// <summary>The button that leaves it, for acts that then show what was filled in.</summary>
    public static Html LeaveButton(string label) =>
        Html.Of($"<button class=\"quiet\" name=\"{Leave}\" value=\"yes\" formnovalidate>{label}</button>");

    /// <summary>
    /// A page that asks, with the button that sends the form and the way back: a link, or where the act <paramref name="leaves"/>, a button
    /// to the form as it was filled in.
    /// </summary>
    public ConsolePage Ask(HttpContext http, int status, Question question, bool sure = false, bool leaves = false) =>
        new(question.Heading, Html.Of($"""
        <h1>{Parts.Address(question.Heading)}</h1>
        <p class="lead" role="alert">{question.Text}</p>
        {Parts.Form(http, Path, Html.Of($"""
        {Html.Join(Fields.Select(f => Html.Of($"<input type=\"hidden\" name=\"{f.Name}\" value=\"{f.Value}\">\n")))}{(sure ? Html.Of($"<input type=\"hidden\" name=\"{Sure}\" value=\"yes\">") : Html.None)}
        <p class="inline wrap ask"><button class="{(sure ? "grave" : "primary")}">{question.Yes}</button>{(leaves ? LeaveButton("Leave it") : Html.Of($"<a class=\"button\" href=\"{question.Back}\">Leave it</a>"))}</p>
        """), "card slim")}
        """)) { Status = status };
}

using Notifications.Addresses;

namespace Notifications.Web.Pages;

/// <summary>
/// What is wrong with a form: said once above it, each problem leading to its field, and once more beside the field. The first of the
/// fields takes the focus, so that nobody has to look for it.
/// </summary>
internal static class Problems
{
    /// <summary>What is wrong with a text that is no phone number.</summary>
    public static string OfPhone(string? typed, Texts texts) =>
        PhoneText.LetterOf(typed ?? "") is { } letter ? Texts.Fill(texts.PhoneLetter, "letter", letter) : texts.PhoneError;

    /// <summary>All of them, above the form.</summary>
    public static Html All(IReadOnlyList<(string Field, string Problem)> problems, Texts texts) =>
        problems.Count == 0 ? Html.None : Html.Of($"""
        <div class="warn" role="alert" id="problems">
        <strong>{texts.ErrorHeading}</strong>
        <ul class="plain">{Html.Join(problems.Select(p => Html.Of($"<li><a href=\"#{p.Field}\">{p.Problem}</a></li>")))}</ul>
        </div>

        """);

    /// <summary>Marks a field that has a problem, which describes it besides <paramref name="hint"/>.</summary>
    public static Html Mark(IReadOnlyList<(string Field, string Problem)> problems, string field, string? hint = null)
    {
        var wrong = problems.Any(p => p.Field == field);
        var described = string.Join(' ', new[] { hint, wrong ? IdOf(field) : null }.OfType<string>());
        return Html.Of(
            $"{(wrong ? new Html(" aria-invalid=\"true\"") : Html.None)}{(described.Length == 0 ? Html.None : Html.Of($" aria-describedby=\"{described}\""))}{Focus(problems, field)}");
    }

    /// <summary>The same of a group of boxes, which can be neither invalid nor focused itself: its first box is.</summary>
    public static Html MarkGroup(IReadOnlyList<(string Field, string Problem)> problems, string group) =>
        problems.Any(p => p.Field == group) ? Html.Of($" class=\"wrong\" aria-describedby=\"{IdOf(group)}\"") : Html.None;

    /// <summary>The problem beside its field.</summary>
    public static Html Beside(IReadOnlyList<(string Field, string Problem)> problems, string field) =>
        Html.Join(
            problems.Where(p => p.Field == field)
                .Select(p => Html.Of($"<small class=\"problem\" id=\"{IdOf(field)}\">{p.Problem}</small>\n")));

    /// <summary>Takes the focus to the first field that has a problem.</summary>
    public static Html Focus(IReadOnlyList<(string Field, string Problem)> problems, string field) =>
        problems is [var first, ..] && first.Field == field ? new(" autofocus") : Html.None;

    private static string IdOf(string field) => field + "-problem";
}

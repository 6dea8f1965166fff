using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary>What a confirmation link comes to when it is opened.</summary>
/// <param name="State">The address's record; null where nothing is known, or the store is away.</param>
/// <param name="Asked">The topics it asked about that still wait.</param>
/// <param name="Others">What else waits for the address.</param>
/// <param name="Held">What it asked about that holds already.</param>
internal sealed record Question(AddressState? State, IReadOnlyList<Topic> Asked, IReadOnlyList<Topic> Others, IReadOnlyList<Topic> Held)
{
    /// <summary>The package it asks about, or asked.</summary>
    public string? Number { get; init; }

    /// <summary>The packages that wait besides.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>
    /// The topics that stop with each that waits, by its key, and with the package by "": the address that it was moved from had stopped
    /// them (R33).
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Topic>> Stops { get; init; } = new Dictionary<string, IReadOnlyList<Topic>>();

    /// <summary>Whether there is something to press for.</summary>
    public bool Waits { get; init; }

    /// <summary>Whether all is said: nothing of it waits, and something holds.</summary>
    public bool Holds { get; init; }
}

/// <summary>What <c>/c/{token}</c> shows: what will be confirmed and one button, and afterwards what holds.</summary>
internal sealed class ConfirmPage(Links links, Standing standing)
{
    /// <summary>The field that says a topic was on the page when the button was pressed: nothing else is confirmed by it (P6).</summary>
    public static string Seen(Topic topic) => "topic-" + topic.Key;

    /// <summary>The field of a box for what waits besides.</summary>
    public static string Also(Topic topic) => "also-" + topic.Key;

    /// <summary>The same of a package.</summary>
    public static string Also(string number) => "also-package-" + number;

    /// <summary>The words with which topics are confirmed (R26): what the page asks, and its button.</summary>
    public static string Wording(IReadOnlyList<Topic> asked, Texts texts) =>
        asked is [var one]
            ? Wording(Heading(texts.NameOf(one), texts), null, texts)
            : Wording(texts.ConfirmSeveral, texts.Join(asked.Select(texts.NameOf)), texts);

    /// <summary>The same of a package.</summary>
    public static string Wording(string number, Texts texts) =>
        Wording(Heading(Texts.Fill(texts.StopPackage, "number", number), texts), null, texts);

    private static string Wording(string heading, string? names, Texts texts) =>
        string.Join('\n', new[] { heading, names, texts.ConfirmButton }.OfType<string>());

    private static string Heading(string what, Texts texts) => Texts.Fill(texts.ConfirmHeading, "what", what);

    /// <summary>Asks, or says that it is confirmed already, or that there is nothing to confirm.</summary>
    public Page Show(LinkToken token, Question question, Texts texts) =>
        question.Waits ? Ask(token, question, texts)
        : question.Holds ? Done(token, texts.AlreadyHeading, question.Held, question.Number is { } one ? [one] : [], question.State, texts)
        : NothingPending(token, texts);

    /// <summary>Says what holds now.</summary>
    public Page Done(
        LinkToken token, string heading, IReadOnlyList<Topic> held, IReadOnlyList<string> numbers, AddressState? state, Texts texts) =>
        new(heading, Html.Of($"""
        <div role="status">
        <h1><span class="tick" aria-hidden="true"></span>{heading}</h1>
        <p class="lead">{Html.Breaking(Gets(token, held, numbers, state, texts))}</p>
        </div>
        {(PreferencePage.IsBlocked(state) ? Html.Of($"<p class=\"warn\">{texts.Blocked}</p>\n") : Html.None)}{Page.Way(PreferencesOf(token), texts.ToPreferences)}
        """)) { Texts = texts };

    public Page NothingPending(LinkToken token, Texts texts) =>
        Page.Notice(
            texts, StatusCodes.Status410Gone, texts.NothingPendingHeading, texts.NothingPendingText,
            (PreferencesOf(token), texts.ToPreferences));

    // The link of a confirmation proves the mailbox as that of the preferences does.
    private string PreferencesOf(LinkToken token) => PublicLinks.PathOf(links.Preferences(token.Address, token.Channel));

    /// <summary>
    /// What the address gets now, and until when a break puts it off; of what is noted and not sent all the same, why. Where nothing is
    /// sent to it at all, that it is noted and no more.
    /// </summary>
    public string Gets(
        LinkToken token, IReadOnlyList<Topic> held, IReadOnlyList<string> numbers, AddressState? state, Texts texts)
    {
        var blocked = PreferencePage.IsBlocked(state);
        var silent = blocked ? [] : held.Where(t => standing.WhySilent(state, t) is not null).ToList();
        var gets = held.Except(silent).ToList();
        var names = numbers.Select(n => Texts.Fill(texts.StopPackage, "number", n)).Concat(gets.Select(texts.NameOf)).ToList();
        List<string> said =
            [.. silent.Select(t => $"{texts.NameOf(t)}{texts.Colon}{Standing.Say(standing.WhySilent(state, t), texts)}{texts.FullStop}")];
        if (names.Count > 0)
            said.Insert(
                0,
                Texts.Fill(
                    Texts.Fill(blocked ? texts.ConfirmedNoted : texts.ConfirmedText, "address", PublicLinks.Name(token, state, texts)),
                    "what", texts.Join(names)));
        if (!blocked && gets.Any(t => standing.IsPaused(state, t)))
            said.Add(Texts.Fill(texts.Paused, "date", texts.Date(state!.PausedUntil!.Value)));
        return string.Join(texts.Gap, said);
    }

    private static Page Ask(LinkToken token, Question question, Texts texts)
    {
        var asked = question.Asked;
        var one = question.Number is not null || asked.Count == 1;
        var what = question.Number is { } number ? Texts.Fill(texts.StopPackage, "number", number) : texts.NameOf(asked[0]);
        var heading = one ? Heading(what, texts) : texts.ConfirmSeveral;
        var list = one
            ? Html.Of($"<p class=\"lead\">{texts.Describe(asked[0])}</p>")
            : Html.Of(
                $"<ul class=\"rows\">{Html.Join(asked.Select(t => Html.Of($"<li><div><strong>{texts.NameOf(t)}</strong><small>{texts.Describe(t)}</small></div></li>")))}</ul>");
        var seen = token.Topic is not null
            ? Html.None
            : Html.Join(asked.Select(t => Html.Of($"<input type=\"hidden\" name=\"{Seen(t)}\" value=\"yes\">\n")));
        var stops = question.Number is null
            ? asked.SelectMany(t => question.Stops.GetValueOrDefault(t.Key, [])).DistinctBy(t => t.Key).ToList()
            : question.Stops.GetValueOrDefault("", []);
        var boxes = question is { Others: [], Packages: [] } ? Html.None : Html.Of($"""
            <fieldset>
            <legend>{texts.AlsoWaiting}</legend>
            {Html.Join(question.Packages.Select(n => Html.Of($"<label class=\"choice\"><input type=\"checkbox\" name=\"{Also(n)}\" value=\"yes\"><span><strong>{Texts.Fill(texts.StopPackage, "number", n)}</strong></span></label>\n")))}{Html.Join(question.Others.Select(t => Html.Of($"<label class=\"choice\"><input type=\"checkbox\" name=\"{Also(t)}\" value=\"yes\"><span><strong>{texts.NameOf(t)}</strong><small>{texts.Describe(t)}{(Stopped([.. question.Stops.GetValueOrDefault(t.Key, []).ExceptBy(stops.Select(s => s.Key), s => s.Key)], texts) is { } more ? texts.Gap + more : "")}</small></span></label>\n")))}</fieldset>

            """);
        return new Page(texts.ConfirmTitle, Html.Of($"""
            <h1>{heading}</h1>
            {list}
            <p>{Html.Breaking(Texts.Fill(texts.ConfirmIntro, "address", PublicLinks.Name(token, question.State, texts)))}</p>
            {(Stopped(stops, texts) is { } said ? Html.Of($"<p>{said}</p>\n") : Html.None)}<form method="post">
            {seen}{boxes}<button class="primary" name="confirm" value="yes">{texts.ConfirmButton}</button>
            </form>
            <p class="note">{texts.ConfirmNote}</p>
            """)) { Texts = texts };
    }

    // What the person had stopped is stopped here too; nobody confirms that unseen.
    private static string? Stopped(IReadOnlyList<Topic> stops, Texts texts) =>
        stops.Count == 0 ? null : Texts.Fill(texts.ConfirmStops, "what", texts.Join(stops.Select(texts.NameOf)));
}

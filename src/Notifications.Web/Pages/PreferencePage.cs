using System.Collections.Frozen;
using System.Globalization;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary>What came of a button: the words, and the button that takes it back where that is lawful.</summary>
/// <param name="Text">The words.</param>
/// <param name="UndoName">The button's name.</param>
/// <param name="UndoValue">Its value; null where nothing can be taken back.</param>
internal readonly record struct Said(string Text, string? UndoName = null, string? UndoValue = null)
{
    /// <summary>The panel that stays open, because something in it is to be corrected.</summary>
    public string? Panel { get; init; }

    /// <summary>The field in it that is to be corrected.</summary>
    public string Field { get; init; } = "";

    /// <summary>What was typed there.</summary>
    public string? Typed { get; init; }

    /// <summary>The whole form, where more than one field of it is shown again.</summary>
    public PublicForm? Form { get; init; }

    /// <summary>The network has sent too many: the same form may be sent again in a minute.</summary>
    public bool TooMany { get; init; }

    /// <summary>The field that is to be corrected, and why.</summary>
    public IReadOnlyList<(string Field, string Problem)> Wrong => Panel is null ? [] : [(Field, Text)];
}

/// <summary>What the page shows besides the address's record.</summary>
internal sealed record PreferenceView(
    AddressState? State, IReadOnlyList<(string Number, WatchRecord Watch)> Watches, string? ContactName, bool MayEnable, bool MayLift)
{
    /// <summary>
    /// The channel on which the account has other addresses that still get something, or null: it can be stopped from here too, and nothing
    /// is told of the addresses.
    /// </summary>
    public Channel? Elsewhere { get; init; }

    /// <summary>
    /// Whether a further address of the account on this same channel still gets something, or null where there is none. Nothing is told of
    /// it either, but that the button means all of them.
    /// </summary>
    public bool? OpenBeside { get; init; }
}

/// <summary>
/// What <c>/p/{token}</c> shows: every topic on the link's channel with its status and a button beside it, the break, "stop everything",
/// packages (which may be many), the details.
/// </summary>
internal sealed class PreferencePage(TopicCatalog topics, RightsPanels rights, Standing standing, TimeProvider time)
{
    /// <summary>What "stop all marketing" says; no topic can have this key.</summary>
    public const string AllMarketing = "~marketing";

    /// <summary>The lengths of a break, in days.</summary>
    public static readonly int[] PauseDays = [30, 60, 90];

    /// <summary>IANA names of the time zones that can be chosen.</summary>
    public static readonly FrozenSet<string> Zones = TimeZoneInfo.GetSystemTimeZones()
        .Where(z => z.HasIanaId && z.Id.Contains('/', StringComparison.Ordinal) && !z.Id.StartsWith("Etc/", StringComparison.Ordinal))
        .Select(z => z.Id)
        .ToFrozenSet(StringComparer.Ordinal);

    public Page Show(LinkToken token, PreferenceView view, Said? announce, Texts texts)
    {
        var state = view.State;
        var name = PublicLinks.Name(token, state, texts);
        var holds = Holds(token, view, name, texts).ToList();
        var said = announce is not { } word || holds.Exists(h => h.Text == word.Text) ? Html.None
            : word.Panel is not null ? Problems.All(word.Wrong, texts)
            : Html.Of($"<form method=\"post\" class=\"said\">{Status(word.Text)}{Undo(word, texts)}</form>\n");
        var boxes = Html.Join(holds.Select(h => Html.Of(
            $"<form method=\"post\" class=\"warn\">{(h.Text == announce?.Text ? Status(h.Text) : Html.Of($"<p>{Html.Breaking(h.Text)}</p>"))}{h.Act}</form>\n")));
        var rows =
            Html.Join(topics.AllOf(state)
                .Where(t => t.IsOffered || state!.ShownStatusOf(t) is SubscriptionStatus.Subscribed or SubscriptionStatus.Pending)
                .Select(topic => Row(topic, view, texts)));
        return new Page(texts.PreferencesTitle, Html.Of($"""
            {said}<h1>{texts.PreferencesTitle}</h1>
            <p class="lead">{Html.Breaking(Texts.Fill(texts.PreferencesIntro, "address", name))}</p>
            {boxes}{rights.Blocked(state, view.MayEnable, texts)}<form method="post">
            <ul class="rows">
            {rows}</ul>
            {Again(view, texts)}{Marketing(state, name, announce?.Text, texts)}{All(token, view, name, texts)}{Packages(view, announce?.Text, texts)}</form>
            {More(token, view, name, announce, texts)}
            """))
            {
                Texts = texts,
                Status = announce switch
                {
                    { TooMany: true } => StatusCodes.Status429TooManyRequests,
                    { Panel: not null } => StatusCodes.Status422UnprocessableEntity,
                    _ => StatusCodes.Status200OK,
                },
                RetryAfter = announce is { TooMany: true } ? 60 : null,
            };
    }

    private Html More(LinkToken token, PreferenceView view, string name, Said? said, Texts texts) =>
        view.State is not { Value: not null } state ? Page.Way("/subscribe", texts.SubscribeTitle) : Html.Of($"""
        <section class="apart">
        <h2>{texts.RightsSection}</h2>
        {DetailsPanels.Details(view, state, said, texts)}{DetailsPanels.Change(token, state, said, texts)}{DetailsPanels.Account(state, said?.Panel, texts)}{rights.Panels(state, name, said?.Panel, texts)}</section>
        """);

    /// <summary>Whether nothing is sent whatever the subscriptions say, so that offering one would promise too much.</summary>
    public static bool IsBlocked(AddressState? state) =>
        state is { Suppression: not null } or { Contact: not ContactStatus.Active } or { RestrictedSince: not null };

    /// <summary>Whether something can be chosen here: there is an address to ask, and no stop or block stands over it.</summary>
    private static bool MayChoose(AddressState? state) => state is { Value: not null, Stopped: null } && !IsBlocked(state);

    /// <summary>
    /// What the person has said that stands over every choice, with what ends it: where one of these is what has just been said, it is not
    /// said once more.
    /// </summary>
    private IEnumerable<(string Text, Html Act)> Holds(LinkToken token, PreferenceView view, string name, Texts texts)
    {
        if (view.State?.Stopped is { } stopped)
        {
            // Where the account has more on the channel, this link proves and takes back its own address alone.
            var back = stopped.Left?.To is not null ? texts.StoppedFormer
                : view.OpenBeside is null ? texts.AllStoppedText
                : Texts.Fill(texts.AllStoppedHere, "address", name);
            yield return (
                AllStopped(token, view.State, view.OpenBeside == false, texts), Html.Of($"""
                {(IsBlocked(view.State) ? Html.None : Html.Of($"<p>{Html.Breaking(back)}</p>\n"))}<button class="quiet" name="resume" value="yes">{texts.ResumeButton}</button>
                """));
        }

        if (view.State?.RestrictedSince is not null) yield return rights.Restricted(view.MayLift, name, texts);
        if (view.MayEnable)
            yield return (
                texts.AccountDisabled,
                Html.Of($"<button class=\"quiet\" name=\"enable\" value=\"yes\">{texts.EnableButton}</button>"));
    }

    /// <summary>
    /// That everything is stopped, and what that means: at this address, or on the whole channel where the account has more.
    /// </summary>
    public static string AllStopped(LinkToken token, AddressState? state, bool everywhere, Texts texts) =>
        texts.AllStopped
        + texts.Gap
        + (everywhere
            ? Silent(token.Channel, texts)
            : Texts.Fill(texts.StoppedAll, "address", PublicLinks.Name(token, state, texts)));

    /// <summary>That nothing more comes by a channel.</summary>
    public static string Silent(Channel channel, Texts texts) => Texts.Fill(texts.StoppedChannel, "channel", PublicLinks.By(channel, texts));

    /// <summary>A sentence of the page, where it is not what has just been said above it.</summary>
    public static Html Unless(string? said, string text, string look = "") =>
        text == said ? Html.None : Html.Of($"<p{(look.Length == 0 ? Html.None : Html.Of($" class=\"{look}\""))}>{Html.Breaking(text)}</p>\n");

    private static Html Status(string text) => Html.Of($"<p role=\"status\">{Html.Breaking(text)}</p>");

    // What is taken back offers no way to take that back in turn.
    private static Html Undo(Said said, Texts texts) =>
        said.UndoValue is null
            ? Html.None
            : Html.Of(
                $"<input type=\"hidden\" name=\"{PreferenceEndpoint.Back}\" value=\"yes\"><button class=\"quiet\" name=\"{said.UndoName}\" value=\"{said.UndoValue}\">{texts.Undo}</button>");

    private Html Row(Topic topic, PreferenceView view, Texts texts)
    {
        var state = view.State;
        var (status, since) = Shown(topic, view);
        var silent = status == SubscriptionStatus.Subscribed ? standing.WhySilent(state, topic) : null;
        if (topic.Key == TopicKey.PackageUpdates && Speaking(view).Count > 0) silent = null;
        var held = status == SubscriptionStatus.Subscribed && silent is null ? standing.Held(state, topic, texts) : null;
        var word = status switch
        {
            SubscriptionStatus.Subscribed => Standing.Say(silent, texts) ?? held ?? texts.Subscribed,
            SubscriptionStatus.Pending => texts.Pending,
            SubscriptionStatus.Unsubscribed => texts.Unsubscribed,
            _ => texts.Never,
        };
        // The date is of the subscription, not of what keeps it silent.
        var when = since is null
            || status == SubscriptionStatus.None
            || silent is Reason.NoConsent or Reason.ReviewPending
            || held is not null
            ? Html.None
            : Since(since.Value, texts);
        var (name, on) = (texts.NameOf(topic), status is SubscriptionStatus.Subscribed or SubscriptionStatus.Pending);
        var offered = topic.IsOffered && (!on || silent is Reason.PolicyOutdated or Reason.NoConsent);
        var look = silent switch
        {
            null when held is null => status,
            null => IsBlocked(state) ? SubscriptionStatus.None : SubscriptionStatus.Pending,
            Reason.NoConsent => SubscriptionStatus.None,
            _ => SubscriptionStatus.Pending,
        };
        return Html.Of($"""
            <li><div><strong>{name}</strong><small>{texts.Describe(topic)}</small>
            <span class="status {look.ToString().ToLowerInvariant()}">{word}</span>{when}</div>
            {(offered && MayChoose(state) ? Button("subscribe", topic.Key, texts.StartNamed, name, texts.Start) : Html.None)}{(on ? Button("stop", topic.Key, texts.StopNamed, name, texts.Stop) : Html.None)}</li>

            """);
    }

    /// <summary>
    /// Where a topic stands, since when. A followed package speaks without its topic, which is on then: all of them can be stopped at once
    /// (R29).
    /// </summary>
    private (SubscriptionStatus Status, DateTimeOffset? Since) Shown(Topic topic, PreferenceView view)
    {
        var state = view.State;
        var held = state?.Find(topic.Key);
        var status = state?.ShownStatusOf(topic) ?? SubscriptionStatus.None;
        if (held is not null
            && state!.StillWaits(held)
            && (status == SubscriptionStatus.Pending || standing.WhySilent(state, topic) is not null))
        {
            return (SubscriptionStatus.Pending, held.Unconfirmed!.Since);
        }

        return topic.Key == TopicKey.PackageUpdates && status != SubscriptionStatus.Subscribed && Speaking(view) is { Count: > 0 } speak
            ? (SubscriptionStatus.Subscribed, speak.Min(w => w.Since))
            : (status, state?.Stopped?.Since ?? (held?.Status == SubscriptionStatus.Pending ? state!.LiftedStop : held?.Since));
    }

    /// <summary>The followed packages that no stop silences.</summary>
    private List<WatchRecord> Speaking(PreferenceView view) =>
        [.. view.Watches.Select(w => w.Watch).Where(w => w.Status == WatchStatus.Active && !standing.IsSilent(view.State, w))];

    private static Html Since(DateTimeOffset at, Texts texts) =>
        Html.Of($" <span class=\"dim\">{Texts.Fill(texts.Since, "date", texts.Date(at))}</span>");

    private static Html Button(string name, string value, string label, string what, string text) =>
        Html.Of(
            $"<button class=\"quiet\" name=\"{name}\" value=\"{value}\" aria-label=\"{Texts.Fill(label, "what", what)}\">{text}</button>");

    private Html Again(PreferenceView view, Texts texts) =>
        !MayChoose(view.State)
            || !(topics.All.Any(t => view.State!.Find(t.Key) is { } one && view.State.StillWaits(one))
                || view.Watches.Any(w => w.Watch.StillWaits(view.State!))) ? Html.None : Html.Of($"""
        <p class="apart"><button class="quiet" name="again" value="yes">{texts.Again}</button></p>

        """);

    private Html Packages(PreferenceView view, string? said, Texts texts)
    {
        var watches = view.Watches.Where(w => w.Watch.Status != WatchStatus.Unwatched)
            .Select(w => (w.Number, w.Watch, Silent: standing.IsSilent(view.State, w.Watch)))
            .ToList();
        if (watches.Count == 0) return Html.None;
        var rows = Html.Join(watches.Select(w =>
        {
            var (status, word) = w.Silent
                ? ("unsubscribed", texts.Unsubscribed)
                : w.Watch.Status != WatchStatus.Active ? ("pending", texts.Pending)
                : IsBlocked(view.State) ? ("none", texts.ChosenSilent)
                : ("subscribed", texts.Subscribed);
            var since = w.Silent || status == "none" ? Html.None : Since(w.Watch.Since, texts);
            var what = Texts.Fill(texts.StopPackage, "number", w.Number);
            return Html.Of($"""
                <li><div><strong dir="ltr">{w.Number}</strong><br>
                <span class="status {status}">{word}</span>{since}</div>
                {(!w.Silent ? Button("unwatch", w.Number, texts.StopNamed, what, texts.Stop) : MayChoose(view.State) ? Button("watch", w.Number, texts.StartNamed, what, texts.Start) : Html.None)}</li>

                """);
        }));
        var daily = watches.All(w => w.Watch.Daily);
        var often = watches.All(w => w.Silent) || IsBlocked(view.State) ? Html.None : Html.Of($"""
            {Unless(said, daily ? texts.DailyOn : texts.DailyOff, "often")}<p><button class="quiet" name="daily" value="{(daily ? "no" : "yes")}">{(daily ? texts.EachButton : texts.DailyButton)}</button></p>

            """);
        return Html.Of($"""
            <section class="apart">
            <h2>{texts.PackagesSection}</h2>
            {often}<ul class="rows brief">
            {rows}</ul>
            </section>

            """);
    }

    private Html Marketing(AddressState? state, string name, string? said, Texts texts)
    {
        if (!standing.HasMarketing(state))
            return Html.Of($"<section class=\"apart\">\n<h2>{texts.MarketingSection}</h2>\n{rights.Objection(state, name, said, texts)}</section>\n\n");
        var pause = state!.PausedUntil is { } until && until > time.GetUtcNow()
            ? Html.Of(
                $"{Unless(said, Texts.Fill(texts.Paused, "date", texts.Date(until)))}<p><button class=\"quiet\" name=\"pause\" value=\"0\">{texts.PauseEnd}</button></p>")
            : IsBlocked(state) ? Html.None : Html.Of(
                $"<p>{texts.PauseText}</p>\n<p class=\"equal\">{Html.Join(PauseDays.Select(days => Break(days, texts)))}</p>");
        return Html.Of($"""
            <section class="apart">
            <h2>{texts.MarketingSection}</h2>
            <p>{texts.StopMarketingText}</p>
            <p><button class="danger" name="stop" value="{AllMarketing}">{texts.StopMarketing}</button></p>
            {pause}
            {rights.Objection(state, name, said, texts)}</section>

            """);
    }

    // Beside each other the days are enough; by itself each says what it does.
    private static Html Break(int days, Texts texts)
    {
        var number = days.ToString(texts.Culture);
        return Html.Of(
            $"<button class=\"quiet\" name=\"pause\" value=\"{days}\" aria-label=\"{Texts.Fill(texts.PauseDays, "days", number)}\">{Texts.Fill(texts.Days, "days", number)}</button>\n");
    }

    /// <summary>
    /// To stop everything, where it is not stopped already: that stands at the top. On the link's channel it is all that the account has
    /// there, and so it is offered as long as one of them is open.
    /// </summary>
    private static Html All(LinkToken token, PreferenceView view, string name, Texts texts)
    {
        var stopped = view.State?.Stopped is not null && view.OpenBeside != true;
        var text = view.OpenBeside is null
            ? Texts.Fill(texts.StopAllText, "address", name)
            : token.Channel == Channel.Email ? texts.StopAllEmails : texts.StopAllPhones;
        if (stopped && view.Elsewhere is null) return Html.None;
        var here = stopped ? Html.None : Html.Of($"""
            <p>{Html.Breaking(text)}</p>
            <button class="danger" name="stop" value="*">{Texts.Fill(texts.StopAllButton, "channel", PublicLinks.By(token, texts))}</button>
            """);
        return Html.Of($"""
            <section class="apart">
            <h2>{texts.StopAllSection}</h2>
            {here}{Elsewhere(view, texts)}
            </section>

            """);
    }

    private static Html Elsewhere(PreferenceView view, Texts texts) => view.Elsewhere is not { } channel ? Html.None : Html.Of($"""

        <p class="often">{texts.ElsewhereText}</p>
        <button class="danger" name="stop" value="*{channel.Name()}">{Texts.Fill(texts.StopAllButton, "channel", PublicLinks.By(channel, texts))}</button>
        """);
}

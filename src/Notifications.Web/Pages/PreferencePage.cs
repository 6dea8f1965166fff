using System.Globalization;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary>What <c>/p/{token}</c> shows: every topic on the link's channel with its status, a button beside each, and "stop everything".</summary>
internal sealed class PreferencePage(TopicCatalog topics)
{
    public Page Show(LinkToken token, AddressState? state, string? announce)
    {
        var texts = Texts.English;
        var name = PublicLinks.Name(token, state, texts);
        var said = announce is null ? Html.None : Html.Of($"<p class=\"said\" role=\"status\">{announce}</p>\n");
        var blocked = IsBlocked(state) ? Html.Of($"<p class=\"warn\">{texts.Blocked}</p>\n") : Html.None;
        var rows = Html.Join(topics.All.Select(topic => Row(topic, state, texts)));
        var all = state?.Stopped is not null
            ? Html.Of($"""
                <h2>{texts.AllStopped}</h2>
                <p>{texts.AllStoppedText}</p>
                <button class="quiet" name="resume" value="yes">{texts.ResumeButton}</button>
                """)
            : Html.Of($"""
                <h2>{texts.StopAllSection}</h2>
                <p>{Texts.Fill(texts.StopAllText, "address", name)}</p>
                <button class="danger" name="stop" value="*">{Texts.Fill(texts.StopAllButton, "channel", PublicLinks.By(token, texts))}</button>
                """);
        return new Page(texts.PreferencesTitle, Html.Of($"""
            {said}<h1>{texts.PreferencesTitle}</h1>
            <p class="lead">{Texts.Fill(texts.PreferencesIntro, "address", name)}</p>
            {blocked}<form method="post">
            <ul class="rows">
            {rows}</ul>
            <section class="apart">
            {all}
            </section>
            </form>
            """)) { Texts = texts };
    }

    /// <summary>Whether nothing is sent whatever the subscriptions say, so that offering one would promise too much.</summary>
    public static bool IsBlocked(AddressState? state) => state is { Suppression: not null } or { Contact: not ContactStatus.Active };

    private static Html Row(Topic topic, AddressState? state, Texts texts)
    {
        var status = state?.StatusOf(topic.Key) ?? SubscriptionStatus.None;
        var since = state?.Stopped?.Since ?? state?.Find(topic.Key)?.Since;
        var word = status switch
        {
            SubscriptionStatus.Subscribed => texts.Subscribed,
            SubscriptionStatus.Pending => texts.Pending,
            SubscriptionStatus.Unsubscribed => texts.Unsubscribed,
            _ => texts.Never,
        };
        var when = since is null || status == SubscriptionStatus.None ? Html.None : Html.Of($" <span class=\"dim\">{Texts.Fill(texts.Since, "date", since.Value.ToString("d MMMM yyyy", CultureInfo.GetCultureInfo(texts.Language)))}</span>");
        return Html.Of($"""
            <li><div><strong>{topic.Name}</strong><small>{topic.Description}</small>
            <span class="status {status.ToString().ToLowerInvariant()}">{word}</span>{when}</div>
            {Button(topic, status, state, texts)}</li>

            """);
    }

    private static Html Button(Topic topic, SubscriptionStatus status, AddressState? state, Texts texts)
    {
        if (status is SubscriptionStatus.Subscribed or SubscriptionStatus.Pending)
            return Html.Of($"<button class=\"quiet\" name=\"stop\" value=\"{topic.Key}\" aria-label=\"{Texts.Fill(texts.StopNamed, "what", topic.Name)}\">{texts.Stop}</button>");
        if (state?.Value is null || state.Stopped is not null || IsBlocked(state)) return Html.None;
        return Html.Of($"<button class=\"quiet\" name=\"subscribe\" value=\"{topic.Key}\" aria-label=\"{Texts.Fill(texts.StartNamed, "what", topic.Name)}\">{texts.Start}</button>");
    }
}

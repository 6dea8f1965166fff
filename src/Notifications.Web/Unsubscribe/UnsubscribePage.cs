using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Unsubscribe;
using Notifications.Web.Pages;
using Followed = System.Collections.Generic.IReadOnlyList<(string Number, Notifications.Packages.WatchRecord Watch)>;

namespace Notifications.Web.Unsubscribe;

/// <summary>What <c>/u/{token}</c> shows: what will stop and one button, and afterwards what now holds.</summary>
internal sealed class UnsubscribePage(TopicCatalog topics, Links links, Standing standing)
{
    /// <summary>Asks. The link's own scope comes first and is chosen.</summary>
    public Page Ask(LinkToken token, AddressState? state, Texts texts)
    {
        var name = PublicLinks.Name(token, state, texts);
        var choices = Html.Join(Choices(token, texts).Select((choice, index) => Html.Of($"""
            <label class="choice"><input type="radio" name="scope" value="{choice.Value}"{(index == 0 ? new Html(" checked") : Html.None)}>
            <span><strong>{choice.Label}</strong><small>{choice.Hint}</small></span></label>

            """)));
        var heading = token.TrackingNumber is not null
            ? texts.StopPackageHeading
            : token.Topic is null ? texts.StopAllHeading : Texts.Fill(texts.StopTopicHeading, "what", Named(token, texts));
        return new Page(texts.StopTitle, Html.Of($"""
            <h1>{heading}</h1>
            <form method="post">
            <fieldset>
            <legend class="lead">{Html.Breaking(Texts.Fill(texts.StopIntro, "address", name))}</legend>
            {choices}</fieldset>
            <button class="primary">{texts.StopButton}</button>
            </form>
            <p class="note">{texts.StopNote}</p>
            <p class="note"><a href="{PublicLinks.PathOf(links.Preferences(token.Address, token.Channel))}">{texts.ToPreferences}</a></p>
            """)) { Texts = texts };
    }

    /// <summary>Says what now holds, and how to change it.</summary>
    public Page Done(LinkToken token, UnsubscribeScope scope, AddressState state, Followed watches, Texts texts) =>
        Holds(
            token, scope == UnsubscribeScope.Named ? Named(token, texts) : NameOf(token, texts), state, watches,
            Html.Of($"<p>{texts.StoppedNow}</p>\n"), Html.None, texts);

    /// <summary>
    /// Says the same to somebody who comes back, who is not asked again; what the link does not name can still be stopped.
    /// </summary>
    public Page Stopped(LinkToken token, AddressState state, Followed watches, Texts texts)
    {
        var address = PublicLinks.Name(token, state, texts);
        var rest = state.Stopped is not null ? Html.None : Html.Of($"""
            <form method="post" class="apart">
            <h2>{texts.StopAllSection}</h2>
            <p>{Html.Breaking(Texts.Fill(texts.StopAllText, "address", address))}</p>
            <button class="danger" name="scope" value="all">{Texts.Fill(texts.StopAllButton, "channel", PublicLinks.By(token, texts))}</button>
            </form>

            """);
        return Holds(token, Named(token, texts), state, watches, Html.None, rest, texts);
    }

    private Page Holds(LinkToken token, string what, AddressState state, Followed watches, Html now, Html rest, Texts texts)
    {
        var text = Texts.Fill(
            Texts.Fill(state.Stopped is not null ? texts.StoppedAll : texts.StoppedTopic, "address", PublicLinks.Name(token, state, texts)),
            "what", what);
        // Both may look alike behind their masks.
        var former = state.Stopped?.Left?.To is null ? Html.None : Html.Of($"<p>{texts.StoppedFormer}</p>\n");
        var kept = standing.Gets(state, watches, texts).Select(name => Html.Of($"<li>{name}</li>")).ToList();
        var still = kept.Count == 0 ? Html.None : Html.Of($"<h2>{texts.StillOn}</h2>\n<ul class=\"plain\">{Html.Join(kept)}</ul>\n");
        return new Page(texts.StoppedHeading, Html.Of($"""
            <div role="status">
            <h1><span class="tick" aria-hidden="true"></span>{texts.StoppedHeading}</h1>
            <p class="lead">{Html.Breaking(text)}</p>
            </div>
            {now}{former}{still}{rest}<p class="note">{texts.ChangeMind} <a href="{PublicLinks.PathOf(links.Preferences(token.Address, token.Channel))}">{texts.ToPreferences}</a></p>
            """)) { Texts = texts };
    }

    private IEnumerable<(string Value, string Label, string Hint)> Choices(LinkToken token, Texts texts)
    {
        if (token.TrackingNumber is { } number)
        {
            yield return ("named", Texts.Fill(texts.StopPackage, "number", number), texts.StopPackageHint);
            yield return ("topic", texts.StopAllPackages, texts.StopAllPackagesHint);
        }
        else if (token.Topic is not null)
        {
            yield return ("named", Named(token, texts), texts.StopOnlyTopicHint);
        }

        yield return ("all", Texts.Fill(texts.StopEverything, "channel", PublicLinks.By(token, texts)), texts.StopEverythingHint);
    }

    private string Named(LinkToken token, Texts texts) =>
        token.TrackingNumber is { } number ? Texts.Fill(texts.StopPackage, "number", number) : NameOf(token, texts);

    private string NameOf(LinkToken token, Texts texts) => topics.Find(token.Topic) is { } topic ? texts.NameOf(topic) : token.Topic ?? "";
}

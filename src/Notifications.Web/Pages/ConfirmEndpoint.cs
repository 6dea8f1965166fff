using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Storage;
using Notifications.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary>
/// <c>/c/{token}</c>: GET shows what will be confirmed and changes nothing (R28), POST confirms it. What the message asked about is confirmed by the one button; what was
/// chosen for the address after the message went out, perhaps by somebody else, stands beside it as a box of its own, not ticked.
/// </summary>
internal sealed class ConfirmEndpoint(PublicLinks links, AddressBook book, ConsentDesk desk, Watches watches, TopicCatalog topics)
{
    private const string Source = "confirm-page";

    public async Task GetAsync(HttpContext http)
    {
        if (Read(http) is not { } token)
        {
            await links.RefuseAsync(http);
            return;
        }

        try
        {
            // What a link names itself can be shown without the store; what it does not, cannot.
            var state = token.Topic is null ? (await book.LoadAsync(token.Address, http.RequestAborted)).State : await links.LookAsync(token, http.RequestAborted);
            var texts = Texts.For(http, state?.Locale);
            var asked = Asked(token, state);
            await (asked.Count == 0 ? NothingPending(texts) : Ask(token, asked, state, texts)).ExecuteAsync(http);
        }
        catch (StorageUnavailableException) when (!http.Response.HasStarted)
        {
            await PublicLinks.UnavailableAsync(http);
        }
    }

    public async Task PostAsync(HttpContext http)
    {
        if (Read(http) is not { } token)
        {
            await links.RefuseAsync(http);
            return;
        }

        var form = await PublicForm.ReadAsync(http);
        if (form?["confirm"] != "yes")
        {
            await PublicLinks.NoChoiceAsync(http, tooLarge: form is null);
            return;
        }

        try
        {
            var (names, state) = await ConfirmAsync(http, token, form);
            var texts = Texts.For(http, state?.Locale);
            if (names.Count == 0)
            {
                await NothingPending(texts).ExecuteAsync(http);
                return;
            }

            var text = Texts.Fill(Texts.Fill(texts.ConfirmedText, "address", PublicLinks.Name(token, state, texts)), "what", texts.Join(names.Select(n => n(texts))));
            var blocked = PreferencePage.IsBlocked(state) ? Html.Of($"<p class=\"warn\">{texts.Blocked}</p>\n") : Html.None;
            await new Page(texts.ConfirmedHeading, Html.Of($"""
                <div role="status">
                <h1><span class="tick" aria-hidden="true"></span>{texts.ConfirmedHeading}</h1>
                <p class="lead">{text}</p>
                </div>
                {blocked}
                """)) { Texts = texts }.ExecuteAsync(http);
        }
        catch (StorageUnavailableException) when (!http.Response.HasStarted)
        {
            await PublicLinks.UnavailableAsync(http);
        }
    }

    private Page Ask(LinkToken token, IReadOnlyList<Topic> asked, AddressState? state, Texts texts)
    {
        var one = token.TrackingNumber is not null || asked.Count == 1;
        var what = token.TrackingNumber is { } number ? Texts.Fill(texts.StopPackage, "number", number) : texts.NameOf(asked[0]);
        var heading = one ? Texts.Fill(texts.ConfirmHeading, "what", what) : texts.ConfirmSeveral;
        var list = one
            ? Html.Of($"<p class=\"lead\">{texts.Describe(asked[0])}</p>")
            : Html.Of($"<ul class=\"rows\">{Html.Join(asked.Select(t => Html.Of($"<li><div><strong>{texts.NameOf(t)}</strong><small>{texts.Describe(t)}</small></div></li>")))}</ul>");
        var others = Others(asked, token, state);
        var boxes = others.Count == 0 ? Html.None : Html.Of($"""
            <fieldset>
            <legend>{texts.AlsoWaiting}</legend>
            {Html.Join(others.Select(t => Html.Of($"<label class=\"choice\"><input type=\"checkbox\" name=\"also-{t.Key}\" value=\"yes\"><span><strong>{texts.NameOf(t)}</strong><small>{texts.Describe(t)}</small></span></label>\n")))}</fieldset>

            """);
        return new Page(texts.ConfirmTitle, Html.Of($"""
            <h1>{heading}</h1>
            {list}
            <p>{Texts.Fill(texts.ConfirmIntro, "address", PublicLinks.Name(token, state, texts))}</p>
            <form method="post">
            {boxes}<button class="primary" name="confirm" value="yes">{texts.ConfirmButton}</button>
            </form>
            <p class="note">{texts.ConfirmNote}</p>
            """)) { Texts = texts };
    }

    private static Page NothingPending(Texts texts) => Page.Notice(texts, StatusCodes.Status410Gone, texts.NothingPendingHeading, texts.NothingPendingText);

    /// <summary>Confirms; the answer is the names of what holds now.</summary>
    private async ValueTask<(IReadOnlyList<Func<Texts, string>> Names, AddressState? State)> ConfirmAsync(HttpContext http, LinkToken token, PublicForm form)
    {
        var (state, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        var draft = new LedgerDraft(LedgerAction.Confirm, LedgerDraft.AllTopics, Source, "person") { Evidence = Evidence.Of(http) };
        var names = new List<Func<Texts, string>>();
        var asked = Asked(token, state);
        var also = Others(asked, token, state).Where(t => form["also-" + t.Key] == "yes");
        var chosen = (token.TrackingNumber is null ? asked.Concat(also) : also).Select(t => t.Key).ToList();

        // The topics first: of what was chosen before a stop over everything, nothing is left once the package has lifted that.
        var (confirmed, after) = await desk.ConfirmAsync(token.Address, chosen, draft, CancellationToken.None);
        if (token.TrackingNumber is { } number && await watches.ConfirmAsync(token.Address, number, draft.Source, draft.Evidence, CancellationToken.None) is not null)
            names.Add(t => Texts.Fill(t.StopPackage, "number", number));
        foreach (var key in confirmed)
            if (topics.Find(key) is { } topic) names.Add(t => t.NameOf(topic));
        return (names, after);
    }

    /// <summary>What the link's message asked about: its topic, or all that waited when it went out.</summary>
    private IReadOnlyList<Topic> Asked(LinkToken token, AddressState? state) => token.Topic is not null
        ? [topics.Find(token.Topic)!]
        : state is null ? [] : [.. ConsentDesk.Asked(state).Select(s => topics.Find(s.Topic)).OfType<Topic>()];

    private List<Topic> Others(IReadOnlyList<Topic> asked, LinkToken token, AddressState? state) => state is null
        ? []
        : [.. state.Subscriptions.Where(s => s.Waits).Select(s => topics.Find(s.Topic)).OfType<Topic>().Where(t => token.TrackingNumber is not null || !asked.Contains(t))];

    private LinkToken? Read(HttpContext http) => links.Read(http, LinkPurpose.Confirm) is { } token && (token.Topic is null || topics.Find(token.Topic) is not null) ? token : null;
}

using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Storage;
using Notifications.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary><c>/c/{token}</c>: GET shows what will be confirmed and changes nothing (R28), POST confirms it.</summary>
internal sealed class ConfirmEndpoint(PublicLinks links, ConsentDesk desk, Watches watches, TopicCatalog topics)
{
    public async Task GetAsync(HttpContext http)
    {
        if (Read(http) is not { } link)
        {
            await links.RefuseAsync(http);
            return;
        }

        var state = await links.LookAsync(link.Token, http.RequestAborted);
        var texts = Texts.For(http, state?.Locale);
        var name = PublicLinks.Name(link.Token, state, texts);
        await new Page(texts.ConfirmTitle, Html.Of($"""
            <h1>{Texts.Fill(texts.ConfirmHeading, "what", What(link, texts))}</h1>
            <p class="lead">{texts.Describe(link.Topic)}</p>
            <p>{Texts.Fill(texts.ConfirmIntro, "address", name)}</p>
            <form method="post">
            <button class="primary" name="confirm" value="yes">{texts.ConfirmButton}</button>
            </form>
            <p class="note">{texts.ConfirmNote}</p>
            """)) { Texts = texts }.ExecuteAsync(http);
    }

    public async Task PostAsync(HttpContext http)
    {
        if (Read(http) is not { } link)
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
            var draft = new LedgerDraft(LedgerAction.Confirm, link.Topic.Key, "confirm-page", "person") { Evidence = Evidence.Of(http) };
            var (result, state) = link.Token.TrackingNumber is { } number
                ? await ConfirmWatchAsync(link.Token, number, draft)
                : await desk.ConfirmAsync(link.Token.Address, link.Topic.Key, draft, CancellationToken.None);
            var texts = Texts.For(http, state?.Locale);
            if (result == ConsentResult.NothingPending)
            {
                await Page.Notice(texts, StatusCodes.Status410Gone, texts.NothingPendingHeading, texts.NothingPendingText).ExecuteAsync(http);
                return;
            }

            var text = Texts.Fill(Texts.Fill(texts.ConfirmedText, "address", PublicLinks.Name(link.Token, state, texts)), "what", What(link, texts));
            await new Page(texts.ConfirmedHeading, Html.Of($"""
                <div role="status">
                <h1><span class="tick" aria-hidden="true"></span>{texts.ConfirmedHeading}</h1>
                <p class="lead">{text}</p>
                </div>
                """)) { Texts = texts }.ExecuteAsync(http);
        }
        catch (StorageUnavailableException) when (!http.Response.HasStarted)
        {
            await PublicLinks.UnavailableAsync(http);
        }
    }

    private async ValueTask<(ConsentResult, AddressState?)> ConfirmWatchAsync(LinkToken token, string number, LedgerDraft draft)
    {
        var answer = await watches.ConfirmAsync(token.Address, number, draft.Source, draft.Evidence, CancellationToken.None);
        return (answer is null ? ConsentResult.NothingPending : ConsentResult.Recorded, await links.LookAsync(token, CancellationToken.None));
    }

    private static string What((LinkToken Token, Topic Topic) link, Texts texts) =>
        link.Token.TrackingNumber is { } number ? Texts.Fill(texts.StopPackage, "number", number) : texts.NameOf(link.Topic);

    private (LinkToken Token, Topic Topic)? Read(HttpContext http) =>
        links.Read(http, LinkPurpose.Confirm) is { } token && topics.Find(token.Topic) is { } topic ? (token, topic) : null;
}

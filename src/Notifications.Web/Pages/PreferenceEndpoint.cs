using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary><c>/p/{token}</c>: GET shows, POST does what one button says.</summary>
internal sealed class PreferenceEndpoint(PublicLinks links, AddressBook book, Unsubscriber unsubscriber, ConsentDesk desk, TopicCatalog topics, SendingOptions sending, PreferencePage page)
{
    private const string Source = "preference-page";

    public async Task GetAsync(HttpContext http)
    {
        if (links.Read(http, LinkPurpose.Preferences) is not { } token)
        {
            await links.RefuseAsync(http);
            return;
        }

        try
        {
            var (state, _) = await book.LoadAsync(token.Address, http.RequestAborted);
            await page.Show(token, state, null).ExecuteAsync(http);
        }
        catch (StorageUnavailableException) when (!http.Response.HasStarted)
        {
            await PublicLinks.UnavailableAsync(http); // Statuses that cannot be read must not be shown as "not chosen".
        }
    }

    public async Task PostAsync(HttpContext http)
    {
        if (links.Read(http, LinkPurpose.Preferences) is not { } token)
        {
            await links.RefuseAsync(http);
            return;
        }

        var form = await PublicForm.ReadAsync(http);
        try
        {
            if (form is null || await DoAsync(http, token, form) is not { } said)
            {
                await PublicLinks.NoChoiceAsync(http, tooLarge: form is null);
                return;
            }

            var (state, _) = await book.LoadAsync(token.Address, CancellationToken.None);
            await page.Show(token, state, said).ExecuteAsync(http);
        }
        catch (StorageUnavailableException) when (!http.Response.HasStarted)
        {
            await PublicLinks.UnavailableAsync(http);
        }
    }

    /// <summary>Does it, and says what came of it; null when the form asks for nothing we know.</summary>
    private async ValueTask<string?> DoAsync(HttpContext http, LinkToken token, PublicForm form)
    {
        if (form["stop"] == LedgerDraft.AllTopics)
            return Said((await unsubscriber.StopAsync(token, UnsubscribeScope.All, Source, CancellationToken.None)).Changed);
        if (topics.Find(form["stop"]) is { } stop)
            return Said((await unsubscriber.StopAsync(token with { Topic = stop.Key }, UnsubscribeScope.Topic, Source, CancellationToken.None)).Changed);
        if (form["resume"] == "yes")
        {
            var draft = new LedgerDraft(LedgerAction.Resume, LedgerDraft.AllTopics, Source, "person") { Evidence = Evidence.Of(http) };
            return Said(await book.ChangeAsync(token.Address, null, (state, _) => Transitions.Resume(state, draft), null, CancellationToken.None) is { Changed: true });
        }

        return topics.Find(form["subscribe"]) is { } topic ? await SubscribeAsync(http, token, topic) : null;
    }

    // A link may have been passed on, so it alone confirms nothing: a topic with double opt-in asks the mailbox again (P6, R28).
    private async ValueTask<string> SubscribeAsync(HttpContext http, LinkToken token, Topic topic)
    {
        var texts = Texts.English;
        var (state, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        if (state?.Address is not { } address || state.Stopped is not null || PreferencePage.IsBlocked(state)) return texts.Unchanged;
        var draft = new LedgerDraft(LedgerAction.OptIn, topic.Key, Source, "person")
        {
            PolicyVersion = sending.RequiredPolicyVersion,
            Wording = Texts.Fill(Texts.Fill(texts.ConsentWording, "what", topic.Name), "description", topic.Description),
            Evidence = Evidence.Of(http),
        };
        var (result, after) = await desk.OptInAsync(address, topic, draft, confirmed: false, locale: null, CancellationToken.None);
        return after.StatusOf(topic.Key) == SubscriptionStatus.Pending ? texts.SavedPending : Said(result == ConsentResult.Recorded);
    }

    private static string Said(bool changed) => changed ? Texts.English.Saved : Texts.English.Unchanged;
}

using Notifications.Addresses;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Unsubscribe;
using Notifications.Web.Http;
using Notifications.Web.Pages;

namespace Notifications.Web.Unsubscribe;

/// <summary><c>/u/{token}</c>: GET and HEAD show (P3), POST stops, durable before it answers (P4).</summary>
internal sealed class UnsubscribeEndpoint(PublicLinks links, Unsubscriber unsubscriber, Watches watches, UnsubscribePage page)
{
    private static readonly ReadOnlyMemory<byte> Unsubscribed = "Unsubscribed.\n"u8.ToArray();

    public async Task GetAsync(HttpContext http)
    {
        if (links.Read(http, LinkPurpose.Unsubscribe) is not { } token)
        {
            await links.RefuseAsync(http);
            return;
        }

        var state = await links.LookAsync(token, http.RequestAborted);
        var texts = Texts.For(http, state?.Locale);
        if (state?.Contact == ContactStatus.Erased)
        {
            await RightsPanels.Erased(texts).ExecuteAsync(http);
            return;
        }

        await (state is not null && await HasStoppedAsync(token, state, http.RequestAborted)
            ? page.Stopped(token, state, await FollowedAsync(token, http.RequestAborted), texts)
            : page.Ask(token, state, texts)).ExecuteAsync(
            http);
    }

    // With the store away the page asks: it does so without the record, too.
    private async ValueTask<bool> HasStoppedAsync(LinkToken token, AddressState state, CancellationToken cancel)
    {
        try
        {
            return await unsubscriber.HasStoppedAsync(token, state, cancel);
        }
        catch (StorageUnavailableException)
        {
            return false;
        }
    }

    // The stop is durable by now: a store that went away after it must not make a failure of it.
    private async ValueTask<IReadOnlyList<(string Number, WatchRecord Watch)>> FollowedAsync(LinkToken token, CancellationToken cancel)
    {
        try
        {
            return await watches.OfAsync(token.Address, cancel);
        }
        catch (StorageUnavailableException)
        {
            return [];
        }
    }

    public async Task PostAsync(HttpContext http)
    {
        if (links.Read(http, LinkPurpose.Unsubscribe) is not { } token)
        {
            await links.RefuseAsync(http);
            return;
        }

        var form = await PublicForm.ReadAsync(http);
        if (form is { IsOneClick: true })
        {
            // A mailbox provider that hangs up must not take the person's word back, so nothing cancels this.
            await unsubscriber.StopAsync(token, UnsubscribeScope.Named, "one-click", CancellationToken.None);
            await AnswerAsync(http);
        }
        else if (ScopeOf(form?["scope"]) is { } scope)
        {
            await StopAsync(http, token, scope);
        }
        else
        {
            await PublicLinks.NoChoiceAsync(http, tooLarge: form is null);
        }
    }

    private async Task StopAsync(HttpContext http, LinkToken token, UnsubscribeScope scope)
    {
        try
        {
            // Nothing is sent there any more, and nothing is written of it either (R34).
            if (await links.LookAsync(token, CancellationToken.None) is { Contact: ContactStatus.Erased } erased)
            {
                await RightsPanels.Erased(Texts.For(http, erased.Locale)).ExecuteAsync(http);
                return;
            }

            var result = await unsubscriber.StopAsync(token, scope, "unsubscribe-page", CancellationToken.None);
            await page.Done(
                token, scope, result.State, await FollowedAsync(token, CancellationToken.None),
                Texts.For(http, result.State.Locale)).ExecuteAsync(http);
        }
        catch (StorageUnavailableException) when (!http.Response.HasStarted)
        {
            await PublicLinks.UnavailableAsync(http);
        }
    }

    private static Task AnswerAsync(HttpContext http)
    {
        var response = http.Response;
        PublicHeaders.Apply(response);
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = Unsubscribed.Length;
        return response.Body.WriteAsync(Unsubscribed, CancellationToken.None).AsTask();
    }

    private static UnsubscribeScope? ScopeOf(string? name) => name switch
    {
        "named" => UnsubscribeScope.Named,
        "topic" => UnsubscribeScope.Topic,
        "all" => UnsubscribeScope.All,
        _ => null,
    };
}

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
    public async ValueTask<IResult> GetAsync(HttpContext http)
    {
        if (await links.ReadAsync(http, LinkPurpose.Unsubscribe) is not { } token) return links.Refuse(http);
        var state = await links.LookAsync(token, http.RequestAborted);
        var texts = Texts.For(http, state?.Locale);
        if (state is { IsErased: true }) return RightsPanels.Erased(texts);
        return state is not null && await HasStoppedAsync(token, state, http.RequestAborted)
            ? page.Stopped(token, state, await FollowedAsync(token, http.RequestAborted), texts)
            : page.Ask(token, state, texts);
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

    public async ValueTask<IResult> PostAsync(HttpContext http)
    {
        if (await links.ReadAsync(http, LinkPurpose.Unsubscribe) is not { } token) return links.Refuse(http);
        var form = await PublicForm.ReadAsync(http);
        if (form is { IsOneClick: true }) return new OneClick(unsubscriber, token);
        return ScopeOf(form?["scope"]) is { } scope
            ? await StopAsync(http, token, scope)
            : PublicLinks.NoChoice(http, tooLarge: form is null);
    }

    private async ValueTask<Page> StopAsync(HttpContext http, LinkToken token, UnsubscribeScope scope)
    {
        // Nothing is sent there any more, and nothing is written of it either (R34).
        if (await links.LookAsync(token, CancellationToken.None) is { IsErased: true } erased)
            return RightsPanels.Erased(Texts.For(http, erased.Locale));
        var result = await unsubscriber.StopAsync(token, scope, "unsubscribe-page", CancellationToken.None);
        return page.Done(
            token, scope, result.State, await FollowedAsync(token, CancellationToken.None), Texts.For(http, result.State.Locale));
    }

    private static UnsubscribeScope? ScopeOf(string? name) => name switch
    {
        "named" => UnsubscribeScope.Named,
        "topic" => UnsubscribeScope.Topic,
        "all" => UnsubscribeScope.All,
        _ => null,
    };

    /// <summary>
    /// The one click of RFC 8058, answered once the stop is durable. Where the store is away the pipeline says so, as to every program: a
    /// page is for a person.
    /// </summary>
    private sealed class OneClick(Unsubscriber unsubscriber, LinkToken token) : IResult
    {
        private static readonly ReadOnlyMemory<byte> Unsubscribed = "Unsubscribed.\n"u8.ToArray();

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            // A mailbox provider that hangs up must not take the person's word back, so nothing cancels this.
            await unsubscriber.StopAsync(token, UnsubscribeScope.Named, "one-click", CancellationToken.None);
            var response = httpContext.Response;
            PublicHeaders.Apply(response);
            response.ContentType = "text/plain; charset=utf-8";
            response.ContentLength = Unsubscribed.Length;
            await response.Body.WriteAsync(Unsubscribed, CancellationToken.None);
        }
    }
}

using Notifications.Addresses;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Unsubscribe;
using Notifications.Web.Http;
using Notifications.Web.Subscribe;

namespace Notifications.Web.Pages;

/// <summary>
/// What the pages behind a link have in common: reading the token, refusing every forgery alike (R12), naming the address without giving it
/// away.
/// </summary>
internal sealed class PublicLinks(LinkTokens tokens, AddressBook book, KeyRing ring, PublicLimits limits)
{
    private const int RetryAfter = 30;

    /// <summary>
    /// The token of the path, or null. A link that was sent to another form of a phone's number by a build of before is of the phone; where
    /// the store cannot say so nothing is done by it, for a stop in the record that was left would stop nothing (P4).
    /// </summary>
    /// <exception cref="StorageUnavailableException">The store is away, and the link is to do something.</exception>
    public async ValueTask<LinkToken?> ReadAsync(HttpContext http, LinkPurpose purpose)
    {
        if (http.Request.RouteValues["token"] is not string text) return null;
        if ((tokens.Read(purpose, text) ?? Find(http.Request, purpose, text)) is not { } token) return null;
        if (token.Channel != Channel.Sms) return token;
        var state = HttpMethods.IsPost(http.Request.Method)
            ? (await book.LoadAsync(token.Address, CancellationToken.None)).State
            : await LookAsync(token, http.RequestAborted);
        return state?.Address is { } phone ? token with { Address = ring.KeyOf(phone) } : token;
    }

    // What stands around it is left out of the path too, which the page leads back to.
    private LinkToken? Find(HttpRequest request, LinkPurpose purpose, string text)
    {
        foreach (var bare in LinkText.Bare(text))
        {
            if (tokens.Read(purpose, bare) is not { } token) continue;
            request.Path = string.Concat(request.Path.Value.AsSpan(0, "/u/".Length), bare);
            return token;
        }

        return null;
    }

    /// <summary>One answer for whatever is not a token of ours.</summary>
    public Page Refuse(HttpContext http)
    {
        var texts = Texts.For(http);
        return limits.Allow(http.Connection.RemoteIpAddress)
            ? Page.Notice(texts, StatusCodes.Status404NotFound, texts.NotFoundHeading, texts.NotFoundText, FindEndpoint.Way(texts))
            : Page.Notice(
                texts, StatusCodes.Status429TooManyRequests, texts.TooManyHeading, texts.TooManyText, FindEndpoint.Way(texts), RetryAfter);
    }

    /// <summary>The form said nothing we know: nothing is changed (R9).</summary>
    public static Page NoChoice(HttpContext http, bool tooLarge)
    {
        var texts = Texts.For(http);
        return Page.Notice(
            texts, tooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest, texts.NoChoiceHeading,
            texts.NoChoiceText, Back(http, texts));
    }

    /// <summary>The store is away: never a false yes (R69).</summary>
    public static Page Unavailable(HttpContext http, StorageUnavailableException away)
    {
        http.RequestServices.GetRequiredService<StoreAwayLog>().Met(away.Message);
        var texts = Texts.For(http);
        return Page.Notice(
            texts, StatusCodes.Status503ServiceUnavailable, texts.UnavailableHeading, texts.UnavailableText, Back(http, texts), 5);
    }

    /// <summary>The record behind a link. A page that only shows something does so without it when the store is away.</summary>
    public async ValueTask<AddressState?> LookAsync(LinkToken token, CancellationToken cancel)
    {
        try
        {
            return (await book.LoadAsync(token.Address, cancel)).State;
        }
        catch (StorageUnavailableException)
        {
            return null;
        }
    }

    /// <summary>The way back to the page whose form was sent, or to the same page once more.</summary>
    public static (string Path, string Name) Back(HttpContext http, Texts texts) => (http.Request.Path.Value!, texts.BackToPage);

    /// <summary>
    /// The path of a link of ours, its last two segments as in <c>/p/TOKEN</c>: what stands on a page stays on the host the person has
    /// opened, whatever the public URL says, and its own path comes before it with that of every other (<see cref="PublicPath"/>).
    /// </summary>
    public static string PathOf(string url) => url[url.LastIndexOf('/', url.LastIndexOf('/') - 1)..];

    /// <summary>The masked address, or "this email address" where only its key is known.</summary>
    public static string Name(LinkToken token, AddressState? state, Texts texts) =>
        (state?.Address?.Masked() is { } masked ? texts.Isolate(masked) : null)
            ?? (token.Channel == Channel.Email ? texts.ThisEmail : texts.ThisPhone);

    /// <summary>"by email" or "by text message".</summary>
    public static string By(LinkToken token, Texts texts) => By(token.Channel, texts);

    /// <summary>The same of a channel.</summary>
    public static string By(Channel channel, Texts texts) => channel == Channel.Email ? texts.ByEmail : texts.BySms;
}

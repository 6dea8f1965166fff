using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Subscribe;
using Notifications.Web.Pages;

namespace Notifications.Web.Subscribe;

/// <summary>
/// <c>/subscribe</c>: GET shows the form, POST asks each address to confirm. Whoever fills it in proves nothing, so nothing is ever granted
/// here, and the answer is the same whatever is known of the address, as is the work before it (R63).
/// </summary>
internal sealed class SubscribeEndpoint(
    SubscribePage page, SignupLimits limits, KeyRing ring, SignupDesk desk, TopicCatalog topics, OurAddresses ours,
    SendingOptions sending, NotificationsOptions options, TimeProvider time)
{
    public ValueTask<IResult> GetAsync(HttpContext http)
    {
        var texts = Texts.For(http);
        return new(page.Show(Signup.Blank(http.Request.Query["package"], texts), texts));
    }

    public async ValueTask<IResult> PostAsync(HttpContext http)
    {
        var texts = Texts.For(http);
        if (!limits.Allow(http.Connection.RemoteIpAddress)) return Busy(http, texts);
        if (await PublicForm.ReadAsync(http) is not { } form) return PublicLinks.NoChoice(http, tooLarge: true);
        var signup = Signup.Read(form, topics, ours, options.RequireAge, texts);
        if (signup.IsMinor)
            return Page.Notice(
                texts, StatusCodes.Status403Forbidden, texts.MinorHeading, texts.MinorText, FindEndpoint.Way(texts));
        if (signup.Problems.Count > 0) return page.Show(signup, texts);
        var evidence = Evidence.Of(http, texts, time.UtcNowMs());
        if (signup.Mailbox is { } mailbox) await AskAsync(mailbox, signup, texts, evidence);
        if (signup.Mobile is { } mobile) await AskAsync(mobile, signup, texts, evidence);
        return page.Taken(signup, texts);
    }

    /// <summary>One answer for a network that sends too many forms.</summary>
    public static Page Busy(HttpContext http, Texts texts) =>
        Page.Notice(
            texts, StatusCodes.Status429TooManyRequests, texts.TooManyHeading, texts.BusyText, PublicLinks.Back(http, texts), 60);

    private async ValueTask AskAsync(Address address, Signup signup, Texts texts, string evidence)
    {
        if (!limits.Allow(ring.KeyOf(address))) return; // Nobody learns of it: the answer is the usual one.
        await desk.AcceptAsync(new SignupRequest(address.Channel, address.Value, texts.Language, evidence)
        {
            PolicyVersion = sending.PolicyVersion,
            Topics =
            [
                .. topics.All.Where(topic => signup.Ticked.Contains(Signup.Box(address.Channel, topic.Key)))
                    .Select(topic => new SignupTopic(topic.Key, page.Wording(address.Channel, topic, texts))),
            ],
            Package = signup.Number is { Value: var number } && signup.Ticked.Contains(Signup.WatchBox(address.Channel))
                ? new(number, SubscribePage.Wording(number, texts), signup.Ticked.Contains(Signup.DailyBox(address.Channel)))
                : null,
        });
    }
}

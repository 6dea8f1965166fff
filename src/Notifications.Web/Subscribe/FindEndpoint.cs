using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Unsubscribe;
using Notifications.Web.Pages;

namespace Notifications.Web.Subscribe;

/// <summary>
/// <c>/find</c>: sends the link to the preferences to an address that we know and may write to, once per confirmation window (an hour at
/// least, R63); the answer is the same for every address.
/// </summary>
internal sealed class FindEndpoint(
    SignupLimits limits, KeyRing ring, AddressBook book, OurAddresses ours, Links links, MessageIds ids, SendQueue queue,
    SenderOptions sender, SendingOptions sending, TimeProvider time)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>The way on for whoever has no link that works.</summary>
    public static (string Path, string Name) Way(Texts texts) => ("/find", texts.FindTitle);

    public static ValueTask<IResult> GetAsync(HttpContext http) => new(Show("", [], Texts.For(http)));

    public async ValueTask<IResult> PostAsync(HttpContext http)
    {
        var texts = Texts.For(http);
        if (!limits.Allow(http.Connection.RemoteIpAddress)) return SubscribeEndpoint.Busy(http, texts);
        if (await PublicForm.ReadAsync(http) is not { } form) return PublicLinks.NoChoice(http, tooLarge: true);
        var typed = form["address"]?.Trim() ?? "";
        if (!Address.TryParse(typed.Contains('@', StringComparison.Ordinal) ? Channel.Email : Channel.Sms, typed, out var address, out _))
        {
            var slip = Address.ChannelOf(typed) == Channel.Sms && PhoneText.LetterOf(typed) is not null;
            return Show(typed.Length <= 320 ? typed : "", [("address", slip ? Problems.OfPhone(typed, texts) : texts.FindError)], texts);
        }

        if (!ours.Has(address)) await SendAsync(address, texts);
        return Page.Notice(texts, StatusCodes.Status200OK, texts.CheckHeading, texts.FoundText, PublicLinks.Back(http, texts));
    }

    // The same reads and writes for every address, or the time until the answer would tell who is known: whether anything goes out is
    // decided from the queue, and the id of the window keeps it to one. One that is held back takes nothing from the day on which its
    // person comes back.
    private async ValueTask SendAsync(Address address, Texts asked)
    {
        var key = ring.KeyOf(address);
        if (!limits.Allow(key)) return;
        var (state, _) = await book.LoadAsync(key, CancellationToken.None);
        var now = time.UtcNowMs();
        var texts = Texts.Find(state?.Locale) ?? asked;
        var window = sending.ConfirmationWindow > Hour ? sending.ConfirmationWindow : Hour;
        var held = state is { Stopped: not null } || PreferencePage.IsBlocked(state) ? "/held" : "";
        await queue.EnqueueAsync(new SendRequest
        {
            Id = ids.Derive(key, $"find/{now.UtcTicks / window.Ticks}{held}").ToString(),
            Channel = address.Channel,
            To = address.Value,
            Topic = TopicKey.PackageUpdates,
            Purpose = MessagePurpose.PreferencesLink,
            OnlyKnown = true,
            Content = Message(sender.Name, texts, links.Preferences(key, address.Channel), address.Channel),
            Locale = texts.Language,
            ExpiresAt = now.AddDays(1),
            AcceptedAt = now,
        }, CancellationToken.None);
    }

    private static MessageContent Message(string brand, Texts texts, string link, Channel channel)
    {
        if (channel == Channel.Sms)
            return new(null, $"{texts.Mark}{brand}{texts.Colon}{Texts.Fill(texts.FindMessage, "link", link)}", null);
        var parts = texts.FindMessage.Split("{link}", StringSplitOptions.TrimEntries);
        var html = Html.Of($"""
            <div lang="{texts.Language}" dir="{texts.Direction}">
            <p>{parts[0]}</p>
            <p><a class="button" href="{link}">{texts.PreferencesTitle}</a></p>
            <p>{parts[1]}</p>
            </div>
            """);
        return new(texts.PreferencesTitle, $"{parts[0]}\n\n{link}\n\n{parts[1]}", html.Value);
    }

    private static Page Show(string typed, IReadOnlyList<(string Field, string Problem)> problems, Texts texts) =>
        new(texts.FindTitle, Html.Of($"""
        {Problems.All(problems, texts)}<h1>{texts.FindTitle}</h1>
        <p class="lead">{texts.FindIntro}</p>
        <form method="post" action="/find" novalidate>
        <p><label for="address">{texts.FindLabel}</label>
        <input type="text" id="address" name="address" maxlength="320" autocomplete="email" dir="ltr" value="{typed}"{Problems.Mark(problems, "address")}>
        {Problems.Beside(problems, "address")}</p>
        <button class="primary">{texts.FindButton}</button>
        </form>
        """)) { Texts = texts, Status = problems.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity };
}

using System.Globalization;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Unsubscribe;
using Notifications.Web.Subscribe;

namespace Notifications.Web.Pages;

/// <summary>What the preference page does with the packages that its address follows.</summary>
internal sealed class FollowedPackages(
    Watches watches, DailyChoice dailyChoice, AddressMove move, SendingOptions sending, SignupLimits limits, KeyRing ring)
{
    /// <summary>Ends the following of one.</summary>
    public async ValueTask<Func<Texts, Said>> EndAsync(HttpContext http, LinkToken token, TrackingNumber number)
    {
        var ended = await watches.UnwatchAsync(
            token.Address, number.Value, PreferenceEndpoint.Source, Actors.Person, Evidence.Of(http), CancellationToken.None);
        return t =>
            ended
                ? new(Texts.Fill(t.SavedStop, "what", Texts.Fill(t.StopPackage, "number", number.Value)), "watch", number.Value)
                : new(t.Unchanged);
    }

    /// <summary>Asks whether a package that is followed no more is to be followed again.</summary>
    public async ValueTask<Func<Texts, Said>> BeginAsync(
        HttpContext http, LinkToken token, TrackingNumber number, AddressState? state, Texts texts)
    {
        if (state is not { Address: { } address, Stopped: null } || PreferencePage.IsBlocked(state)) return t => new(t.Unchanged);
        if (!limits.Allow(ring.KeyOf(address))) return t => new(t.AskedOften);
        var answer = await watches.WatchAsync(new WatchRequest(number, address, WatchOptions.PublicForm, Actors.Person)
        {
            PolicyVersion = sending.PolicyVersion,
            Wording = SubscribePage.Wording(number.Value, texts),
            Evidence = Evidence.Of(http, texts),
        }, CancellationToken.None);
        if (answer.Dropped) return t => new(Texts.Fill(t.PackagesBusy, "count", move.MostPackages.ToString(CultureInfo.InvariantCulture)));
        return answer.Status == WatchStatus.Pending ? t => new(t.SavedPending, "unwatch", number.Value) : t => new(t.Unchanged);
    }

    /// <summary>Once a day for all, or each by itself. Where some came so already, an undo would change those too.</summary>
    public async ValueTask<Func<Texts, Said>> SetDailyAsync(LinkToken token, bool daily, AddressState? state)
    {
        var before = await watches.OfAsync(token.Address, CancellationToken.None);
        var undo = before.Any(w => w.Watch.Status != WatchStatus.Unwatched && w.Watch.Daily == daily) ? null : daily ? "no" : "yes";
        var any = await dailyChoice.SetAsync(token.Address, daily, CancellationToken.None) > 0;
        if (PreferencePage.IsBlocked(state)) return t => new(any ? t.Saved : t.Unchanged);
        return t => any ? new(daily ? t.DailyOn : t.DailyOff, "daily", undo) : new(t.Unchanged);
    }
}

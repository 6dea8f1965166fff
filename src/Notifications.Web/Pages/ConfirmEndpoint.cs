using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Unsubscribe;

namespace Notifications.Web.Pages;

/// <summary>
/// <c>/c/{token}</c>: GET shows what will be confirmed and changes nothing (R28), POST confirms it. What the message asked about is
/// confirmed by the one button; what was chosen for the address after the message went out, perhaps by somebody else, stands beside it as a
/// box of its own, not ticked. A link that does not name its topics confirms those that the page had shown when its button was pressed, as
/// far as they still wait (P6).
/// </summary>
internal sealed class ConfirmEndpoint(
    PublicLinks links, AddressBook book, ConsentDesk desk, ConsentQuestions questions, Watches watches, TopicCatalog topics,
    Standing standing, ConfirmPage page)
{
    internal const string Source = "confirm-page";

    public async ValueTask<IResult> GetAsync(HttpContext http)
    {
        if (await ReadAsync(http) is not { } token) return links.Refuse(http);
        try
        {
            return await ShowAsync(http, token);
        }
        catch (StorageUnavailableException) when (token.Topic is not null)
        {
            // What a link names itself can be shown without the store; what it does not, cannot.
            var question = new Question(null, [topics.Find(token.Topic)!], [], []) { Number = token.TrackingNumber, Waits = true };
            return page.Show(token, question, Texts.For(http));
        }
    }

    public async ValueTask<IResult> PostAsync(HttpContext http)
    {
        if (await ReadAsync(http) is not { } token) return links.Refuse(http);
        var form = await PublicForm.ReadAsync(http);
        if (form?["confirm"] != "yes") return PublicLinks.NoChoice(http, tooLarge: form is null);
        List<Topic> seen = token.Topic is null
            ? [.. topics.All.Where(t => form[ConfirmPage.Seen(t)] == "yes")]
            : token.TrackingNumber is null ? [topics.Find(token.Topic)!] : [];
        seen.AddRange(topics.All.Where(t => form[ConfirmPage.Also(t)] == "yes" && !seen.Contains(t)));
        // A press that does not say what was on the page is asked.
        return await (seen.Count == 0 && token.TrackingNumber is null ? ShowAsync(http, token) : ConfirmAsync(http, token, seen, form));
    }

    private async ValueTask<Page> ShowAsync(HttpContext http, LinkToken token)
    {
        var question = await AskedAsync(token, http.RequestAborted);
        return page.Show(token, question, Texts.For(http, question.State?.Locale));
    }

    /// <summary>Confirms what was seen, as far as it waits, and says what of it holds now.</summary>
    private async ValueTask<Page> ConfirmAsync(HttpContext http, LinkToken token, IReadOnlyList<Topic> seen, PublicForm form)
    {
        var asked = Texts.For(http, (await book.LoadAsync(token.Address, CancellationToken.None)).State?.Locale);
        var draft = new LedgerDraft(LedgerAction.Confirm, LedgerDraft.AllTopics, Source, Actors.Person)
        {
            Wording = ConfirmPage.Wording(seen, asked),
            Evidence = Evidence.Of(http),
        };

        // The topics first: of what was chosen before a stop over everything, nothing is left once the package has lifted that.
        var (confirmed, state) = await desk.ConfirmAsync(token.Address, [.. seen.Select(t => t.Key)], draft, CancellationToken.None);
        var also = state is null
            ? []
            : Also(state, await watches.OfAsync(token.Address, CancellationToken.None), token)
                .Where(n => form[ConfirmPage.Also(n)] == "yes");
        var numbers = new List<string>();
        foreach (var number in token.TrackingNumber is { } named ? also.Prepend(named) : also)
        {
            if (await watches.ConfirmAsync(
                token.Address, number, draft.Source, draft.Evidence, CancellationToken.None,
                ConfirmPage.Wording(number, asked)) is not null)
            {
                numbers.Add(number);
            }
        }

        // What was stopped with it holds no more.
        if (numbers.Count > 0) (state, _) = await book.LoadAsync(token.Address, CancellationToken.None);
        var texts = Texts.For(http, state?.Locale);
        var held = seen.Where(t => confirmed.Contains(t.Key) && state?.StatusOf(t.Key) == SubscriptionStatus.Subscribed).ToList();
        return numbers.Count == 0 && held.Count == 0
            ? page.NothingPending(token, texts)
            : page.Done(token, texts.ConfirmedHeading, held, numbers, state, texts);
    }

    // One that moved here from another address brings stops along, which its own page names (R33).
    private static IEnumerable<string> Also(
        AddressState state, IReadOnlyList<(string Number, WatchRecord Watch)> packages, LinkToken token) =>
        packages
            .Where(w => w.Watch.AlsoStops is null && w.Watch.StillWaits(state) && w.Number != token.TrackingNumber)
            .Select(w => w.Number);

    /// <summary>
    /// What the link's message asked about, a package, a topic, or all that waited when it went out, and what has become of it. Reads;
    /// changes nothing (P3).
    /// </summary>
    private async ValueTask<Question> AskedAsync(LinkToken token, CancellationToken cancel)
    {
        var (state, _) = await book.LoadAsync(token.Address, cancel);
        if (state is null) return new Question(null, [], [], []);
        var waiting = state.Subscriptions.Where(s => s.Waits).Select(s => topics.Find(s.Topic)).OfType<Topic>().ToList();
        var packages = await watches.OfAsync(token.Address, cancel);
        List<string> others = [.. Also(state, packages, token)];
        if (token.TrackingNumber is { } number)
        {
            var watch = packages.FirstOrDefault(w => w.Number == number).Watch;
            return new Question(state, [topics.Find(TopicKey.PackageUpdates)!], waiting, [])
            {
                Number = number,
                Packages = others,
                Stops = Stops(state, waiting, [], watch),
                Waits = watch is not null && watch.StillWaits(state),
                Holds = watch?.Status == WatchStatus.Active && !standing.IsSilent(state, watch),
            };
        }

        List<Topic> asked =
            [.. token.Topic is { } topic ? waiting.Where(t => t.Key == topic) : questions.Asked(state).Select(s => topics.Find(s.Topic)!)];
        // What is to be asked about anew, or was stopped since, was asked about before, in the message that this link may be of.
        if (token.Topic is null && asked.Count == 0)
            asked = [.. waiting.Where(t => state.Find(t.Key) is { ConfirmationAt: not null } or { AskedBefore: [_, ..] })];
        List<Topic> held =
            [
                .. topics.All.Where(
                    t => state.StatusOf(t.Key) == SubscriptionStatus.Subscribed
                        && (token.Topic is null ? state.Find(t.Key)!.Source == Source : t.Key == token.Topic)),
            ];
        return new Question(state, asked, [.. waiting.Except(asked)], held)
        {
            Packages = others,
            Stops = Stops(state, waiting, asked, null),
            Waits = asked.Count > 0,
            Holds = held.Count > 0,
        };
    }

    private Dictionary<string, IReadOnlyList<Topic>> Stops(
        AddressState state, IEnumerable<Topic> waiting, IReadOnlyCollection<Topic> asked, WatchRecord? watch)
    {
        var stops = waiting.Select(t => state.Find(t.Key)!).ToDictionary(
            s => s.Topic, s => Of(s.AlsoStops, s.Unconfirmed!.Since, [.. asked.Select(t => t.Key), s.Topic]));
        if (watch is not null) stops[""] = Of(watch.AlsoStops, watch.Since, []);
        return stops;

        // An objection stops all marketing but for what is confirmed by the same press and what was asked for since it.
        IReadOnlyList<Topic> Of(string[]? stopped, DateTimeOffset since, string[] confirmed) =>
            [
                .. Transitions.StopsWith(state, stopped, since)
                    .SelectMany(
                        stop =>
                            Objection.MovedAt(stop, since) is { } at
                                ? Transitions.StopsWith(state, [.. topics.Marketing.Except(confirmed)], at)
                                : [stop])
                    .Distinct()
                    .Select(topics.Of),
            ];
    }

    private async ValueTask<LinkToken?> ReadAsync(HttpContext http) =>
        await links.ReadAsync(http, LinkPurpose.Confirm) is { } token
            && (token.Topic is null || topics.Find(token.Topic) is not null)
            ? token
            : null;
}

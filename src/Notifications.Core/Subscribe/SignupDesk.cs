using System.Security.Cryptography;
using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;

namespace Notifications.Subscribe;

/// <summary>
/// Takes sign-ups of the public form and asks each address to confirm. Whoever fills it in proves nothing, so nothing is ever granted here.
/// What is done of it comes after the answer, from the queue: else the time until the answer would tell who is known (R63).
/// </summary>
public sealed class SignupDesk(ConsentDesk consents, Watches watches, TopicCatalog topics, IWorkQueue queue, TimeProvider time)
{
    /// <summary>The same single write for every address. Once it returns, the sign-up will be done, whatever dies meanwhile (P5).</summary>
    public ValueTask AcceptAsync(SignupRequest request)
    {
        var happening = new InboundEvent(
            "signup/" + RandomNumberGenerator.GetHexString(32, lowercase: true), SignupRequest.EventType,
            JsonSerializer.SerializeToElement(request, CoreJson.Default.SignupRequest), time.UtcNowMs());
        return queue.EnqueueAsync(
            Queues.Inbound, JsonSerializer.SerializeToUtf8Bytes(happening, CoreJson.Default.InboundEvent), default, CancellationToken.None);
    }

    /// <summary>Does one sign-up; done again it changes nothing. A stop that came since stands (P6).</summary>
    public async ValueTask<WorkOutcome> HandleAsync(InboundEvent happening, CancellationToken cancel)
    {
        if (Parse(happening.Data) is not { } request || !Address.TryParse(request.Channel, request.Address, out var address, out _))
            return WorkOutcome.GiveUp("Not a sign-up.");
        if (request.Package is { } package && TrackingNumber.TryParse(package.Number, out var number, out _))
        {
            await watches.WatchAsync(new WatchRequest(number, address, WatchOptions.PublicForm, Actors.Person)
            {
                SharesWindow = true,
                Daily = package.Daily,
                Locale = request.Locale,
                PolicyVersion = request.PolicyVersion,
                Wording = package.Wording,
                Evidence = request.Evidence,
                SaidAt = happening.At,
            }, cancel);
        }

        var chosen = new List<(Topic, LedgerDraft)>();
        foreach (var (key, wording) in request.Topics)
        {
            if (topics.Find(key) is not { } topic) continue; // Taken out of the settings since: nobody is asked about it (P8).
            chosen.Add((topic.Unproven(), new LedgerDraft(LedgerAction.OptIn, key, WatchOptions.PublicForm, Actors.Person)
            {
                PolicyVersion = request.PolicyVersion,
                Wording = wording,
                Evidence = request.Evidence,
                SaidAt = happening.At,
            }));
        }

        if (chosen.Count > 0) await consents.OptInAsync(address, chosen, confirmed: false, request.Locale, cancel);
        return WorkOutcome.Done;
    }

    private static SignupRequest? Parse(JsonElement data)
    {
        try
        {
            return data.Deserialize(CoreJson.Default.SignupRequest) is { Address: not null, Topics: not null } request ? request : null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null; // The caller gives it up: it is kept as a dead letter.
        }
    }
}

using System.Text.Json;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Web.Http;

namespace Notifications.Web.Consent;

/// <summary>What a soft opt-in must bring (R37). Whatever is missing refuses it, and nothing is stored.</summary>
internal static class SoftOptInInput
{
    /// <summary>Whether the request asks for one; what it lacks is added to the errors.</summary>
    public static bool Read(FieldErrors errors, ConsentInput input, LedgerAction? action, Topic? topic, SendingOptions options)
    {
        if (input.Basis is null or "consent") return false;
        if (input.Basis != SoftOptIn.Basis)
        {
            errors.Add("basis", "must be consent or soft-opt-in");
            return false;
        }

        if (!options.SoftOptIn)
            errors.Add("basis", "soft-opt-in is not allowed here (Notifications:Sending:SoftOptIn is off): ask the person");
        if (action is not null and not LedgerAction.OptIn) errors.Add("basis", "goes with action opt-in alone");
        if (topic is { IsMarketing: false }) errors.Add("topic", "must be a marketing topic with basis soft-opt-in");
        if (Member(input, SoftOptIn.Sale) is not { ValueKind: JsonValueKind.String } sale || string.IsNullOrWhiteSpace(sale.GetString()))
            errors.Add("evidence." + SoftOptIn.Sale, "must be a text with basis soft-opt-in: the sale at which the address was taken");
        if (Member(input, SoftOptIn.SimilarProducts) is not { ValueKind: JsonValueKind.True })
            errors.Add(
                "evidence." + SoftOptIn.SimilarProducts,
                "must be true with basis soft-opt-in: only what is similar to what was sold may be advertised");
        if (Member(input, SoftOptIn.RefusalOffered) is not { ValueKind: JsonValueKind.True })
            errors.Add(
                "evidence." + SoftOptIn.RefusalOffered,
                "must be true with basis soft-opt-in: the person could refuse when the address was taken");
        return true;
    }

    // Written in any case, as every other member of a body.
    private static JsonElement? Member(ConsentInput input, string name)
    {
        if (input.Evidence is not { ValueKind: JsonValueKind.Object } evidence || !Inputs.IsText(evidence)) return null;
        foreach (var member in evidence.EnumerateObject())
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return member.Value;
        return null;
    }
}

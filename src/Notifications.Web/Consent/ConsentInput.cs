using System.Text.Json;
using Notifications.Consent;
using Notifications.Web.Http;

namespace Notifications.Web.Consent;

/// <summary>What a person agreed to, confirmed or took back.</summary>
internal sealed record ConsentInput(
    string? Email = null,
    string? Phone = null,
    string? Topic = null,
    string? Channel = null,
    string? Action = null,
    string? Source = null,
    string? PolicyVersion = null,
    string? Wording = null,
    JsonElement? Evidence = null,
    string? Agent = null,
    string? Locale = null,
    int? Age = null,
    string? BirthDate = null,
    string? Basis = null);

/// <summary>The words that stand in a ledger entry, wherever a request carries them.</summary>
internal sealed record StatementInput(
    string? Source, string? PolicyVersion, string? Wording, JsonElement? Evidence, int? Age = null, string? BirthDate = null)
{
    /// <summary>
    /// Checks them. What raises permission must say where it was given and in which words (P6); what lowers it need not say anything.
    /// </summary>
    public (LedgerDraft Draft, EvidenceInput Evidence) Read(
        FieldErrors errors, string prefix, LedgerAction action, string topic, string actor, DateTimeOffset now)
    {
        var agrees = action is LedgerAction.OptIn or LedgerAction.Resume;
        var confirms = action == LedgerAction.Confirm;
        var source = agrees || confirms ? errors.Required(prefix + "source", Source, 100) : errors.Optional(prefix + "source", Source, 100);
        var wording = agrees ? errors.Required(prefix + "wording", Wording, 4000) : errors.Optional(prefix + "wording", Wording, 4000);
        if (agrees && SoftOptIn.Is(source))
            errors.Add(prefix + "source", "is a basis of its own (R37): record it through POST /v1/consents with basis soft-opt-in");
        var policy = errors.Optional(prefix + "policyVersion", PolicyVersion, 64);
        var evidence = EvidenceInput.Read(errors, prefix, Evidence, Age, BirthDate, now, raises: agrees || confirms);
        if (confirms && !evidence.Says)
            errors.Add(
                prefix + "evidence",
                Evidence is null
                    ? "is required: a confirmation raises permission"
                    : "must say how the person confirmed, and not confirmed: false");
        if (action == LedgerAction.Resume && !evidence.Confirmed)
            errors.Add(
                prefix + "evidence",
                "must have confirmed: true: taking back a stop of everything raises permission, and nothing can wait for a confirmation");
        return (
            new LedgerDraft(action, topic, source ?? "api", actor)
            {
                PolicyVersion = policy,
                Wording = wording,
                Evidence = evidence.Json,
                SaidAt = evidence.At,
                Told = true,
            },
            evidence);
    }
}

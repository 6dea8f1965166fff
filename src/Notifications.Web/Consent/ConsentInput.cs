using System.Text.Json;
using Notifications.Consent;
using Notifications.Web.Http;

namespace Notifications.Web.Consent;

/// <summary>What a person agreed to, confirmed or took back.</summary>
/// <param name="Email">An email address; or give <c>phone</c>.</param>
/// <param name="Phone">A phone number in international form, such as +14155550123; or give <c>email</c>.</param>
/// <param name="Topic">The topic's key; of an opt-out also *, which stops everything on the channel.</param>
/// <param name="Channel">The channel, which must be the address's own; it may be left out.</param>
/// <param name="Action">What the person did.</param>
/// <param name="Source">Where it was said, such as the name of a form, at most 100 characters; required where permission is raised.</param>
/// <param name="PolicyVersion">The version of the privacy policy that it was said under, at most 64 characters.</param>
/// <param name="Wording">The exact words that the person agreed to, at most 4,000 characters; required where permission is raised.</param>
/// <param name="Evidence">
/// What proves it: any object of at most 8 KiB and 32 levels. Known members are <c>ip</c>, <c>userAgent</c>, <c>url</c>, <c>at</c> (when it
/// was said, RFC 3339), <c>confirmed</c>, <c>age</c> and <c>birthDate</c>.
/// </param>
/// <param name="Agent">
/// The person at the desk who does this, as an id of 1 to 64 letters, digits, dots, underscores and hyphens; the ledger and the audit then
/// name them in place of the API key.
/// </param>
/// <param name="Locale">The language in which the person is asked to confirm, a language tag such as en or pt-BR.</param>
/// <param name="Age">The person's age in years, 0 to 150; who is under 18 is refused, and nothing is stored.</param>
/// <param name="BirthDate">The person's date of birth, such as 1990-05-01; who is under 18 is refused, and nothing is stored.</param>
/// <param name="Basis">What an opt-in rests on; consent when left out. soft-opt-in is taken only where the installation allows it.</param>
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
                SaidBy = evidence.By,
                Told = true,
            },
            evidence);
    }
}

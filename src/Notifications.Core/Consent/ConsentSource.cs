using Notifications.Packages;

namespace Notifications.Consent;

/// <summary>The sources of ledger entries that say how an entry is to be read again. Others are free words.</summary>
public static class ConsentSource
{
    /// <summary>A person moved their subscriptions to another address on their preference page.</summary>
    public const string AddressChange = "address-change";

    /// <summary>A rights request.</summary>
    public const string PrivacyRequest = "privacy-request";

    /// <summary>A text from the phone itself.</summary>
    public const string Sms = "sms";

    /// <summary>A provider that heard from the person.</summary>
    public const string ProviderReport = "provider-report";

    /// <summary>
    /// Whether an opt-in waits for its confirmation whatever the topic's own setting. A service that uses one of these words speaks for
    /// itself.
    /// </summary>
    public static bool IsUnproven(LedgerDetail? said) =>
        said is { Source: PrivacyRequest } or { Source: WatchOptions.PublicForm or AddressChange, Actor: Actors.Person };

    /// <summary>Whether a stop is a text's, which leaves what waits as it is (R65).</summary>
    public static bool IsText(LedgerDetail? said) =>
        said is { Source: Sms, Actor: Actors.Person } or { Source: ProviderReport, Actor: Actors.Provider };
}

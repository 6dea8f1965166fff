using Microsoft.Extensions.Configuration;
using Notifications.Access;
using Notifications.Functions.Communication;
using Notifications.Security;
using Notifications.Web;

namespace Notifications.Functions.Hosting;

/// <summary>The app settings under <c>Notifications</c> (<c>Notifications__PublicUrl</c> and so on), read once and validated.</summary>
internal sealed record AppSettings(
    NotificationsOptions Options, KeyRing KeyRing, string? FirstApiKey, Guid? FrontDoorId, EmailWay Email, SmsWay Sms)
{
    private const string Section = ProductSettings.Section;

    /// <summary>Where the key ring's JSON stands; on Azure a Key Vault reference.</summary>
    public const string KeyRingSetting = Section + ":KeyRing";

    /// <summary>
    /// The API key of every scope that further ones are made with, 32 to 256 characters; on Azure a Key Vault reference. Without it
    /// nobody has one.
    /// </summary>
    public const string FirstApiKeySetting = Section + ":FirstApiKey";

    /// <summary>The id of the Azure Front Door profile before the app; not set where none stands there.</summary>
    public const string FrontDoorIdSetting = Section + ":FrontDoorId";

    // What the templates wrote the setting from before they knew Front Door's id.
    private const string FormerProxies = "NOTIFICATIONS_TRUSTED_PROXIES";

    /// <summary>Whether proxies before the app are named, as a small server is told of its own: nothing here goes by that.</summary>
    public bool ProxiesIgnored { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ArgumentException">One cannot be used. The message names it and the remedy, and never repeats a secret.</exception>
    public static AppSettings Read(IConfiguration configuration)
    {
        // Behind our numbers stand carriers.
        var options = ProductSettings.Read(configuration, new NotificationsOptions { Sms = { TollFreeAnswersStop = true } });
        options.Validate();
        // For Local: here the host has taken X-Forwarded-For, and what could still stand in it says nothing (FrontDoor).
        var proxies = options.TrustedProxies > 0 || configuration[FormerProxies] is { Length: > 0 };
        options.TrustedProxies = 0;
        if (!options.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException(
                "Notifications:PublicUrl must begin with https:// here: mailbox providers offer no one-click unsubscribe for anything else (RFC 8058). Set the app setting Notifications__PublicUrl.");
        foreach (var secret in (string[])[
            KeyRingSetting, FirstApiKeySetting, Section + ":WebhookSecret", Section + ":Packages:SeventeenTrackKey",
            Section + ":Email:Smtp",
        ])
        {
            Resolved(configuration, secret);
        }

        if (configuration[KeyRingSetting] is not { Length: > 0 } ring)
            throw new ArgumentException(
                $"{KeyRingSetting} is missing: set the app setting Notifications__KeyRing to a Key Vault reference to the key ring's secret.");
        if (configuration[FirstApiKeySetting] is { } first
            && (first.Length is < 32 or > ApiKeys.LongestSecret || first.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))))
        {
            throw new ArgumentException(
                $"{FirstApiKeySetting} must have at least 32 characters and at most {ApiKeys.LongestSecret}, none of them a space or a line break: no request could carry it.");
        }

        var frontDoor = Guid.TryParse(configuration[FrontDoorIdSetting], out var id) ? id : (Guid?)null;
        if (frontDoor is null && configuration[FrontDoorIdSetting] is { Length: > 0 })
            throw new ArgumentException(
                $"{FrontDoorIdSetting} must be the Front Door profile's id, a GUID, as it stands in X-Azure-FDID: set the app setting Notifications__FrontDoorId, or leave it out.");

        var email = new EmailWay { MaxPerMinute = 30 };
        ProductSettings.Checked(
            Section + ":Email", typeof(EmailWay),
            () => configuration.GetSection(Section + ":Email").Bind(email, static binder => binder.ErrorOnUnknownConfiguration = true));
        // How conversations go stands there too, and was read above.
        var sms = new SmsWay { MaxPerMinute = 200 };
        ProductSettings.Checked(
            Section + ":Sms", typeof(SmsWay), () => configuration.GetSection(Section + ":Sms").Bind(sms));
        email.Validate(Section + ":Email");
        sms.Validate(Section + ":Sms");
        return new AppSettings(options, KeyRing.Parse(ring, options.Environment), configuration[FirstApiKeySetting], frontDoor, email, sms)
        {
            ProxiesIgnored = proxies,
        };
    }

    // The text of a reference is known to everybody: taken for a secret, it would be one that anybody can guess.
    private static void Resolved(IConfiguration configuration, string setting)
    {
        if (configuration[setting]?.StartsWith("@Microsoft.KeyVault", StringComparison.OrdinalIgnoreCase) == true)
            throw new ArgumentException(
                $"{setting} is a Key Vault reference that was not resolved: give the app's identity the role Key Vault Secrets User on the vault, and check the secret's name.");
    }
}

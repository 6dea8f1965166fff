using Microsoft.Extensions.Configuration;
using Notifications.Functions.Communication;
using Notifications.Security;

namespace Notifications.Functions.Hosting;

/// <summary>The app settings under <c>Notifications</c> (<c>Notifications__PublicUrl</c> and so on), read once and validated.</summary>
internal sealed record AppSettings(NotificationsOptions Options, KeyRing KeyRing, CommunicationOptions Email, CommunicationOptions Sms)
{
    private const string Section = "Notifications";

    /// <summary>Where the key ring's JSON stands; on Azure a Key Vault reference.</summary>
    public const string KeyRingSetting = Section + ":KeyRing";

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ArgumentException">One cannot be used. The message names it and the remedy, and never repeats a secret.</exception>
    public static AppSettings Read(IConfiguration configuration)
    {
        var options = Bind(configuration.GetSection(Section), new NotificationsOptions());
        options.Validate();
        if (configuration[KeyRingSetting] is not { Length: > 0 } ring) throw new ArgumentException($"{KeyRingSetting} is missing: set the app setting Notifications__KeyRing to a Key Vault reference to the key ring's secret.");
        if (ring.StartsWith("@Microsoft.KeyVault", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"{KeyRingSetting} is a Key Vault reference that was not resolved: give the app's identity the role Key Vault Secrets User on the vault, and check the secret's name.");

        var email = Bind(configuration.GetSection(Section + ":Email"), new CommunicationOptions { MaxPerMinute = 30 });
        var sms = Bind(configuration.GetSection(Section + ":Sms"), new CommunicationOptions { MaxPerMinute = 200 });
        email.Validate(Section + ":Email");
        sms.Validate(Section + ":Sms");
        return new AppSettings(options, KeyRing.Parse(ring, options.Environment), email, sms);
    }

    private static T Bind<T>(IConfigurationSection section, T target) where T : class
    {
        try
        {
            section.Bind(target);
            return target;
        }
        catch (InvalidOperationException wrong)
        {
            // The binder's own message names the setting and repeats its value; the value may be a secret.
            var inner = wrong.InnerException?.GetType().Name ?? wrong.GetType().Name;
            throw new ArgumentException($"A setting under {section.Path} has a value of the wrong type ({inner}): durations are 00:00:45, numbers have digits only, switches are true or false.");
        }
    }
}

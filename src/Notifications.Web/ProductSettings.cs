using Microsoft.Extensions.Configuration;

namespace Notifications.Web;

/// <summary>
/// Reads what stands under <c>Notifications</c>, alike in both hosts. A setting that does not exist stops the start: one that is misspelt
/// would otherwise be as if it had not been made.
/// </summary>
public static class ProductSettings
{
    /// <summary>Where the settings stand.</summary>
    public const string Section = "Notifications";

    // What the app on Azure has besides, and reads itself: one environment file may serve both hosts.
    private static readonly string[] AzureOnly =
        ["Email", "KeyRing", "FirstApiKey", "Sms:Endpoint", "Sms:ConnectionString", "Sms:MaxPerMinute"];

    /// <summary>Reads the settings over what a host begins with. They are not validated yet.</summary>
    /// <exception cref="ArgumentException">One does not exist or is of the wrong type; the message names it and no value.</exception>
    public static NotificationsOptions Read(IConfiguration configuration, NotificationsOptions options)
    {
        var given = new ConfigurationBuilder().AddInMemoryCollection(Ours(configuration.GetSection(Section))).Build().GetSection(Section);
        Checked(Section, () => given.Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true));
        return options;
    }

    /// <summary>Says of what a section is bound to what is wrong with it.</summary>
    /// <exception cref="ArgumentException">As <see cref="Read"/>.</exception>
    public static void Checked(string section, Action bind)
    {
        try
        {
            bind();
        }
        catch (InvalidOperationException wrong)
            when (wrong.InnerException is null
                && wrong.Message.Contains(nameof(BinderOptions.ErrorOnUnknownConfiguration), StringComparison.Ordinal))
        {
            // The binder names it last, in quotes.
            throw new ArgumentException(
                $"There is no such setting under {section.Replace(":", "__", StringComparison.Ordinal)}__: {wrong.Message[(wrong.Message.LastIndexOf(':') + 1)..].Trim()}. docs/operate.md and NotificationsOptions.cs say what there is.",
                wrong);
        }
        catch (InvalidOperationException wrong)
        {
            throw new ArgumentException(
                $"{Named(wrong.Message) ?? "A setting under " + section} has a value of the wrong type: durations are 00:00:45, numbers have digits only, switches are true or false.");
        }
    }

    // The binder's own message names the setting after its value, and the value may be a secret.
    private static string? Named(string message)
    {
        const string before = "' at '";
        var at = message.LastIndexOf(before, StringComparison.Ordinal);
        var end = at < 0 ? -1 : message.IndexOf('\'', at + before.Length);
        return end < 0 ? null : message[(at + before.Length)..end];
    }

    private static IEnumerable<KeyValuePair<string, string?>> Ours(IConfiguration section) =>
        section.GetChildren()
            .Where(s => !AzureOnly.Contains(s.Path[(Section.Length + 1)..], StringComparer.OrdinalIgnoreCase))
            .SelectMany(s => Ours(s).Append(new(s.Path, s.Value)))
            .Where(s => s.Value is not null);
}

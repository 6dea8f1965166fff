using System.Collections;
using System.Reflection;
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
        ["Email", "KeyRing", "FirstApiKey", "FrontDoorId", "Sms:Endpoint", "Sms:ConnectionString", "Sms:MaxPerMinute", "Sms:Off"];

    /// <summary>Reads the settings over what a host begins with. They are not validated yet.</summary>
    /// <exception cref="ArgumentException">One does not exist or is of the wrong type; the message names it and no value.</exception>
    public static NotificationsOptions Read(IConfiguration configuration, NotificationsOptions options)
    {
        List<KeyValuePair<string, string?>> ours = [.. Ours(configuration.GetSection(Section))];
        foreach (var (path, value) in ours) RefuseUnread(path, value!);
        var given = new ConfigurationBuilder().AddInMemoryCollection(ours).Build().GetSection(Section);
        Checked(
            Section, typeof(NotificationsOptions), () => given.Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true));
        return options;
    }

    // What the binder passes over: a value where settings stand, and none where one must be.
    private static void RefuseUnread(string path, string value)
    {
        if (At(typeof(NotificationsOptions), path.Split(':').Skip(1)) is not { } type) return; // It does not exist, which the binder says.
        var setting = path.Replace(":", "__", StringComparison.Ordinal);
        if (value.Length > 0 && IsSection(type))
            throw new ArgumentException(
                $"{setting} has a value, and is no setting by itself: under {setting}__ there are {There(type)}.");
        if (value.Length > 0 && type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable)))
            throw new ArgumentException($"{setting} has a value, and is a list: its entries are {setting}__0 and so on, or have names.");
        if (value.Length == 0 && type.IsValueType && !type.IsGenericType)
            throw new ArgumentException($"{setting} is empty: give it a value, or leave it out.");
    }

    // What stands there, under settings of a type; null where nothing does.
    private static Type? At(Type? type, IEnumerable<string> path)
    {
        foreach (var name in path)
            type = type switch
            {
                null => null,
                { IsArray: true } => type.GetElementType(),
                { IsGenericType: true } => type.GenericTypeArguments[^1],
                _ => Known(type).FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.PropertyType,
            };
        return type;
    }

    private static bool IsSection(Type type) => type.Assembly == typeof(NotificationsOptions).Assembly && type.IsClass;

    private static string There(Type type) =>
        string.Join(", ", Known(type).Select(static p => p.Name).Order(StringComparer.Ordinal));

    /// <summary>Binds a section to an object of the type, and says what is wrong with it.</summary>
    /// <exception cref="ArgumentException">As <see cref="Read"/>.</exception>
    public static void Checked(string section, Type options, Action bind)
    {
        try
        {
            bind();
        }
        catch (InvalidOperationException wrong)
            when (wrong.InnerException is null
                && wrong.Message.Contains(nameof(BinderOptions.ErrorOnUnknownConfiguration), StringComparison.Ordinal))
        {
            throw new ArgumentException(Unknown(section.Replace(":", "__", StringComparison.Ordinal), options, wrong.Message), wrong);
        }
        catch (InvalidOperationException wrong)
        {
            var named = Named(wrong);
            throw new ArgumentException(
                named is not null && At(options, named.Split(':').Skip(section.Split(':').Length)) is { IsEnum: true } words
                    ? $"{named} must be {Or(Enum.GetNames(words))}."
                    : $"{named ?? "A setting under " + section} has a value of the wrong type: durations are 00:00:45, numbers have digits only, switches are true or false.");
        }
    }

    // The binder's own message ends in "on the instance of Type: 'Name'", without the way there.
    private static string Unknown(string section, Type options, string message)
    {
        var colon = message.LastIndexOf(':');
        var (path, type) = Find(section, options, message[(message.LastIndexOf(' ', colon - 1) + 1)..colon]) ?? (section, options);
        return $"There is no such setting: {path}__{message[(colon + 1)..].Trim(' ', '\'')}. Under {path}__ there are {There(type)}.";
    }

    private static (string Path, Type Type)? Find(string path, Type type, string name) =>
        type.FullName == name
            ? (path, type)
            : Known(type)
                .Select(p => p.PropertyType.IsGenericType
                    ? ($"{path}__{p.Name}__N", p.PropertyType.GenericTypeArguments[^1])
                    : ($"{path}__{p.Name}", p.PropertyType))
                .Where(static p => IsSection(p.Item2))
                .Select(p => Find(p.Item1, p.Item2, name))
                .FirstOrDefault(static found => found is not null);

    private static IEnumerable<PropertyInfo> Known(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.SetMethod is { IsPublic: true });

    private static string Or(string[] words) => string.Join(", ", words[..^1]) + " or " + words[^1];

    // Of an entry of a list the binder tells within an error about the list.
    private static string? Named(Exception? wrong) =>
        wrong is null ? null : Named(wrong.InnerException) ?? (wrong is InvalidOperationException ? Named(wrong.Message) : null);

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

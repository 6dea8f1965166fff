using System.Globalization;
using System.Reflection;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Infra;

/// <summary>docs/settings.md against the settings themselves.</summary>
public sealed class SettingsReferenceTests
{
    [Fact]
    public void M5_Every_setting_stands_in_the_reference_with_its_default_and_what_it_is_and_nothing_else_does()
    {
        var told = Repository.Read("docs", "settings.md")
            .Split('\n')
            .Where(line => line.StartsWith("| `Notifications__", StringComparison.Ordinal))
            .Select(line => line.Split(" | ", 3))
            .ToList();
        Assert.Equal(Of("Notifications", new NotificationsOptions()).Order(), told.Select(cells => $"{cells[0]} | {cells[1]}").Order());
        Assert.All(told, cells => Assert.Matches(@"^.{8,}\. \|$", cells[2]));
    }

    private static IEnumerable<string> Of(string path, object options) =>
        options.GetType()
            .GetProperties()
            .Where(p => p.SetMethod is { IsPublic: true })
            .SelectMany(p => Of($"{path}__{p.Name}", p, p.GetValue(options)));

    private static IEnumerable<string> Of(string path, PropertyInfo setting, object? value)
    {
        var type = setting.PropertyType;
        if (IsSection(type)) return Of(path, value!);
        if (type.IsArray || type.IsGenericType && !type.IsValueType)
        {
            path += setting.Name switch { "Roles" => "__ROLE", "QuietRegions" => "__REGION", _ => "__0" };
            var entry = type.IsArray ? type.GetElementType()! : type.GenericTypeArguments[^1];
            return IsSection(entry) ? Of(path, Activator.CreateInstance(entry)!) : [$"| `{path}` | -"];
        }

        return [value is null or "" ? $"| `{path}` | -" : string.Create(CultureInfo.InvariantCulture, $"| `{path}` | `{Word(value)}`")];
    }

    private static string Word(object value) => value is bool flag
        ? flag ? "true" : "false"
        : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static bool IsSection(Type type) => type.Assembly == typeof(NotificationsOptions).Assembly && type.IsClass;
}

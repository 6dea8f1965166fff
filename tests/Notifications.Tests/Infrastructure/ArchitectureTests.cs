using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Notifications.Tests.Infrastructure;

public sealed class ArchitectureTests
{
    [Fact]
    public void Core_references_nothing_of_Azure_ASPNET_or_SQL()
    {
        string[] foreign =
            [
                "Azure", "Microsoft.Azure", "Microsoft.AspNetCore", "Microsoft.Data", "SQLitePCL", "System.Data", "MailKit", "MimeKit",
                "Notifications.",
            ];
        var names = typeof(CoreServices).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();
        Assert.Contains("Fluid", names); // The list is a real one.
        Assert.DoesNotContain(names, n => foreign.Any(f => n.StartsWith(f, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void No_folder_of_tests_hides_a_type_of_the_product()
    {
        var types = typeof(CoreServices).Assembly.GetTypes().Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var spaces = Assembly.GetExecutingAssembly()
            .GetTypes()
            .Where(t => t.Namespace?.StartsWith("Notifications.Tests.", StringComparison.Ordinal) == true)
            .Select(t => t.Namespace!.Split('.')[2])
            .Distinct();
        Assert.DoesNotContain(spaces, types.Contains);
    }

    [Fact]
    public void R69_What_an_operator_filters_by_is_one_event_an_event_id_is_given_once()
    {
        Type[] hosts =
            [
                typeof(CoreServices), typeof(Notifications.Web.WebServices), typeof(Notifications.Local.LocalHost),
                typeof(Notifications.Functions.Queueing.QueuePump),
            ];
        var events = hosts.SelectMany(h => h.Assembly.GetTypes())
            .SelectMany(
                t => t.GetMethods(
                    BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(m => m.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>().ToList();
        Assert.True(events.Count > 30);
        Assert.Empty(events.GroupBy(e => e.EventId)
            .Where(g => g.Count() > 1)
            .Select(g => string.Join(" and ", g.Select(e => $"{g.Key} {e.EventName}"))));
    }

    [Fact]
    public void No_line_of_code_is_longer_than_140_characters_but_for_the_texts_and_the_sentences_in_it()
    {
        var files = ((string[])["src", "tests"])
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Repository.Root, f), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .ToList();
        Assert.True(files.Count > 700);
        Assert.Empty(files.SelectMany(TooLong));

        static IEnumerable<string> TooLong(string file)
        {
            var number = 0;
            var raw = false; // Within a raw text of several lines, which are written as they are read.
            foreach (var line in File.ReadLines(file))
            {
                number++;
                if (!raw
                    && line.Length > 140
                    && !line.Contains('"', StringComparison.Ordinal)
                    && !line.Contains("public async Task ", StringComparison.Ordinal)
                    && !line.Contains("public void ", StringComparison.Ordinal))
                {
                    yield return $"{file}:{number}";
                }

                if (line.Split("\"\"\"").Length % 2 == 0) raw = !raw;
            }
        }
    }
}

using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Notifications.Tests.Infrastructure;

public sealed class ArchitectureTests
{
    [Fact]
    public void Core_references_nothing_of_Azure_ASPNET_or_SQL()
    {
        string[] foreign = ["Azure", "Microsoft.Azure", "Microsoft.AspNetCore", "Microsoft.Data", "SQLitePCL", "System.Data", "MailKit", "MimeKit", "Notifications."];
        var names = typeof(CoreServices).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();
        Assert.Contains("Fluid", names); // The list is a real one.
        Assert.DoesNotContain(names, n => foreign.Any(f => n.StartsWith(f, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void No_folder_of_tests_hides_a_type_of_the_product()
    {
        var types = typeof(CoreServices).Assembly.GetTypes().Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var spaces = Assembly.GetExecutingAssembly().GetTypes().Where(t => t.Namespace?.StartsWith("Notifications.Tests.", StringComparison.Ordinal) == true).Select(t => t.Namespace!.Split('.')[2]).Distinct();
        Assert.DoesNotContain(spaces, types.Contains);
    }

    [Fact]
    public void R69_What_an_operator_filters_by_is_one_event_an_event_id_is_given_once()
    {
        Type[] hosts = [typeof(CoreServices), typeof(Notifications.Web.WebServices), typeof(Notifications.Local.LocalHost), typeof(Notifications.Functions.Queueing.QueuePump)];
        var events = hosts.SelectMany(h => h.Assembly.GetTypes()).SelectMany(t => t.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(m => m.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>().ToList();
        Assert.True(events.Count > 30);
        Assert.Empty(events.GroupBy(e => e.EventId).Where(g => g.Count() > 1).Select(g => string.Join(" and ", g.Select(e => $"{g.Key} {e.EventName}"))));
    }
}

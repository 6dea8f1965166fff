using System.Reflection;

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
}

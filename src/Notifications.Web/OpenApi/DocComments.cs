using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Notifications.Web.OpenApi;

/// <summary>
/// What the doc comments of the code say of types and members, in plain words: the document has it from there, and nowhere else. They are
/// read from the files that the compiler writes beside the assemblies, when the document is made and not before. (The generator of
/// Microsoft.AspNetCore.OpenApi would write every comment into the assembly, which is a third larger then, and passes over what is
/// internal.)
/// </summary>
internal sealed partial class DocComments(params IEnumerable<Assembly> assemblies)
{
    private readonly Dictionary<string, XElement> _members = assemblies
        .Select(a => Path.ChangeExtension(a.Location, ".xml"))
        .Where(File.Exists)
        .SelectMany(file => XDocument.Load(file).Descendants("member"))
        .DistinctBy(m => m.Attribute("name")!.Value) // What is generated has the same names in both.
        .ToDictionary(m => m.Attribute("name")!.Value);

    /// <summary>What a type is, or null where no comment says it.</summary>
    public string? Of(Type type) => Text(_members.GetValueOrDefault("T:" + type.FullName)?.Element("summary"));

    /// <summary>What a member of JSON is, by its own comment or that of the record's parameter; or null.</summary>
    public string? Of(Type type, string member)
    {
        var found = type.GetProperty(member, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
        if (found?.DeclaringType is not { } declaring) return null;
        return Text(
            _members.GetValueOrDefault($"P:{declaring.FullName}.{found.Name}")?.Element("summary")
            ?? _members.GetValueOrDefault("T:" + declaring.FullName)?.Elements("param").FirstOrDefault(
                p => p.Attribute("name")?.Value == found.Name));
    }

    private static string? Text(XElement? comment)
    {
        if (comment is null) return null;
        var text = string.Concat(comment.Nodes().Select(node => node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement named => $"`{NameOf(named)}`",
            _ => "",
        }));
        return Reference().Replace(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), "");
    }

    /// <summary>What an element refers to: a member as JSON writes it, a type as its schema is called.</summary>
    private static string NameOf(XElement reference)
    {
        var name = reference.Attributes().First().Value.Split('(')[0];
        var last = name[(name.LastIndexOfAny(['.', ':']) + 1)..];
        return name.StartsWith("T:", StringComparison.Ordinal) ? last : char.ToLowerInvariant(last[0]) + last[1..];
    }

    // Numbers of requirements and promises are for who reads the code.
    [GeneratedRegex(@" \((?:(?:[PR][0-9]+|DESIGN section [0-9]+)(?:, )?)+\)")]
    private static partial Regex Reference();
}

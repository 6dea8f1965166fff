using System.Text.Json;
using Fluid;
using Fluid.Values;

namespace Notifications.Templates;

/// <summary>
/// JSON as Liquid reads it: a member is made into a value when a template asks for it, so that a message costs what its template uses.
/// </summary>
internal sealed class TemplateData(JsonElement members) : IFluidIndexable
{
    /// <summary>
    /// Objects become dictionaries, arrays lists, numbers decimals; a number that no decimal holds stands as it was written.
    /// </summary>
    public static FluidValue From(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => new DictionaryValue(new TemplateData(json)),
        JsonValueKind.Array => new ArrayValue([.. json.EnumerateArray().Select(From)]),
        JsonValueKind.String => new StringValue(json.GetString()),
        JsonValueKind.Number => json.TryGetDecimal(out var number) ? NumberValue.Create(number) : new StringValue(json.GetRawText()),
        JsonValueKind.True => BooleanValue.True,
        JsonValueKind.False => BooleanValue.False,
        _ => NilValue.Instance,
    };

    /// <inheritdoc/>
    public int Count => Keys.Count();

    /// <inheritdoc/>
    public IEnumerable<string> Keys => members.EnumerateObject().Select(m => m.Name).Distinct(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool TryGetValue(string name, out FluidValue value)
    {
        var found = members.TryGetProperty(name, out var member); // Of a name that stands twice, the last one.
        value = found ? From(member) : NilValue.Instance;
        return found;
    }
}

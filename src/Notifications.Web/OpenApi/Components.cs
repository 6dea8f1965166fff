using Microsoft.OpenApi;
using Notifications.Audiences;

namespace Notifications.Web.OpenApi;

/// <summary>
/// Gives each type one schema, under its name, to which whatever holds it refers. The generator writes it out wherever it is held, of which
/// a client makes a type for each place; and what holds itself, as a decision those of several addresses, it breaks off.
/// </summary>
internal static class Components
{
    private const string Type = "type";

    /// <summary>Notes what type a schema is of.</summary>
    public static void Mark(OpenApiSchema schema, Type type) => (schema.Metadata ??= new Dictionary<string, object>())[Type] = type;

    /// <summary>Puts the parts of every component under their own names.</summary>
    public static void Name(OpenApiDocument document)
    {
        var types = new Dictionary<string, Type>();
        var schemas = document.Components!.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        var wholes = schemas.Values.OfType<OpenApiSchema>().ToList();
        foreach (var type in wholes.Select(TypeOf).OfType<Type>()) types[type.Name] = type;
        foreach (var whole in wholes) Visit(whole);

        void Visit(OpenApiSchema schema)
        {
            foreach (var (name, property) in schema.Properties?.ToList() ?? []) schema.Properties![name] = Refer(property);
            if (schema.Items is { } items) schema.Items = Refer(items);
            if (schema.AdditionalProperties is { } values) schema.AdditionalProperties = Refer(values);
            for (var i = 0; i < schema.OneOf?.Count; i++) schema.OneOf[i] = Refer(schema.OneOf[i]);
        }

        IOpenApiSchema Refer(IOpenApiSchema part)
        {
            if (part is not OpenApiSchema schema) return part;
            if (TypeOf(schema) is not { } type)
            {
                Visit(schema);
                return schema;
            }

            if (!types.TryAdd(type.Name, type) && types[type.Name] != type)
                throw new InvalidOperationException($"Two types of the API have the name {type.Name}.");
            var nullable = schema.Type?.HasFlag(JsonSchemaType.Null) == true;
            var meaning = schema.Description;
            if (!schemas.ContainsKey(type.Name))
            {
                schema.Type &= ~JsonSchemaType.Null;
                if (type == typeof(Segment)) SegmentSchema.Fill(schema);
                document.AddComponent(type.Name, schema);
                Visit(schema);
            }

            var reference = new OpenApiSchemaReference(type.Name, document) { Description = meaning };
            return nullable
                ? new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, reference] }
                : reference;
        }
    }

    /// <summary>Says of every component and its members what their doc comments say.</summary>
    public static void Describe(OpenApiDocument document, DocComments comments)
    {
        foreach (var component in document.Components!.Schemas!.Values.OfType<OpenApiSchema>())
        {
            if (TypeOf(component) is not { } type) continue;
            component.Description = comments.Of(type);
            foreach (var (name, member) in component.Properties ?? new Dictionary<string, IOpenApiSchema>())
                if (comments.Of(type, name) is { } meaning) member.Description = meaning;
        }
    }

    private static Type? TypeOf(OpenApiSchema schema) => schema.Metadata?.TryGetValue(Type, out var type) == true ? type as Type : null;
}

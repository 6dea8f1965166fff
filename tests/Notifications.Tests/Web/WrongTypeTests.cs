using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Http;

namespace Notifications.Tests.Web;

/// <summary>
/// A value of the wrong type is answered with what should have stood there (RFC 9457), whatever the endpoint and however deep.
/// </summary>
public sealed class WrongTypeTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Hole = "@";

    [Theory]
    [InlineData("POST", "/v1/messages", """{"topic":1}""", "topic", "must be a string")]
    [InlineData("POST", "/v1/messages", """{"sendAt":1796000000}""", "sendAt", "must be a string")]
    [InlineData("POST", "/v1/messages", """{"to":{"email":1}}""", "to.email", "must be a string")]
    [InlineData("POST", "/v1/messages", """{"to":"ana@example.com"}""", "to", "must be an object")]
    [InlineData("PATCH", "/v1/preferences", """{"stopAll":"true"}""", "stopAll", "must be true or false")]
    [InlineData("PATCH", "/v1/preferences", """{"age":17.5}""", "age", "must be a whole number of at most 2147483647")]
    [InlineData("PATCH", "/v1/preferences", """{"subscriptions":[{},{"topic":true}]}""", "subscriptions[1].topic", "must be a string")]
    [InlineData("POST", "/v1/campaigns/x1/launch", """{"confirm":"x"}""", "confirm", "must be a whole number")]
    [InlineData(
        "POST", "/v1/campaigns", """{"throttle":{"perHour":"fast"}}""", "throttle.perHour", "must be a whole number of at most 2147483647")]
    [InlineData(
        "POST", "/v1/campaigns", """{"throttle":{"perHour":99999999999}}""", "throttle.perHour",
        "must be a whole number of at most 2147483647")]
    [InlineData("POST", "/v1/templates", """{"name":[]}""", "name", "must be a string")]
    [InlineData("POST", "/v1/keys", """{"scopes":"send"}""", "scopes", "must be an array")]
    public async Task The_answer_says_what_should_stand_there(string method, string path, string body, string field, string problem)
    {
        var reply = await product.SendAsync(new HttpMethod(method), path, body);
        var error = Assert.Single(reply.Json.GetProperty("errors").EnumerateArray());
        Assert.Equal(
            (400, field, problem), ((int)reply.Status, error.GetProperty("field").GetString(), error.GetProperty("message").GetString()));
    }

    [Fact]
    public void Every_member_of_every_body_tells_what_it_must_be()
    {
        var bodies = product.Routes.Select(r => r.Metadata.GetMetadata<ApiDoc>()?.Request)
            .OfType<Type>()
            .Where(t => t.Namespace!.StartsWith("Notifications.Web", StringComparison.Ordinal))
            .Distinct()
            .ToList();
        var asked = 0;
        foreach (var body in bodies)
        {
            foreach (var (path, field, type) in Members(WebJson.Default.GetTypeInfo(body)!, Hole, "", 0))
            {
                var (wrong, right) = WrongFor(type);
                var problem = (Answer?)GetType()
                    .GetMethod(nameof(Parse), BindingFlags.NonPublic | BindingFlags.Static)!
                    .MakeGenericMethod(body)
                    .Invoke(null, [path.Replace(Hole, wrong, StringComparison.Ordinal)]);
                var error = Assert.Single(problem!.Problem!.Errors!);
                Assert.Equal((body.Name, field, right), (body.Name, error.Field, error.Message));
                asked++;
            }
        }

        Assert.True(bodies.Count > 20 && asked > 130, $"{bodies.Count} bodies, {asked} members");
    }

    private static Answer? Parse<T>(string json) where T : class =>
        RequestBody.Parse(Encoding.UTF8.GetBytes(json), (JsonTypeInfo<T>)WebJson.Default.GetTypeInfo(typeof(T))!, out _);

    /// <summary>Each place, as JSON with a hole in it and as a problem names it, with the type that should stand there.</summary>
    private static IEnumerable<(string Path, string Field, Type Type)> Members(JsonTypeInfo type, string around, string prefix, int depth)
    {
        if (type.Kind == JsonTypeInfoKind.Enumerable)
        {
            var element = type.ElementType!;
            if (element != typeof(JsonElement))
                yield return (around.Replace(Hole, $"[{Hole}]", StringComparison.Ordinal), prefix + "[0]", element);
            foreach (var deeper in Members(
                type.Options.GetTypeInfo(element), around.Replace(Hole, $"[{Hole}]", StringComparison.Ordinal), prefix + "[0]", depth + 1))
            {
                yield return deeper;
            }
        }

        if (type.Kind != JsonTypeInfoKind.Object || depth > 5) yield break;
        foreach (var member in type.Properties.Where(p => p.Get is not null || p.Set is not null)) // Those without are no members.
        {
            var inner = around.Replace(Hole, $"{{\"{member.Name}\":{Hole}}}", StringComparison.Ordinal);
            var field = prefix.Length == 0 ? member.Name : $"{prefix}.{member.Name}";
            var of = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
            if (of == typeof(JsonElement)) continue; // Anything may stand there for the reader.
            yield return (inner, field, of);
            foreach (var deeper in Members(type.Options.GetTypeInfo(of), inner, field, depth + 1)) yield return deeper;
        }
    }

    private static (string Wrong, string Right) WrongFor(Type type) =>
        type == typeof(string) ? ("7", "must be a string")
        : type == typeof(bool) ? ("\"x\"", "must be true or false")
        : type == typeof(int) ? ("\"x\"", "must be a whole number of at most 2147483647")
        : type == typeof(long) ? ("\"x\"", "must be a whole number")
        : typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? ("7", "must be an array")
        : ("7", "must be an object");
}

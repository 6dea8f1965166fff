using System.Net;
using System.Text.RegularExpressions;
using Notifications.Templates;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>
/// A subject that was no text was passed over, and the mail went out under the name of its topic. What a built-in template prints must be
/// something that can be printed.
/// </summary>
public sealed class DataTypeTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("newsletter", """{"subject":{"en":"News"}}""", "data.subject")]
    [InlineData("newsletter", """{"title":["a"],"intro":true}""", "data.title data.intro")]
    [InlineData("promotions", """{"text":{}}""", "data.text")]
    [InlineData("surveys", """{"subject":[]}""", "data.subject")]
    [InlineData("newsletter", """{"items":"one"}""", "data.items")]
    [InlineData("newsletter", """{"items":[{"title":"a"},"b",{"title":{},"url":[]}]}""", "data.items[1] data.items[2].title data.items[2].url")]
    [InlineData("package-updates", """{"description":{"en":"Left"},"status":[]}""", "data.description data.status")]
    public async Task What_a_built_in_template_cannot_print_is_refused_by_its_name(string topic, string data, string fields)
    {
        var message = $$"""{"topic":"{{topic}}","to":{"email":"types@example.com"},"data":{{data}}}""";
        foreach (var path in (string[])["/v1/messages", "/v1/decisions"])
        {
            var reply = await product.PostAsync(path, message);
            Assert.Equal((HttpStatusCode.BadRequest, fields), (reply.Status, string.Join(' ', reply.Fields)));
        }

        var batch = await product.PostAsync("/v1/messages/batch", $"[{message}]");
        Assert.Equal((HttpStatusCode.Accepted, "1"), (batch.Status, batch["rejected"]));
        var errors = batch.Json.GetProperty("results")[0].GetProperty("problem").GetProperty("errors");
        Assert.Equal(fields, string.Join(' ', errors.EnumerateArray().Select(e => e.GetProperty("field").GetString())));

        var campaign = await product.PostAsync(
            "/v1/campaigns",
            $$"""{"name":"Types","topic":"{{topic}}","channel":"email","template":"{{(topic == "surveys" ? "message" : topic)}}","data":{{data}}}""");
        Assert.Equal((HttpStatusCode.BadRequest, fields), (campaign.Status, string.Join(' ', campaign.Fields)));
    }

    [Theory]
    [InlineData("newsletter", """{"subject":"News","title":2027,"intro":null,"items":[{"title":"a","text":1}],"of":{"mine":[true]}}""")]
    [InlineData("newsletter", """{"items":null,"status":{}}""")]
    [InlineData("package-updates", """{"description":"Left","status":"InTransit","items":{}}""")]
    public async Task Texts_numbers_nulls_and_what_the_template_does_not_read_are_taken(string topic, string data) =>
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await product.PostAsync("/v1/messages", $$"""{"topic":"{{topic}}","to":{"email":"types@example.com"},"data":{{data}}}""")).Status);

    [Fact]
    public void What_is_looked_at_is_what_the_built_in_templates_print_of_data()
    {
        string[] Printed(string of, Func<string, bool> file) =>
            [
                .. typeof(DefaultTemplates).Assembly.GetManifestResourceNames()
                    .Where(n => n.EndsWith(".liquid", StringComparison.Ordinal) && file(n))
                    .SelectMany(
                        n =>
                        {
                            using var reader = new StreamReader(typeof(DefaultTemplates).Assembly.GetManifestResourceStream(n)!);
                            return Regex.Matches(reader.ReadToEnd(), of + @"\.(\w+)").Select(m => m.Groups[1].Value).ToList();
                        })
                    .Distinct()
                    .Order(),
            ];
        static bool OfPackages(string name) => name.Contains(".package-updates.", StringComparison.Ordinal);
        Assert.Equal(DefaultTemplates.PackageWords.Order(), Printed("data", OfPackages));
        Assert.Equal(DefaultTemplates.Words.Append("items").Order(), Printed("data", n => !OfPackages(n)));
        Assert.Equal(DefaultTemplates.ItemWords.Order(), Printed("item", _ => true));
    }

    [Fact]
    public async Task A_saved_template_and_ready_content_read_data_of_any_form()
    {
        await product.PostAsync(
            "/v1/templates",
            new
            {
                name = "any-form",
                topic = "newsletter", channel = "email", locale = "en", subject = "{{ data.subject.en }}", html = "<p>x</p>", text = "x",
                layout = "standard",
            });
        foreach (var more in (string[])["\"template\":\"any-form\"", "\"content\":{\"subject\":\"s\",\"text\":\"t\"}"])
        {
            var reply = await product.PostAsync(
                "/v1/messages",
                $$$"""{"topic":"newsletter","to":{"email":"types@example.com"},{{{more}}},"data":{"subject":{"en":"News"} } }""");
            Assert.True(reply.Status == HttpStatusCode.Accepted, reply.Text);
        }
    }
}

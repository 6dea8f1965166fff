using System.Net;
using System.Text.Json.Nodes;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>
/// A closed word of an export is one word of its list: numbers, and several words with commas between, were read as another, and what the
/// ledger says was taken in as something else.
/// </summary>
public sealed class ExportWordTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task P6_R32_An_export_with_a_number_or_several_words_for_one_is_refused_by_the_place_and_nothing_of_it_is_taken()
    {
        const string email = "word.export@example.com";
        await product.OptInAsync(email, "newsletter");
        await product.DoAsync("/v1/packages/RR123456785PT/watches", new { email, source = "shop", statuses = "problems" });
        await product.PostAsync("/v1/messages", new { topic = "newsletter", to = new { email }, data = new { subject = "x", intro = "y" } });
        await product.PostAsync("/v1/suppressions", new { email, reason = "manual" });
        await product.WorkAsync();
        await product.OpenRequestAsync(new { type = "objection", email });
        var opened = await product.OpenRequestAsync(new { type = "access", email });
        var export = (await product.GetAsync(opened["exportUrl"]!)).Text;

        var elsewhere = new ProductFixture();
        await elsewhere.InitializeAsync();
        try
        {
            foreach (var (place, right) in new[]
            {
                ("addresses[0].state.channel", "email, sms"), ("addresses[0].state.subscriptions[0].status", "none, pending, subscribed"),
                ("addresses[0].state.suppression.reason", "bounce, complaint, manual"), ("addresses[0].state.contact", "active, disabled"),
                ("addresses[0].ledger[0].action", "opt-in, confirm, opt-out"), ("addresses[0].messages[0].record.status", "queued, deferred"),
                ("addresses[0].messages[0].record.reason", "allowed, no-consent"), ("addresses[0].watches[0].watch.status", "active, "),
                ("addresses[0].watches[0].watch.filter", "all, "), ("requests[0].type", "access, portability"),
                ("requests[0].status", "running, completed"),
            })
            {
                foreach (JsonNode wrong in (JsonNode[])[0, 1, 2, "0", "1", "", .. Several(right)])
                {
                    var reply = await elsewhere.PostAsync("/v1/privacy/imports", With(export, place, wrong));
                    Assert.True(
                        (reply.Status, string.Join(' ', reply.Fields)) == (HttpStatusCode.BadRequest, place),
                        $"{place} = {wrong.ToJsonString()}: {reply.Status} {reply.Text}");
                    Assert.Contains("must be one of " + right, reply.Text, StringComparison.Ordinal);
                }
            }

            Assert.Equal(HttpStatusCode.Created, (await elsewhere.PostAsync("/v1/privacy/imports", export)).Status);
        }
        finally
        {
            await elsewhere.DisposeAsync();
        }
    }

    // Of these the reader would have taken the bits together.
    private static IEnumerable<JsonNode> Several(string right)
    {
        var words = right.Split(", ", StringSplitOptions.RemoveEmptyEntries);
        yield return words[0] + "," + words[^1];
        yield return words[^1] + ", " + words[0];
    }

    private static string With(string export, string place, JsonNode wrong)
    {
        var root = JsonNode.Parse(export)!;
        var steps = place.Replace("[0]", ".0", StringComparison.Ordinal).Split('.');
        var at = root;
        foreach (var step in steps[..^1]) at = (step == "0" ? at[0] : at[step]) ?? throw new InvalidOperationException(place);
        Assert.True(at.AsObject().ContainsKey(steps[^1]), place);
        at[steps[^1]] = wrong.DeepClone();
        return root.ToJsonString();
    }
}

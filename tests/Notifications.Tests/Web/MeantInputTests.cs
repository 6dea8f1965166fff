using System.Net;
using System.Net.Http.Headers;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Web;

/// <summary>What a client writes is taken for what it means, and what could mean two things for none.</summary>
public sealed class MeantInputTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("%20ann@meant.example", "ann@meant.example")]
    [InlineData("ann@meant.example%20", "ann@meant.example")]
    [InlineData("ann+news@meant.example", "ann+news@meant.example")]
    [InlineData("ann%20news@meant.example", "ann+news@meant.example")]
    public async Task M1_A_space_before_an_email_address_in_a_query_makes_it_no_other_address(string written, string meant) =>
        Assert.Equal(meant, (await product.GetAsync("/v1/preferences?email=" + written))["address"]);

    [Theory]
    [InlineData("07/01/2026 09:30:00Z")]
    [InlineData("May 1 2026 09:30:00 -05:00")]
    [InlineData("01-07-2026T09:30:00Z")]
    [InlineData("2026-1-07 T09:30:00Z")]
    [InlineData("2026-01-07T09:30:00")]
    [InlineData("2026-01-07T09:30:00Z\n")]
    [InlineData("2026-02-30T09:30:00Z")]
    public async Task P6_A_time_that_could_be_another_is_refused_by_the_API_and_passed_over_in_files(string time)
    {
        Assert.Equal(["evidence.at"], (await OptInAsync(time)).Fields);
        var import = await product.ImportAsync($"email,topic,status,at\nfile@meant.example,newsletter,unsubscribed,\"{time}\"\n");
        Assert.Equal(time.EndsWith('\n') ? 0 : 1, PassedOver(import)); // A cell's own space is none of its time.
    }

    [Theory]
    [InlineData("2026-11-24T09:30Z")]
    [InlineData("2026-11-24t09:30:00.123456789z")]
    [InlineData("2026-11-24 09:30:00+01:00")]
    [InlineData("2026-11-23 09:30:00 -05:00")]
    public async Task A_time_in_RFC_3339_form_is_taken_by_the_API_and_in_files(string time)
    {
        Assert.NotEqual(HttpStatusCode.BadRequest, (await OptInAsync(time)).Status);
        Assert.Equal(
            (1, 1, 0, 1),
            (await product.ImportAsync(
                $"email,topic,status,at\nfile{time.Length}@meant.example,newsletter,unsubscribed,{time}\n")).Counts());
    }

    [Fact]
    public async Task M4_An_opt_out_from_a_package_is_done_whatever_type_the_client_names_for_a_body_that_it_does_not_send()
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Delete, "/v1/packages/RR123456785PT/watches?email=typed@meant.example")
        {
            Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        using var answer = await product.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task A_tag_that_a_file_would_cut_in_two_is_refused_and_any_other_comes_out_as_it_went_in()
    {
        foreach (var tag in (string[])["a,b", "a;b", "a|b", "12\" box", ",", "\""])
            Assert.Equal(["tags"], (await PutAsync(tag)).Fields);
        foreach (var tag in (string[])["=sum", "it's", "günstig & gut", "-x"])
        {
            Assert.Contains((await PutAsync(tag)).Status, new[] { HttpStatusCode.OK, HttpStatusCode.Created });
            await product.PostAsync("/v1/consents", new { email = "tagged@meant.example", topic = "newsletter", action = "opt-out" });
            await product.ImportAsync((await product.GetAsync("/v1/exports/preferences.csv")).Text);
            var kept = (await product.GetAsync("/v1/contacts/meant")).Json.GetProperty("tags");
            Assert.Equal([tag], kept.EnumerateArray().Select(t => t.GetString()));
        }

        var wrong = await product.UploadAsync("email\na@meant.example\n"u8.ToArray(), "?topic=newsletter&tags=a%3Bb");
        Assert.Equal(["tags"], wrong.Fields);
        var import = await product.ImportAsync(
            "email,topic,status,tags\nb@meant.example,newsletter,unsubscribed,\"12\"\" box\"\n");
        Assert.Equal(((1, 1, 0, 1), 1), (import.Counts(), PassedOver(import)));

        Task<Reply> PutAsync(string tag) =>
            product.SendAsync(
                HttpMethod.Put, "/v1/contacts/meant",
                new { tags = new[] { tag }, addresses = new[] { new { email = "tagged@meant.example" } } });
    }

    [Theory]
    [InlineData("\u0001", true)]
    [InlineData("\u000b", true)]
    [InlineData("\u001b", true)]
    [InlineData("\u007f", true)]
    [InlineData("\u0085", true)]
    [InlineData("\t", false)]
    [InlineData("\r\n", false)]
    public async Task A_control_character_is_refused_as_the_error_says_and_the_ends_of_lines_are_not(string character, bool refused)
    {
        var words = $"Yes,{character}please.";
        var reply = await product.PostAsync(
            "/v1/consents", new { email = "words@meant.example", topic = "newsletter", action = "opt-out", wording = words });
        Assert.Equal(refused ? ["wording"] : [], reply.Fields);
        var import = await product.ImportAsync(
            $"email,topic,status,source\nfile.words@meant.example,newsletter,unsubscribed,\"{words}\"\n");
        Assert.Equal(refused ? 1 : 0, PassedOver(import));
    }

    [Fact]
    public async Task A_batch_is_known_by_its_member_in_any_case()
    {
        var batch = await product.PostAsync(
            "/v1/messages/batch", """{"Messages":[{"Topic":"newsletter","To":{"Email":"b@meant.example"}}]}""");
        Assert.Equal((HttpStatusCode.Accepted, "1"), (batch.Status, batch["accepted"]));
        Assert.Equal(["messages"], (await product.PostAsync("/v1/messages/batch", """{"messages":[{}],"MESSAGES":[{}]}""")).Fields);
    }

    private static long PassedOver(System.Text.Json.JsonElement import) => import.GetProperty("passedOver").GetInt64();

    private Task<Reply> OptInAsync(string at) =>
        product.PostAsync(
            "/v1/consents",
            new
            {
                email = "time@meant.example",
                topic = "newsletter",
                action = "opt-in",
                source = "form",
                wording = "Yes.",
                evidence = new { at },
            });
}

using System.Net;
using System.Net.Http.Headers;
using Notifications.Access;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Security;

/// <summary>Who may see whom a campaign has selected (M12), and what is kept of taking the list away (M16).</summary>
public sealed class RecipientAddressTests(ProductFixture product) : IClassFixture<ProductFixture>, IAsyncLifetime
{
    private const string Recipient = "recipient@example.com";
    private string _campaign = "";

    public async Task InitializeAsync()
    {
        var agreed = new
        {
            email = Recipient,
            topic = "newsletter",
            action = "opt-in",
            source = "form",
            policyVersion = "1",
            wording = "Yes.",
            evidence = new { confirmed = true },
        };
        Assert.Equal(HttpStatusCode.OK, (await product.PostAsync("/v1/consents", agreed)).Status);
        _campaign = (await product.PostAsync(
            "/v1/campaigns", new { name = "Who", topic = "newsletter", channel = "email", template = "newsletter" }))["id"]!;
        Assert.Equal(HttpStatusCode.OK, (await product.PostAsync($"/v1/campaigns/{_campaign}/launch", new { confirm = 1 })).Status);
        for (var i = 0; i < 8; i++)
        {
            await product.WorkAsync();
            product.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(false, Scope.Campaigns)]
    [InlineData(true, Scope.Campaigns, Scope.Contacts)]
    [InlineData(true, Scope.Campaigns, Scope.Privacy)]
    public async Task M12_A_campaigns_key_sees_whole_addresses_only_where_it_may_look_people_up(bool whole, params string[] scopes)
    {
        using var client = product.ClientOf(await product.KeyAsync(scopes));
        var page = await ProductFixture.SendAsync(client, HttpMethod.Get, Path, null);
        foreach (var text in new[] { page.Text, await CsvAsync(client, HttpMethod.Get) })
        {
            Assert.Equal(whole, text.Contains(Recipient, StringComparison.Ordinal));
            Assert.Contains(
                whole ? Recipient : "r•••@example.com", System.Text.RegularExpressions.Regex.Unescape(text), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, Scope.Campaigns)]
    [InlineData(HttpStatusCode.OK, Scope.Campaigns, Scope.Contacts)]
    [InlineData(HttpStatusCode.OK, Scope.Campaigns, Scope.Privacy)]
    public async Task M12_A_campaigns_key_previews_as_a_person_only_where_it_may_look_people_up(
        HttpStatusCode status, params string[] scopes)
    {
        const string email = "previewed@example.com";
        await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/previewed", new { name = "Ana Previewed", addresses = new[] { new { email } } });
        var template = new
        {
            name = "who",
            topic = "newsletter",
            channel = "email",
            locale = "en",
            subject = "Hello {{ contact.name }}",
            html = "<p>News.</p>",
            layout = "standard",
        };
        await product.PostAsync("/v1/templates", template);
        using var client = product.ClientOf(await product.KeyAsync(scopes));
        foreach (var (path, body) in new (string, object)[]
        {
            ("preview", new { template, email }), ("preview", new { template, contactId = "previewed" }),
            ("who:email:en/preview", new { email }), ("who:email:en/preview", new { contactId = "previewed" }),
        })
        {
            var shown = await PreviewAsync(path, body);
            Assert.Equal(status, shown.Status);
            Assert.Equal(status == HttpStatusCode.OK, shown.Text.Contains("Ana Previewed", StringComparison.Ordinal));
        }

        Assert.Equal(HttpStatusCode.OK, (await PreviewAsync("preview", new { template })).Status);
        Assert.Equal(HttpStatusCode.OK, (await PreviewAsync("who:email:en/preview", new { })).Status);

        Task<Reply> PreviewAsync(string path, object body) =>
            ProductFixture.SendAsync(
                client, HttpMethod.Post, "/v1/templates/" + path, System.Text.Json.JsonSerializer.Serialize(body));
    }

    [Fact]
    public async Task M16_Taking_the_recipients_away_as_a_file_stands_in_the_audit_and_asking_whether_there_is_one_does_not()
    {
        var before = await ExportsAsync();
        Assert.Equal("", await CsvAsync(product.Http, HttpMethod.Head));
        Assert.Equal(before, await ExportsAsync());
        Assert.Contains(Recipient, await CsvAsync(product.Http, HttpMethod.Get, "?status=sent", "Text/CSV"), StringComparison.Ordinal);
        Assert.Equal(before + 1, await ExportsAsync());
    }

    [Theory]
    [InlineData("text/csv", "text/csv")]
    [InlineData("text/csv, */*", "text/csv")]
    [InlineData("application/json;q=0.5, text/csv;q=0.6", "text/csv")]
    [InlineData("text/csv;q=0", "application/json")]
    [InlineData("application/json, text/csv;q=0.1", "application/json")]
    [InlineData("*/*;q=0.2, text/csv;q=0.1", "application/json")]
    [InlineData("*/*", "application/json")]
    public async Task M16_The_list_of_all_of_them_is_given_to_who_asks_for_it_before_JSON(string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await product.Http.SendAsync(request);
        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
    }

    private string Path => $"/v1/campaigns/{_campaign}/recipients";

    private async Task<int> ExportsAsync() =>
        (await product.GetAsync("/v1/audit?limit=1000")).Json
            .GetProperty("entries")
            .EnumerateArray()
            .Count(e => e.GetProperty("action").GetString() == "campaign.export" && e.GetProperty("subject").GetString() == _campaign);

    private async Task<string> CsvAsync(HttpClient client, HttpMethod method, string query = "", string accept = "text/csv")
    {
        using var request = new HttpRequestMessage(method, Path + query)
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue(accept) } },
        };
        using var answer = await client.SendAsync(request);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        return await answer.Content.ReadAsStringAsync();
    }
}

using System.Text.Json;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using static Notifications.Tests.Imports.ImportWorld;

namespace Notifications.Tests.Imports;

/// <summary>Rows that take permission away, with columns beside that cannot be read.</summary>
public sealed class PassedOverTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Time = "it must be a time in RFC 3339 form such as 2026-11-24T09:30:00Z";

    private static string Quoted(string text) => text.Contains(',', StringComparison.Ordinal) ? $"\"{text}\"" : text;

    private static long PassedOver(JsonElement import) => import.GetProperty("passedOver").GetInt64();

    [Theory]
    [InlineData("at", "11/28/2026", Time)]
    [InlineData("at", "0001-01-01T00:00:00Z", "it must not lie before 1990, which stands for a time that is not known")]
    [InlineData("confirmedAt", "yesterday", Time)]
    [InlineData("confirmed", "perhaps", "it must be true or false")]
    [InlineData("locale", "de_DE", "it must be a language tag such as en or pt-BR")]
    [InlineData("timeZone", "MEZ+1", "it must be an IANA time zone such as Europe/Lisbon")]
    [InlineData("ip", "unknown", "it must be an IP address")]
    [InlineData("channel", "e-mail", "it must be email or sms")]
    [InlineData("contactId", "Ana / 7", "it must have 1 to 64 letters, digits, dots, underscores and hyphens, and not be . or ..")]
    [InlineData("contactId", "..", "it must have 1 to 64 letters, digits, dots, underscores and hyphens, and not be . or ..")]
    [InlineData("source", "=shop", "it begins like a spreadsheet formula; put a ' in front if it is meant as text")]
    public async Task P6_M16_An_opt_out_lowers_whatever_stands_in_the_columns_beside_it_and_the_list_of_errors_says_what_was_passed_over(
        string column, string cell, string why)
    {
        var mail = CoreProduct.Email($"{column}{cell.Length}@beside.example");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        var file = $"email,topic,status,{column}\n{mail.Value},newsletter,unsubscribed,{cell}\n";
        var import = await product.ImportAsync(file, "?onError=abort");
        Assert.Equal(("completed", (1, 1, 0, 1), 1), (import.GetProperty("status").GetString(), import.Counts(), PassedOver(import)));
        Assert.Equal("unsubscribed", await product.StatusAsync(mail.Value));
        Assert.EndsWith("/errors", import.GetProperty("errorsUrl").GetString());
        Assert.Equal([$"2,{column},{Quoted("was passed over: " + why)}"], await product.ErrorsAsync(import));
        var preview = (await product.UploadAsync(
            System.Text.Encoding.UTF8.GetBytes(file), path: "/v1/imports/preview")).Json.GetProperty("rows")[0];
        Assert.Equal("lowered", preview.GetProperty("outcome").GetString());
        Assert.Equal(column, preview.GetProperty("problems")[0].GetProperty("column").GetString());
    }

    [Fact]
    public async Task M16_A_row_that_is_rejected_in_the_end_is_not_among_the_accepted_ones_with_a_column_passed_over()
    {
        const string email = "anothers@beside.example";
        await product.SendAsync(HttpMethod.Put, "/v1/contacts/beside-a", new { addresses = new[] { new { email } } });
        var import = await product.ImportAsync(
            $"email,topic,status,at,contactId\n{email},newsletter,unsubscribed,lately,beside-b\n"
                + "other@beside.example,newsletter,unsubscribed,lately,\n");
        Assert.Equal(((2, 1, 1, 1), 1), (import.Counts(), PassedOver(import)));
        Assert.Equal(3, (await product.ErrorsAsync(import)).Length); // What was passed over in it stands there all the same.
    }

    [Fact]
    public async Task P6_A_bounce_with_a_time_that_cannot_be_read_blocks_and_counts_from_when_the_file_came()
    {
        const string email = "bounced@beside.example";
        var import = await product.ImportAsync($"email,status,at\n{email},bounced,lately\n");
        Assert.Equal((1, 1, 0, 1), import.Counts());
        Assert.Equal("bounce", await product.BlockedAsync(email));
    }

    [Fact]
    public async Task P6_An_opt_out_whose_time_cannot_be_read_counts_from_when_the_file_came_and_no_older_evidence_passes_it()
    {
        const string email = "stopped@beside.example";
        await product.ImportAsync($"email,topic,status,at\n{email},newsletter,unsubscribed,0001-01-01T00:00:00Z\n");
        Assert.Equal((1, 0, 1, 0), (await product.ImportAsync(Header + Agreed(email))).Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync(email));
    }

    [Theory]
    [InlineData("nobody,newsletter,unsubscribed,x")]
    [InlineData("a@beside.example,newsletter,gone,x")]
    [InlineData("a@beside.example,no topic,unsubscribed,x")]
    [InlineData("a@beside.example,newsletter,subscribed,x")]
    public async Task Only_the_address_the_status_and_the_topic_can_reject_what_lowers_and_anything_else_what_does_not(string row) =>
        Assert.Equal((1, 0, 1, 0), (await product.ImportAsync($"email,topic,status,at\n{row}\n")).Counts());

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("1970-01-01T00:00:00Z")]
    [InlineData("1989-12-31T23:59:59Z")]
    public async Task R26_M10_An_opt_in_of_a_time_that_stands_for_not_known_is_refused_in_files_and_by_the_API(string at)
    {
        const string why = "must not lie before 1990, which stands for a time that is not known";
        var email = $"from{at[..4]}@when.example";
        var import = await product.ImportAsync(Header + Agreed(email, at: at));
        Assert.Equal([$"2,at,{Quoted(why)}"], await product.ErrorsAsync(import));
        foreach (var action in (string[])["opt-in", "confirm"])
        {
            var refused = await SayAsync(email, action, at);
            Assert.Equal(["evidence.at"], refused.Fields);
            Assert.Contains(why, refused.Text, StringComparison.Ordinal);
        }

        Assert.Equal("none", await product.StatusAsync(email));

        // What lowers needs no evidence (P6).
        Assert.Equal(System.Net.HttpStatusCode.OK, (await SayAsync(email, "opt-out", at)).Status);
        Assert.Equal("unsubscribed", await product.StatusAsync(email));
    }

    [Fact]
    public async Task A_row_without_a_topic_says_where_one_can_be_given() =>
        Assert.Equal(
            ["2,topic,\"is required: give it in each row, or for all rows beside the file (in the API with ?topic=)\""],
            await product.ErrorsAsync(await product.ImportAsync("email,status\na@beside.example,subscribed\n")));

    private Task<Reply> SayAsync(string email, string action, string at) =>
        product.PostAsync(
            "/v1/consents",
            new
            {
                email,
                topic = "newsletter",
                action,
                source = "form",
                policyVersion = "2026-01",
                wording = "Yes.",
                evidence = new { at, confirmed = true },
            });
}

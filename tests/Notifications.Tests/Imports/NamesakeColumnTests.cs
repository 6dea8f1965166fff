using System.Net;
using System.Text;
using Notifications.Access;
using Notifications.Tests.ConsolePages;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Imports.ImportWorld;

namespace Notifications.Tests.Imports;

/// <summary>Files in which two columns have one name, or names that differ in the case of their letters only.</summary>
public sealed class NamesakeColumnTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Evidence = "form,1,Yes,2026-03-01T10:00:00Z\n";

    [Fact]
    public async Task P6_The_second_of_two_columns_of_one_name_is_read_where_it_was_chosen_and_the_stop_in_it_is_taken()
    {
        const string file = "email,status,topic,status,source,policyVersion,wording,at\n"
            + "d3@namesake.example,subscribed,newsletter,unsubscribed," + Evidence;
        var browser = await product.SignedInAsync("namesakes", Scope.Contacts);
        var asked = await SendAsync(browser, file, []);
        Assert.Equal(
            "Row 1: The header names two columns for status, columns 2 and 4: say which of them is read as it.",
            asked.Document.QuerySelector("#failure")!.TextContent.Trim());

        var fields = asked.Fields("/console/imports");
        fields["map-3"] = "status";
        var shown = (await SendAsync(browser, file, fields)).Fields("/console/imports");
        Assert.Equal(["email", "", "topic", "status"], Enumerable.Range(0, 4).Select(i => shown[$"map-{i}"]));

        shown["act"] = "import";
        var taken = await SendAsync(browser, file, shown);
        Assert.Equal(HttpStatusCode.SeeOther, taken.Status);
        await product.WorkAsync();
        Assert.Equal("unsubscribed", await product.StatusAsync("d3@namesake.example"));
        Assert.Equal(
            ["email", "not used", "topic", "status"],
            (await browser.GetAsync(taken.Location!)).Document.QuerySelectorAll("td[data-label='Read as']")
                .Take(4)
                .Select(c => c.TextContent));
    }

    [Fact]
    public async Task P6_The_second_of_two_columns_of_addresses_stays_chosen()
    {
        const string file = "email,email,topic,status\nold@namesake.example,new@namesake.example,newsletter,unsubscribed\n";
        var browser = await product.SignedInAsync("namesake-addresses", Scope.Contacts);
        var fields = (await SendAsync(browser, file, [])).Fields("/console/imports");
        fields["map-1"] = "email";
        var shown = (await SendAsync(browser, file, fields)).Fields("/console/imports");
        Assert.Equal(("", "email"), (shown["map-0"], shown["map-1"]));
        shown["act"] = "import";
        await SendAsync(browser, file, shown);
        await product.WorkAsync();
        Assert.Equal(
            ("none", "unsubscribed"),
            (await product.StatusAsync("old@namesake.example"), await product.StatusAsync("new@namesake.example")));
    }

    [Fact]
    public async Task P6_A_choice_that_was_made_for_another_file_is_not_read_into_this_one()
    {
        var browser = await product.SignedInAsync("namesake-other", Scope.Contacts);
        var fields = (await SendAsync(browser, "email,topic,Said\na@namesake.example,newsletter,unsubscribed\n", []))
            .Fields("/console/imports");
        fields["map-2"] = "status";
        // The columns of the second stand elsewhere, and those of the third have other names.
        var moved = (await SendAsync(browser, "Said,email,topic\nunsubscribed,a@namesake.example,newsletter\n", fields))
            .Fields("/console/imports");
        Assert.Equal(["status", "email", "topic"], Enumerable.Range(0, 3).Select(i => moved[$"map-{i}"]));
        Assert.Equal(
            "Row 1: The header has no column of the name that was given for status.",
            (await SendAsync(browser, "email,topic,Word\na@namesake.example,newsletter,unsubscribed\n", fields)).Document
                .QuerySelector("#failure")!.TextContent.Trim());
    }

    [Fact]
    public async Task P6_What_was_chosen_stands_while_the_file_cannot_be_read_yet_and_behind_a_column_of_which_nothing_is_chosen()
    {
        var browser = await product.SignedInAsync("namesake-choices", Scope.Contacts);
        const string nameless = "Who,Said\na@namesake.example,unsubscribed\n";
        var fields = (await SendAsync(browser, nameless, [])).Fields("/console/imports");
        fields["map-1"] = "status";
        Assert.Equal("status", (await SendAsync(browser, nameless, fields)).Fields("/console/imports")["map-1"]);

        const string log = "From,To,Body,Direction,Came\n+14155550188,+18005550100,Stop,inbound,2026-01-02T03:04:05Z\n";
        fields = (await SendAsync(browser, log, [])).Fields("/console/imports");
        fields["map-4"] = "at";
        Assert.Equal("at", (await SendAsync(browser, log, fields)).Fields("/console/imports")["map-4"]);
    }

    [Fact]
    public async Task M16_A_header_without_a_row_is_said_to_have_none_on_a_page_that_names_the_columns_of_our_own_shape()
    {
        var browser = await product.SignedInAsync("header-only", Scope.Contacts);
        var shown = (await SendAsync(browser, "email,topic,status\n", [])).Document;
        Assert.Equal("The file has no row below its header.", shown.QuerySelector("#rows [role=alert]")!.TextContent);
        Assert.Contains(
            ": email, phone, topic, channel, status, source, policyVersion, ", shown.QuerySelector("#file-hint")!.TextContent,
            StringComparison.Ordinal);
        var read = (await SendAsync(browser, "email,topic,status\na@header.example,newsletter,unsubscribed\n", [])).Document;
        Assert.Null(read.QuerySelector("#rows [role=alert]"));
    }

    [Theory]
    [InlineData("email,status,topic,status", "", "rename one")]
    [InlineData("email,status,topic,status", "?map.status=status", "rename one")]
    [InlineData("email,status,topic,STATUS", "?map.status=Status", "rename one")]
    [InlineData("email,status,topic,STATUS", "", "map.status")]
    public async Task P6_A_name_that_may_be_either_column_is_refused_with_the_remedy(string header, string query, string remedy)
    {
        var file = Encoding.UTF8.GetBytes(header + "\nt@namesake.example,subscribed,newsletter,unsubscribed\n");
        var failure = (await product.UploadAsync(file, query, path: "/v1/imports/preview")).Json.GetProperty("failure");
        Assert.Contains(remedy, failure.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await product.UploadAsync(file, query)).Status);
    }

    [Fact]
    public async Task P6_Of_two_names_that_differ_in_their_case_the_one_that_is_named_to_the_letter_is_read()
    {
        const string rows = "\nc@namesake.example,subscribed,newsletter,unsubscribed," + Evidence;
        var import = await product.ImportAsync(
            "email,Status,topic,STATUS,source,policyVersion,wording,at" + rows, "?map.status=STATUS");
        Assert.Equal((1, 1, 0, 1), import.Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync("c@namesake.example"));
    }

    private static async Task<Screen> SendAsync(ConsoleClient browser, string file, Dictionary<string, string> fields)
    {
        using var upload = new MultipartFormDataContent { { new StringContent(browser.Token!), "form" } };
        foreach (var (name, value) in fields)
            if (name != "file") upload.Add(new StringContent(value), name);
        upload.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(file)), "file", "people.csv");
        return await browser.SendAsync(HttpMethod.Post, "/console/imports", upload);
    }
}

using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Imports.ImportWorld;

namespace Notifications.Tests.Imports;

/// <summary>Rows whose cell of the status is empty, or is not there.</summary>
public sealed class EmptyStatusTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Form = "&policyVersion=1&wording=Yes";

    [Fact]
    public async Task P6_Whoever_has_no_word_in_a_column_of_words_is_not_subscribed()
    {
        var import = await product.ImportAsync(
            "Email,Klaviyo ID,First Name,Email Marketing Consent,Created\n"
            + "never1@empty.example,01A,A,,2024-01-01 10:00:00+00:00\nnever2@empty.example,01B,B, ,2024-01-01 10:00:00+00:00\n",
            "?topic=newsletter&map.status=Email+Marketing+Consent&map.at=Created&source=klaviyo" + Form);
        Assert.Equal((2, 0, 2, 0), import.Counts());
        Assert.All(
            await product.ErrorsAsync(import), e => Assert.Contains(",Email Marketing Consent,is empty", e, StringComparison.Ordinal));
        Assert.Equal("none", await product.StatusAsync("never1@empty.example"));
    }

    [Fact]
    public async Task P6_A_row_that_breaks_off_before_its_status_subscribes_nobody()
    {
        var import = await product.ImportAsync(
            "email,at,topic,status\nshort@empty.example,2026-03-01T10:00:00Z,newsletter\n", "?source=form" + Form);
        Assert.Equal((1, 0, 1, 0), import.Counts());
        Assert.Equal("none", await product.StatusAsync("short@empty.example"));
    }

    [Fact]
    public async Task P6_A_column_of_another_products_words_that_is_empty_subscribes_nobody()
    {
        var import = await product.ImportAsync(
            "contact_id,status,source,date_of_consent\n+14155550141,,website,2026-01-02T03:04:05Z\n", "?topic=surveys" + Form);
        Assert.Equal(("twilio-consents", (1, 0, 1, 0)), (import.GetProperty("shape").GetString(), import.Counts()));
    }

    [Fact]
    public async Task P6_An_empty_status_says_what_the_caller_gave_for_rows_without_one_and_a_file_without_the_column_subscribes()
    {
        const string row = "given@empty.example,2026-03-01T10:00:00Z,newsletter";
        Assert.Equal(
            (1, 1, 0, 1), (await product.ImportAsync($"email,at,topic,status\n{row},\n", "?status=unsubscribed&source=form" + Form)).Counts());
        Assert.Equal("unsubscribed", await product.StatusAsync("given@empty.example"));
        Assert.Equal(
            (1, 1, 0, 0),
            (await product.ImportAsync($"email,at,topic\n{row.Replace("given", "none", StringComparison.Ordinal)}\n", "?source=form" + Form))
                .Counts());
        Assert.Equal("subscribed", await product.StatusAsync("none@empty.example"));
    }
}

using System.Text;
using Notifications.Tests.Infrastructure;
using static Notifications.Tests.Imports.ImportWorld;

namespace Notifications.Tests.Imports;

/// <summary>The line above the header in which spreadsheets say what parts the cells.</summary>
public sealed class SeparatorLineTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("sep=;\n", ';', 3)]
    [InlineData("\r\nSEP=,\r\n", ',', 4)]
    [InlineData("\"sep=\t\"\r", '\t', 3)]
    public async Task P6_The_line_that_names_the_separator_is_taken_as_that_and_the_rows_keep_their_numbers(string line, char cut, int row)
    {
        var name = $"sep{(int)cut}@line.example";
        // By its count of separators the header would be cut elsewhere.
        var file = line + $"email{cut}topic{cut}status{cut}\"a,b,c,d;e;f;g;h\ti\tj\tk\tl\"\n{name}{cut}newsletter{cut}unsubscribed\nnobody{cut}newsletter{cut}unsubscribed\n";
        foreach (var encoding in new Encoding[] { new UTF8Encoding(true), Encoding.Unicode })
        {
            var import = await product.ImportAsync([.. encoding.GetPreamble(), .. encoding.GetBytes(file)]);
            Assert.Equal((2, 1, 1, 1), import.Counts());
            Assert.StartsWith($"{row + 1},email,", Assert.Single(await product.ErrorsAsync(import)), StringComparison.Ordinal);
            Assert.Equal("unsubscribed", await product.StatusAsync(name));
        }

        var preview = await product.UploadAsync(Encoding.UTF8.GetBytes(file), path: "/v1/imports/preview");
        Assert.Equal(cut.ToString(), preview["delimiter"]);
        Assert.Equal(
            [row, row + 1], preview.Json.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("row").GetInt32()));
    }

    [Fact]
    public async Task A_file_of_that_line_alone_has_no_header_and_a_second_such_line_is_one()
    {
        foreach (var (file, why) in ((string, string)[])[("sep=;", "is missing"), ("sep=;\nsep=;\n", "names no column of addresses")])
            Assert.Contains(why, (await product.UploadAsync(Encoding.UTF8.GetBytes(file))).Text, StringComparison.Ordinal);
    }
}

using System.Text;
using Notifications.Imports;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>An erasure meets the person's address as people write it, and others beside it.</summary>
public sealed class ErasureSpellingTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData("Write to ana@bücher.example, please.", true)]
    [InlineData("{\"from\":\"Ana@xn--bcher-kva.example\"}", true)]
    [InlineData("call +49 171 123-4567", true)]
    [InlineData("call +49 (0)171 / 1234567.", true)]
    [InlineData("00491711234567", true)]
    [InlineData("{\"phone\":\"0049 171 1234567\"}", true)]
    [InlineData("49.171.1234567", true)]
    [InlineData("+149 171 1234567", false)]
    [InlineData("+1 49171 1234567", false)]
    [InlineData("+49 171 12345678", false)]
    [InlineData("joana@bücher.example", false)]
    public void R34_A_person_is_known_however_the_address_is_written_and_nobody_else_is(string text, bool found)
    {
        var traces = new PersonTraces([CoreProduct.Email("ana@bücher.example"), CoreProduct.Phone("+491711234567")], []);
        Assert.Equal(found, traces.In(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public async Task R34_A_file_that_waits_loses_the_persons_rows_however_their_address_is_written_there()
    {
        var id = await WaitingAsync(
            "phone;status;topic\n+49 171 7654321;unsubscribed;newsletter\n'＋49 1717654321;unsubscribed;newsletter\n+491717654322;unsubscribed;newsletter\n");
        await EraseAsync(new { type = "erasure", phone = "+491717654321" });
        Assert.Equal("phone;status;topic\n\n\n+491717654322;unsubscribed;newsletter\n", await PartAsync(id));
    }

    [Fact]
    public async Task P5_R34_An_erasure_takes_out_of_a_file_that_waits_the_rows_that_its_import_finds_there_and_no_others()
    {
        const string before = "email;wording;topic\nfirst@spell.example;Ja,\"News;newsletter\n";
        const string after = "last@spell.example;Ja,\"News;newsletter\n";
        var id = await WaitingAsync(before + "erase@spell.example;Ja;newsletter\n" + after);
        await EraseAsync(new { type = "erasure", email = "erase@spell.example" });
        Assert.Equal(before + "\n" + after, await PartAsync(id));
    }

    [Fact]
    public void P5_Where_the_separator_is_not_known_a_stray_quote_spoils_its_own_line_alone()
    {
        var kept = CsvRows.Without(
            "a@x.example;Ja,\"News\r\ngone@x.example;b\r\nc@x.example;\"d\"\r\n"u8, 0,
            text => text.Contains("gone@", StringComparison.Ordinal), _ => false);
        Assert.Equal("a@x.example;Ja,\"News\r\n\r\nc@x.example;\"d\"\r\n", Encoding.UTF8.GetString(kept));
    }

    private async Task<string> WaitingAsync(string file) => (await product.UploadAsync(Encoding.UTF8.GetBytes(file)))["id"]!;

    private async Task EraseAsync(object request) =>
        Assert.Equal(System.Net.HttpStatusCode.Created, (await product.PostAsync("/v1/privacy/requests", request)).Status);

    private async Task<string> PartAsync(string id)
    {
        var blobs = product.Get<IBlobStore>();
        return Encoding.UTF8.GetString((await blobs.GetAsync(Containers.Imports, id + "/part-000001"))!.Value.Span);
    }
}

using System.Net;
using Notifications.Access;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>A file that is larger than an import may be.</summary>
public sealed class LargeFileTests : IAsyncLifetime
{
    private readonly ProductFixture _product = new() { Configure = o => o.Imports.MaxBytes = 1 << 20 };

    public Task InitializeAsync() => _product.InitializeAsync();

    public Task DisposeAsync() => _product.DisposeAsync();

    [Theory]
    [InlineData("import", (1 << 20) + 1)]
    [InlineData("import", 3 << 20)]
    [InlineData("validate", 3 << 20)]
    [InlineData("preview", 3 << 20)]
    public async Task M16_Whoever_sends_a_file_that_is_too_large_is_told_so_on_the_page_that_keeps_what_was_typed(string act, int length)
    {
        var browser = await _product.SignedInAsync("large", Scope.Contacts);
        using var upload = new MultipartFormDataContent
        {
            { new StringContent(browser.Token!), "form" },
            { new StringContent(act), "act" },
            { new StringContent("I agree to the newsletter."), "wording" },
            { new ByteArrayContent(new byte[length]), "file", "people.csv" },
        };
        var answer = await browser.SendAsync(HttpMethod.Post, "/console/imports", upload);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("The file is larger than 1 MB.", answer.Document.QuerySelector("[role=alert]")!.TextContent.Trim());
        Assert.Equal("I agree to the newsletter.", answer.Fields("/console/imports")["wording"]);
    }
}

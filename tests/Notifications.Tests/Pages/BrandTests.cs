using Notifications.Sending;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Pages;

namespace Notifications.Tests.Pages;

/// <summary>The sender's logo and colour, and what is refused at start.</summary>
public sealed class BrandTests
{
    private const string Svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><path d=\"M0 0h8v8z\"/></svg>";

    [Theory]
    [InlineData("#0b6b57")]
    [InlineData("#1a3f8f")]
    [InlineData("#8a1c4a")]
    [InlineData("#000000")]
    public void R57_A_colour_that_is_taken_is_read_on_light_and_dark_pages_and_text_is_read_on_it(string text)
    {
        new SenderOptions { Color = text }.Validate();
        Assert.True(SenderColor.TryParse(text, out var color));
        Assert.True(SenderColor.Contrast(color, SenderColor.LightPage) >= 4.5 && SenderColor.Contrast(color, new(255, 255, 255)) >= 4.5);
        Assert.True(
            SenderColor.Contrast(color.ForDark(), SenderColor.DarkPage) >= 4.5
                && SenderColor.Contrast(color.ForDark(), SenderColor.DarkText) >= 4.5);
    }

    [Theory]
    [InlineData("#ffcc00", "darker: on the page it has a contrast of 1.")]
    [InlineData("#5fb39f", "text needs 4.5:1")]
    [InlineData("green", "a colour such as #0b6b57")]
    [InlineData("#12345", "a colour such as #0b6b57")]
    [InlineData("#0b6b57;}", "a colour such as #0b6b57")]
    [InlineData("x0b6b57", "a colour such as #0b6b57")]
    [InlineData("#0b6b5g", "a colour such as #0b6b57")]
    public void R57_A_colour_that_people_could_not_read_or_that_is_none_is_refused_with_the_remedy(string text, string why) =>
        Assert.Contains(
            why, Assert.Throws<ArgumentException>(() => new SenderOptions { Color = text }.Validate()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("#0b6b57", "#549789")]
    [InlineData("#1a3f8f", "#768cbc")]
    [InlineData("#8a1c4a", "#b97792")]
    [InlineData("#000000", "#8c8c8c")]
    [InlineData("#ffffff", "#ffffff")]
    public void R57_A_dark_page_takes_the_first_lighter_step_of_the_colour_that_can_be_read(string light, string dark)
    {
        Assert.True(SenderColor.TryParse(light, out var color));
        Assert.Equal((light, dark), (color.ToString(), color.ForDark().ToString()));
    }

    [Fact]
    public void The_contrast_is_that_of_the_standard()
    {
        Assert.Equal(19.798, SenderColor.Contrast(new(10, 10, 10), new(255, 255, 255)), 3); // Where the curve is a line.
        Assert.Equal(21, SenderColor.Contrast(new(0, 0, 0), new(255, 255, 255)), 3);
        Assert.Equal(4.54, SenderColor.Contrast(new(0x76, 0x76, 0x76), new(255, 255, 255)), 2); // The grey that WCAG itself names.
    }

    [Fact]
    public async Task R61_A_logo_is_taken_from_a_file_or_a_data_URI_and_never_from_another_site()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Svg);
            Assert.Contains(
                "<img class=\"logo\" src=\"/assets/logo?v=", new Brand(new SenderOptions { Logo = file }).Mark.Value,
                StringComparison.Ordinal);
            await File.WriteAllBytesAsync(file, new byte[Brand.LargestLogo + 1]);
            Assert.Contains(
                "bytes; make it", Assert.Throws<ArgumentException>(() => new Brand(new SenderOptions { Logo = file })).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }

        var inline = "data:image/svg+xml;base64," + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Svg));
        Assert.Contains("/assets/logo?v=", new Brand(new SenderOptions { Logo = inline }).Mark.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("logo", new Brand(new SenderOptions()).Mark.Value, StringComparison.Ordinal);
        foreach (var wrong in new[] { "https://cdn.example.com/logo.png", "/no/such/file.png", "data:image/png;base64,####" })
            Assert.Contains(
                "never loaded from another site",
                Assert.Throws<ArgumentException>(() => new Brand(new SenderOptions { Logo = wrong })).Message, StringComparison.Ordinal);
        Assert.Contains(
            "PNG, JPEG, WebP or SVG",
            Assert.Throws<ArgumentException>(() => new Brand(new SenderOptions { Logo = "data:text/html;base64,PGI+" })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task R61_A_page_shows_the_brand_from_its_own_host_under_its_own_policy()
    {
        var product = new ProductFixture
        {
            Configure = o =>
                (o.Sender.Color, o.Sender.Logo) = (
                    "#1a3f8f", "data:image/svg+xml;base64," + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Svg))),
        };
        await product.InitializeAsync();
        try
        {
            var page = (await product.OpenAsync("/find")).Text;
            foreach (var (pattern, type, content) in new[]
            {
                ("href=\"(/assets/brand\\.css\\?v=\\w+)\"", "text/css", "--accent: #1a3f8f"),
                ("src=\"(/assets/logo\\?v=\\w+)\"", "image/svg+xml", "<svg"),
            })
            {
                var path = System.Text.RegularExpressions.Regex.Match(page, pattern).Groups[1].Value;
                var asset = await product.OpenAsync(path);
                Assert.Equal(type, asset.MediaType);
                Assert.Contains(content, asset.Text, StringComparison.Ordinal);
                Assert.Contains("immutable", asset.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
                Assert.Contains("sandbox", asset.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            }
        }
        finally
        {
            await product.DisposeAsync();
        }
    }
}

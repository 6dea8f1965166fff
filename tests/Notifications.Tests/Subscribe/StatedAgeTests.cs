using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Subscribe;

/// <summary>The age on the sign-up page: stated by whoever wants to, or by everybody where the company wants that (M11).</summary>
public sealed class StatedAgeTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("adult")]
    [InlineData("18")]
    public async Task R38_Whoever_states_no_age_or_one_of_age_is_signed_up(string? age)
    {
        await InAsync(require: false, async product =>
        {
            var (status, _) = await SignUpAsync(product, age);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Single(await product.LedgerAsync(CoreProduct.Email("ana@example.com")));
        });
    }

    [Theory]
    [InlineData(false, "minor", HttpStatusCode.Forbidden)]
    [InlineData(false, "17", HttpStatusCode.Forbidden)]
    [InlineData(true, "minor", HttpStatusCode.Forbidden)]
    [InlineData(true, null, HttpStatusCode.UnprocessableEntity)] // The company wants it stated.
    [InlineData(true, "", HttpStatusCode.UnprocessableEntity)]
    [InlineData(false, "young", HttpStatusCode.UnprocessableEntity)] // It says something, and nobody knows what.
    public async Task R38_Whoever_states_one_under_age_or_none_where_it_is_required_is_not_and_nothing_is_stored(
        bool require, string? age, HttpStatusCode refused)
    {
        await InAsync(require, async product =>
        {
            var before = await product.StoredAsync();
            var (status, body) = await SignUpAsync(product, age);
            Assert.Equal(refused, status);
            Assert.Equal(before, await product.StoredAsync());
            if (refused == HttpStatusCode.UnprocessableEntity)
            {
                Assert.Contains("<a href=\"#age\">", body, StringComparison.Ordinal);
                Assert.Matches("name=\"age\" value=\"adult\" autofocus", body);
            }
        });
    }

    private static Task<(HttpStatusCode Status, string Body)> SignUpAsync(ProductFixture product, string? age)
    {
        (string, string)[] form = [("email", "ana@example.com"), ("topic-email-newsletter", "yes")];
        return product.FormAsync("/subscribe", "en", age is null ? form : [.. form, ("age", age)]);
    }

    private static async Task InAsync(bool require, Func<ProductFixture, Task> doAsync)
    {
        var product = new ProductFixture { Configure = o => o.RequireAge = require };
        await product.InitializeAsync();
        try
        {
            await doAsync(product);
        }
        finally
        {
            await product.DisposeAsync();
        }
    }
}

using System.Net;
using Notifications.Addresses;
using Notifications.Tests.Infrastructure;
using Notifications.Web.Subscribe;

namespace Notifications.Tests.Subscribe;

/// <summary>Apart: they take hours of the product's clock.</summary>
public sealed class SignupLimitsTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static int _made;

    private readonly SignupLimits _limits = product.Get<SignupLimits>();

    [Fact]
    public void R63_A_flood_of_made_up_addresses_takes_nothing_from_anybody_else()
    {
        for (var i = 0; i < 200_000; i++) _limits.Allow(Key());
        Assert.Equal(100, Enumerable.Range(0, 100).Count(_ => _limits.Allow(Key())));
    }

    [Fact]
    public void R63_An_address_is_heard_five_times_an_hour()
    {
        var key = Key();
        Assert.Equal(SignupLimits.PerAddress, Enumerable.Range(0, 20).Count(_ => _limits.Allow(key)));
        product.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(SignupLimits.PerAddress, Enumerable.Range(0, 20).Count(_ => _limits.Allow(key)));
    }

    [Fact]
    public async Task R63_An_address_that_never_answers_is_asked_once_per_window_however_many_forms_come()
    {
        var address = CoreProduct.Email("patient@example.com");
        for (var i = 0; i < 3; i++)
        {
            for (var again = 0; again < 2; again++)
                Assert.Equal(
                    HttpStatusCode.OK,
                    (await product.FormAsync(
                        "/subscribe", "en", ("email", address.Value), ("topic-email-newsletter", "yes"), ("age", "adult"))).Status);
            await product.WorkAsync();
            product.Time.Advance(TimeSpan.FromHours(25));
        }

        Assert.Equal(3, product.MailsTo(address));
    }

    private AddressKey Key() => product.Key(CoreProduct.Email($"made-up-{Interlocked.Increment(ref _made)}@example.com"));
}

using Notifications.Access;
using Notifications.Sending;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.ConsolePages;

/// <summary>What holds up everything stands on top of every page: whoever looks at 3 a.m. must not be sent the wrong way.</summary>
public sealed class TroubleTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Home = "/console", Alerts = "/console/alerts";

    [Fact]
    public async Task R69_The_big_switch_is_told_on_every_page_and_no_provider_is_said_to_take_messages()
    {
        var console = await product.SignedInAsync("olga", Scope.All);
        Assert.DoesNotContain("Notifications:Sending:Hold", (await console.GetAsync(Home)).Text, StringComparison.Ordinal);
        var sending = product.Get<SendingOptions>();
        sending.Hold = true;
        try
        {
            foreach (var page in (string[])[Home, Alerts])
                Assert.Contains(
                    "Nothing is sent: the setting Notifications:Sending:Hold", (await console.GetAsync(page)).Text,
                    StringComparison.Ordinal);
            Assert.DoesNotContain("Taking messages", (await console.GetAsync(Home)).Text, StringComparison.Ordinal);
            // Strangers are told nothing.
            Assert.DoesNotContain("Sending:Hold", (await product.Anonymous.GetStringAsync("/console/sign-in")), StringComparison.Ordinal);
        }
        finally
        {
            sending.Hold = false;
        }
    }

    [Fact]
    public async Task R69_A_store_that_takes_no_writes_is_told_on_every_page_until_it_takes_them_again()
    {
        var console = await product.SignedInAsync("otto", Scope.All);
        product.WriteFailure = "SQLite: database or disk is full (13).";
        foreach (var page in (string[])[Home, Alerts])
            Assert.Contains(
                "The store takes no writes: SQLite: database or disk is full (13).", (await console.GetAsync(page)).Text,
                StringComparison.Ordinal);
        product.WriteFailure = null;
        Assert.DoesNotContain("takes no writes", (await console.GetAsync(Home)).Text, StringComparison.Ordinal);
        product.Damage = "SQLite: database disk image is malformed (11).";
        Assert.Contains("The store is damaged or gone: SQLite", (await console.GetAsync(Alerts)).Text, StringComparison.Ordinal);
        product.Damage = null;
    }
}

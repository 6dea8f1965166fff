using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>Requests about an address whose owner was erased.</summary>
public sealed class ErasedAddressTests
{
    private static readonly Address Gone = CoreProduct.Email("gone@example.com");
    private static readonly Address New = CoreProduct.Email("new@example.com");

    [Theory]
    [InlineData(PrivacyRight.Rectification)]
    [InlineData(PrivacyRight.Objection)]
    [InlineData(PrivacyRight.Restriction)]
    [InlineData(PrivacyRight.Access)]
    [InlineData(PrivacyRight.Portability)]
    public async Task R34_R33_A_request_about_an_erased_address_says_that_it_was_erased_and_writes_nothing(PrivacyRight right)
    {
        var world = new PackagesWorld();
        var desk = world.Get<PrivacyDesk>();
        await world.SubscribeAsync(Gone, TopicKey.Newsletter);
        await desk.OpenAsync(PrivacyRight.Erasure, [Gone], null, null, null, "agent:mia", default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var erased = await world.StateAsync(Gone);
        var change = right == PrivacyRight.Rectification ? new Rectification(Name: "Ana", NewAddress: New.Value) : null;
        var asked = await desk.OpenAsync(right, [Gone], null, "She wrote again.", change, "agent:mia", default);
        Assert.Equal(PrivacyStatus.Completed, asked.Status);
        Assert.StartsWith("This address was erased", asked.Outcome, StringComparison.Ordinal);
        Assert.Equal((0, null, null), (asked.Addresses.Length, asked.Note, asked.Change));
        Assert.Equal([world.Ring.KeyOf(Gone).Value], asked.AddressKeys);
        Assert.Equal(erased, await world.StateAsync(Gone));
        Assert.Null((await world.Book.LoadAsync(world.Ring.KeyOf(New), default)).State);
        Assert.Equal(LedgerAction.Erase, (await world.Book.LedgerAsync(world.Ring.KeyOf(Gone), default))[^1].Action);
    }
}

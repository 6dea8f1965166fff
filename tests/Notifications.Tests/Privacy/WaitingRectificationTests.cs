using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>A rectification whose change of address waits, since the new one belongs to another account.</summary>
public sealed class WaitingRectificationTests
{
    private static readonly Address Old = CoreProduct.Email("old@example.com");
    private static readonly Address New = CoreProduct.Email("new@example.com");
    private static readonly Address Phone = CoreProduct.Phone("+14155552671");

    [Fact]
    public async Task R33_What_a_waiting_rectification_has_corrected_is_the_persons_again_to_change()
    {
        var world = new PackagesWorld();
        var (desk, contacts) = (world.Get<PrivacyDesk>(), world.Get<ContactDesk>());
        var waits = await WaitingAsync(world, new Rectification(Name: "Ana B.", Locale: "de", NewAddress: New.Value));
        Assert.Equal(
            ("Ana B.", "de", "de"),
            ((await contacts.GetAsync("c1", default))!.Profile.Name, (await contacts.GetAsync("c1", default))!.Profile.Locale,
                (await world.StateAsync(Old)).Locale));
        await contacts.PutAsync("c1", "Ana C.", "fr", null, null, "service:x", default);
        await PickAsync(world, Old, "pt");
        await desk.RunAsync(default);
        Assert.Equal(PrivacyStatus.Running, (await desk.FindAsync(waits.Id, default))!.Status);
        Assert.Equal(
            ("Ana C.", "fr", "pt"),
            ((await contacts.GetAsync("c1", default))!.Profile.Name, (await contacts.GetAsync("c1", default))!.Profile.Locale,
                (await world.StateAsync(Old)).Locale));
        Assert.Single(await world.Book.LedgerAsync(world.Ring.KeyOf(Old), default), e => e.Action == LedgerAction.Rectify);

        await contacts.PutAsync("c2", "Bea", null, null, [], "service:x", default);
        await desk.RunAsync(default);
        Assert.Equal(PrivacyStatus.Completed, (await desk.FindAsync(waits.Id, default))!.Status);
        Assert.Equal([New], (await contacts.GetAsync("c1", default))!.Addresses.Select(a => a.Address));
        Assert.Equal("Ana C.", (await contacts.GetAsync("c1", default))!.Profile.Name);
    }

    [Fact]
    public async Task R33_A_rectification_that_names_no_language_leaves_each_address_the_one_that_was_picked_there()
    {
        var world = new PackagesWorld();
        await world.Get<ContactDesk>().PutAsync("c1", "Ana", "de", "Europe/Berlin", [Old, Phone], "service:x", default);
        // So that something is taken over, and the language with it.
        await world.Get<ConsentDesk>().OptOutAsync(
            Old, new LedgerDraft(LedgerAction.OptOut, TopicKey.Promotions, "page", "person"), default);
        await PickAsync(world, Old, "pt");
        await PickAsync(world, Phone, "fr");
        var done = await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Rectification, [Old], null, null,
            new Rectification(Name: "Ana B.", TimeZone: "Europe/Lisbon", NewAddress: New.Value), "agent:mia", default);
        Assert.Equal(PrivacyStatus.Completed, done.Status);
        Assert.Equal("Ana B.", (await world.Get<ContactDesk>().GetAsync("c1", default))!.Profile.Name);
        foreach (var (address, locale) in new[] { (Old, "pt"), (New, "pt"), (Phone, "fr") })
            // The zone is named, and so is the whole account's.
            Assert.Equal(
                (address, locale, "Europe/Lisbon"),
                (address, (await world.StateAsync(address)).Locale, (await world.StateAsync(address)).TimeZone));
    }

    [Fact]
    public async Task R33_R34_A_change_of_address_is_not_done_when_the_holder_of_the_new_one_is_erased_and_waits_for_somebodys_hand()
    {
        var world = new PackagesWorld();
        var desk = world.Get<PrivacyDesk>();
        var waits = await WaitingAsync(world, new Rectification(NewAddress: New.Value));
        await desk.OpenAsync(PrivacyRight.Erasure, [New], "c2", null, null, "agent:mia", default);
        for (var hour = 0; hour < 2; hour++)
        {
            var left = (await desk.FindAsync(waits.Id, default))!;
            Assert.Equal((PrivacyStatus.Running, true, null), (left.Status, left.WaitsForHand, left.Change!.NewAddress));
            Assert.Contains("was erased before it could take the old one's place", left.Outcome, StringComparison.Ordinal);
            await desk.RunAsync(default);
        }

        Assert.Null((await world.StateAsync(Old)).Stopped);
        var ended = (await desk.CompleteAsync(
            (await desk.FindAsync(waits.Id, default))!, "Asked for another address.", "agent:mia", default))!;
        Assert.Equal(PrivacyStatus.Completed, ended.Status);
        Assert.StartsWith("Ended by hand: The owner of the new address was erased", ended.Outcome, StringComparison.Ordinal);
    }

    /// <summary>A rectification of the account c1, whose new address belongs to c2.</summary>
    private static async Task<PrivacyRequest> WaitingAsync(PackagesWorld world, Rectification change)
    {
        await world.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [Old], "service:x", default);
        await world.Get<ContactDesk>().PutAsync("c2", "Bea", null, null, [New], "service:x", default);
        var waits = await world.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Rectification, [Old], null, null, change, "agent:mia", default);
        Assert.Equal(PrivacyStatus.Running, waits.Status);
        return waits;
    }

    private static async Task PickAsync(PackagesWorld world, Address address, string locale) =>
        await world.Book.ChangeAsync(
            world.Ring.KeyOf(address), null, (state, _) => new Change(state with { Locale = locale }, []), null, default);
}

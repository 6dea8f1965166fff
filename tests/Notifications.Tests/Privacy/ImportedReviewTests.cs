using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Events;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Sms;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>A person who comes from elsewhere while something they wrote waits to be read: it can be read, and decided, here.</summary>
public sealed class ImportedReviewTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Other = CoreProduct.Email("other@example.com");

    [Theory]
    [InlineData(ReviewVerdict.Revoke, SubscriptionStatus.Unsubscribed)]
    [InlineData(ReviewVerdict.NotARevocation, SubscriptionStatus.Subscribed)]
    public async Task R41_R32_What_waits_to_be_read_at_a_person_who_is_taken_in_is_read_and_decided_here(
        ReviewVerdict verdict, SubscriptionStatus then)
    {
        var export = await WaitingAsync();
        var here = new PackagesWorld();
        Assert.Equal(ImportResult.Done, await here.Get<PersonImports>().ImportAsync(export, "service:x", default));
        Assert.True((await here.StateAsync(Ana)).ReviewPending);
        var item = Assert.Single(await here.Get<ReviewDesk>().ListAsync(resolved: false, null, 10, default));
        Assert.Equal(("please stop", Ana.Value), (item.Text, item.From)); // The words came along.
        Assert.Equal(ReviewResult.Done, await here.Get<ReviewDesk>().ResolveAsync(item.Id, verdict, "agent:mia", default));
        var state = await here.StateAsync(Ana);
        Assert.Equal((false, then), (state.ReviewPending, state.StatusOf(TopicKey.Newsletter)));
    }

    [Fact]
    public async Task R41_R33_The_decision_reaches_every_address_of_the_import_and_an_older_file_says_where_the_words_are()
    {
        var export = await WaitingAsync();
        var one = export.Addresses[0] with { Written = null };
        var item = Assert.Single(one.State.Reviews);
        var there = new PackagesWorld();
        await SubscribeAsync(there, Other);
        var moved = (await there.Get<PersonExports>().ReadAsync([Other], null, default)).Addresses[0];
        moved = moved with { State = moved.State with { Reviews = [item], ReviewPending = true } };
        var here = new PackagesWorld();
        var imports = here.Get<PersonImports>();
        Assert.Equal(ImportResult.Done, await imports.ImportAsync(export with { Addresses = [one, moved] }, "service:x", default));
        var open = Assert.Single(await here.Get<ReviewDesk>().ListAsync(resolved: false, null, 10, default));
        Assert.Contains("came with an import", open.Text, StringComparison.Ordinal);
        await here.Get<ReviewDesk>().ResolveAsync(item, ReviewVerdict.NotARevocation, "agent:mia", default);
        foreach (var address in new[] { Ana, Other }) Assert.False((await here.StateAsync(address)).ReviewPending);

        var strange = one with { State = one.State with { Reviews = ["what is no id"] } };
        Assert.Equal(
            ImportResult.NotValid,
            await new PackagesWorld().Get<PersonImports>().ImportAsync(export with { Addresses = [strange] }, "service:x", default));
    }

    [Fact]
    public async Task R41_What_was_decided_here_before_the_person_is_taken_in_holds_nothing_back()
    {
        var export = await WaitingAsync();
        var here = new PackagesWorld();
        var (desk, item) = (here.Get<ReviewDesk>(), export.Addresses[0].State.Reviews[0]);
        await desk.OpenAsync(
            new ReviewItem { Id = item, Channel = Channel.Email, Text = "please stop", At = here.Clock.GetUtcNow() }, default);
        await desk.ResolveAsync(item, ReviewVerdict.NotARevocation, "agent:mia", default);
        Assert.Equal(ImportResult.Done, await here.Get<PersonImports>().ImportAsync(export, "service:x", default));
        Assert.Equal((false, 0), ((await here.StateAsync(Ana)).ReviewPending, (await here.StateAsync(Ana)).Reviews.Length));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R41_R33_R32_What_comes_with_a_package_that_moved_comes_here_too_where_the_file_has_where_from(bool both)
    {
        var there = new PackagesWorld();
        await WaitingAsync(there);
        await there.WatchAsync(Ana.Value);
        var until = there.Clock.UtcNowMs().AddDays(90);
        LedgerDraft Draft(LedgerAction action) => new(action, LedgerDraft.AllTopics, "form", "person");
        var ana = there.Ring.KeyOf(Ana);
        await there.Book.ChangeAsync(ana, null, (s, _) => AddressTransitions.Pause(s, until, Draft(LedgerAction.Pause)), null, default);
        var move = there.Get<AddressMove>();
        var moving = await move.ReadAsync(ana, await there.StateAsync(Ana), default) with { On = [] }; // Nothing but the package.
        await move.AskAsync(moving, Other, _ => Draft(LedgerAction.OptIn), _ => Draft(LedgerAction.Watch), "en", default);
        var export = await there.Get<PersonExports>().ReadAsync(both ? [Ana, Other] : [Other], null, default);

        var here = new PackagesWorld();
        Assert.Equal(ImportResult.Done, await here.Get<PersonImports>().ImportAsync(export, "service:x", default));
        var key = here.Ring.KeyOf(Other);
        Assert.Equal(
            both ? [here.Ring.KeyOf(Ana).Value] : null, Assert.Single(await here.Watches.OfAsync(key, default)).Watch.MovedFrom);
        Assert.NotNull(await here.Watches.ConfirmAsync(key, PackagesWorld.Number, "form", null, default));
        var state = await here.StateAsync(Other);
        Assert.Equal((both ? until : null, both), (state.PausedUntil, state.ReviewPending));
        if (!both) return;
        await here.Get<ReviewDesk>().ResolveAsync(state.Reviews[0], ReviewVerdict.NotARevocation, "agent:mia", default);
        foreach (var address in new[] { Ana, Other }) Assert.False((await here.StateAsync(address)).ReviewPending);
    }

    private static async Task<PersonExport> WaitingAsync(PackagesWorld? there = null)
    {
        there ??= new PackagesWorld();
        await SubscribeAsync(there, Ana);
        var mail = JsonSerializer.SerializeToElement(
            new InboundMail { From = Ana.Value, Text = "please stop" }, CoreJson.Default.InboundMail);
        await there.Get<InboundMailDesk>().HandleAsync(
            new InboundEvent("m1", InboundMail.EventType, mail, there.Clock.GetUtcNow()), default);
        return await there.Get<PersonExports>().ReadAsync([Ana], null, default);
    }

    private static async Task SubscribeAsync(PackagesWorld world, Address address) =>
        await world.Get<ConsentDesk>().OptInAsync(
            address, world.Get<TopicCatalog>().Find(TopicKey.Newsletter)!,
            new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person") { Evidence = """{"confirmed":true}""" },
            confirmed: true, null, default);
}

using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Privacy;

/// <summary>What becomes of a request that is still to be answered when its person is erased.</summary>
public sealed class EndedByErasureTests
{
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");

    [Theory]
    [InlineData(PrivacyRight.Access, false)]
    [InlineData(PrivacyRight.Access, true)]
    [InlineData(PrivacyRight.Portability, true)]
    [InlineData(PrivacyRight.Rectification, true)]
    public async Task R31_R68_What_an_erasure_ends_unanswered_says_so_and_stands_in_the_audit_under_who_erased(
        PrivacyRight right, bool account)
    {
        var (world, request) = await OpenAsync(right, account);
        await world.Get<PrivacyDesk>().OpenAsync(
            PrivacyRight.Erasure, [Ana], account ? "c1" : null, null, null, "agent:olga", default);
        var ended = (await world.Get<PrivacyDesk>().FindAsync(request.Id, default))!;
        Assert.Equal(
            (PrivacyStatus.Completed, "Ended by the erasure of whom it was about, before it was answered."),
            (ended.Status, ended.Outcome));
        var entry = Assert.Single(await EntriesAsync(world, request.Id), e => e.Action == "privacy.complete");
        Assert.Equal(("agent:olga", right + ": " + ended.Outcome), (entry.Actor, entry.After));
    }

    [Fact]
    public async Task R31_R68_An_answered_request_keeps_what_came_of_it_and_one_of_others_too_goes_on_and_neither_is_completed_again()
    {
        var (world, answered) = await OpenAsync(PrivacyRight.Access, account: true);
        var desk = world.Get<PrivacyDesk>();
        Assert.NotNull(await desk.CompleteAsync(answered, "Sent by letter.", "agent:mia", default));
        var others = await desk.OpenAsync(
            PrivacyRight.Access, [Ana, CoreProduct.Email("ben@example.com")], null, null, null, "agent:mia", default);
        await desk.OpenAsync(PrivacyRight.Erasure, [Ana], "c1", null, null, "agent:olga", default);
        Assert.Equal("The export was handed over.", (await desk.FindAsync(answered.Id, default))!.Outcome);
        Assert.Single(await EntriesAsync(world, answered.Id), e => e.Action == "privacy.complete");
        var left = (await desk.FindAsync(others.Id, default))!;
        Assert.Equal((PrivacyStatus.Running, true), (left.Status, left.WaitsForHand));
        Assert.DoesNotContain(await EntriesAsync(world, others.Id), e => e.Action == "privacy.complete");
    }

    [Fact]
    public async Task R31_The_timer_that_comes_between_the_block_of_an_erasure_and_its_end_says_the_same()
    {
        var (world, request) = await OpenAsync(PrivacyRight.Access, account: false);
        var key = world.Ring.KeyOf(Ana);
        await world.Get<Erasure>().RunAsync([Ana], [key], null, PrivacyDesk.Source, "agent:olga", default);
        await world.Get<PrivacyDesk>().RunAsync(default);
        Assert.Equal(
            "Ended by the erasure of whom it was about, before it was answered.",
            (await world.Get<PrivacyDesk>().FindAsync(request.Id, default))!.Outcome);
    }

    private static async Task<(PackagesWorld World, PrivacyRequest Request)> OpenAsync(PrivacyRight right, bool account)
    {
        var world = new PackagesWorld();
        await world.WatchAsync(Ana.Value);
        if (account) await world.Get<ContactDesk>().PutAsync("c1", "Ana", null, null, [Ana], "service:x", default);
        if (right == PrivacyRight.Rectification)
            await world.Get<ContactDesk>().PutAsync("c2", "Eve", null, null, [CoreProduct.Email("eve@example.com")], "service:x", default);
        var request = await world.Get<PrivacyDesk>().OpenAsync(
            right, [Ana], account && right != PrivacyRight.Rectification ? "c1" : null, null,
            right == PrivacyRight.Rectification ? new Rectification(NewAddress: "eve@example.com") : null, "agent:mia", default);
        Assert.Equal((PrivacyStatus.Running, true), (request.Status, request.WaitsForHand));
        return (world, request);
    }

    private static async Task<List<AuditEntry>> EntriesAsync(PackagesWorld world, string request) =>
        [.. (await world.Get<AuditLog>().ListAsync(0, 1000, default)).Where(e => e.Subject == request)];
}

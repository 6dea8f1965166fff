using Microsoft.Extensions.Time.Testing;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Review;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Audit;

/// <summary>A write of an administrative act whose answer was lost, and which, repeated, stands in its own way.</summary>
public sealed class RepeatedWriteTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task R68_A_key_that_was_made_by_such_a_write_is_handed_over_and_not_said_to_be_not_made()
    {
        var store = new RepeatingStore(new MemoryStore(_time), Tables.Keys, static change => change.Key == "turn");
        var (keys, audit) = (new ApiKeys(store, KeyRing.Parse(KeyRing.NewJson(), "test"), _time), new AuditLog(store, _time));
        var made = await new KeyDesk(keys, audit).CreateAsync("mia", [Scope.Send], "service:test");
        Assert.NotNull(made);
        Assert.Equal(made.Value.Key.Id, (await keys.FindAsync(made.Value.Secret, default))?.Id);
        Assert.Equal(["key.create"], (await audit.ListAsync(0, 10, default)).Select(static e => e.Action));
        Assert.Single(await keys.ListAsync(default));
    }

    [Fact]
    public async Task R41_A_decision_by_such_a_write_is_done_and_not_said_to_be_somebody_elses()
    {
        var store = new RepeatingStore(
            new MemoryStore(_time), Tables.Review, static change => change.Key.StartsWith("done:", StringComparison.Ordinal));
        var ring = KeyRing.Parse(KeyRing.NewJson(), "test");
        var desk = new ReviewDesk(store, new AddressBook(store, _time), ring, new AuditLog(store, _time), _time);
        var at = _time.GetUtcNow();
        var item = new ReviewItem { Id = desk.IdOf("e", at), Channel = Channel.Email, Text = "Enough", At = at };
        await desk.OpenAsync(item, default);
        Assert.Equal(ReviewResult.Done, await desk.ResolveAsync(item.Id, ReviewVerdict.NotARevocation, "agent:mia", default));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ReviewResult.AlreadyResolved, await desk.ResolveAsync(item.Id, ReviewVerdict.Revoke, "agent:otto", default));
    }
}

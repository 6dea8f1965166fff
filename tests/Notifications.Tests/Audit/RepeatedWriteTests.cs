using Microsoft.Extensions.Time.Testing;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Review;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Audit;

/// <summary>A write whose answer was lost, and which, repeated, stands in its own way.</summary>
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
    public async Task M6_A_contact_by_such_a_write_is_as_it_was_put_and_not_said_to_be_somebody_elses()
    {
        var store = new RepeatingStore(new MemoryStore(_time), Tables.Contacts, static change => change.Key == Rows.Profile);
        var ring = KeyRing.Parse(KeyRing.NewJson(), "test");
        var book = new AddressBook(store, _time);
        var desk = new ContactDesk(book, store, ring, new TopicCatalog(), new PrivacyRequests(store, new PrivacyOptions(), _time), _time);
        var (ana, bea) = (CoreProduct.Email("ana@example.com"), CoreProduct.Email("bea@example.com"));
        Task<(ContactResult, bool)> PutAsync(Address address, Func<ContactView?, bool> expected) =>
            desk.PutAsync("c1", "Ana", null, null, [address], "service:x", default, ["vip"], expected: expected).AsTask();
        Assert.Equal((ContactResult.Done, true), await PutAsync(ana, static there => there is null));
        var read = (await desk.GetAsync("c1", default))!.Profile.UpdatedAt;
        Assert.Equal((ContactResult.Done, false), await PutAsync(bea, there => there?.Profile.UpdatedAt == read));
        Assert.Equal((ContactResult.Stale, false), await PutAsync(ana, there => there?.Profile.UpdatedAt == read));
        Assert.Equal([bea], (await desk.GetAsync("c1", default))!.Addresses.Select(static a => a.Address));
        Assert.Equal((null, "c1"), (await OwnerAsync(ana), await OwnerAsync(bea)));
        Assert.Equal(2, (await store.RangeAsync(Tables.Contacts, "c1", RowRange.All, 10)).Count); // Nothing is left of who left.

        async Task<string?> OwnerAsync(Address address) => (await book.LoadAsync(ring.KeyOf(address), default)).State?.ContactId;
    }

    [Fact]
    public async Task M6_A_contact_that_was_forgotten_by_such_a_write_was_there()
    {
        var store = new RepeatingStore(new MemoryStore(_time), Tables.Contacts, static change => change.Kind == RowChangeKind.Delete);
        var ring = KeyRing.Parse(KeyRing.NewJson(), "test");
        var desk = new ContactDesk(
            new AddressBook(store, _time), store, ring, new TopicCatalog(), new PrivacyRequests(store, new PrivacyOptions(), _time), _time);
        await desk.PutAsync("c1", "Ana", null, null, [CoreProduct.Email("ana@example.com")], "service:x", default);
        Assert.True(await desk.DeleteAsync("c1", default));
        Assert.False(await desk.DeleteAsync("c1", default));
    }

    [Fact]
    public async Task R31_R35_A_request_by_such_a_write_is_changed_and_not_said_to_be_as_it_was()
    {
        var store = new RepeatingStore(new MemoryStore(_time), Tables.Requests, static change => change.Kind == RowChangeKind.Replace);
        var requests = new PrivacyRequests(store, new PrivacyOptions(), _time);
        var now = _time.GetUtcNow();
        var request = new PrivacyRequest
        {
            Id = PrivacyRequest.IdOf(now, "0000000a"),
            Type = PrivacyRight.Restriction,
            Status = PrivacyStatus.Completed,
            AddressKeys = [],
            ContactId = "c1",
            OpenedAt = now,
            DueAt = now.AddMonths(1),
            Actor = "service:test",
        };
        await requests.AddAsync(request, default);
        ValueTask<PrivacyRequest?> LiftAsync() =>
            requests.ChangeAsync(request.Id, r => r.LiftedAt is null ? r with { LiftedAt = now } : null, default);
        Assert.Equal(now, (await LiftAsync())?.LiftedAt);
        Assert.Null(await LiftAsync());
        Assert.Empty(await requests.OpenIdsAsync(default));
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

using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Notifications.Addresses;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sending;

/// <summary>Why an item was given up, and since when: kept beside its letter, and never in its way.</summary>
public sealed class GivenUpNotesTests
{
    private const string Name = "0123456789012345678901";
    private static readonly KeyRing Ring = KeyRing.Parse(KeyRing.NewJson(), "test");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly FaultyStore _store;
    private readonly GivenUpNotes _notes;

    public GivenUpNotesTests()
    {
        _store = new FaultyStore(new MemoryStore(_time));
        _notes = new GivenUpNotes(_store, Ring, _time);
    }

    [Fact]
    public void P5_All_items_of_a_message_have_one_name_and_any_other_item_that_of_its_body()
    {
        var (one, other) = (Message("first", asks: false), Message("second", asks: false));
        Assert.Equal(GivenUpNotes.NameLength, _notes.NameOf(Queues.Send, one).Length);
        Assert.Equal(_notes.NameOf(Queues.Send, one), _notes.NameOf(Queues.Send, other));
        // A question that is asked when it is due has no message yet, and in another queue the id is only a part of the body.
        Assert.NotEqual(
            _notes.NameOf(Queues.Send, Message("first", asks: true)), _notes.NameOf(Queues.Send, Message("second", asks: true)));
        Assert.NotEqual(_notes.NameOf(Queues.Inbound, one), _notes.NameOf(Queues.Inbound, other));
        Assert.Equal(_notes.NameOf(Queues.Inbound, one), _notes.NameOf(Queues.Inbound, one.ToArray()));
        // Nor is what is no id one.
        Assert.NotEqual(
            _notes.NameOf(Queues.Send, Message("first", asks: false, "no id")),
            _notes.NameOf(Queues.Send, Message("second", asks: false, "no id")));
    }

    [Fact]
    public async Task P5_A_note_keeps_the_first_moment_and_the_newest_cause_also_where_its_write_was_repeated()
    {
        var began = _time.GetUtcNow();
        await _notes.AddAsync(Queues.Inbound, "event"u8.ToArray(), "first");
        _time.Advance(TimeSpan.FromMinutes(5));
        _store.RepeatedTable = Tables.DeadLetters;
        await _notes.AddAsync(Queues.Inbound, "event"u8.ToArray(), "second");
        _store.RepeatedTable = null;
        var (noted, etag) = await _notes.FindAsync(Queues.Inbound, _notes.NameOf(Queues.Inbound, "event"u8.ToArray()), default);
        Assert.Equal(new GivenUp(began, "second"), noted);
        Assert.NotNull(etag);
        Assert.Null((await _notes.FindAsync(Queues.Packages, _notes.NameOf(Queues.Inbound, "event"u8.ToArray()), default)).Noted);
    }

    [Fact]
    public async Task P5_A_note_that_the_store_does_not_take_stands_in_nobodys_way()
    {
        _store.Down = true;
        await _notes.AddAsync(Queues.Inbound, "event"u8.ToArray(), "why");
        _store.Down = false;
        Assert.Null((await _notes.FindAsync(Queues.Inbound, _notes.NameOf(Queues.Inbound, "event"u8.ToArray()), default)).Noted);
    }

    [Fact]
    public async Task P5_What_was_noted_meanwhile_is_not_written_over()
    {
        var noted = new GivenUp(_time.GetUtcNow(), null);
        Assert.True(await _notes.TryPutAsync(Queues.Inbound, Name, noted, null, default));
        Assert.False(await _notes.TryPutAsync(Queues.Inbound, Name, noted with { Cause = "late" }, null, default));
        var (stands, etag) = await _notes.FindAsync(Queues.Inbound, Name, default);
        Assert.Equal(noted, stands);
        Assert.True(await _notes.TryPutAsync(Queues.Inbound, Name, noted with { Cause = "read" }, etag, default));
        Assert.Equal("read", (await _notes.FindAsync(Queues.Inbound, Name, default)).Noted?.Cause);
    }

    [Fact]
    public async Task P5_What_an_operator_has_dealt_with_is_remembered_with_when_it_was_given_up_and_what_is_forgotten_is_gone()
    {
        var givenUp = _time.GetUtcNow();
        await _notes.TryPutAsync(Queues.Send, Name, new GivenUp(givenUp, "why"), null, default);
        _time.Advance(TimeSpan.FromHours(1));
        await _notes.DealtWithAsync(Queues.Send, Name, givenUp, default);
        Assert.Equal(new GivenUp(givenUp.AddHours(1), null, givenUp), (await _notes.FindAsync(Queues.Send, Name, default)).Noted);
        await _notes.ForgetAsync(Queues.Inbound, Name, default); // Another queue's.
        Assert.NotNull((await _notes.FindAsync(Queues.Send, Name, default)).Noted);
        await _notes.ForgetAsync(Queues.Send, Name, default);
        Assert.Null((await _notes.FindAsync(Queues.Send, Name, default)).Noted);
    }

    [Fact]
    public async Task R67_Notes_of_before_a_moment_are_forgotten_and_those_of_that_moment_are_not()
    {
        var moment = _time.GetUtcNow();
        var older = Name[..^1] + "2";
        await _notes.TryPutAsync(Queues.Send, Name, new GivenUp(moment, null), null, default);
        await _notes.TryPutAsync(Queues.Send, older, new GivenUp(moment.AddMilliseconds(-1), null), null, default);
        await _notes.TryPutAsync(Queues.Inbound, older, new GivenUp(moment.AddMilliseconds(-1), null), null, default);
        await _notes.PurgeAsync(Queues.Send, moment, default);
        Assert.NotNull((await _notes.FindAsync(Queues.Send, Name, default)).Noted);
        Assert.Null((await _notes.FindAsync(Queues.Send, older, default)).Noted);
        Assert.NotNull((await _notes.FindAsync(Queues.Inbound, older, default)).Noted);
    }

    private static byte[] Message(string text, bool asks, string? id = null) => JsonSerializer.SerializeToUtf8Bytes(
        new SendRequest
        {
            Id = id ?? new MessageIds(Ring).Derive(Ring.KeyOf(CoreProduct.Email("ana@example.com")), "m").ToString(),
            Channel = Channel.Email,
            To = "ana@example.com",
            Topic = "newsletter",
            Content = new MessageContent("s", text, null),
            AskWhenDue = asks,
        },
        CoreJson.Default.SendRequest);
}

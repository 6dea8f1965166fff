using System.Text;
using Microsoft.Extensions.Logging;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Events;
using Notifications.Security;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;
using Notifications.Tests.Templates;

namespace Notifications.Tests.Product;

/// <summary>
/// What marketers and operators do by a write whose answer was lost, and which, repeated, stands in its own way: they were told that it was
/// not there, that nothing had changed, or that somebody else had been faster.
/// </summary>
public sealed class RepeatedActTests
{
    private const string Mia = "marketer:mia";
    private static readonly CountryIn German = new(["DE"]);

    [Fact]
    public async Task M16_A_list_that_is_deleted_by_such_a_write_is_deleted_and_its_members_with_it()
    {
        var world = Repeating(Tables.Lists, static change => change.Kind == RowChangeKind.Replace && change.Key.Length == 12);
        var (desk, lists) = (world.Get<AudienceDesk>(), world.Get<StaticLists>());
        var list = await desk.CreateListAsync("Spring", Mia, default);
        await lists.AddAsync(list.Id, [world.KeyOf("ana@example.com")], default);
        Assert.Equal("Autumn", (await desk.RenameListAsync(list.Id, "Autumn", Mia, default))?.Name);
        Assert.True(await desk.DeleteListAsync(list.Id, Mia, default));
        Assert.Null(await lists.FindAsync(list.Id, default));
        Assert.Empty(await world.Store.ScanAsync(Tables.Lists, null, 100));
        Assert.False(await desk.DeleteListAsync(list.Id, Mia, default));
    }

    [Fact]
    public async Task M16_Whom_such_a_write_puts_on_a_list_or_takes_off_it_is_counted()
    {
        var world = Repeating(Tables.Lists, static change => change.Key == "size");
        var (desk, lists) = (world.Get<AudienceDesk>(), world.Get<StaticLists>());
        var list = await desk.CreateListAsync("Spring", Mia, default);
        var (ana, bea) = (world.KeyOf("ana@example.com"), world.KeyOf("bea@example.com"));
        Assert.Equal((2, 0), await desk.ChangeMembersAsync(list.Id, [ana, bea], [], Mia, default));
        Assert.Equal((0, 1), await desk.ChangeMembersAsync(list.Id, [bea], [ana], Mia, default));
        Assert.Equal([bea], await lists.MembersAsync(list.Id, null, 10, default));
        Assert.Equal(1, await lists.SizeAsync(list.Id, default));
    }

    [Fact]
    public async Task M16_A_segment_by_such_a_write_is_as_its_author_wrote_it_and_not_said_to_be_somebody_elses()
    {
        var world = Repeating(Tables.Segments, static change => change.Kind != RowChangeKind.Insert);
        var desk = world.Get<AudienceDesk>();
        var made = await desk.CreateSegmentAsync("Readers", German, Mia, default);
        var (_, after) = await desk.UpdateSegmentAsync(made.Id, "Readers in German", German, made.UpdatedAt, Mia, default);
        Assert.Equal("Readers in German", after?.Name);
        var (_, stale) = await desk.UpdateSegmentAsync(made.Id, "Others", German, made.UpdatedAt, Mia, default);
        Assert.Null(stale);
        Assert.True((await desk.DeleteSegmentAsync(made.Id, after!.UpdatedAt, Mia, default)).Done);
        Assert.Null((await desk.DeleteSegmentAsync(made.Id, null, Mia, default)).Before);
    }

    [Fact]
    public async Task R23_A_template_that_is_saved_or_taken_away_by_such_a_write_is_so_and_not_said_to_be_stale()
    {
        var world = Repeating(Tables.Templates, static _ => true);
        var (desk, book) = (world.Get<TemplateDesk>(), world.Get<TemplateBook>());
        var (saved, head, _) = await desk.SaveAsync(Letters.Newsletter("spring"), 0, Mia, default);
        Assert.Equal((TemplateSave.Saved, 1), (saved, head?.Version));
        (saved, head, _) = await desk.SaveAsync(Letters.Newsletter("spring") with { Subject = "Spring" }, 1, Mia, default);
        Assert.Equal((TemplateSave.Saved, 2), (saved, head?.Version));
        (saved, _, _) = await desk.SaveAsync(Letters.Newsletter("spring") with { Subject = "Late" }, 1, Mia, default);
        Assert.Equal(TemplateSave.Stale, saved);
        Assert.Equal("Spring", Assert.Single((await book.HeadAsync("spring", Channel.Email, default))!.Languages).Subject);
        Assert.Equal(TemplateSave.Saved, await desk.RemoveAsync("spring", Channel.Email, "en", 2, Mia, default));
        Assert.Null(await book.FindAsync("spring", Channel.Email, default));
    }

    [Fact]
    public async Task P5_A_dead_letter_that_is_let_go_by_such_a_write_is_said_to_be_gone()
    {
        var world = Repeating(Tables.DeadLetters, static change => change is { Kind: RowChangeKind.Delete, ETag: not null });
        var letters = world.Get<DeadLetters>();
        await letters.KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("event"), 5, default);
        var id = Assert.Single(await letters.ListAsync(Queues.Inbound, null, 10, default)).Id;
        Assert.True(await letters.DiscardAsync(Queues.Inbound, id, default));
        Assert.False(await letters.DiscardAsync(Queues.Inbound, id, default));
        Assert.Empty(await letters.ListAsync(Queues.Inbound, null, 10, default));
    }

    [Fact]
    public async Task P5_R19_Of_what_such_a_write_keeps_an_operator_is_told_once()
    {
        var (said, memory) = (new Said(), new MemoryStore(TimeProvider.System));
        var store = new RepeatingStore(memory, Tables.DeadLetters, static change => change.Key.Contains('-', StringComparison.Ordinal));
        var ring = KeyRing.Parse(KeyRing.NewJson(), "test");
        var letters = new DeadLetters(
            store, memory, new DataSealer(ring),
            new CampaignMarks(store, new CampaignQueue(memory, TimeProvider.System), new CampaignOptions(), TimeProvider.System),
            new GivenUpNotes(memory, ring, TimeProvider.System), TimeProvider.System, said);
        for (var i = 0; i < 2; i++) await letters.KeepAsync(Queues.Inbound, Encoding.UTF8.GetBytes("event"), 5, default);
        Assert.Single(await letters.ListAsync(Queues.Inbound, null, 10, default));
        Assert.Contains(Queues.Inbound, Assert.Single(said.Lines), StringComparison.Ordinal);

        var alerts = new OperatorAlerts(new RepeatingStore(memory, Tables.Alerts, static _ => true), TimeProvider.System, said);
        for (var i = 0; i < 2; i++) await alerts.RaiseAsync("store-writes", "The disk was full.", null, default);
        Assert.Equal(2, said.Lines.Count);
        Assert.Contains("The disk was full.", said.Lines[^1], StringComparison.Ordinal);
    }

    private static PackagesWorld Repeating(string table, Func<RowChange, bool> repeated) =>
        new(between: memory => (new RepeatingStore(memory, table, repeated), memory));

    private sealed class Said : ILogger<DeadLetters>, ILogger<OperatorAlerts>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}

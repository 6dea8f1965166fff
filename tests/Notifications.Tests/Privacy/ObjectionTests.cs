using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Imports;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>An objection to direct marketing is absolute: it is of the person, and holds against whatever is older than it (R36).</summary>
public sealed class ObjectionTests
{
    private const string Later = "surveys";
    private static readonly Address Ana = CoreProduct.Email("ana@example.com");
    private static readonly Address Ben = CoreProduct.Email("ben@example.com");
    private static readonly Address Eve = CoreProduct.Email("eve@example.com");
    private readonly CampaignWorld _world = new(o => o.Sending.SoftOptIn = true);

    [Fact]
    public async Task R36_P6_An_objection_holds_for_a_topic_that_is_configured_later_against_evidence_of_before_it()
    {
        await SubscribeAsync(Ana, TopicKey.Newsletter);
        var before = Now;
        await ObjectAsync(Ana);
        Configure();
        Assert.Equal(Reason.Unsubscribed, await ReasonAsync(Ana, Later));
        var said = Draft(LedgerAction.OptIn, Later) with { SaidAt = before };
        Assert.Equal(
            ConsentResult.Overtaken,
            (await _world.Get<ConsentDesk>().OptInAsync(Ana, Topic(Later), said, confirmed: true, null, default)).Result);
        var state = await _world.StateAsync(Ana);
        Assert.Equal(
            "is not after the opt-out on record, which stands",
            ImportRules.Apply(ref state, [], Row(before), "i1", "service:x", Now).Problem);
        Assert.Equal(SubscriptionStatus.None, state.Find(Later)?.Status ?? SubscriptionStatus.None);

        Assert.Null(ImportRules.Apply(ref state, [], Row(Now), "i1", "service:x", Now).Problem);
        Assert.Equal(
            ConsentResult.Recorded,
            (await _world.Get<ConsentDesk>().OptInAsync(
                Ana, Topic(Later), said with { SaidAt = Now }, confirmed: true, null, default)).Result);
        // For what they chose, and for nothing else.
        Assert.Equal((Reason.Allowed, Reason.Unsubscribed), (await ReasonAsync(Ana, Later), await ReasonAsync(Ana, TopicKey.Newsletter)));
    }

    [Fact]
    public async Task R36_R37_After_an_objection_no_sale_permits_marketing_and_a_wish_is_confirmed_whatever_the_topic_needs()
    {
        await ObjectAsync(Ana);
        Configure();
        var soft = Draft(LedgerAction.OptIn, Later) with { Source = SoftOptIn.SourceOf("shop") };
        Assert.Equal(
            ConsentResult.Unchanged, (await _world.Get<ConsentDesk>().SoftOptInAsync(Ana, Topic(Later), soft, null, default)).Result);
        Assert.Equal(Reason.Unsubscribed, await ReasonAsync(Ana, Later));
        await _world.Get<ConsentDesk>().OptInAsync(Ana, Topic(Later), Draft(LedgerAction.OptIn, Later), confirmed: false, null, default);
        Assert.Equal(SubscriptionStatus.Pending, (await _world.StateAsync(Ana)).StatusOf(Topic(Later)));
    }

    [Fact]
    public async Task R36_An_address_that_comes_under_the_account_later_takes_the_objection_along_but_for_what_was_asked_for_after_it()
    {
        var contacts = _world.Get<ContactDesk>();
        await contacts.PutAsync("c1", "Ana", null, null, [Ana], "service:x", default);
        await SubscribeAsync(Ben, TopicKey.Newsletter);
        await ObjectAsync(Ana, "c1");
        await SubscribeAsync(Eve, TopicKey.Newsletter);
        await contacts.PutAsync("c1", "Ana", null, null, [Ana, Ben, Eve], "service:x", default);
        Assert.Equal(
            (Reason.Unsubscribed, Reason.Allowed),
            (await ReasonAsync(Ben, TopicKey.Newsletter), await ReasonAsync(Eve, TopicKey.Newsletter)));
        // So the audience leaves it out.
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await _world.StateAsync(Ben)).Find(TopicKey.Newsletter)!.Status);
        var profile = (await contacts.GetAsync("c1", default))!.Profile;
        foreach (var address in new[] { Ana, Ben, Eve }) Assert.Equal(profile.ObjectedAt, (await _world.StateAsync(address)).ObjectedAt);

        var entries = (await LedgerAsync(Ben)).Count;
        await contacts.PutAsync("c1", "Ana", "pt", null, [Ana, Ben, Eve], "service:x", default);
        Assert.Equal(
            (entries, profile.ObjectedAt), ((await LedgerAsync(Ben)).Count, (await contacts.GetAsync("c1", default))!.Profile.ObjectedAt));
    }

    [Fact]
    public async Task R36_R26_R32_An_objection_is_one_entry_also_where_nothing_was_on_and_the_export_takes_it_along()
    {
        var contacts = _world.Get<ContactDesk>();
        await contacts.PutAsync("c1", "Ana", null, null, [Ana], "service:x", default);
        foreach (var topic in (string[])[TopicKey.Newsletter, TopicKey.Promotions])
            await _world.Get<ConsentDesk>().OptOutAsync(Ana, Draft(LedgerAction.OptOut, topic), default);
        var before = (await LedgerAsync(Ana)).Count;
        await ObjectAsync(Ana, "c1");
        var entry = (await LedgerAsync(Ana))[before..].Single();
        Assert.Equal((LedgerAction.Objection, LedgerDraft.AllTopics, Objection.Source), (entry.Action, entry.Topic, entry.Detail!.Source));
        var state = await _world.StateAsync(Ana);
        Assert.Equal(
            state.ObjectedAt,
            LedgerFold.At(await LedgerAsync(Ana), state, _world.Get<TopicCatalog>(), DateTimeOffset.MaxValue)!.ObjectedAt);

        var export = await _world.Get<PersonExports>().ReadAsync([Ana], "c1", default);
        var elsewhere = new CampaignWorld();
        var raised = export with { Addresses = [export.Addresses[0] with { State = state with { ObjectedAt = null } }] };
        Assert.Equal(ImportResult.NotValid, await elsewhere.Get<PersonImports>().ImportAsync(raised, "service:x", default));
        Assert.Equal(ImportResult.Done, await elsewhere.Get<PersonImports>().ImportAsync(export, "service:x", default));
        Assert.Equal(
            (state.ObjectedAt, state.ObjectedAt),
            ((await elsewhere.StateAsync(Ana)).ObjectedAt,
                (await elsewhere.Get<ContactDesk>().GetAsync("c1", default))!.Profile.ObjectedAt));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R33_R36_A_changed_address_takes_the_objection_along(bool rectified)
    {
        await ObjectAsync(Ana);
        await SubscribeAsync(Ana, TopicKey.Newsletter); // Chosen again.
        var move = _world.Get<AddressMove>();
        if (rectified)
            await _world.Get<PrivacyDesk>().OpenAsync(
                PrivacyRight.Rectification, [Ana], null, null, new Rectification(NewAddress: Ben.Value), "agent:mia", default);
        else await move.AskAsync(
            await move.ReadAsync(_world.Ring.KeyOf(Ana), await _world.StateAsync(Ana), default), Ben, t => Draft(LedgerAction.OptIn, t.Key),
            n => Draft(LedgerAction.Watch, TopicKey.PackageUpdates), "en", default);
        if (!rectified) Assert.Null((await _world.StateAsync(Ben)).ObjectedAt); // Anybody can name another's address.
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        await _world.Get<ConsentDesk>().ConfirmAsync(
            _world.Ring.KeyOf(Ben), TopicKey.Newsletter, Draft(LedgerAction.Confirm, TopicKey.Newsletter), default);
        Configure();
        Assert.NotNull((await _world.StateAsync(Ben)).ObjectedAt);
        Assert.Equal((Reason.Allowed, Reason.Unsubscribed), (await ReasonAsync(Ben, TopicKey.Newsletter), await ReasonAsync(Ben, Later)));
    }

    [Fact]
    public async Task R33_R36_An_objection_comes_along_with_its_own_moment_and_ends_nothing_that_the_new_address_had_confirmed_since()
    {
        await ObjectAsync(Ana);
        var objected = (await _world.StateAsync(Ana)).ObjectedAt;
        foreach (var topic in (string[])[TopicKey.Newsletter, TopicKey.Promotions]) await SubscribeAsync(Ana, topic); // Chosen again.
        await SubscribeAsync(Ben, TopicKey.Newsletter);
        _world.Clock.Advance(TimeSpan.FromDays(90));
        var move = _world.Get<AddressMove>();
        await move.AskAsync(
            await move.ReadAsync(_world.Ring.KeyOf(Ana), await _world.StateAsync(Ana), default), Ben, t => Draft(LedgerAction.OptIn, t.Key),
            n => Draft(LedgerAction.Watch, TopicKey.PackageUpdates), "en", default);
        await _world.Get<ConsentDesk>().ConfirmAsync(
            _world.Ring.KeyOf(Ben), TopicKey.Promotions, Draft(LedgerAction.Confirm, TopicKey.Promotions), default);
        Assert.Equal(objected, (await _world.StateAsync(Ben)).ObjectedAt);
        Assert.Equal(
            (Reason.Allowed, Reason.Allowed), (await ReasonAsync(Ben, TopicKey.Newsletter), await ReasonAsync(Ben, TopicKey.Promotions)));
    }

    [Theory]
    [InlineData("newsletter", null)]
    [InlineData("~objection", 60)]
    [InlineData("~objection@", 60)]
    [InlineData("~objection@-1", 60)]
    [InlineData("~objection@99999999999999999999", 60)]
    [InlineData("~objection@9000000000000000", 60)]
    [InlineData("~objection@20000", 20)]
    public void R33_R36_The_moment_of_an_objection_that_moves_is_never_later_than_the_move(string stop, int? second) =>
        Assert.Equal(
            second is { } s ? DateTimeOffset.FromUnixTimeSeconds(s) : null,
            Objection.MovedAt(stop, DateTimeOffset.FromUnixTimeSeconds(60)));

    [Fact]
    public async Task R36_P6_After_an_objection_a_row_raises_marketing_only_where_it_tells_of_a_confirmation_whatever_the_topic_needs()
    {
        Configure();
        var never = ConsentDesk.Blank(Ana);
        Assert.Null(ImportRules.Apply(ref never, [], Row(Now, ip: null), "i1", "service:x", Now).Problem);
        Assert.Equal(SubscriptionStatus.Subscribed, never.StatusOf(Topic(Later))); // Nobody objected: the topic asks for no double opt-in.

        await ObjectAsync(Ana);
        var state = await _world.StateAsync(Ana);
        foreach (var (row, lacks) in ((ImportRow, ImportField)[])[
            (Row(Now, ip: null), ImportField.Ip), (Row(Now, confirmed: false), ImportField.Confirmed),
        ])
            Assert.Equal(
                lacks,
                ImportRules.Apply(ref state, [], row, "i1", "service:x", Now) is { Problem: not null } refused ? refused.Column : default);
        Assert.Equal(SubscriptionStatus.Unsubscribed, state.StatusOf(Topic(Later)));
        Assert.Null(ImportRules.Apply(ref state, [], Row(Now, ip: null, confirmed: true), "i1", "service:x", Now).Problem);
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(Topic(Later)));
    }

    [Fact]
    public async Task R36_P6_A_confirmation_of_before_an_objection_confirms_nothing_that_was_asked_after_it()
    {
        await _world.Get<ConsentDesk>().OptOutAsync(Ana, Draft(LedgerAction.OptOut, TopicKey.Newsletter), default);
        var before = Now;
        await ObjectAsync(Ana);
        Configure();
        await _world.Get<ConsentDesk>().OptInAsync(Ana, Topic(Later), Draft(LedgerAction.OptIn, Later), confirmed: false, null, default);
        async Task<ConsentResult> ConfirmAsync(DateTimeOffset said) =>
            (await _world.Get<ConsentDesk>().ConfirmAsync(
                _world.Ring.KeyOf(Ana), Later, Draft(LedgerAction.Confirm, Later) with { SaidAt = said }, default)).Result;
        Assert.Equal(ConsentResult.Overtaken, await ConfirmAsync(before));
        Assert.Equal(SubscriptionStatus.Pending, (await _world.StateAsync(Ana)).StatusOf(Topic(Later)));
        Assert.Equal(ConsentResult.Recorded, await ConfirmAsync(Now));
    }

    private DateTimeOffset Now => _world.Clock.GetUtcNow();

    private Topic Topic(string key) => _world.Get<TopicCatalog>().Find(key)!;

    private void Configure()
    {
        _world.Options.Topics.Add(new Topic { Key = Later, DoubleOptIn = false });
        _world.Restart();
    }

    private async Task ObjectAsync(Address address, string? contact = null)
    {
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        await _world.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Objection, [address], contact, null, null, "agent:mia", default);
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
    }

    private async Task SubscribeAsync(Address address, string topic) =>
        await _world.Get<ConsentDesk>().OptInAsync(
            address, Topic(topic), Draft(LedgerAction.OptIn, topic) with { Evidence = """{"confirmed":true}""" }, confirmed: true, null,
            default);

    private async Task<List<LedgerEntry>> LedgerAsync(Address address) =>
        [.. await _world.Get<AddressBook>().LedgerAsync(_world.Ring.KeyOf(address), default)];

    private async Task<Reason> ReasonAsync(Address address, string topic)
    {
        var request = new SendRequest
        {
            Id = _world.Get<MessageIds>().New(_world.Ring.KeyOf(address)).ToString(),
            Channel = address.Channel,
            To = address.Value,
            Topic = topic,
            AcceptedAt = Now,
        };
        return (await _world.Get<DecisionDesk>().AskAsync(request, default)).Decision.Reason;
    }

    private ImportRow Row(DateTimeOffset at, string? ip = "203.0.113.7", bool? confirmed = null) => new()
    {
        Number = 1,
        Address = Ana, Key = _world.Ring.KeyOf(Ana), Column = ImportField.Email, Says = ImportStatement.Subscribed, Topic = Topic(Later),
        Source = "fair", PolicyVersion = "2026-01", Wording = "Send me surveys.", At = at, StatedAt = at, Ip = ip, Confirmed = confirmed,
    };

    private static LedgerDraft Draft(LedgerAction action, string topic) =>
        new(action, topic, "form", "person") { PolicyVersion = "2026-01" };
}

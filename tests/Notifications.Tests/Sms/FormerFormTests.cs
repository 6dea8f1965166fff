using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Sms;

/// <summary>Records that builds of before kept under another form of a phone's number.</summary>
public sealed class FormerFormTests
{
    private static readonly Address Phone = CoreProduct.Phone("+5491133334444");
    private static readonly Address Other = CoreProduct.Phone("+541133334444");
    private static readonly LedgerDraft Said = new(LedgerAction.StopAll, LedgerDraft.AllTopics, "page", Actors.Person);

    public static TheoryData<string, Reason> Stops => new()
    {
        { "all", Reason.Unsubscribed }, { "topic", Reason.Unsubscribed }, { "objection", Reason.Unsubscribed },
        { "bounce", Reason.SuppressedBounce }, { "manual", Reason.SuppressedManual }, { "restriction", Reason.ProcessingRestricted },
        { "review", Reason.ReviewPending }, { "erased", Reason.SuppressedErased },
    };

    [Theory]
    [MemberData(nameof(Stops))]
    public async Task P1_P6_R33_Every_stop_of_a_record_of_before_holds_before_anything_is_sent_to_the_phone(string by, Reason reason)
    {
        foreach (var written in new[] { Phone, Other })
        {
            var product = new CoreProduct();
            await KeepAsync(product, (state, now) => by switch
            {
                "all" => Transitions.StopAll(state, Said, now),
                "topic" => Transitions.OptOut(state, Said with { Action = LedgerAction.OptOut, Topic = TopicKey.Promotions }, now),
                "objection" => Objection.Say(state, product.Topics, now, Actors.Person, now),
                "bounce" => AddressTransitions.Suppress(
                    state with { Suppression = new(SuppressionReason.Manual, now) }, SuppressionReason.Bounce, null, Said, now),
                "manual" => AddressTransitions.Suppress(state, SuppressionReason.Manual, null, Said, now),
                "restriction" => AddressTransitions.Restrict(state, Said, now),
                "review" => AddressTransitions.OpenReview(state, "000001764000000-abcdefghijklmnopqrstuv", Said),
                _ => AddressTransitions.Erase(state, Said, now),
            });
            await product.SubscribeAsync(Phone, null, TopicKey.Promotions); // By evidence that the stop was not known to.
            var record = await product.SendAsync(product.Message(written, TopicKey.Promotions));
            Assert.Equal((by, reason), (by, record!.Reason));
            Assert.Empty(product.Outbox.Texts);
            if (by == "bounce") Assert.NotNull((await product.StateAsync(Phone)).Suppression!.Beneath);

            // It is taken over once: what the person says after it holds.
            if (by is not ("topic" or "all")) continue;
            product.Time.Advance(TimeSpan.FromMinutes(1));
            await product.SubscribeAsync(Phone, null, TopicKey.Promotions);
            Assert.Equal(MessageStatus.Sent, (await product.SendAsync(product.Message(written, TopicKey.Promotions)))!.Status);
        }
    }

    [Fact]
    public async Task P1_M4_Nothing_is_sent_from_a_record_of_before_whatever_was_agreed_to_there_and_who_agrees_anew_is_sent_to()
    {
        var product = new CoreProduct();
        var former = await KeepAsync(product, static (state, _) => new(state, []));
        var message = product.Message(Phone, TopicKey.Promotions) with { Id = product.Ids.New(former).ToString(), To = "" };
        Assert.Equal(Reason.Unsubscribed, (await product.SendAsync(message))!.Reason);
        await product.SubscribeAsync(Other, null, TopicKey.Promotions);
        Assert.Equal(MessageStatus.Sent, (await product.SendAsync(product.Message(Phone, TopicKey.Promotions)))!.Status);
    }

    [Fact]
    public async Task M8_The_account_of_a_record_of_before_has_the_phone_and_disabling_it_stops_every_send()
    {
        var product = new CoreProduct();
        var (contacts, tables) = (product.Get<ContactDesk>(), product.Get<ITableStore>());
        await contacts.PutAsync("c1", "Ana", null, null, [Phone], "service:x", default);
        var (row, former) = (Rows.Address(product.Ring.KeyOf(Phone).Value), await KeepAsync(product, static (s, _) => new(s, []), "c1"));
        var owned = (await tables.GetAsync(Tables.Contacts, "c1", row, default))!;
        await tables.CommitAsync(
            Tables.Contacts, "c1", [RowChange.Delete(row), RowChange.Insert(Rows.Address(former.Value), owned.Value.ToArray())], default);
        await tables.CommitAsync(Tables.Addresses, product.Ring.KeyOf(Phone).Value, [RowChange.Delete(Rows.State)], default);

        await contacts.SetStatusAsync("c1", ContactStatus.Disabled, "api", "agent:kim", default);
        await product.SubscribeAsync(Phone, null, TopicKey.Promotions);
        Assert.Equal(Reason.AccountDisabled, (await product.SendAsync(product.Message(Phone, TopicKey.Promotions)))!.Reason);
        Assert.Equal([product.Ring.KeyOf(Phone)], (await contacts.GetAsync("c1", default))!.Addresses.Select(a => a.Key));
    }

    [Theory]
    [InlineData(ContactStatus.Disabled, Reason.AccountDisabled), InlineData(ContactStatus.Restricted, Reason.ProcessingRestricted)]
    public async Task M8_R35_P6_What_a_forgotten_account_had_silenced_in_a_record_of_before_stays_silent(
        ContactStatus status, Reason reason)
    {
        var product = new CoreProduct();
        await KeepAsync(product, (s, _) => new(s with { Contact = status }, []));
        await product.SubscribeAsync(Phone, null, TopicKey.Promotions);
        Assert.Equal(reason, (await product.SendAsync(product.Message(Phone, TopicKey.Promotions)))!.Reason);
        Assert.Empty(product.Outbox.Texts);
    }

    [Fact]
    public async Task R34_An_erasure_of_a_phone_empties_the_record_of_before_too_and_what_names_its_other_form_elsewhere()
    {
        var product = new CoreProduct();
        var former = await KeepAsync(product, static (state, _) => new(state, []));
        await product.SubscribeAsync(Phone, null, TopicKey.Promotions);
        await product.Reviews.OpenAsync(
            new()
            {
                Id = "000001764000000-abcdefghijklmnopqrstuv",
                Channel = Channel.Sms,
                From = Other.Value,
                Text = "Stop by at 5?",
                At = product.Now,
            },
            default);
        var done = await product.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Erasure, [Phone], null, null, null, "agent:kim", default);
        Assert.Equal(PrivacyStatus.Completed, done.Status);
        foreach (var key in new[] { former, product.Ring.KeyOf(Phone) })
        {
            var state = (await product.Book.LoadAsync(key, default)).State!;
            Assert.Equal((Channel.Sms, null, SuppressionReason.Erased), (state.Channel, state.Value, state.Suppression!.Reason));
        }

        Assert.Empty(await product.Reviews.ListAsync(resolved: false, null, 10, default));
    }

    /// <summary>What a build of before kept under the other form: a consent, and what was said then.</summary>
    private static async Task<AddressKey> KeepAsync(
        CoreProduct product, Func<AddressState, DateTimeOffset, Change> said, string? account = null)
    {
        var key = product.Ring.FormerKeyOf(Phone)!.Value;
        var draft = new LedgerDraft(LedgerAction.OptIn, TopicKey.Promotions, "form", Actors.Person);
        await product.Book.ChangeAsync(
            key, ConsentDesk.Blank(Other) with { ContactId = account },
            (state, now) =>
                Transitions.OptIn(state, product.Topics.Find(TopicKey.Promotions)!, draft, confirmed: true, now).Then(s => said(s, now)),
            null, default);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        return key;
    }
}

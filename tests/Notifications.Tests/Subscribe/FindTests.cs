using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Subscribe;

/// <summary>Finding the preferences again without their link: what is said is the same whoever asks, and the mailbox gets it.</summary>
public sealed class FindTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R63_Find_answers_alike_and_mails_the_link_once_to_a_known_address_only()
    {
        var (known, unknown) = (CoreProduct.Email("known@example.com"), CoreProduct.Email("unknown@example.com"));
        await product.SubscribedAsync(known, TopicKey.Newsletter);
        var answers = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            answers.Add((await product.FormAsync("/find", "en", ("address", known.Value))).ToString());
            answers.Add((await product.FormAsync("/find", "en", ("address", unknown.Value))).ToString());
            await product.WorkAsync();
        }

        Assert.Single(answers);
        var mail = Assert.Single(product.Sent.Emails, m => m.To == known.Value);
        Assert.Contains("/p/", mail.Text, StringComparison.Ordinal);
        Assert.Contains("/p/", mail.Html, StringComparison.Ordinal);
        Assert.Equal(0, product.MailsTo(unknown));
        Assert.Null(await product.StateAsync(unknown));
    }

    [Theory]
    [InlineData("stop"), InlineData("disabled"), InlineData("restricted"), InlineData("blocked")]
    public async Task R43_R45_R35_M8_Find_sends_nothing_to_an_address_that_is_stopped_disabled_restricted_or_blocked(string held)
    {
        var (phone, mail) = (CoreProduct.Phone($"+1415555011{held.Length % 10}"), CoreProduct.Email($"held.{held}@example.com"));
        async Task HoldAsync(Address address, bool holds) =>
            await product.Get<AddressBook>().ChangeAsync(
                product.Key(address), null,
                (s, now) => new Change(
                    s with
                    {
                        Stopped = holds && held == "stop" ? new StopAll(now, ConsentSource.Sms) : null,
                        Contact = holds && held == "disabled" ? ContactStatus.Disabled : ContactStatus.Active,
                        RestrictedSince = holds && held == "restricted" ? now : null,
                        Suppression = holds && held == "blocked" ? new Suppression(SuppressionReason.Manual, now) : null,
                    },
                    []),
                null, default);
        int Sent() => product.Sent.Texts.Count(t => t.To == phone.Value) + product.MailsTo(mail);
        foreach (var (holds, sent) in new[] { (true, 0), (false, 2) }) // Who comes back the same day has their link.
        {
            foreach (var address in (Address[])[phone, mail])
            {
                await product.SubscribedAsync(address, TopicKey.PackageUpdates);
                await HoldAsync(address, holds);
                Assert.Equal(HttpStatusCode.OK, (await product.FormAsync("/find", "en", ("address", address.Value))).Status);
            }

            await product.WorkAsync();
            Assert.Equal(sent, Sent());
        }
    }

    [Fact]
    public async Task R63_Find_mails_the_link_once_per_confirmation_window_also_where_every_topic_is_unsubscribed()
    {
        var mail = CoreProduct.Email("quiet@example.com");
        await product.Get<ConsentDesk>().OptOutAsync(
            mail, new LedgerDraft(LedgerAction.OptOut, TopicKey.PackageUpdates, "page", "person"), default);
        var window = product.Get<SendingOptions>().ConfirmationWindow;
        product.Time.Advance(TimeSpan.FromTicks(window.Ticks - product.Time.GetUtcNow().UtcTicks % window.Ticks));
        foreach (var (later, mails) in new[] { (TimeSpan.Zero, 1), (TimeSpan.FromHours(23), 1), (TimeSpan.FromHours(1), 2) })
        {
            product.Time.Advance(later);
            await product.FormAsync("/find", "en", ("address", mail.Value));
            await product.WorkAsync();
            Assert.Equal(mails, product.MailsTo(mail));
        }
    }

    [Theory]
    [InlineData("fr", "+14155550188", "{0} : Voici le lien")]
    [InlineData("ar", "+14155550189", "\u200F{0}: هنا ترى")] // The name before them does not turn its words round.
    public async Task R51_R59_The_text_with_the_link_to_the_preferences_names_its_sender(string language, string number, string beginning)
    {
        var phone = CoreProduct.Phone(number);
        await product.SubscribedAsync(phone, TopicKey.Newsletter);
        await product.FormAsync("/find", language, ("address", phone.Value));
        await product.WorkAsync();
        Assert.StartsWith(
            beginning.Replace("{0}", product.Get<SenderOptions>().Name, StringComparison.Ordinal),
            Assert.Single(product.Sent.Texts, t => t.To == phone.Value && t.Text.Contains("/p/", StringComparison.Ordinal)).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task R63_Find_does_the_same_work_before_its_answer_for_everybody_and_nothing_is_kept_of_a_stranger()
    {
        var (member, stranger) = (CoreProduct.Email("worked@example.com"), CoreProduct.Email("stranger@example.com"));
        await product.SubscribedAsync(member, TopicKey.Newsletter);
        await product.WorkAsync();
        var before = await product.StoredAsync();
        foreach (var address in (Address[])[member, stranger, member, stranger])
        {
            await product.FormAsync("/find", "en", ("address", address.Value));
            Assert.Equal(1, await product.Store.CountAsync(Queues.Send));
            await product.WorkAsync();
        }

        Assert.Equal(1, product.Sent.Emails.Count(m => m.To == member.Value && m.Text!.Contains("/p/", StringComparison.Ordinal)));
        Assert.Equal(before + 1, await product.StoredAsync()); // The member's message alone.
    }
}

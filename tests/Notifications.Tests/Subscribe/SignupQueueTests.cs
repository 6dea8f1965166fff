using System.Net;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Subscribe;

/// <summary>
/// What a sign-up does before its answer, and what is left to the queue: on a product of its own, whose store is counted.
/// </summary>
public sealed class SignupQueueTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private IWorkQueue Queue => product.Get<IWorkQueue>();

    [Fact]
    public async Task R63_A_sign_up_does_the_same_work_before_its_answer_for_everybody_and_asks_a_stranger_after_it()
    {
        var (member, stranger) = (CoreProduct.Email("on@example.com"), CoreProduct.Email("new@example.com"));
        await product.SubscribedAsync(member, TopicKey.Newsletter);
        await product.FollowAsync(member, "RR123456785PT");
        await product.WorkAsync();
        var before = await product.StoredAsync();
        foreach (var address in (Address[])[member, stranger])
        {
            Assert.Equal(HttpStatusCode.OK, await SignUpAsync(address));
            Assert.Equal(1, await Queue.CountAsync(Queues.Inbound)); // And no row beside it.
            Assert.Equal(before + 1, await product.StoredAsync());
            if (address == stranger) break;
            await product.WorkAsync();
            Assert.Equal(before, await product.StoredAsync());
        }

        await product.WorkAsync();
        Assert.Equal(0, product.MailsTo(member));
        Assert.Equal(SubscriptionStatus.Pending, (await product.StateAsync(stranger))!.StatusOf(TopicKey.Newsletter));
        Assert.NotEqual(0, product.MailsTo(stranger));
    }

    [Fact]
    public async Task P5_R63_A_sign_up_that_is_delivered_twice_asks_once()
    {
        var address = CoreProduct.Email("twice@example.com");
        await SignUpAsync(address, package: false);
        var item = Assert.Single(await Queue.ReceiveAsync(Queues.Inbound, 32, TimeSpan.FromMinutes(2)));
        for (var i = 0; i < 2; i++) await product.Get<Work>().DoAsync(Queues.Inbound, item.Body, i + 1, default);
        await Queue.CompleteAsync(item);
        await product.WorkAsync();
        Assert.Single(await product.LedgerAsync(address));
        Assert.Equal(1, product.MailsTo(address));
    }

    [Fact]
    public async Task P6_R26_A_sign_up_that_waited_says_when_it_was_made_and_a_stop_that_came_since_stands()
    {
        var (asked, stopped) = (CoreProduct.Email("waited@example.com"), CoreProduct.Email("stopped@example.com"));
        var made = product.Time.GetUtcNow();
        await SignUpAsync(asked, package: false);
        await SignUpAsync(stopped, package: false);
        product.Time.Advance(TimeSpan.FromMinutes(10));
        await product.Get<ConsentDesk>().OptOutAsync(
            stopped, new LedgerDraft(LedgerAction.OptOut, TopicKey.Newsletter, "phone", "agent:mia"), default);
        product.Time.Advance(TimeSpan.FromMinutes(1)); // A question of the same moment would not go out anyhow.
        await product.WorkAsync();
        Assert.Contains(
            $"\"at\":\"{made.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss}", Assert.Single(await product.LedgerAsync(asked)).Detail!.Evidence,
            StringComparison.Ordinal);
        Assert.True((await product.StateAsync(stopped))!.Find(TopicKey.Newsletter) is
        {
            Status: SubscriptionStatus.Unsubscribed,
            Waits: false,
        });
        Assert.Equal(LedgerAction.OptOut, Assert.Single(await product.LedgerAsync(stopped)).Action);
        Assert.Equal(0, product.MailsTo(stopped));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P6_R63_A_sign_up_that_is_delivered_again_after_a_stop_does_not_ask_for_its_package_anew(bool all)
    {
        var address = CoreProduct.Email(all ? "again.all@example.com" : "again@example.com");
        await SignUpAsync(address);
        var item = Assert.Single(await Queue.ReceiveAsync(Queues.Inbound, 32, TimeSpan.FromMinutes(2)));
        var work = product.Get<Work>();
        await work.DoAsync(Queues.Inbound, item.Body, 1, default);
        await product.WorkAsync();
        product.Time.Advance(TimeSpan.FromMinutes(1));
        var watches = product.Get<Watches>();
        if (all)
            await product.Get<ConsentDesk>().OptOutAsync(
                address, new LedgerDraft(LedgerAction.OptOut, TopicKey.PackageUpdates, "link", "person"), default);
        else await watches.UnwatchAsync(product.Key(address), "RR123456785PT", "link", "person", null, default);
        var (before, said) = (Assert.Single(await watches.OfAsync(product.Key(address), default)), await product.LedgerAsync(address));
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await work.DoAsync(Queues.Inbound, item.Body, 2, default);
        await Queue.CompleteAsync(item);
        await product.WorkAsync();
        Assert.Equal(before, Assert.Single(await watches.OfAsync(product.Key(address), default)));
        Assert.Equal(said.Count, (await product.LedgerAsync(address)).Count);

        // What is signed up for after the stop is asked about.
        await SignUpAsync(address);
        await product.WorkAsync();
        Assert.True(Assert.Single(await watches.OfAsync(product.Key(address), default)).Watch is { Status: WatchStatus.Pending } anew
            && anew.Since > before.Watch.Since);
    }

    [Fact]
    public async Task R63_R64_No_webhook_takes_a_sign_up()
    {
        var reply = await ProductFixture.SendAsync(
            product.Anonymous, HttpMethod.Post, "/webhooks/eventgrid?secret=" + ProductFixture.WebhookSecret,
            """[{"id":"s1","eventType":"Notifications.SignedUp","eventTime":"2026-11-24T09:30:00Z","data":{"channel":"email","address":"x@example.com","locale":"en","evidence":"{}","topics":[{"key":"newsletter","wording":"w"}]}}]""");
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal(0, await Queue.CountAsync(Queues.Inbound));
    }

    // As the browser sends it, and nothing that is left on the queue is done.
    private async Task<HttpStatusCode> SignUpAsync(Address address, bool package = true)
    {
        using var form = new FormUrlEncodedContent(
            [
                new("email", address.Value), new("topic-email-newsletter", "yes"), new("age", "adult"),
                .. package ? (KeyValuePair<string, string>[])[new("package", "RR123456785PT"), new("watch-email", "yes")] : [],
            ]);
        using var answer = await product.Anonymous.PostAsync("/subscribe", form);
        return answer.StatusCode;
    }
}

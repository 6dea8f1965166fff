using System.Net;
using Notifications.Consent;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Subscribe;

/// <summary>A flood, on a product of its own: its network is refused afterwards.</summary>
public sealed class SignupFloodTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task R63_A_thousand_sign_ups_make_one_confirmation_and_answers_do_not_tell_who_is_known()
    {
        var (known, unknown) = (CoreProduct.Email("member@example.com"), CoreProduct.Email("victim@example.com"));
        await product.SubscribedAsync(known, TopicKey.Newsletter);
        var first = await product.FormAsync(
            "/subscribe", "en", ("email", known.Value), ("topic-email-newsletter", "yes"), ("age", "adult"));
        var answers = new Dictionary<(HttpStatusCode, string), int>();
        for (var i = 0; i < 1000; i++)
        {
            var answer = await product.FormAsync(
                "/subscribe", "en", ("email", unknown.Value), ("topic-email-newsletter", "yes"), ("age", "adult"));
            answers[answer] = answers.GetValueOrDefault(answer) + 1;
        }

        await product.WorkAsync();
        Assert.Equal(1, product.MailsTo(unknown));
        Assert.Equal(0, product.MailsTo(known));
        Assert.Single(await product.LedgerAsync(unknown));
        Assert.Equal(2, answers.Count);
        Assert.Contains(first, answers.Keys);
        Assert.Contains(answers.Keys, a => a.Item1 == HttpStatusCode.TooManyRequests);
    }
}

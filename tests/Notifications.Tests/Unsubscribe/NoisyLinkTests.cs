using System.Net;
using CsCheck;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;
using Notifications.Unsubscribe;
using Notifications.Web.Pages;

namespace Notifications.Tests.Unsubscribe;

/// <summary>Links as mail programs, phones and people pass them on: with what stood beside them, or broken.</summary>
public sealed class NoisyLinkTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    /// <summary>Where the token stands among what came with it: "{0}" whole, "{1}" and "{2}" its two parts.</summary>
    public static readonly TheoryData<string> Noise = new()
    {
        "{0}.", "{0},", "{0})", "{0}%3E", "{0};", "{0}%20", "{0}%22", "{0}'", "{0}]", "{0}*", "{0}%7D", "{0}!", "{0}%3F", "{0}:", "{0}%60",
        "{0}%E2%80%8B", "{0}%EF%BB%BF", "{0}%C2%A0", "{0}%E2%80%9D", "{0}%E3%80%82", "{0}%0D%0A", "{0}).", "{0}%22%3E", "{0}%3C/",
        "{0}&amp;x=1", "{0}&x=1", "{0}%26utm=1", "{0}%23top", "{0}%3Futm_source=a", "{0}%20Thanks", "{0}%2520", "{0}%2F", "{0}.%20Bye",
        "{0}=", "{0}=3D", "{0}=20", "{0}=0D=0A", "=3D{0}", "=3d{0}", "={0}", "%20{0}", "%3C{0}%3E", "%22{0}%22", "({0})", "%E2%80%8B{0}",
        "%E2%80%8E{0}%E2%80%8E", "{1}%0D%0A{2}", "{1}%0A{2}", "{1}%20{2}", "{1}=%0D%0A{2}", "{1}=0D=0A{2}", "{1}%E2%80%8B{2}",
        "{1}%C2%AD{2}", "{1}=%0A%20{2}.", "=3D{1}=%0D%0A{2}%22%3E",
    };

    private static int _people;

    [Theory]
    [MemberData(nameof(Noise))]
    public async Task R22_M4_A_link_opens_and_stops_with_what_a_mail_program_put_around_it_or_into_it(string noise)
    {
        var who = CoreProduct.Email($"noise{Interlocked.Increment(ref _people)}@example.com");
        await product.SubscribedAsync(who, TopicKey.Newsletter, TopicKey.Promotions);
        var links = product.Get<Links>();
        var newsletter = links.UnsubscribeToken(product.Key(who), Channel.Email, TopicKey.Newsletter, null, null);
        var promotions = links.UnsubscribeToken(product.Key(who), Channel.Email, TopicKey.Promotions, null, null);

        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Get, "/u/", newsletter, noise));
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(who))!.StatusOf(TopicKey.Newsletter));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Post, "/u/", newsletter, noise, ("List-Unsubscribe", "One-Click")));
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(who))!.StatusOf(TopicKey.Newsletter));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Post, "/u/", promotions, noise, ("scope", "named")));
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await product.StateAsync(who))!.StatusOf(TopicKey.Promotions));

        var preferences = links.PreferencesToken(product.Key(who), Channel.Email);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Get, "/p/", preferences, noise));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Post, "/p/", preferences, noise, ("stop", "*")));
        Assert.NotNull((await product.StateAsync(who))!.Stopped);
        var confirm = product.ConfirmPath(who, TopicKey.Newsletter)["/c/".Length..];
        Assert.Equal(HttpStatusCode.Gone, await SendAsync(HttpMethod.Get, "/c/", confirm, noise)); // Nothing waits there.
    }

    [Fact]
    public async Task R12_What_stands_around_a_forged_token_makes_it_no_better()
    {
        var who = CoreProduct.Email("forged@example.com");
        await product.SubscribedAsync(who, TopicKey.Newsletter);
        var token = product.Get<Links>().UnsubscribeToken(product.Key(who), Channel.Email, TopicKey.Newsletter, null, null);
        var forged = (token[0] == 'A' ? 'B' : 'A') + token[1..];
        foreach (var noise in (string[])["{0}.", "{1}%0D%0A{2}", "=3D{0}"])
            Assert.Equal(
                HttpStatusCode.NotFound, await SendAsync(HttpMethod.Post, "/u/", forged, noise, ("List-Unsubscribe", "One-Click")));
        foreach (var purpose in (string[])["/p/", "/c/"])
            Assert.Equal(HttpStatusCode.NotFound, await SendAsync(HttpMethod.Get, purpose, token, "{0}.")); // R60
        Assert.Equal(SubscriptionStatus.Subscribed, (await product.StateAsync(who))!.StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R22_What_stands_on_a_page_that_was_opened_by_such_a_link_leads_to_the_link_itself()
    {
        var who = CoreProduct.Email("back@example.com");
        await product.SubscribedAsync(who, TopicKey.Newsletter);
        var path = product.PreferencesPath(who);
        var (_, body) = await product.FormAsync(path + "%22%3E%0D%0A", "en", ("erase", "ask"));
        Assert.Contains($"\"{path}\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public void R12_No_text_is_more_than_tried_and_what_is_found_in_one_is_the_token_that_was_written()
    {
        var tokens = new LinkTokens(KeyRing.Parse(KeyRing.NewJson(), "test"));
        Gen.String.Sample(text => Assert.InRange(LinkText.Bare(text).Count(), 0, 2), iter: 5_000);
        Gen.Select(Gen.Byte.Array[16], Gen.Char[" .,;)>\"\r\n\u200B&"].Array[0, 5], Gen.Int[0, 400]).Sample((hash, noise, place) =>
        {
            var token = new LinkToken(LinkPurpose.Unsubscribe, AddressKey.From(hash), Channel.Email) { Topic = TopicKey.Newsletter };
            var written = tokens.Write(token);
            var found = LinkText.Bare(written.Insert(place % (written.Length + 1), new string(noise)))
                .Select(t => tokens.Read(LinkPurpose.Unsubscribe, t)).FirstOrDefault(t => t is not null);
            Assert.True(found is null || found == token);
        });
    }

    [Fact]
    public void R62_What_is_much_longer_than_any_link_is_not_looked_through() =>
        Assert.Empty(LinkText.Bare(new string('.', 5_000)));

    private async Task<HttpStatusCode> SendAsync(
        HttpMethod method, string place, string token, string noise, params (string Name, string Value)[] fields)
    {
        var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, noise, token, token[..31], token[31..]);
        // As it is: a client would tidy it up.
        var url = new Uri(
            product.Anonymous.BaseAddress!.GetLeftPart(UriPartial.Authority) + place + text,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, url);
        if (method == HttpMethod.Post)
            request.Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var answer = await product.Anonymous.SendAsync(request);
        return answer.StatusCode;
    }
}

using System.Net;
using System.Text;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Unsubscribe;

namespace Notifications.Tests.Unsubscribe;

public sealed class UnsubscribeTests(PublicSite site) : IClassFixture<PublicSite>
{
    private static int _people;

    [Fact]
    public async Task R5_The_one_click_post_works_urlencoded_and_the_opt_out_is_there_when_it_answers()
    {
        var key = await NewPersonAsync();
        using var answer = await PostAsync(site.UnsubscribePath(key, TopicKey.Newsletter), OneClick());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await site.StateAsync(key)).StatusOf(TopicKey.Newsletter));
    }

    [Theory]
    [InlineData(TopicKey.Newsletter, null)]
    [InlineData(null, null)]
    [InlineData(TopicKey.PackageUpdates, "RB123456789CN")]
    public async Task P4_R34_One_click_on_an_erased_address_is_answered_and_leaves_nothing_beside_the_block(string? topic, string? package)
    {
        var address = $"erased{Interlocked.Increment(ref _people)}@example.com";
        var key = await site.PersonAsync(address);
        await site.Get<Notifications.Privacy.Erasure>().RunAsync(
            [Address.TryParse(Channel.Email, address, out var parsed, out _) ? parsed : default], [key], null, "test", "test", default);
        var (before, ledger) = (await RowsAsync(), await site.LedgerAsync(key));
        for (var i = 0; i < 2; i++)
        {
            using var answer = await PostAsync(site.UnsubscribePath(key, topic, package: package), OneClick());
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(before, await RowsAsync());
        Assert.Equal(ledger.Select(e => e.Hash), (await site.LedgerAsync(key)).Select(e => e.Hash));
        var state = await site.StateAsync(key);
        Assert.Equal((SuppressionReason.Erased, null, 0), (state.Suppression?.Reason, state.Stopped, state.Subscriptions.Length));

        async Task<IEnumerable<string>> RowsAsync() =>
            (await site.Get<ITableStore>().RangeAsync(Tables.Addresses, key.Value, RowRange.All, 100))
                .Select(r => r.Key + r.ETag);
    }

    [Theory]
    [InlineData("plain-boundary", "plain-boundary")]
    [InlineData("\"quoted boundary=1\"", "quoted boundary=1")]
    [InlineData("\"----=_Part:7\"", "----=_Part:7")]
    public async Task R5_The_one_click_post_works_as_multipart_form_data_with_any_boundary(string parameter, string boundary)
    {
        var key = await NewPersonAsync();
        using var content =
            new ByteArrayContent(
                Encoding.ASCII.GetBytes(
                    $"--{boundary}\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--{boundary}--\r\n"));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=" + parameter);
        using var answer = await PostAsync(site.UnsubscribePath(key, TopicKey.Newsletter), content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await site.StateAsync(key)).StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R3_R6_R7_The_url_alone_is_enough_and_no_answer_sets_a_cookie_or_redirects()
    {
        var key = await NewPersonAsync();
        var path = site.UnsubscribePath(key, TopicKey.Promotions);
        foreach (var (method, content) in new (HttpMethod, HttpContent?)[]
        {
            (HttpMethod.Get, null),
            (HttpMethod.Head, null),
            (HttpMethod.Post, OneClick()),
            (HttpMethod.Post, Form(("scope", "named"))),
            (HttpMethod.Post, Form(("x", "y"))),
        })
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            using var answer = await site.Http.SendAsync(request);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
            Assert.False((int)answer.StatusCode is >= 300 and < 400, $"{method} answered {answer.StatusCode}");
        }

        Assert.Equal(SubscriptionStatus.Unsubscribed, (await site.StateAsync(key)).StatusOf(TopicKey.Promotions));
    }

    [Theory]
    [InlineData("/u/")]
    [InlineData("/p/")]
    [InlineData("/c/")]
    public async Task R8_P3_Get_and_head_change_nothing_however_often(string page)
    {
        var key = await NewPersonAsync();
        await site.Get<Unsubscriber>().StopAsync(
            new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Email) { Topic = TopicKey.Newsletter }, UnsubscribeScope.Named, "test",
            default);
        if (page == "/c/")
            await site.Get<ConsentDesk>().OptInAsync(
                (await site.StateAsync(key)).Address!.Value, site.Get<TopicCatalog>().Find(TopicKey.Newsletter)!,
                new LedgerDraft(LedgerAction.OptIn, TopicKey.Newsletter, "form", "person"), confirmed: false, null, default);
        var purpose = page switch { "/u/" => LinkPurpose.Unsubscribe, "/p/" => LinkPurpose.Preferences, _ => LinkPurpose.Confirm };
        var path = page
            + site.Get<LinkTokens>().Write(new LinkToken(purpose, key, Channel.Email) { Topic = TopicKey.Newsletter });
        var before = (await site.StateAsync(key)).Ledger;
        for (var i = 0; i < 6; i++)
        {
            using var request = new HttpRequestMessage(
                i % 2 == 0 ? HttpMethod.Get : HttpMethod.Head, path + "?List-Unsubscribe=One-Click&scope=all&confirm=yes&stop=*");
            using var answer = await site.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var body = await answer.Content.ReadAsStringAsync();
            if (i % 2 == 0) Assert.Contains("<button", body, StringComparison.Ordinal);
            else Assert.Empty(body);
        }

        Assert.Equal(before, (await site.StateAsync(key)).Ledger);
    }

    [Theory]
    [InlineData("List-Unsubscribe=One-Click\r\n")]
    [InlineData("List-Unsubscribe=One-Click\n")]
    [InlineData("List-Unsubscribe=One-Click+")]
    [InlineData("List-Unsubscribe=One-Click&List-Unsubscribe=One-Click")]
    public async Task R5_The_pair_with_white_space_after_it_or_twice_says_the_same(string body)
    {
        var key = await NewPersonAsync();
        using var answer = await PostAsync(
            site.UnsubscribePath(key, TopicKey.Newsletter), new StringContent(body, Encoding.ASCII, "application/x-www-form-urlencoded"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await site.StateAsync(key)).StatusOf(TopicKey.Newsletter));
    }

    [Theory]
    [InlineData("", "application/x-www-form-urlencoded")]
    [InlineData("List-Unsubscribe=one-click", "application/x-www-form-urlencoded")]
    [InlineData("List-Unsubscribe=One-Click&List-Unsubscribe=No", "application/x-www-form-urlencoded")]
    [InlineData("scope=everything", "application/x-www-form-urlencoded")]
    [InlineData("{\"scope\":\"all\"}", "application/json")]
    [InlineData("--x\r\nbroken", "multipart/form-data; boundary=x")]
    [InlineData("List-Unsubscribe=One-Click", "multipart/form-data")]
    public async Task R9_A_post_that_says_neither_changes_nothing(string body, string type)
    {
        var key = await NewPersonAsync();
        var before = (await site.StateAsync(key)).Ledger;
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await PostAsync(site.UnsubscribePath(key, TopicKey.Newsletter), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(before, (await site.StateAsync(key)).Ledger);
    }

    [Fact]
    public async Task R9_A_body_over_the_limit_is_refused_and_changes_nothing()
    {
        var key = await NewPersonAsync();
        using var answer = await PostAsync(
            site.UnsubscribePath(key, TopicKey.Newsletter),
            new StringContent(
                "List-Unsubscribe=One-Click&x=" + new string('x', 20_000), Encoding.ASCII, "application/x-www-form-urlencoded"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal(SubscriptionStatus.Subscribed, (await site.StateAsync(key)).StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R10_Concurrent_repeats_all_succeed_and_write_one_entry()
    {
        var key = await NewPersonAsync();
        var before = (await site.LedgerAsync(key)).Count;
        var path = site.UnsubscribePath(key, TopicKey.Newsletter);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            using var answer = await PostAsync(path, OneClick());
            return answer.StatusCode;
        }));
        Assert.All(statuses, s => Assert.Equal(HttpStatusCode.OK, s));
        Assert.Equal(before + 1, (await site.LedgerAsync(key)).Count);
    }

    [Fact]
    public async Task R11_A_newsletter_link_leaves_other_topics_and_other_channels_as_they_were()
    {
        var key = await NewPersonAsync();
        var phone = await site.PersonAsync("+14155550199");
        using var answer = await PostAsync(site.UnsubscribePath(key, TopicKey.Newsletter), OneClick());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var state = await site.StateAsync(key);
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.Promotions));
        Assert.Equal(SubscriptionStatus.Subscribed, state.StatusOf(TopicKey.PackageUpdates));
        Assert.Equal(SubscriptionStatus.Subscribed, (await site.StateAsync(phone)).StatusOf(TopicKey.Newsletter));
    }

    [Theory]
    [InlineData("named", SubscriptionStatus.Subscribed, false)]
    [InlineData("topic", SubscriptionStatus.Unsubscribed, false)]
    [InlineData("all", SubscriptionStatus.Unsubscribed, true)]
    public async Task R21_The_page_itself_stops_one_package_or_the_topic_or_everything_in_one_step(
        string scope, SubscriptionStatus updates, bool all)
    {
        var key = await NewPersonAsync();
        var path = site.UnsubscribePath(key, TopicKey.PackageUpdates, package: "RR123456785PT");
        var page = await site.Http.GetStringAsync(new Uri(path, UriKind.Relative));
        Assert.Contains("RR123456785PT", page, StringComparison.Ordinal);
        using var answer = await PostAsync(path, Form(("scope", scope)));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("You are unsubscribed", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var state = await site.StateAsync(key);
        Assert.Equal(updates, state.StatusOf(TopicKey.PackageUpdates));
        Assert.Equal(all, state.Stopped is not null);
    }

    [Fact]
    public async Task R22_A_link_made_before_a_key_rotation_still_works_after_it()
    {
        var ring = site.Get<KeyRing>();
        var rotated = new LinkTokens(KeyRing.Parse(ring.RotatedJson(), ring.Environment));
        var key = await NewPersonAsync();
        var token = site.UnsubscribePath(key, TopicKey.Newsletter)["/u/".Length..];
        Assert.Equal(key, rotated.Read(LinkPurpose.Unsubscribe, token)!.Address);
        Assert.NotEqual(token, rotated.Write(rotated.Read(LinkPurpose.Unsubscribe, token)!));
    }

    [Fact]
    public async Task R12_Every_forgery_gets_one_answer_and_changes_nothing()
    {
        await using var own = new OwnSite();
        await own.Site.InitializeAsync();
        var key = await own.Site.PersonAsync("ana@example.com");
        var tokens = own.Site.Get<LinkTokens>();
        var good = tokens.Write(new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Email) { Topic = TopicKey.Newsletter });
        var elsewhere = new LinkTokens(KeyRing.Parse(KeyRing.NewJson(), "prod"));
        string[] forged =
        [
            good[..^1], good[..30], good + "A", "x", new string('A', 399), "..%2F..%2Fetc", good[..^1] + (good[^1] == 'A' ? 'B' : 'A'),
            tokens.Write(new LinkToken(LinkPurpose.Preferences, key, Channel.Email)),
            elsewhere.Write(new LinkToken(LinkPurpose.Unsubscribe, key, Channel.Email) { Topic = TopicKey.Newsletter }),
        ];
        var answers = new HashSet<string>();
        foreach (var token in forged)
        {
            using var got = await own.Site.Http.GetAsync(new Uri("/u/" + token, UriKind.Relative));
            using var posted = await own.Site.Http.PostAsync(new Uri("/u/" + token, UriKind.Relative), OneClick());
            answers.Add($"{got.StatusCode} {await got.Content.ReadAsStringAsync()}");
            answers.Add($"{posted.StatusCode} {await posted.Content.ReadAsStringAsync()}");
        }

        Assert.StartsWith("NotFound", Assert.Single(answers), StringComparison.Ordinal);
        Assert.Equal(SubscriptionStatus.Subscribed, (await own.Site.StateAsync(key)).StatusOf(TopicKey.Newsletter));
    }

    [Fact]
    public async Task R61_Every_public_answer_is_unkept_unindexed_unframed_and_names_nobody_in_a_url()
    {
        var key = await site.PersonAsync("kanari.person@example.com");
        string[] paths =
            [
                site.UnsubscribePath(key, TopicKey.Newsletter), new Uri(site.Links.Preferences(key, Channel.Email)).AbsolutePath,
                new Uri(site.Links.Confirm(key, Channel.Email, TopicKey.Newsletter)).AbsolutePath, "/u/nonsense",
            ];
        foreach (var path in paths)
        {
            Assert.DoesNotContain("kanari", Uri.UnescapeDataString(path), StringComparison.OrdinalIgnoreCase);
            using var answer = await site.Http.GetAsync(new Uri(path, UriKind.Relative));
            Check(answer);
            var body = await answer.Content.ReadAsStringAsync();
            Assert.DoesNotContain("kanari", body, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("<script", body, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotMatch("(src|href|action)=\"(https?:)?//", body);
        }

        using var stopped = await PostAsync(paths[0], OneClick());
        Check(stopped);

        static void Check(HttpResponseMessage answer)
        {
            Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
            Assert.Equal("no-store", answer.Headers.GetValues("Cache-Control").Single());
            Assert.Equal("noindex", answer.Headers.GetValues("X-Robots-Tag").Single());
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.StartsWith(
                "default-src 'none'; style-src 'self'; ", answer.Headers.GetValues("Content-Security-Policy").Single(),
                StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task R62_A_flood_of_invalid_tokens_meets_429_while_a_valid_one_click_still_works()
    {
        await using var own = new OwnSite();
        await own.Site.InitializeAsync();
        var key = await own.Site.PersonAsync("ana@example.com");
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 120; i++)
        {
            using var answer = await own.Site.Http.PostAsync(new Uri("/u/forged" + i, UriKind.Relative), OneClick());
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests) Assert.True(answer.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }

        Assert.Equal(HttpStatusCode.NotFound, statuses[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        using var valid = await own.Site.Http.PostAsync(
            new Uri(own.Site.UnsubscribePath(key, TopicKey.Newsletter), UriKind.Relative), OneClick());
        Assert.Equal(HttpStatusCode.OK, valid.StatusCode);
    }

    [Fact]
    public async Task R69_P4_With_the_store_away_nobody_is_told_that_it_worked()
    {
        await using var own = new OwnSite();
        await own.Site.InitializeAsync();
        var key = await own.Site.PersonAsync("ana@example.com");
        var path = new Uri(own.Site.UnsubscribePath(key, TopicKey.Newsletter), UriKind.Relative);
        own.Site.StoreIsDown = true;
        foreach (var content in new[] { OneClick(), Form(("scope", "named")) })
        {
            using var answer = await own.Site.Http.PostAsync(path, content);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.True(answer.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }

        using (var shown = await own.Site.Http.GetAsync(path)) Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        own.Site.StoreIsDown = false;
        using var again = await own.Site.Http.PostAsync(path, OneClick());
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(SubscriptionStatus.Unsubscribed, (await own.Site.StateAsync(key)).StatusOf(TopicKey.Newsletter));
    }

    private async Task<AddressKey> NewPersonAsync() => await site.PersonAsync($"person{Interlocked.Increment(ref _people)}@example.com");

    private Task<HttpResponseMessage> PostAsync(string path, HttpContent content) =>
        site.Http.PostAsync(new Uri(path, UriKind.Relative), content);

    private static FormUrlEncodedContent OneClick() => Form(("List-Unsubscribe", "One-Click"));

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));

    /// <summary>A site that no other test shares, for tests that use up its limits or take its store away.</summary>
    private sealed class OwnSite : IAsyncDisposable
    {
        public PublicSite Site { get; } = new();

        public async ValueTask DisposeAsync() => await Site.DisposeAsync();
    }
}

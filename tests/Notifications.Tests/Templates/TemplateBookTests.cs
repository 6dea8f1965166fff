using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Templates;

/// <summary>Stored sets: languages, versions, and what is sent.</summary>
public sealed class TemplateBookTests
{
    private readonly World _world = new();

    [Theory]
    [InlineData("zh-Hant-TW", "zh-Hant")]
    [InlineData("zh-Hans-CN", "zh")]
    [InlineData("ZH-hant", "zh-Hant")]
    [InlineData("zh-Hant-x-private", "zh-Hant")]
    [InlineData("pt-BR", "en")]
    [InlineData(null, "en")]
    public async Task A_language_falls_back_to_ever_less_of_its_tag_and_then_to_the_first_of_the_set(string? wanted, string expected)
    {
        foreach (var locale in (string[])["en", "zh", "zh-Hant"]) await SaveAsync(locale, "<p>x</p>");
        Assert.Equal(expected, (await _world.Templates.FindAsync("spring", Channel.Email, default))!.For(wanted).Locale);
    }

    [Fact]
    public void R23_A_stored_template_that_says_nothing_of_its_layout_has_the_shared_one()
    {
        var stored = JsonSerializer.Deserialize(
            """{"name":"old","topic":"newsletter","channel":"email","locale":"en","subject":"s","html":"<p>x</p>"}""",
            CoreJson.Default.TemplateSource)!;
        Assert.Equal(TemplateLayout.Standard, stored.Layout);
    }

    [Fact]
    public async Task A_pinned_version_stays_as_it_was_after_an_edit_and_after_a_deletion()
    {
        await SaveAsync("en", "<p>one</p>");
        var pinned = await _world.Templates.PinAsync("spring", Channel.Email, default);
        Assert.Equal("spring@1", pinned);
        await SaveAsync("en", "<p>two</p>", 1);
        Assert.Contains("one", await SendAsync(pinned!), StringComparison.Ordinal);
        Assert.Contains("two", await SendAsync("spring"), StringComparison.Ordinal);
        Assert.Equal(TemplateSave.Saved, (await _world.Templates.RemoveAsync("spring", Channel.Email, "en", 2, "me", default)).Result);
        Assert.Null(await _world.Templates.FindAsync("spring", Channel.Email, default));
        Assert.Contains("one", await SendAsync(pinned!), StringComparison.Ordinal);
        Assert.Contains(
            "one",
            (await new TemplateBook(_world.Tables, _world.Topics, new SmsOptions(), _world.Sender, _world.Time).FindAsync("spring@1", Channel.Email, default))!
                .For(null)
                .Html(new Fluid.TemplateContext()),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_launch_pins_what_was_saved_elsewhere_a_moment_ago_and_not_what_this_process_had_read()
    {
        await SaveAsync("en", "<p>one</p>");
        var other = new TemplateBook(_world.Tables, _world.Topics, new SmsOptions(), _world.Sender, _world.Time);
        Assert.Equal(1, (await other.FindAsync("spring", Channel.Email, default))!.Version);
        await SaveAsync("en", "<p>two</p>", 1);
        Assert.Equal("spring@2", await other.PinAsync("spring", Channel.Email, default));
        Assert.Equal("spring@1", await other.PinAsync("spring@1", Channel.Email, default));
        Assert.Null(await other.PinAsync("spring@9", Channel.Email, default));
        Assert.Null(await other.PinAsync("autumn", Channel.Email, default));
        Assert.Equal(TemplateSave.Saved, (await _world.Templates.RemoveAsync("spring", Channel.Email, "en", 2, "me", default)).Result);
        Assert.Null(await other.PinAsync("spring", Channel.Email, default));
    }

    [Theory]
    [InlineData("spring")]
    [InlineData("spring@1")]
    public async Task All_who_ask_for_a_set_that_nobody_has_read_yet_go_on_with_one_which_is_judged_once(string name)
    {
        await SaveAsync("en", "<p>one</p>");
        const int Callers = 8;
        var (asked, all) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _world.Store.BeforeRead = (_, _) =>
        {
            if (Interlocked.Increment(ref asked) == Callers) all.SetResult();
            return all.Task.WaitAsync(TimeSpan.FromSeconds(30));
        };
        var found = await Task.WhenAll(
            Enumerable.Range(0, Callers).Select(_ => Task.Run(() => _world.Templates.FindAsync(name, Channel.Email, default).AsTask())));
        Assert.Single(found.Distinct());
    }

    [Fact]
    public async Task Of_two_who_save_what_both_have_read_one_is_told()
    {
        await SaveAsync("en", "<p>one</p>");
        await SaveAsync("en", "<p>mine</p>", 1);
        Assert.Equal(
            TemplateSave.Stale,
            (await _world.Templates.SaveAsync(Source("en", "<p>yours</p>"), Compiled("<p>yours</p>"), 1, "you", default)).Result);
        Assert.Equal(
            TemplateSave.OtherTopic,
            (await _world.Templates.SaveAsync(
                Source("fr", "<p>x</p>") with { Topic = "promotions" }, Compiled("<p>x</p>"), 0, "you", default)).Result);
    }

    [Fact]
    public async Task Another_process_reads_a_new_version_within_five_seconds()
    {
        await SaveAsync("en", "<p>one</p>");
        var other = new TemplateBook(_world.Tables, _world.Topics, new SmsOptions(), _world.Sender, _world.Time);
        Assert.Equal(1, (await other.FindAsync("spring", Channel.Email, default))!.Version);
        await SaveAsync("en", "<p>two</p>", 1);
        _world.Time.Advance(TemplateBook.Freshness);
        Assert.Equal(2, (await other.FindAsync("spring", Channel.Email, default))!.Version);
    }

    [Fact]
    public async Task Data_are_never_read_as_Liquid_nor_as_HTML_and_lead_nowhere_but_the_web()
    {
        await SaveAsync("en", "<p>{{ data.a }}</p><p style=\"color:{{ data.c }}\"><a href=\"{{ data.b }}\">x</a></p>");
        var html = await SendAsync(
            "spring",
            """{"a":"<script>{{ sender.name }}</script>{% for i in (1..9) %}","b":"javascript:alert(1)","c":"red;background:url(https://evil.example)"}""");
        Assert.Contains("&lt;script&gt;{{ sender.name }}&lt;/script&gt;{% for", html, StringComparison.Ordinal);
        Assert.DoesNotContain("javascript:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% assign a = 'xxxxxxxxxx' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}")]
    [InlineData("{% assign a = 'xxxxxxxxxx' %}{% for i in (1..60) %}{% capture a %}{{ a }}{{ a }}{% endcapture %}{% endfor %}")]
    [InlineData("{% assign a = 'xxxxxxxxxx' %}{% for i in (1..60) %}{% assign a = a | replace: 'x', 'xxxxxxxxxx' %}{% endfor %}")]
    public async Task A_template_that_runs_away_is_stopped_and_its_message_fails(string html)
    {
        await SaveAsync("en", "<p>" + html + "</p>");
        var request = Request("spring", null);
        await _world.SubscribeAsync(CoreProduct.Email("ana@example.com"), "newsletter");
        await _world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(MessageStatus.Failed, (await _world.RecordAsync(request))!.Status);
        Assert.Empty(_world.Email.Emails);
    }

    [Fact]
    public async Task R23_A_template_goes_out_for_its_own_topic_only()
    {
        await SaveAsync("en", "<p>x</p>");
        await _world.SubscribeAsync(CoreProduct.Email("ana@example.com"), "promotions");
        var request = Request("spring", null) with { Topic = "promotions" };
        await _world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(MessageStatus.Failed, (await _world.RecordAsync(request))!.Status);
    }

    [Theory]
    [InlineData("x", 240_000)]
    [InlineData("<", 240_000)]
    [InlineData("Ж", 120_000)]
    [InlineData("退", 80_000)]
    [InlineData("📦", 20_000)] // As it is told where the limit is: 12 bytes.
    public async Task A_template_may_have_as_many_bytes_in_any_script(string letter, int most)
    {
        var seen = 0;
        foreach (var (length, expected) in ((int, TemplateSave)[])[(most, TemplateSave.Saved), (most * 9 / 8, TemplateSave.TooLarge)])
        {
            var text = string.Concat(Enumerable.Repeat(letter, length));
            var (result, _) = await _world.Templates.SaveAsync(
                Source("en", "<p>x</p>") with { Text = text }, Compiled("<p>x</p>") with { Text = text }, seen, "me", default);
            Assert.Equal((length, expected), (length, result));
            seen = 1;
        }

        Assert.Equal(
            most * letter.Length, (await _world.Templates.VersionAsync("spring", Channel.Email, 1, default))!.Source!.Text!.Length);
    }

    [Fact]
    public async Task A_template_that_was_stored_with_every_letter_escaped_is_read_as_it_was_written()
    {
        await SaveAsync("en", "<p>退</p>");
        var stored = (await _world.Templates.VersionAsync("spring", Channel.Email, 1, default))!;
        var former = JsonSerializer.SerializeToUtf8Bytes(stored, CoreJson.Default.TemplateVersion);
        Assert.True(former.AsSpan().IndexOf("\\u9000"u8) > 0);
        await _world.Tables.CommitAsync(
            Tables.Templates, Rows.TemplatePartition,
            [RowChange.Put(Rows.TemplateVersion("spring", Channel.Email, 1), former)]);
        Assert.Contains("退", await SendAsync("spring@1"), StringComparison.Ordinal);
    }

    private async Task<string> SendAsync(string template, string? data = null)
    {
        await _world.SubscribeAsync(CoreProduct.Email("ana@example.com"), "newsletter");
        await _world.Dispatcher.SendAsync(Request(template, data), false, default);
        return _world.Email.Emails[^1].Html!;
    }

    private SendRequest Request(string template, string? data) =>
        _world.Request(CoreProduct.Email("ana@example.com"), "newsletter") with
        {
            Template = template,
            Data = data is null ? null : JsonElement.Parse(data),
        };

    private async Task SaveAsync(string locale, string html, int seen = 0) =>
        Assert.Equal(
            TemplateSave.Saved, (await _world.Templates.SaveAsync(Source(locale, html), Compiled(html), seen, "me", default)).Result);

    private static CompiledTemplate Compiled(string html) =>
        TemplateLint.Check(Source("en", html), new Topic { Key = "newsletter", Name = "Newsletter" }).Compiled!;

    private static TemplateSource Source(string locale, string html) =>
        new()
        {
            Name = "spring",
            Topic = "newsletter",
            Channel = Channel.Email,
            Locale = locale,
            Subject = "Hello",
            Html = html,
            Text = "x",
        };
}

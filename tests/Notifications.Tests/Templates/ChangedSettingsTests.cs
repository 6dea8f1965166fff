using System.Text.Json;
using Notifications.Addresses;
using Notifications.Campaigns;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Storage;
using Notifications.Templates;
using Notifications.Tests.Campaigns;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;

namespace Notifications.Tests.Templates;

/// <summary>A template goes out under the rules that hold now, whatever they were when it was saved.</summary>
public sealed class ChangedSettingsTests
{
    private static readonly Topic Service = new() { Key = "orders", Name = "Orders", Kind = TopicKind.Transactional };
    private static readonly Topic Marketing = new() { Key = "orders", Name = "Orders" };
    private static readonly TemplateSource Bare = new()
    {
        Name = "spring",
        Topic = "orders",
        Channel = Channel.Email,
        Locale = "en",
        Layout = TemplateLayout.None,
        Subject = "Hello",
        Html = "<p>x</p><a href=\"{{ unsubscribeUrl }}\">Stop</a>",
        Text = "x {{ unsubscribeUrl }}",
    };

    [Fact]
    public async Task R18_R23_A_template_of_a_topic_that_became_marketing_goes_out_no_more_and_its_message_says_why_and_waits()
    {
        var world = new World(topics: [Marketing]);
        await SaveAsync(Before(world), Bare, Service);
        var set = (await world.Templates.FindAsync("spring", Channel.Email, default))!;
        Assert.Contains("postal address", set.Problem, StringComparison.Ordinal);
        Assert.Same(set, await world.Templates.FindAsync("spring", Channel.Email, default)); // Judged once.

        await world.SubscribeAsync(CoreProduct.Email("ana@example.com"), "orders");
        var request = world.Request(CoreProduct.Email("ana@example.com"), "orders") with { Template = "spring" };
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Empty(world.Email.Emails);
        var record = (await world.RecordAsync(request))!;
        Assert.Equal((MessageStatus.Queued, Reason.ProviderUnavailable), (record.Status, record.Reason));
        Assert.Contains(record.Timeline, e => e.Detail?.Contains("R23", StringComparison.Ordinal) == true);

        await SaveAsync(world.Templates, Bare with { Layout = TemplateLayout.Standard }, Marketing, seen: 1);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(request))!.Status);
    }

    [Fact]
    public async Task R18_R23_What_was_given_up_for_its_template_goes_out_when_that_is_corrected_and_its_letter_replayed()
    {
        var world = new World(new SendingOptions { MaxAttempts = 1 }, [Marketing]);
        await SaveAsync(Before(world), Bare, Service);
        await world.SubscribeAsync(CoreProduct.Email("ana@example.com"), "orders");
        var request = world.Request(CoreProduct.Email("ana@example.com"), "orders") with { Template = "spring" };
        var outcome = await world.Dispatcher.SendAsync(request, false, default);
        Assert.Equal(WorkResult.GiveUp, outcome.Result);
        Assert.Contains("R23", outcome.Why, StringComparison.Ordinal);
        await world.DeadLetters.KeepAsync(Queues.Send, SendQueue.BodyOf(request), 1, default);

        await SaveAsync(world.Templates, Bare with { Layout = TemplateLayout.Standard }, Marketing, seen: 1);
        Assert.Equal((1, 0), await world.DeadLetters.ReplayAllAsync(Queues.Send, default));
        await world.Dispatcher.SendAsync(Assert.Single(await world.TakeQueuedAsync()), false, default);
        Assert.Equal(MessageStatus.Sent, (await world.RecordAsync(request))!.Status);
    }

    [Theory]
    [InlineData(null), InlineData(600)]
    public async Task R18_R19_A_campaign_whose_template_a_setting_made_unfit_pauses_itself_and_goes_on_when_it_is_put_right(int? perHour)
    {
        var world = new CampaignWorld(o => o.Topics = [Service]);
        await SaveAsync(world.Get<TemplateBook>(), Bare, Service);
        await world.SubscribeAsync(0, 40, "orders");
        var campaign = await world.LaunchAsync(
            d => d with
            {
                Topic = "orders", Template = "spring", Audience = new Notifications.Audiences.Audience("orders", Channel.Email),
                Throttle = perHour is { } rate ? new CampaignThrottle(rate) : null,
            });
        world.Options.Topics = [Marketing];
        world.Restart();
        await world.PassAsync(TimeSpan.FromSeconds(10));
        var stats = await world.StatsAsync(campaign.Id);
        Assert.Equal((CampaignStatus.Paused, 40L, 0L), (stats.Status, stats.Deferred, stats.Failed));
        Assert.Contains("does not meet the rules", (await world.Desk.FindAsync(campaign.Id, default))!.Hold!.Why, StringComparison.Ordinal);
        Assert.Empty(world.Provider.Emails);

        world.Options.Topics = [Service];
        world.Restart();
        Assert.True((await world.Desk.ResumeAsync(campaign.Id, "service:test", default)).Done);
        Assert.Equal(40, (await world.CompleteAsync(campaign.Id)).Sent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task R50_A_text_that_offers_STOP_alone_goes_out_no_more_when_nobody_can_answer(bool twoWay)
    {
        var world = new World(topics: [Service]);
        var source = Bare with { Channel = Channel.Sms, Subject = null, Html = null, Text = "{{ sender.name }}: x. Reply STOP to stop." };
        var book = new TemplateBook(world.Tables, world.Topics, new SmsOptions { TwoWay = twoWay }, world.Sender, world.Time);
        await SaveAsync(book, source, Service);
        var set = (await book.FindAsync("spring@1", Channel.Sms, default))!;
        Assert.Equal(twoWay, set.Problem is null);
        Assert.True(twoWay || set.Problem!.Contains("(R50)", StringComparison.Ordinal), set.Problem);
    }

    [Fact]
    public async Task R23_A_language_that_is_in_order_still_goes_out_beside_one_that_is_not()
    {
        var world = new World(topics: [Marketing]);
        var before = Before(world);
        await SaveAsync(before, Bare, Service);
        await SaveAsync(before, Bare with { Locale = "de", Layout = TemplateLayout.Standard }, Service);
        await world.SubscribeAsync(CoreProduct.Email("ana@example.com"), "orders");
        var request = world.Request(CoreProduct.Email("ana@example.com"), "orders") with { Template = "spring", Locale = "de" };
        await world.Dispatcher.SendAsync(request, false, default);
        Assert.Contains(world.Sender.PostalAddress, Assert.Single(world.Email.Emails).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R23_A_campaign_with_a_template_that_does_not_meet_the_rules_any_more_is_not_launched_and_says_why()
    {
        var world = new CampaignWorld(o => o.Topics = [Marketing]);
        await SaveAsync(world.Get<TemplateBook>(), Bare, Service);
        var campaign = await world.DraftAsync(
            d => d with
            {
                Topic = "orders", Template = "spring", Audience = new Notifications.Audiences.Audience("orders", Channel.Email),
            });
        var outcome = await world.Desk.LaunchAsync(campaign.Id, null, "service:test", default);
        Assert.Equal(CampaignRefusal.NotReady, outcome.Refusal);
        Assert.Contains("The template spring (en) does not meet the rules that hold now: ", outcome.Why, StringComparison.Ordinal);
        Assert.Equal(CampaignStatus.Draft, (await world.Desk.FindAsync(campaign.Id, default))!.Status);
    }

    [Fact]
    public void R16_R23_R25_R50_R51_The_built_in_templates_meet_the_rules_under_every_setting()
    {
        var world = new World();
        var (mail, phone) = (CoreProduct.Email("ana@example.com"), CoreProduct.Phone("+14155552671"));
        var tried = 0;
        foreach (var kind in Enum.GetValues<TopicKind>())
        foreach (var twoWay in (bool[])[true, false])
        {
            string[] keys = [TopicKey.Newsletter, TopicKey.Promotions, TopicKey.PackageUpdates, "orders"];
            var topics = new TopicCatalog(keys.Select(k => new Topic { Key = k, Name = k, Kind = kind }));
            var renderer = new Renderer(
                new DefaultTemplates(), world.Links, world.Sender, topics, new SmsOptions { TwoWay = twoWay });
            foreach (var topic in topics.All)
            foreach (var template in (string?[])[null, .. DefaultTemplates.Names])
            foreach (var package in (string?[])[null, "RB123456785CN"])
            foreach (var locale in (string[])["en", "de", "zh-Hans"])
            {
                if (package is not null && topic.Key != TopicKey.PackageUpdates) continue;
                var request = world.Request(mail, topic.Key) with
                {
                    Template = template,
                    TrackingNumber = package,
                    Locale = locale,
                    Data = JsonSerializer.SerializeToElement(new { title = "Spring", description = "Delivered" }),
                };
                var email = renderer.Email(request, world.Ids.Derive(world.Ring.KeyOf(mail), "one"), topic, null);
                string[] must = topic.IsMarketing ? ["/u/", "/p/", world.Sender.PostalAddress] : ["/u/"];
                foreach (var part in (string[])[email.Html, email.Text])
                foreach (var what in must) Assert.Contains(what, part, StringComparison.Ordinal);
                var text = renderer.Sms(
                    request with { Channel = Channel.Sms, To = phone.Value }, world.Ids.Derive(world.Ring.KeyOf(phone), "one"), topic,
                    null).Text;
                var why = $"{topic.Key} {kind} {template} {package} {locale} two-way {twoWay}: {text}";
                Assert.True(
                    text.StartsWith(
                        world.Sender.Name + Notifications.Packages.PackageTexts.For(locale).Colon, StringComparison.Ordinal), why);
                Assert.True(twoWay == text.Contains("STOP", StringComparison.Ordinal), why);
                Assert.True((topic.IsMarketing || !twoWay) == text.Contains("/u/", StringComparison.Ordinal), why);
                tried++;
            }
        }

        Assert.True(tried > 200, $"{tried} tried.");
    }

    private static TemplateBook Before(World world) =>
        new(world.Tables, new TopicCatalog([Service]), new SmsOptions(), world.Sender, world.Time);

    private static async Task SaveAsync(TemplateBook book, TemplateSource source, Topic before, int seen = 0)
    {
        var compiled = TemplateLint.Check(source, before).Compiled!;
        Assert.Equal(TemplateSave.Saved, (await book.SaveAsync(source, compiled, seen, "me", default)).Result);
    }
}

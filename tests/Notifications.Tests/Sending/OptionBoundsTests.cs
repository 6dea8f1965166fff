using Notifications.Consent;
using Notifications.Sending;
using Notifications.Sms;

namespace Notifications.Tests.Sending;

/// <summary>
/// Settings at their bounds, which hold, and one step beyond, which are refused at start by name: a limit that is off by one is a promise
/// that is.
/// </summary>
public sealed class OptionBoundsTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public void Sending_takes_each_limit_at_its_bounds_and_refuses_it_beyond()
    {
        new SendingOptions().Validate();
        Bounds(v => new SendingOptions { MarketingCapCount = v }.Validate(), "MarketingCapCount", 0, 1000);
        Bounds(v => new SendingOptions { MarketingCapDays = v }.Validate(), "MarketingCapDays", 1, 365);
        Bounds(v => new SendingOptions { QuietUntilHour = v, QuietFromHour = 24 }.Validate(), "QuietUntilHour", 0, 23);
        Bounds(v => new SendingOptions { QuietUntilHour = 0, QuietFromHour = v }.Validate(), "QuietFromHour", 1, 24);
        Bounds(v => new SendingOptions { QuietUntilHour = 9, QuietFromHour = v }.Validate(), "QuietFromHour", 9, 24);
        Bounds(v => new SendingOptions { SoftBounceLimit = v }.Validate(), "SoftBounceLimit", 1, 30);
        Bounds(v => new SendingOptions { SoftBounceLimit = 1, SoftBounceDays = v }.Validate(), "SoftBounceDays", 1, 365);
        Bounds(v => new SendingOptions { SoftBounceLimit = 5, SoftBounceDays = v }.Validate(), "SoftBounceDays", 5, 365);
        Bounds(v => new SendingOptions { MaxAttempts = v }.Validate(), "MaxAttempts", 1, 100);
        Bounds(v => new SendingOptions { MaxPerSecond = v }.Validate(), "MaxPerSecond", 0, 100_000);
        Bounds(
            v => new SendingOptions { HandOffTimeout = v }.Validate(), "HandOffTimeout", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Bounds(v => new SendingOptions { GiveUpAfter = v }.Validate(), "GiveUpAfter", TimeSpan.FromHours(1), TimeSpan.FromDays(30));
        Bounds(v => new SendingOptions { ConfirmationWindow = v }.Validate(), "ConfirmationWindow", TimeSpan.Zero, TimeSpan.FromDays(30));
        Bounds(v => new SendingOptions { PolicyVersion = new string('1', v) }.Validate(), "PolicyVersion", 1, 64);
        Bounds(v => new SendingOptions { RequiredPolicyVersion = new string('1', v) }.Validate(), "RequiredPolicyVersion", 1, 64);
        Refused(() => new SmsOptions { StopScope = (StopScope)9 }.Validate(), "StopScope");
        Assert.Equal(TimeSpan.FromSeconds(75), new SendingOptions().Visibility);
    }

    [Fact]
    public void R52_A_window_of_a_region_opens_before_it_closes_on_at_least_one_day()
    {
        void Set(string region, int opens, int closes, params DayOfWeek[] days) =>
            new SendingOptions { QuietRegions = { [region] = new QuietWindow { Opens = opens, Closes = closes, Days = days } } }.Validate();
        Bounds(v => Set("FR", v, 24, DayOfWeek.Monday), "QuietRegions:FR", 0, 23);
        Bounds(v => Set("FR", 9, v, DayOfWeek.Monday), "QuietRegions:FR", 10, 24);
        Set("fr", 8, 21, DayOfWeek.Monday);
        Refused(() => Set("FRA", 8, 21, DayOfWeek.Monday), "QuietRegions:FRA");
        Refused(() => Set("33", 8, 21, DayOfWeek.Monday), "QuietRegions:33");
        Refused(() => Set("FR", 8, 21), "QuietRegions:FR");
    }

    [Fact]
    public void R56_Conversations_take_each_limit_at_its_bounds_and_refuse_it_beyond()
    {
        Bounds(v => new SmsOptions { ChoiceWindow = v }.Validate(), "ChoiceWindow", TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));
        Bounds(v => new SmsOptions { MessagesPerMonth = v }.Validate(), "MessagesPerMonth", 0, 100);
        Bounds(v => new SmsOptions { RepliesPerHour = v }.Validate(), "RepliesPerHour", 1, 20);
        Bounds(v => new SmsOptions { ProgrammeName = new string('x', v) }.Validate(), "ProgrammeName", 1, 40);
        Bounds(v => new SmsOptions { OwnNumbers = [new string('1', v)] }.Validate(), "OwnNumbers", 3, 16);
        Refused(() => new SmsOptions { ProgrammeName = "a\nb" }.Validate(), "ProgrammeName");
        Refused(() => new SmsOptions { OwnNumbers = ["55501", "+1800555010x"] }.Validate(), "OwnNumbers");
        Refused(() => new SmsOptions { OwnNumbers = ["+-18005550"] }.Validate(), "OwnNumbers");
        Refused(() => new SmsOptions { OwnNumbers = ["x55501"] }.Validate(), "OwnNumbers");
        Refused(() => new SmsOptions { ProviderAnswersStop = ["+1 800 555 0100"] }.Validate(), "ProviderAnswersStop");
        new SmsOptions
        {
            OwnNumbers = ["+18005550100", "55501"],
            ProviderAnswersStop = ["+18005550100"],
            StopScope = StopScope.Clarification,
        }.Validate();
    }

    [Fact]
    public void R23_The_sender_has_a_name_a_postal_address_and_addresses_that_are_some()
    {
        new SenderOptions().Validate();
        Bounds(v => new SenderOptions { Name = new string('x', v) }.Validate(), "Name", 1, 60);
        Bounds(v => new SenderOptions { SmsFrom = new string('1', v) }.Validate(), "SmsFrom", 3, 6);
        Bounds(v => new SenderOptions { SmsFrom = new string('x', v) }.Validate(), "SmsFrom", 1, 11);
        Refused(() => new SenderOptions { Name = "a\rb" }.Validate(), "Name");
        Refused(() => new SenderOptions { PostalAddress = "  " }.Validate(), "PostalAddress");
        Refused(() => new SenderOptions { MarketingFrom = "news" }.Validate(), "MarketingFrom");
        foreach (var contact in (string[])["", "zzz", "javascript:alert(1)", "mailto:help@example.com", "https://", "18005550100x"])
            Refused(() => new SenderOptions { Contact = contact }.Validate(), "Contact");
        foreach (var contact in (string[])["help@parcel.example", "https://parcel.example/help", "+1 800 555 0199"])
            new SenderOptions { Contact = contact }.Validate();
        Refused(() => new SenderOptions { TransactionalFrom = "parcels" }.Validate(), "TransactionalFrom");
    }

    [Theory]
    [InlineData("mail@example.com", "mail@example.com")]
    [InlineData("Mail@Example.com", "mail@example.COM")]
    public void R17_Marketing_and_transactional_mail_come_from_different_addresses_unless_one_is_shared_by_name(
        string marketing, string transactional)
    {
        Refused(() => new SenderOptions { MarketingFrom = marketing, TransactionalFrom = transactional }.Validate(), "MarketingFrom");
        new SenderOptions { MarketingFrom = marketing, TransactionalFrom = transactional, SharedFrom = true }.Validate();
        new SenderOptions { MarketingFrom = "news." + marketing, TransactionalFrom = transactional }.Validate();
    }

    [Fact]
    public void M15_The_published_policy_version_is_the_required_one_where_none_is_named_and_never_an_older_one()
    {
        Assert.Equal(
            ("1", "2026-02", "2026-03"),
            (new SendingOptions().PolicyVersion, new SendingOptions { RequiredPolicyVersion = "2026-02" }.PolicyVersion,
                new SendingOptions { RequiredPolicyVersion = "2026-02", PolicyVersion = "2026-03" }.PolicyVersion));
        new SendingOptions { RequiredPolicyVersion = "2026-02", PolicyVersion = "2026-02" }.Validate();
        foreach (var published in (string[])["2026-01", "v3"])
            Refused(() => new SendingOptions { RequiredPolicyVersion = "2026-02", PolicyVersion = published }.Validate(), "PolicyVersion");
    }

    [Fact]
    public void M5_A_configured_topic_is_taken_at_its_bounds_and_refused_beyond_with_its_key()
    {
        Bounds(v => _ = new TopicCatalog([new Topic { Key = "surveys", CapDays = v }]), "'surveys' needs CapDays", 1, 365);
        Bounds(v => _ = new TopicCatalog([new Topic { Key = "surveys", CapCount = v }]), "'surveys' needs CapDays", 0, 1000);
        Bounds(v => _ = new TopicCatalog([new Topic { Key = new string('k', v) }]), "is not a topic key", 1, 32);
        _ = new TopicCatalog([new Topic { Key = "surveys", Name = new string('n', 100) }]);
        Refused(() => _ = new TopicCatalog([new Topic { Key = "surveys", Name = new string('n', 101) }]), "needs a Name");
        Refused(() => _ = new TopicCatalog([new Topic { Key = "surveys", Name = "two\nlines" }]), "needs a Name");
        foreach (var key in (string[])["-a", "a-", "a--b", "A", "a_b", "é"])
            Refused(() => _ = new TopicCatalog([new Topic { Key = key }]), "is not a topic key");
        foreach (var key in (string[])["a-b-2", "9"]) Assert.NotNull(new TopicCatalog([new Topic { Key = key }]).Find(key));
    }

    [Fact]
    public void M5_Configured_topics_come_after_the_built_in_ones_or_in_their_place()
    {
        var topics = new TopicCatalog([new Topic { Key = "surveys" }, new Topic { Key = TopicKey.Promotions, Name = "Offers" }]);
        Assert.Equal([TopicKey.PackageUpdates, TopicKey.Promotions, TopicKey.Newsletter, "surveys"], topics.All.Select(t => t.Key));
        Assert.Equal("package-updates, promotions, newsletter, surveys", topics.Known);
        Assert.Equal(("Offers", "surveys"), (topics.Find(TopicKey.Promotions)!.Name, topics.Find("surveys")!.Name));
        Assert.Equal("Parcels", new TopicCatalog([new Topic { Key = TopicKey.PackageUpdates, Name = "Parcels" }]).All[0].Name);
        Assert.All(new TopicCatalog().All, t => Assert.NotEmpty(t.Description));
        Assert.Equal(
            (TopicKind.Transactional, false),
            (topics.Find(TopicKey.PackageUpdates)!.Kind, topics.Find(TopicKey.PackageUpdates)!.DoubleOptIn));
        Assert.True(topics.Find("surveys") is { IsMarketing: true, DoubleOptIn: true }); // The stricter.
        Assert.Null(topics.Find(null));
        Assert.Null(topics.Find("nothing"));
    }

    private static void Bounds(Action<int> set, string name, int least, int most) => Bounds(set, name, least, most, least - 1, most + 1);

    private static void Bounds(Action<TimeSpan> set, string name, TimeSpan least, TimeSpan most) =>
        Bounds(set, name, least, most, least - Tick, most + Tick);

    private static void Bounds<T>(Action<T> set, string name, T least, T most, T below, T above)
    {
        set(least);
        set(most);
        Refused(() => set(below), name);
        Refused(() => set(above), name);
    }

    private static void Refused(Action set, string name)
    {
        var message = Assert.Throws<ArgumentException>(set).Message;
        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.DoesNotContain("must be .", message, StringComparison.Ordinal); // The remedy.
    }
}

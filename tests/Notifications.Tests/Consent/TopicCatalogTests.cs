using Notifications.Addresses;
using Notifications.Consent;

namespace Notifications.Tests.Consent;

/// <summary>What can be a topic, and what is told of one (R1, R24).</summary>
public sealed class TopicCatalogTests
{
    [Theory]
    [InlineData(1, 0, "Surveys", true)]
    [InlineData(365, 1000, "Surveys", true)]
    [InlineData(0, 5, "Surveys", false)]
    [InlineData(366, 5, "Surveys", false)]
    [InlineData(7, -1, "Surveys", false)]
    [InlineData(7, 1001, "Surveys", false)]
    [InlineData(7, 5, "Sur\nveys", false)]
    public void A_setting_out_of_its_bounds_is_refused_and_names_the_topic(int days, int count, string name, bool fits)
    {
        TopicCatalog Made() => new([new Topic { Key = "surveys", Name = name, CapDays = days, CapCount = count }]);
        if (fits) Assert.Equal((days, count), (Made().Find("surveys")!.CapDays, Made().Find("surveys")!.CapCount));
        else Assert.Contains("'surveys'", Assert.Throws<ArgumentException>(Made).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_has_a_hundred_characters_at_most_and_where_none_is_given_the_key_is_the_name()
    {
        Assert.Equal("surveys", new TopicCatalog([new Topic { Key = "surveys" }]).Find("surveys")!.Name);
        Assert.NotNull(new TopicCatalog([new Topic { Key = "surveys", Name = new string('n', 100) }]).Find("surveys"));
        Assert.Throws<ArgumentException>(() => new TopicCatalog([new Topic { Key = "surveys", Name = new string('n', 101) }]));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("news-2", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyz-12345", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyz-123456", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("-news", false)]
    [InlineData("news-", false)]
    [InlineData("news--2", false)]
    [InlineData("News", false)]
    [InlineData("news_2", false)]
    [InlineData("n\u00e9ws", false)]
    public void A_key_is_1_to_32_lower_case_letters_digits_and_single_hyphens(string? key, bool valid) =>
        Assert.Equal(valid, TopicKey.IsValid(key));

    [Fact]
    public void A_built_in_topic_that_is_configured_takes_the_place_it_had()
    {
        var topics = new TopicCatalog([new Topic { Key = TopicKey.PackageUpdates, Name = "Parcels" }, new Topic { Key = "surveys" }]);

        Assert.Equal("package-updates, promotions, newsletter, surveys", topics.Known);
        Assert.Equal(["Parcels", "Promotions", "Newsletter", "surveys"], topics.All.Select(t => t.Name));
        Assert.Equal("Package updates", new TopicCatalog().All[0].Name);
    }

    [Fact]
    public void P6_A_topic_of_the_settings_is_told_by_them_also_where_the_record_holds_it_and_a_former_one_by_its_key()
    {
        var topics = new TopicCatalog();
        var state = new AddressState
        {
            Channel = Channel.Email,
            Subscriptions =
            [
                new Subscription(TopicKey.Newsletter, SubscriptionStatus.Subscribed, default, "form"),
                new Subscription("former", SubscriptionStatus.Subscribed, default, "form"),
            ],
        };

        Assert.Same(topics.Find(TopicKey.Newsletter), topics.Find(TopicKey.Newsletter, state));
        Assert.Equal("former", topics.Find("former", state)!.Key);
        Assert.Null(topics.Find("other", state));
        Assert.Null(topics.Find(null, state));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void R26_What_nobody_proved_waits_for_its_confirmation_whatever_the_topic_needs(bool doubleOptIn)
    {
        var topic = new Topic { Key = "surveys", Name = "Surveys", DoubleOptIn = doubleOptIn, CapCount = 3 };
        var unproven = topic.Unproven();

        Assert.Equal((true, "surveys", "Surveys", 3), (unproven.DoubleOptIn, unproven.Key, unproven.Name, unproven.CapCount));
        Assert.Equal(doubleOptIn, ReferenceEquals(topic, unproven));
    }
}

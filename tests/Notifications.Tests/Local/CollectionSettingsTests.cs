using System.Collections;
using Microsoft.Extensions.Configuration;
using Notifications.Consent;
using Notifications.Functions.Communication;
using Notifications.Functions.Hosting;
using Notifications.Local;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Tests.Functions;

namespace Notifications.Tests.Local;

/// <summary>
/// Settings that are lists: what is configured stands in place of the default, in both hosts. .NET's binder adds it to what a list holds
/// already.
/// </summary>
public sealed class CollectionSettingsTests
{
    [Theory]
    [InlineData("Local")]
    [InlineData("Azure")]
    public void P6_Only_the_sources_that_are_configured_are_trusted(string host)
    {
        var unset = Read(host).Watches;
        Assert.True(unset.Trusts("partner"));
        Assert.False(unset.Trusts(WatchOptions.PublicForm));

        var watches = Read(host, ("Watches:TrustedSources:0", "checkout")).Watches;
        Assert.True(watches.Trusts("checkout"));
        Assert.False(watches.Trusts("partner"));
        Assert.True(Read(
            host, ("Watches:TrustedSources:0", "*"),
            ("Watches:TrustedSources:1", WatchOptions.PublicForm)).Watches.Trusts(WatchOptions.PublicForm));
    }

    [Theory]
    [InlineData("Local", "DE")]
    [InlineData("Azure", "DE")]
    [InlineData("Local", "de")]
    [InlineData("Azure", "de")]
    public void R52_A_region_is_open_on_its_configured_days_alone_however_its_letters_are_written(string host, string region)
    {
        var sending = Read(
            host, ($"Sending:QuietRegions:{region}:Opens", "10"), ($"Sending:QuietRegions:{region}:Days:0", "Monday")).Sending;
        sending.Validate();
        // Ten in Berlin.
        DateTimeOffset tuesday = new(2026, 6, 2, 12, 0, 0, TimeSpan.Zero), monday = new(2026, 6, 8, 8, 0, 0, TimeSpan.Zero);
        Assert.Equal(monday, QuietHours.NextOpening(tuesday, null, "DE", sending));
        Assert.Null(QuietHours.NextOpening(tuesday, null, "DE", Read(host, ($"Sending:QuietRegions:{region}:Opens", "10")).Sending));
    }

    [Theory]
    [InlineData("Local")]
    [InlineData("Azure")]
    public void M14_The_access_export_names_the_configured_processors_and_no_others(string host)
    {
        Assert.Equal(["Acme Mail: the address"], Read(host, ("Privacy:Processors:0", "Acme Mail: the address")).Privacy.Recipients);
        Assert.Contains(
            Read(host).Privacy.Recipients, p => p.StartsWith("Microsoft (Azure Communication Services)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Local", "Senders")]
    [InlineData("Azure", "Senders")]
    [InlineData("Local", "Sending:RequiredPolicyVersoin")]
    [InlineData("Azure", "Sending:RequiredPolicyVersoin")]
    [InlineData("Azure", "Email:MaxPerMinut")]
    [InlineData("Azure", "Sms:MaxPerMinut")]
    public void M15_A_setting_that_does_not_exist_stops_the_start_and_is_named(string host, string name)
    {
        var why = Assert.Throws<ArgumentException>(() => Read(host, (name, "2026-01-01"))).Message;
        Assert.Contains("no such setting", why, StringComparison.Ordinal);
        Assert.Contains(name.Split(':')[^1], why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Local", "Sender:Adress", "Notifications__Sender__Adress", "PostalAddress")]
    [InlineData("Azure", "Watches:MaxPendig", "Notifications__Watches__MaxPendig", "MaxPending")]
    [InlineData("Azure", "Email:MaxPerMinut", "Notifications__Email__MaxPerMinut", "MaxPerMinute")]
    [InlineData("Local", "Sending:QuietRegions:DE:Opnes", "Notifications__Sending__QuietRegions__N__Opnes", "Opens")]
    public void M15_A_setting_that_does_not_exist_is_named_whole_with_those_that_there_are(
        string host, string name, string whole, string meant)
    {
        var why = Assert.Throws<ArgumentException>(() => Read(host, (name, "1"))).Message;
        Assert.StartsWith($"There is no such setting: {whole}. Under ", why, StringComparison.Ordinal);
        Assert.Contains(meant, why[(whole.Length + 30)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Local", "Sending", "true", "Notifications__Sending has a value, and is no setting by itself: under Notifications__Sending__ there")]
    [InlineData("Azure", "Sender", "x", "Notifications__Sender has a value")]
    [InlineData("Azure", "Sending:QuietRegions:DE", "9", "Notifications__Sending__QuietRegions__DE has a value")]
    [InlineData("Local", "Topics", "surveys", "Notifications__Topics has a value")]
    [InlineData("Local", "Sending:Hold", "", "Notifications__Sending__Hold is empty")]
    [InlineData("Azure", "sending:hold", "", "Notifications__sending__hold is empty")]
    [InlineData("Azure", "Sending:HandOffTimeout", "", "Notifications__Sending__HandOffTimeout is empty")]
    public void M15_A_value_where_settings_stand_and_a_switch_that_is_empty_stop_the_start(
        string host, string name, string value, string said) =>
        Assert.StartsWith(said, Assert.Throws<ArgumentException>(() => Read(host, (name, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Local")]
    [InlineData("Azure")]
    public void A_setting_that_may_be_left_out_may_be_empty(string host)
    {
        Assert.Null(Read(host, ("Sms:TwoWay", ""), ("Sending", "")).Sms.TwoWay);
    }

    [Theory]
    [InlineData("Local")]
    [InlineData("Azure")]
    public void A_setting_of_the_wrong_type_stops_the_start_and_is_named_and_its_value_is_not_repeated(string host)
    {
        var why = Assert.Throws<ArgumentException>(() => Read(host, ("Sending:HandOffTimeout", "canary"))).ToString();
        Assert.Contains("Notifications:Sending:HandOffTimeout has a value of the wrong type", why, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Local", "Sms:StopScope", "Some", "must be All or Clarification")]
    [InlineData("Azure", "Sms:StopScope", "Some", "must be All or Clarification")]
    [InlineData("Local", "Topics:0:Kind", "Promo", "must be Transactional or Marketing")]
    [InlineData("Azure", "Topics:0:Kind", "Promo", "must be Transactional or Marketing")]
    [InlineData("Local", "Sending:QuietRegions:FR:Days:0", "Funday", "must be Sunday, Monday, Tuesday, Wednesday, Thursday, Friday or Saturday")]
    [InlineData("Azure", "Topics:0:CapDays", "x", "has a value of the wrong type")]
    public void M15_A_word_that_a_setting_does_not_know_is_answered_with_those_that_it_knows(
        string host, string name, string value, string said) =>
        Assert.StartsWith(
            $"Notifications:{name} {said}", Assert.Throws<ArgumentException>(() => Read(host, (name, value))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("UK", false)]
    [InlineData("XX", false)]
    [InlineData("FRA", false)]
    [InlineData("GB", true)]
    [InlineData("gb", true)]
    public void R52_A_window_of_a_region_that_no_number_is_of_stops_the_start(string region, bool stands)
    {
        var sending = new SendingOptions { QuietRegions = { [region] = new QuietWindow() } };
        if (stands) sending.Validate();
        else
            Assert.StartsWith(
                $"Notifications:Sending:QuietRegions:{region} must be a region of ISO 3166 such as FR, or GB for the United Kingdom",
                Assert.Throws<ArgumentException>(sending.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void M5_A_topic_that_is_configured_twice_stops_the_start()
    {
        Assert.Equal(
            "Notifications:Topics:1: 'surveys' is there twice; leave one of them out.",
            Assert.Throws<ArgumentException>(() => new TopicCatalog([new() { Key = "surveys" }, new() { Key = "surveys" }])).Message);
        Assert.Equal("Letters", new TopicCatalog([new() { Key = TopicKey.Newsletter, Name = "Letters" }]).Find(TopicKey.Newsletter)!.Name);
    }

    [Theory]
    [InlineData("Local", false)]
    [InlineData("Azure", true)]
    public void R47_Behind_a_toll_free_number_stands_a_carrier_on_Azure_unless_the_settings_say_otherwise(string host, bool answers)
    {
        Assert.Equal(answers, Read(host).Sms.TollFreeAnswersStop);
        Assert.Equal(answers, Read(host, ("Sms:ProgrammeName", "Parcels")).Sms.TollFreeAnswersStop);
        Assert.Equal(!answers, Read(host, ("Sms:TollFreeAnswersStop", answers ? "false" : "true")).Sms.TollFreeAnswersStop);
    }

    [Fact]
    public void No_list_holds_a_default_that_the_configured_would_be_added_to() =>
        Assert.Empty(
            ((object[])[new NotificationsOptions(), new QuietWindow(), new Topic(), new CommunicationOptions()]).SelectMany(Filled));

    private static IEnumerable<string> Filled(object options) =>
        options.GetType().GetProperties().Where(p => p.CanWrite).SelectMany(p => p.GetValue(options) switch
        {
            string => [],
            IEnumerable list => list.Cast<object>().Any() ? [$"{options.GetType().Name}.{p.Name}"] : [],
            { } inner when inner.GetType() is { IsClass: true, Namespace: { } place }
                && place.StartsWith("Notifications", StringComparison.Ordinal) =>
                Filled(inner),
            _ => (IEnumerable<string>)[],
        });

    private static NotificationsOptions Read(string host, params (string Name, string Value)[] settings)
    {
        (string, string?)[] named = [.. settings.Select(s => ("Notifications:" + s.Name, (string?)s.Value))];
        if (host == "Azure") return AppSettings.Read(AzureHost.Settings(named)).Options;
        var path = Directory.CreateTempSubdirectory("notifications-").FullName;
        try
        {
            return Settings.Read(AzureHost.Settings(named), new LocalOptions(), DataDirectory.Open(path));
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }
}

using Microsoft.Extensions.Configuration;
using Notifications.Local;

namespace Notifications.Tests.Local;

public sealed class LocalOptionsTests
{
    private const string Key = "0123456789abcd=f";

    [Fact]
    public void Options_are_read_with_a_space_or_an_equals_sign()
    {
        var options = LocalOptions.Parse(["--urls=http://127.0.0.1:5000", "--data", "/tmp/x", "--demo", "--api-key", Key]);
        Assert.Equal(("http://127.0.0.1:5000", "/tmp/x", true, Key), (options.Urls, options.Data, options.Demo, options.ApiKey));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("0123456789abcde")]
    [InlineData("0123456789abcdef g")]
    public void M12_A_key_that_can_be_guessed_does_not_open_everything(string key)
    {
        foreach (var refused in (Action[])[() => LocalOptions.Parse(["--api-key", key]), () => _ = new LocalOptions { ApiKey = key }])
            Assert.Contains("at least 16 characters", Assert.Throws<ArgumentException>(refused).Message, StringComparison.Ordinal);
        Assert.Equal("0123456789abcdef", LocalOptions.Parse(["--api-key=0123456789abcdef"]).ApiKey); // The shortest.
    }

    [Theory]
    [InlineData(256, "", true)]
    [InlineData(257, "", false)]
    [InlineData(20, "\t", false)]
    [InlineData(20, "\n", false)]
    [InlineData(20, "\u00a0", false)]
    public void M12_A_key_that_no_request_could_carry_is_refused_at_the_start(int length, string end, bool taken)
    {
        var key = new string('k', length) + end;
        if (taken) Assert.Equal(key, LocalOptions.Parse(["--api-key", key]).ApiKey);
        else
            Assert.Contains(
                "at most 256", Assert.Throws<ArgumentException>(() => LocalOptions.Parse(["--api-key", key])).Message,
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port", "--port")]
    [InlineData("run", "run")]
    public void An_unknown_option_is_named_with_the_way_to_the_list(string argument, string named)
    {
        var wrong = Assert.Throws<ArgumentException>(() => LocalOptions.Parse([argument]));
        Assert.Contains(named, wrong.Message, StringComparison.Ordinal);
        Assert.Contains("--help", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("banana")]
    [InlineData("ftp://127.0.0.1:21")]
    [InlineData("http://127.0.0.1:7071;banana")]
    public void An_address_that_cannot_be_listened_on_is_refused_by_the_name_of_its_option(string urls) =>
        Assert.Contains(
            "--urls", Assert.Throws<ArgumentException>(() => LocalOptions.Parse(["--urls", urls])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("http://*:7071")]
    [InlineData("http://+:7071;http://0.0.0.0:7072")]
    [InlineData("http://[::]:7071")]
    public void Every_address_may_be_listened_on(string urls) => Assert.Equal(urls, LocalOptions.Parse(["--urls", urls]).Urls);

    [Theory]
    [InlineData("http://*:7071", "http://127.0.0.1:7071")]
    [InlineData("http://+:7071;http://10.0.0.1:7072", "http://127.0.0.1:7071")]
    [InlineData("http://0.0.0.0:7071", "http://127.0.0.1:7071")]
    [InlineData("http://[::]:7071", "http://127.0.0.1:7071")]
    [InlineData("http://localhost:80", "http://localhost")]
    [InlineData("http://10.0.0.1:7072/", "http://10.0.0.1:7072")]
    public void Links_and_the_banner_name_an_address_that_can_be_opened(string urls, string opened)
    {
        var directory = Directory.CreateTempSubdirectory("notifications-");
        try
        {
            var options = LocalOptions.Parse(["--urls", urls]);
            Assert.Equal(opened, options.Address);
            var settings = Settings.Read(new ConfigurationBuilder().Build(), options, DataDirectory.Open(directory.FullName));
            Assert.Equal(opened, settings.PublicUrl);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://127.0.0.1:0/")]
    [InlineData("http://localhost:0;http://127.0.0.1:0")]
    [InlineData("http://*:0;http://127.0.0.1:7071")]
    public void Port_0_of_any_address_is_a_free_port_which_links_name(string urls)
    {
        var options = new LocalOptions { Urls = Settings.FreePort(urls) };
        var ports = options.Urls.Split(';').Select(u => u.TrimEnd('/')[(u.LastIndexOf(':') + 1)..]).ToList();
        Assert.DoesNotContain("0", ports);
        Assert.Distinct(ports);
        Assert.EndsWith(":" + ports[0], options.Address, StringComparison.Ordinal);
        Assert.Equal("http://127.0.0.1:7071/", Settings.FreePort("http://127.0.0.1:7071/"));
    }

    [Fact]
    public void An_address_with_TLS_is_refused_with_who_ends_it() =>
        Assert.Contains(
            "TLS is ended by a proxy",
            Assert.Throws<ArgumentException>(() => LocalOptions.Parse(["--urls", "http://127.0.0.1:1;https://127.0.0.1:2"])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void An_empty_directory_name_is_refused_by_the_name_of_its_option() =>
        Assert.StartsWith(
            "--data must name a directory", Assert.Throws<ArgumentException>(() => LocalOptions.Parse(["--data", ""])).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("--data")]
    [InlineData("--data", "--demo")]
    public void An_option_without_its_value_is_refused(params string[] arguments) =>
        Assert.Throws<ArgumentException>(() => LocalOptions.Parse(arguments));

    [Fact]
    public void The_usage_names_every_option()
    {
        foreach (var name in new[]
        {
            "--urls",
            "--data",
            "--api-key",
            "--public-url",
            "--email",
            "--storage",
            "--storage-prefix",
            "--demo",
            "--rotate-keys",
            "--help",
        })
        {
            Assert.Contains("  " + name, LocalOptions.Usage, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("UseDevelopmentStorage=true", "Shop")]
    [InlineData("UseDevelopmentStorage=true", "1shop")]
    [InlineData("UseDevelopmentStorage=true", "my-shop")]
    [InlineData("UseDevelopmentStorage=true", "abcdefghijklmnopqrstu")]
    [InlineData(null, "shop")]
    public async Task A_prefix_that_Azure_would_refuse_or_that_has_no_account_stops_the_start(string? storage, string prefix)
    {
        var directory = Directory.CreateTempSubdirectory("notifications-");
        try
        {
            var options = new LocalOptions { Storage = storage, StoragePrefix = prefix };
            var wrong = await Assert.ThrowsAsync<ArgumentException>(
                async () => await Store.OpenAsync(options, DataDirectory.Open(directory.FullName)));
            Assert.Contains("--storage-prefix", wrong.Message, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Secrets_are_made_once_and_only_their_owner_can_read_them()
    {
        var path = Directory.CreateTempSubdirectory("notifications-").FullName;
        try
        {
            var begun = DataDirectory.Open(path);
            Assert.True(begun.IsNewRing);
            Assert.False(DataDirectory.Open(path).IsNewRing);
            var (first, made) = begun.ApiKey();
            var (second, again) = DataDirectory.Open(path).ApiKey();
            Assert.Equal((first, true, false), (second, made, again));
            Assert.Equal(1, DataDirectory.Open(path).KeyRing("local").Current);
            Assert.Equal(2, DataDirectory.Open(path).RotateKeys("local"));
            Assert.Equal([1, 2], DataDirectory.Open(path).KeyRing("local").Ids);
            if (!OperatingSystem.IsWindows())
                Assert.All(
                    Directory.GetFiles(path),
                    file =>
                        Assert.Equal(
                            UnixFileMode.UserRead | UnixFileMode.UserWrite,
                            OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file)));
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Notifications.Local;

namespace Notifications.Tests.Local;

/// <summary>The log of a small server, which an operator watches by the names that docs/operate.md says.</summary>
public sealed class LogLinesTests
{
    [Fact]
    public void An_entry_is_one_line_with_its_time_its_level_and_its_name_also_where_the_message_and_the_exception_have_several()
    {
        Assert.Equal(
            "2026-03-02 12:00:00Z fail DeadLetterKept: An item was given up.\n",
            Written(new LogEntry<string>(LogLevel.Error, "Notifications.Sending.DeadLetters", new EventId(120, "DeadLetterKept"),
                "An item was given up.", null, static (text, _) => text)));
        Assert.Equal(
            "2026-03-02 12:00:00Z warn Some.Category: two lines System.InvalidOperationException: one more\n",
            Written(new LogEntry<string>(LogLevel.Warning, "Some.Category", default, "two\nlines",
                new InvalidOperationException("one\r\nmore"), static (text, _) => text)));
    }

    [Fact]
    public void A_start_that_fails_says_so_in_its_own_last_words_alone() =>
        Assert.Equal("", Written(new LogEntry<string>(
            LogLevel.Error, "Microsoft.Extensions.Hosting.Internal.Host", new EventId(11, "HostedServiceStartupFaulted"),
            "Hosting failed to start", new IOException("address already in use"), static (text, _) => text)));

    private static string Written(LogEntry<string> entry)
    {
        using var to = new StringWriter { NewLine = "\n" };
        new LogLines(new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero))).Write(entry, null, to);
        return to.ToString();
    }
}

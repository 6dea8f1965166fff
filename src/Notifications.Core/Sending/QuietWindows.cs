using System.Collections.Frozen;

namespace Notifications.Sending;

/// <summary>When marketing texts may arrive: local hours and days of the week.</summary>
public sealed class QuietWindow
{
    /// <summary>Local hour at which the window opens, 0 to 23.</summary>
    public int Opens { get; set; } = 8;

    /// <summary>Local hour at which it closes, 1 to 24.</summary>
    public int Closes { get; set; } = 21;

    /// <summary>
    /// Days on which it opens at all. Null, the default, is every day: days that stood here would stay beside the configured ones.
    /// </summary>
    public DayOfWeek[]? Days { get; set; }

    /// <summary>Its days as a set of bits: bit 0 is Sunday.</summary>
    internal int DayBits => Days?.Aggregate(0, (bits, day) => bits | 1 << (int)day) ?? 127;
}

/// <summary>
/// The windows that come with the product, by ISO 3166 region. Elsewhere the configured hours hold. Where both speak, the narrower counts;
/// a configured region stands in place of a row here. A lawyer's word is worth more than this table.
/// </summary>
internal static class QuietWindows
{
    public static readonly FrozenDictionary<string, QuietWindow> BuiltIn = new Dictionary<string, QuietWindow>
    {
        // 47 CFR 64.1200(c)(1): 8 a.m. to 9 p.m. at the called party's location.
        ["US"] = new() { Opens = 8, Closes = 21 },

        // French operators' rules for commercial SMS: none from 20:00 to 8:00, none on Sundays.
        ["FR"] = new()
        {
            Opens = 8,
            Closes = 20,
            Days = [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday, DayOfWeek.Saturday],
        },

        // TRAI, TCCCPR 2018: promotional messages between 10:00 and 21:00.
        ["IN"] = new() { Opens = 10, Closes = 21 },
    }.ToFrozenDictionary(StringComparer.Ordinal);
}

using Notifications.Addresses;

namespace Notifications.Counting;

/// <summary>What kind of thing is counted.</summary>
internal enum MeasureKind : byte
{
    /// <summary>What a message came to.</summary>
    Message,

    /// <summary>A ledger entry.</summary>
    Consent,

    /// <summary>A provider's report.</summary>
    Report,
}

/// <summary>One thing that is counted. Topics, channels and reasons only: nothing of a person.</summary>
internal readonly record struct Measure(MeasureKind Kind, string What, string Why, string Topic, Channel Channel)
{
    /// <summary>
    /// As it is stored: <c>message/{outcome}/{reason}/{channel}/{topic}</c>, <c>consent/{action}/{channel}/{topic}</c>,
    /// <c>report/{outcome}/{channel}</c>.
    /// </summary>
    public string Name => Kind switch
    {
        MeasureKind.Message => $"message/{What}/{Why}/{Channel.Name()}/{Topic}",
        MeasureKind.Consent => $"consent/{What}/{Channel.Name()}/{Topic}",
        _ => $"report/{What}/{Channel.Name()}",
    };
}

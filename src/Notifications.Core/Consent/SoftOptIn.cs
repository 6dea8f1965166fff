namespace Notifications.Consent;

/// <summary>
/// The soft opt-in (R37; Directive 2002/58/EC, article 13(2)): marketing to a customer without an opt-in, about what is similar to what was
/// sold, where it could be refused when the address was taken and can be in each message. Off unless
/// <see cref="Sending.SendingOptions.SoftOptIn"/> says otherwise, and asked for anew at each send.
/// </summary>
public static class SoftOptIn
{
    /// <summary>
    /// What the request's basis is called, and the beginning of the source of a subscription that rests on it. No other way of recording a
    /// consent may use this word.
    /// </summary>
    public const string Basis = "soft-opt-in";

    /// <summary>What the evidence must hold: the sale that the address was taken at, as a text.</summary>
    public const string Sale = "sale";

    /// <summary>What the evidence must say with <c>true</c>: what will be advertised is similar to what was sold.</summary>
    public const string SimilarProducts = "similarProducts";

    /// <summary>What the evidence must say with <c>true</c>: the person could refuse, free of charge, when the address was taken.</summary>
    public const string RefusalOffered = "refusalOffered";

    /// <summary>Whether a consent of this source is none, but rests on this.</summary>
    public static bool Is(string? source) => source is not null && source.StartsWith(Basis, StringComparison.OrdinalIgnoreCase);

    /// <summary>The source as the record keeps it: the ground, and where the address was taken.</summary>
    public static string SourceOf(string where) => $"{Basis}: {where}";
}

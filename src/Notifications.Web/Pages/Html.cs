using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Notifications.Web.Pages;

/// <summary>Markup that is safe to write: literals as they stand, every hole encoded unless it is markup itself.</summary>
internal readonly partial record struct Html(string Value)
{
    public static readonly Html None = new("");

    // Every script is written as it is; only what HTML gives a meaning is escaped.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Markup from an interpolated string: <c>Html.Of($"&lt;p&gt;{text}&lt;/p&gt;")</c>.</summary>
    public static Html Of(Writer writer) => new(writer.ToString());

    /// <summary>
    /// A text whose address stays together: where it does not fit it goes to a line of its own, and where it is longer than that, it is
    /// <see cref="Broken(string)"/>. What follows it in its sentence, a full stop or a colon, stays with its end.
    /// </summary>
    public static Html Breaking(string text)
    {
        var (pieces, at) = (new List<Html>(), 0);
        foreach (Match found in Address().Matches(text))
        {
            var address = Broken(found.Groups["at"].Value, found.Groups["end"].Value);
            pieces.Add(Of($"{text[at..found.Index]}<span class=\"address\">{address}</span>"));
            at = found.Index + found.Length;
        }

        return Join([.. pieces, Of($"{text[at..]}")]);
    }

    /// <summary>An address that breaks after its @ or before a dot, and not in the middle of a word or at its hyphens.</summary>
    public static Html Broken(string address) => Broken(address, "");

    private static Html Broken(string address, string end)
    {
        var pieces = Break().Split(address);
        return new(string.Join("<wbr>", pieces.Select((piece, index) => Piece(piece, index == pieces.Length - 1 ? end : "").Value)));
    }

    // What is longer than a line of a small phone breaks where it must.
    private static Html Piece(string piece, string end) =>
        piece.Length <= 24 && (end.Length > 0 || piece.Contains('-', StringComparison.Ordinal))
            ? Of($"<span class=\"whole\">{piece}{end}</span>")
            : Of($"{piece}{end}");

    /// <summary>The pieces one after another.</summary>
    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(p => p.Value)));

    public override string ToString() => Value ?? "";

    // Behind the @ and before a dot.
    [GeneratedRegex(@"(?<=@)|(?=\.[\p{L}\p{N}])")]
    private static partial Regex Break();

    // Among words that run the other way it is isolated. A Korean particle stands at the word itself, and French has a space before its
    // colon that breaks no line.
    [GeneratedRegex(
        @"(?<at>\u2068?[A-Za-z0-9.!#$%&'*+/=?^_`{|}~•-]+@[A-Za-z0-9.-]*[A-Za-z0-9])"
        + @"(?<end>(?:[\u00A0\u202F]?[^\s\p{L}\p{N}]|[\uAC00-\uD7A3])*)")]
    private static partial Regex Address();

    [InterpolatedStringHandler]
    internal readonly struct Writer(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _text = new(literalLength + formattedCount * 24);

        public void AppendLiteral(string literal) => _text.Append(literal);

        public void AppendFormatted(Html markup) => _text.Append(markup.Value);

        public void AppendFormatted(string? text)
        {
            if (text is not null) _text.Append(Encoder.Encode(text));
        }

        public void AppendFormatted(int number) => _text.Append(number.ToString(CultureInfo.InvariantCulture));

        public void AppendFormatted(long number) => _text.Append(number.ToString(CultureInfo.InvariantCulture));

        public override string ToString() => _text.ToString();
    }
}

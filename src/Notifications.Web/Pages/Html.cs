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
    /// <see cref="Broken"/>.
    /// </summary>
    public static Html Breaking(string text) => Join(text.Split(' ').Select(static (word, index) => Of(
        $"{(index == 0 ? "" : " ")}{(word.Contains('@', StringComparison.Ordinal) ? Address(word) : Of($"{word}"))}")));

    /// <summary>An address that breaks after its @ or before a dot, and not in the middle of a word.</summary>
    public static Html Broken(string address) =>
        new(Dot().Replace(Encoder.Encode(address), "<wbr>.").Replace("@", "@<wbr>", StringComparison.Ordinal));

    // What follows it in its sentence, a full stop or a colon, is not of it.
    private static Html Address(string word)
    {
        var end = word.Length;
        while (!char.IsLetterOrDigit(word[end - 1]) && word[end - 1] != '@') end--;
        return Of($"<span class=\"address\">{Broken(word[..end])}</span>{word[end..]}");
    }

    /// <summary>The pieces one after another.</summary>
    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(p => p.Value)));

    public override string ToString() => Value ?? "";

    // Not one that ends the sentence.
    [GeneratedRegex(@"\.(?=[\p{L}\p{N}])")]
    private static partial Regex Dot();

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

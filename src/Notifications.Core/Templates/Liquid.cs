using System.Text;
using System.Text.Encodings.Web;
using Fluid;
using Fluid.Values;

namespace Notifications.Templates;

/// <summary>
/// The sandbox that stored templates run in: no files, no objects of ours, at most 100,000 steps, 20 levels, values of 100,000 characters
/// and an output of 1,000,000. Data are values; they are never read as Liquid.
/// </summary>
internal static partial class Liquid
{
    /// <summary>The longest value a template may build, in characters.</summary>
    public const int LongestValue = 100_000;

    /// <summary>The longest output, in characters.</summary>
    public const int LongestOutput = 1_000_000;

    /// <summary>The longest range a loop may go over.</summary>
    public const int LongestRange = 10_000;

    /// <summary>The filter that lets a link through only where it leads to the web, to mail or to a phone.</summary>
    public const string LinkFilter = "safe_link";

    /// <summary>The filter that keeps of a value what a colour, a length or a word of CSS can have.</summary>
    public const string StyleFilter = "safe_style";

    // In characters. One builder to a thread: a message's parts are rendered one after the other.
    private const int LargestSpare = 16 * 1024;

    [ThreadStatic]
    private static StringBuilder? _spare;

    /// <summary>Limits and filters.</summary>
    public static readonly TemplateOptions Options = Sandboxed();

    /// <summary>Parses a template; null gives null.</summary>
    /// <exception cref="TemplateException">It is not Liquid.</exception>
    public static IFluidTemplate? Parse(string? text) =>
        text is null
            ? null
            : TryParse(text, out var template, out var error)
                ? template
                : throw new TemplateException($"The template is not valid Liquid: {error}");

    /// <summary>Parses a template, or says what is wrong with it and where.</summary>
    public static bool TryParse(string text, out IFluidTemplate template, out string error)
    {
        // A range is built whole before the first step is counted: a hundred million numbers would be made in memory.
        foreach (System.Text.RegularExpressions.Match range in Range().Matches(text))
        {
            if (int.TryParse(range.Groups[1].ValueSpan, out var from)
                && int.TryParse(range.Groups[2].ValueSpan, out var to)
                && (long)to - from <= LongestRange)
            {
                continue;
            }

            template = null!;
            error = $"A range must be between two numbers, at most {LongestRange} apart: {range.Value}";
            return false;
        }

        return Grammar.Parser.TryParse(text, out template, out error);
    }

    /// <summary>Renders within the limits.</summary>
    /// <exception cref="TemplateException">The template fails or goes over a limit.</exception>
    public static string Render(IFluidTemplate template, TemplateContext context, TextEncoder encoder)
    {
        var builder = _spare ?? new StringBuilder(4096);
        _spare = null;
        try
        {
            using var writer = new BoundedWriter(builder);
            // A string is written to: nothing is waited for.
            template.RenderAsync(writer, context, encoder, true).AsTask().GetAwaiter().GetResult();
            return builder.ToString();
        }
        catch (Exception broken)
            when (broken is InvalidOperationException
                or ParseException or FormatException or ArgumentException or ArithmeticException or IOException or InvalidCastException
                or NotSupportedException)
        {
            throw new TemplateException($"The template cannot be rendered ({broken.GetType().Name}).", broken);
        }
        finally
        {
            if (builder.Capacity <= LargestSpare) _spare = builder.Clear();
        }
    }

    [System.Text.RegularExpressions.GeneratedRegex(
        @"\(\s*([^\s().]+)\s*\.\.\s*([^\s()]+)\s*\)", System.Text.RegularExpressions.RegexOptions.CultureInvariant)]
    private static partial System.Text.RegularExpressions.Regex Range();

    private static TemplateOptions Sandboxed()
    {
        var options = new TemplateOptions { MaxSteps = 100_000, MaxRecursion = 20, TimeZone = TimeZoneInfo.Utc };
        options.Assigned = static (_, value, _) => ValueTask.FromResult(Bounded(value));
        options.Captured = static (_, value, _) => ValueTask.FromResult(Bounded(value));
        foreach (var name in (string[])[
            "append", "prepend", "replace", "replace_first", "replace_last", "join", "newline_to_br", "escape", "url_encode",
        ])
        {
            if (!options.Filters.TryGetValue(name, out var filter)) continue;
            options.Filters.AddFilter(name, async (input, arguments, context) =>
            {
                // What would come out at most is known before it is made: every character may be replaced.
                var longest = (long)input.ToStringValue().Length;
                if (name.StartsWith("replace", StringComparison.Ordinal)) longest *= Math.Max(1, arguments.At(1).ToStringValue().Length);
                if (longest > LongestValue) throw TooLong();
                return Bounded(await filter(input, arguments, context));
            });
        }

        options.Filters.AddFilter(
            LinkFilter, static (input, _, _) => ValueTask.FromResult<FluidValue>(new StringValue(SafeLink(input.ToStringValue()))));
        options.Filters.AddFilter(
            StyleFilter,
            static (input, _, _) =>
                ValueTask.FromResult<FluidValue>(
                    new StringValue(
                        string.Concat(
                            input.ToStringValue().Where(
                                c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '#' or '%' or '.' or ',' or '-')))));
        return options;
    }

    private static FluidValue Bounded(FluidValue value) =>
        value is StringValue && value.ToStringValue().Length > LongestValue ? throw TooLong() : value;

    private static TemplateException TooLong() => new($"The template builds a value of more than {LongestValue} characters.");

    // What has no scheme stays relative; a scheme is what stands before the first colon that no slash, question mark or hash precedes (RFC
    // 3986 section 3.1).
    private static string SafeLink(string link)
    {
        var text = link.Trim();
        var end = text.AsSpan().IndexOfAny(":/?#");
        if (end < 0 || text[end] != ':') return text;
        return text[..end].ToLowerInvariant() is "https" or "http" or "mailto" or "tel" or "sms" ? text : "#";
    }

    // Apart, because making it takes longer than the rest of a start: only what parses needs it.
    private static class Grammar
    {
        public static readonly FluidParser Parser = new();
    }

    private sealed class BoundedWriter : StringWriter
    {
        public BoundedWriter(StringBuilder builder) : base(builder, System.Globalization.CultureInfo.InvariantCulture) { }

        public override void Write(char value)
        {
            Check(1);
            base.Write(value);
        }

        public override void Write(string? value)
        {
            Check(value?.Length ?? 0);
            base.Write(value);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            Check(count);
            base.Write(buffer, index, count);
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            Check(buffer.Length);
            base.Write(buffer);
        }

        public override Task WriteAsync(char value)
        {
            Write(value);
            return Task.CompletedTask;
        }

        public override Task WriteAsync(string? value)
        {
            Write(value);
            return Task.CompletedTask;
        }

        public override Task WriteAsync(char[] buffer, int index, int count)
        {
            Write(buffer, index, count);
            return Task.CompletedTask;
        }

        public override Task WriteAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return Task.CompletedTask;
        }

        private void Check(int more)
        {
            if (GetStringBuilder().Length + more > LongestOutput)
                throw new TemplateException($"The template makes more than {LongestOutput} characters.");
        }
    }
}

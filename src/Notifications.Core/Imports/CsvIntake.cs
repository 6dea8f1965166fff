using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Notifications.Imports;

/// <summary>Why a file cannot be imported at all.</summary>
/// <param name="Row">The row that is in the way; the header is 1.</param>
/// <param name="Byte">Which byte of the file, from 1; null where it cannot be told.</param>
/// <param name="Message">What is wrong, in words.</param>
public sealed record ImportFailure(long Row, long? Byte, string Message);

/// <summary>
/// Takes a file in as it arrives and keeps it in pieces of whole rows, as UTF-8 without a byte order mark, whatever it came as. Memory
/// stays flat whatever the length of the file or of a row: the first thing that makes the file unusable ends the keeping, and the rest is
/// read away.
/// </summary>
/// <param name="keepAsync">Keeps a piece, by its number from 1.</param>
/// <param name="options">How large a piece and a row may be.</param>
internal sealed class CsvIntake(
    Func<int, ReadOnlyMemory<byte>, CancellationToken, ValueTask> keepAsync, ImportOptions options) : IDisposable
{
    // Rows of a few bytes would make a piece of very many.
    private const int MaxPartRows = 20_000;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> _part = new(options.PartBytes + (128 << 10));
    private readonly byte[] _carry = new byte[4];
    private CsvScanner _scanner;
    private Encoding? _wide;
    private Decoder? _decoder;
    private int _carried;
    private bool _begun;
    private int _rowBytes;
    private int _whole; // bytes of the part up to the end of its last whole row
    private long _kept; // the row that the part begins with
    private long _decoded; // bytes of the file that became text

    /// <summary>How many pieces were kept.</summary>
    public int Parts { get; private set; }

    /// <summary>Bytes of the file as they were sent.</summary>
    public long Bytes { get; private set; }

    /// <summary>The row that is being read; the header is 1.</summary>
    public long Row { get; private set; } = 1;

    /// <summary>Rows that are not blank, besides the header.</summary>
    public long Rows { get; private set; }

    /// <summary>The header's row: 1, or more where blank rows stand above it.</summary>
    public long HeaderRow { get; private set; } = 1;

    /// <summary>The header's bytes, once it is whole.</summary>
    public byte[]? Header { get; private set; }

    /// <summary>The byte between cells.</summary>
    public byte Delimiter => _scanner.Delimiter;

    /// <summary>Why the file cannot be used, or null.</summary>
    public ImportFailure? Failure { get; private set; }

    /// <summary>SHA-256 over the file as it was sent, base64. Once, at the end.</summary>
    public string Hash() => Convert.ToBase64String(_hash.GetHashAndReset());

    /// <summary>Takes the next bytes.</summary>
    public async ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        _hash.AppendData(bytes.Span);
        Bytes += bytes.Length;
        while (bytes.Length > 0 && Failure is null)
        {
            // In slices, so that the part in memory grows past its size by no more than one of them.
            var slice = bytes[..Math.Min(bytes.Length, 64 << 10)];
            bytes = bytes[slice.Length..];
            Decode(slice.Span, flush: false);
            if (_whole >= options.PartBytes || Row - _kept >= MaxPartRows) await KeepAsync(cancel);
        }
    }

    /// <summary>The file has ended.</summary>
    public async ValueTask EndAsync(CancellationToken cancel)
    {
        if (Failure is null) Decode([], flush: true);
        if (Failure is null && _scanner.Open)
            Fail("has a quote that is opened and never closed: close it, and write a quote within a quoted cell twice");
        if (Failure is null && _rowBytes > 0) EndRow();
        if (Failure is null && Header is null) Fail("is missing: the file is empty, and its first row must name the columns");
        if (Failure is null) _whole = _part.WrittenCount;
        if (_whole > 0) await KeepAsync(cancel); // Also of a file that is cut off somewhere: a preview shows what there is.
    }

    public void Dispose() => _hash.Dispose();

    private void Decode(ReadOnlySpan<byte> raw, bool flush)
    {
        if (!_begun)
        {
            // The mark is at most three bytes; a file of fewer is read when it ends.
            if (_carried + raw.Length < 3 && !flush)
            {
                raw.CopyTo(_carry.AsSpan(_carried));
                _carried += raw.Length;
                return;
            }

            byte[] head = [.. _carry.AsSpan(0, _carried), .. raw];
            _begun = true;
            _carried = 0;
            raw = head;
            if (raw.StartsWith(Encoding.UTF8.Preamble)) raw = Skip(raw, 3);
            else if (raw.StartsWith(Encoding.Unicode.Preamble) || raw.StartsWith(Encoding.BigEndianUnicode.Preamble))
            {
                _wide = new UnicodeEncoding(raw[0] == 0xFE, byteOrderMark: false, throwOnInvalidBytes: true);
                _decoder = _wide.GetDecoder();
                raw = Skip(raw, 2);
            }
        }

        if (_decoder is null) DecodeUtf8(raw, flush);
        else DecodeUtf16(raw, flush);
    }

    private ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> raw, int mark)
    {
        _decoded += mark;
        return raw[mark..];
    }

    private void DecodeUtf8(ReadOnlySpan<byte> raw, bool flush)
    {
        // A character that was cut by the end of the last slice is completed first.
        while (_carried > 0 && Failure is null && raw.Length > 0)
        {
            _carry[_carried++] = raw[0];
            raw = raw[1..];
            if (Rune.DecodeFromUtf8(_carry.AsSpan(0, _carried), out _, out _) is var status && status == OperationStatus.NeedMoreData)
                continue;
            var whole = _carried;
            _carried = 0;
            if (status == OperationStatus.Done) Take(_carry.AsSpan(0, whole), whole);
            else NotUtf8();
        }

        if (Failure is not null) return;
        var cut = 0;
        for (var back = 1; back <= Math.Min(3, raw.Length); back++)
        {
            if ((raw[^back] & 0xC0) == 0x80) continue;
            if (Rune.DecodeFromUtf8(raw[^back..], out _, out _) == OperationStatus.NeedMoreData) cut = back;
            break;
        }

        var text = raw[..^cut];
        if (Utf8.IsValid(text)) Take(text, text.Length);
        else
        {
            var valid = 0;
            while (Rune.DecodeFromUtf8(text[valid..], out _, out var used) == OperationStatus.Done) valid += used;
            Take(text[..valid], valid);
            if (Failure is null) NotUtf8();
        }

        raw[^cut..].CopyTo(_carry);
        _carried = cut;
        if (flush && _carried > 0 && Failure is null) NotUtf8();
    }

    private void NotUtf8() => Fail("is not UTF-8: save the file as 'CSV UTF-8', or as UTF-16 with a byte order mark", _decoded + 1);

    private void DecodeUtf16(ReadOnlySpan<byte> raw, bool flush)
    {
        var chars = ArrayPool<char>.Shared.Rent(raw.Length + 4);
        var bytes = ArrayPool<byte>.Shared.Rent((raw.Length + 4) * 3);
        try
        {
            var count = _decoder!.GetChars(raw, chars, flush);
            var written = Encoding.UTF8.GetBytes(chars.AsSpan(0, count), bytes);
            Take(bytes.AsSpan(0, written), raw.Length);
        }
        catch (DecoderFallbackException)
        {
            Fail("is not valid UTF-16: it holds half of a character", _decoded + 1);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Take(ReadOnlySpan<byte> text, int of)
    {
        var rest = _scanner.RestOfEnd(text);
        text = text[rest..];
        if (_wide is null) _decoded += rest;
        while (text.Length > 0)
        {
            var ended = _scanner.TryEndRow(text, out var length, out var consumed);
            var nul = text[..length].IndexOf((byte)0);
            if (nul >= 0)
            {
                Fail(
                    "holds a NUL: this is not text; save the file as 'CSV UTF-8', or as UTF-16 with a byte order mark",
                    _wide is null ? _decoded + nul + 1 : null);
                return;
            }

            _rowBytes += length;
            if (_rowBytes > options.MaxRowBytes)
            {
                Fail($"is longer than {options.MaxRowBytes} bytes: shorten it, or close a quote that was left open");
                return;
            }

            _part.Write(text[..consumed]);
            text = text[consumed..];
            if (_wide is null) _decoded += consumed;
            if (ended) EndRow();
        }

        if (_wide is not null) _decoded += of;
    }

    private void EndRow()
    {
        if (Header is not null)
        {
            if (_rowBytes > 0) Rows++;
        }
        else
        {
            // Blank rows above the header are nothing, but they count.
            var header = _part.WrittenSpan[_whole..].Trim("\r\n"u8);
            if (_scanner.Delimiter == 0 && CsvScanner.NamedIn(header) is > 0 and var named)
            {
                _scanner.Delimiter = named;
                Blank(header.Length);
            }
            else if (header.Length > 0)
            {
                Header = header.ToArray();
                HeaderRow = Row;
                if (_scanner.Delimiter == 0) _scanner.Delimiter = CsvScanner.DelimiterOf(header);
                if (_scanner.Malformed) Fail("has a quote where none may stand");
            }
        }

        _scanner.NextRow();
        _whole = _part.WrittenCount;
        _rowBytes = 0;
        if (Failure is null) Row++;
    }

    // Its line end stays, so that the numbers of the rows below it hold.
    private void Blank(int length)
    {
        byte[] kept = [.. _part.WrittenSpan[.._whole], .. _part.WrittenSpan[(_whole + length)..]];
        _part.ResetWrittenCount();
        _part.Write(kept);
    }

    private async ValueTask KeepAsync(CancellationToken cancel)
    {
        var rest = _part.WrittenSpan[_whole..].ToArray();
        await keepAsync(Parts + 1, _part.WrittenMemory[.._whole], cancel);
        Parts++;
        _kept = Row;
        _part.ResetWrittenCount();
        _part.Write(rest);
        _whole = 0;
    }

    private void Fail(string problem, long? at = null)
    {
        Failure = new ImportFailure(Row, at, at is null ? $"Row {Row} {problem}." : $"Row {Row}, byte {at}, {problem}.");
    }
}

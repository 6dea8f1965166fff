using System.Globalization;
using PhoneNumbers;

namespace Notifications.Addresses;

/// <summary>
/// One phone number in E.164 form, for example <c>+14155552671</c>. The length must be possible for its country; whether a carrier
/// has assigned it only a delivery report can tell.
/// </summary>
public readonly record struct PhoneNumber
{
    private const string Rule = "must be one phone number in international form such as +14155552671";

    private PhoneNumber(string value, string region)
    {
        Value = value;
        Region = region;
    }

    /// <summary>E.164: a plus sign and up to 15 digits.</summary>
    public string Value { get; }

    /// <summary>
    /// ISO 3166 region of the number. Where several share its country code and the plan does not tell which it is of, that code, such as
    /// <c>+1</c> (<see cref="RegionsOf"/>); <c>ZZ</c> where the code is of no region.
    /// </summary>
    public string Region { get; }

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>
    /// Reads a number in international form, with a plus sign or 00 before its country, as people write it (<see cref="PhoneText"/>); on
    /// failure <paramref name="problem"/> says what would be right.
    /// </summary>
    public static bool TryParse(string? input, out PhoneNumber number, out string problem)
    {
        number = default;
        problem = Rule;
        if (PhoneText.Read(input ?? "") is not { } text)
        {
            if (PhoneText.LetterOf(input ?? "") is { } letter) problem = $"{Rule}, without the letter {letter}";
            return false;
        }

        var library = PhoneNumberUtil.GetInstance();
        PhoneNumbers.PhoneNumber parsed;
        try
        {
            parsed = library.Parse(text, null);
        }
        catch (NumberParseException)
        {
            return false;
        }

        // Mexico dropped the 1 between its code and a mobile number in August 2019 (the IFT's numbering plan, as libphonenumber notes it);
        // carriers still write it.
        if (parsed is { CountryCode: 52, NationalNumber: > 1_20000_00000 and < 2_00000_00000 })
        {
            var today = string.Create(CultureInfo.InvariantCulture, $"+52{parsed.NationalNumber - 1_00000_00000}");
            return TryParse(today, out number, out problem);
        }

        if (library.IsPossibleNumberWithReason(parsed) != PhoneNumberUtil.ValidationResult.IS_POSSIBLE) return false;
        var value = library.Format(parsed, PhoneNumberFormat.E164);
        if (value.Length > 16) return false; // Some plans call longer numbers possible; E.164 does not carry them.

        // A trunk zero too many is stripped one at a time: a number that would be read differently again has no one key, so it is refused.
        if (text != value && (!TryParse(value, out var again, out _) || again.Value != value)) return false;
        problem = "";
        number = new PhoneNumber(value, RegionOf(library, parsed));
        return true;
    }

    /// <summary>
    /// Of the forms in which one phone's number stands in lists and sends its texts, the one that stands for the phone; most have no other.
    /// Argentina: with the 9 between the country code and a mobile number, which texts are sent and received without too (ENACOM's plan
    /// gives the ten digits after it to one subscriber alone; libphonenumber takes both as valid). Brazil: with the ninth digit that Anatel
    /// set before all mobile numbers by 2016, where the number without it can be nobody else's: libphonenumber still knows eight digits
    /// that begin with 7. Mexico: without the 1 that was dropped in 2019.
    /// </summary>
    internal static string OneForm(string value) => value switch
    {
        ['+', '5', '4', >= '1' and <= '3', ..] when value.Length == 13 => "+549" + value[3..],
        ['+', '5', '5', _, _, '6' or '8' or '9', ..] when value.Length == 13 => string.Concat(value.AsSpan(0, 5), "9", value.AsSpan(5)),
        ['+', '5', '2', '1', ..] when value.Length == 14 => "+52" + value[4..],
        _ => value,
    };

    /// <summary>The other form of a number that is written in its <see cref="OneForm"/>; null where it has none.</summary>
    internal static string? OtherForm(string one) => one switch
    {
        ['+', '5', '4', '9', >= '1' and <= '3', ..] when one.Length == 14 => "+54" + one[4..],
        ['+', '5', '5', _, _, '9', '6' or '8' or '9', ..] when one.Length == 14 => string.Concat(one.AsSpan(0, 5), one.AsSpan(6)),
        ['+', '5', '2', >= '2' and <= '9', ..] when one.Length == 13 => "+521" + one[3..],
        _ => null,
    };

    /// <summary>Whether numbers are of a region, by its ISO 3166 code in letters of either case.</summary>
    internal static bool IsRegion(string code) => PhoneNumberUtil.GetInstance().GetSupportedRegions().Contains(code.ToUpperInvariant());

    /// <summary>The regions that share a country code such as <c>+1</c>.</summary>
    internal static IReadOnlyList<string> RegionsOf(string code) =>
        PhoneNumberUtil.GetInstance().GetRegionCodesForCountryCode(
            int.Parse(code, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));

    /// <summary>The region of an address that is a phone number, as numbering plans are known today; null of any other.</summary>
    internal static string? RegionOf(Address address) =>
        address.Channel == Channel.Sms && TryParse(address.Value, out var phone, out _) ? phone.Region : null;

    private static string RegionOf(PhoneNumberUtil library, PhoneNumbers.PhoneNumber parsed)
    {
        if (library.GetRegionCodeForNumber(parsed) is { } region and not "001") return region;
        return library.GetRegionCodesForCountryCode(parsed.CountryCode).Count > 1
            ? string.Create(CultureInfo.InvariantCulture, $"+{parsed.CountryCode}")
            : "ZZ";
    }
}

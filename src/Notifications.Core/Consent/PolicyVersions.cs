namespace Notifications.Consent;

/// <summary>
/// The order of policy versions (M15): as text, but a run of digits counts as the number it is, so that v9 comes before v10 and 2026-9
/// before 2026-10. Where one goes on with a number and the other does not, as 2026-11 and v3, they are of two schemes and have no order.
/// </summary>
public static class PolicyVersions
{
    /// <summary>
    /// Below zero when <paramref name="one"/> is the older; null where they have no order. No version is older than any.
    /// </summary>
    public static int? Compare(string? one, string? other)
    {
        if (one is null || other is null) return (one is null ? 0 : 1) - (other is null ? 0 : 1);
        var (i, j) = (0, 0);
        while (i < one.Length && j < other.Length)
        {
            if (char.IsAsciiDigit(one[i]) != char.IsAsciiDigit(other[j])) return null;
            if (char.IsAsciiDigit(one[i]))
            {
                var x = Number(one, ref i);
                var y = Number(other, ref j);
                if (x.Length != y.Length) return x.Length - y.Length;
                if (x.SequenceCompareTo(y) is not 0 and var order) return order;
            }
            else if (one[i++] - other[j++] is not 0 and var order)
            {
                return order;
            }
        }

        return (one.Length - i) - (other.Length - j);
    }

    // Without zeros in front: of two that are left the longer is the larger.
    private static ReadOnlySpan<char> Number(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        return text.AsSpan(start, at - start).TrimStart('0');
    }
}

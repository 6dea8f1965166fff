using Notifications.Addresses;

namespace Notifications.Web.Http;

/// <summary>
/// Reads "one of email and phone", with an optional channel that must then agree. Where the caller takes something third in place of them,
/// the error names it.
/// </summary>
internal static class AddressInput
{
    /// <summary>
    /// Reads it. The prefix ends with a dot where the two are members of a member, and else makes a longer name of each, such as newEmail.
    /// </summary>
    public static Address? Read(
        FieldErrors errors, string prefix, string? email, string? phone, string? channel = null, string? third = null)
    {
        var (emailField, phoneField) = Fields(prefix);
        if (email is null == phone is null)
        {
            var other = phoneField[(phoneField.LastIndexOf('.') + 1)..];
            errors.Add(
                emailField,
                email is not null ? $"and {other} exclude each other; send one request for each"
                : third is null ? $"or {other} is required"
                : $"or {other} or {third} is required");
            if (channel is not null && ChannelNames.Parse(channel) is null) errors.Add("channel", "must be email or sms");
            return null;
        }

        var actual = email is null ? Channel.Sms : Channel.Email;
        if (channel is not null && ChannelNames.Parse(channel) is not { } asked) errors.Add("channel", "must be email or sms");
        else if (channel is not null && ChannelNames.Parse(channel) != actual)
            errors.Add("channel", $"must be {actual.Name()} for this address, or be left out");
        if (Address.TryParse(actual, email ?? phone, out var address, out var problem)) return address;
        errors.Add(email is null ? phoneField : emailField, problem);
        return null;
    }

    /// <summary>Refuses an address of ours where messages are to go to it.</summary>
    public static void NotOurs(FieldErrors errors, OurAddresses ours, string prefix, Address? address)
    {
        if (address is not { } named || !ours.Has(named)) return;
        var (email, phone) = Fields(prefix);
        errors.Add(named.Channel == Channel.Email ? email : phone, OurAddresses.Problem);
    }

    private static (string Email, string Phone) Fields(string prefix) => prefix is "" or [.., '.']
        ? (prefix + "email", prefix + "phone")
        : (prefix + "Email", prefix + "Phone");

    /// <summary>The address of a body or, where that has none, of the query; not of both.</summary>
    public static Address? Either(HttpContext http, FieldErrors errors, string? email, string? phone)
    {
        if ((email ?? phone) is null) return Query(http, errors);
        foreach (var name in http.Request.Query.Keys.Where(static k => k is "email" or "phone"))
            errors.Add(name, "of the query and the address in the body exclude each other; send one request for each");
        return Read(errors, "", email, phone);
    }

    /// <summary>Reads the address of a request from its query.</summary>
    public static Address? Query(HttpContext http, FieldErrors errors, string? third = null)
    {
        var query = http.Request.Query;

        // A plus sign in a query means a space, so an unescaped +1415... arrives as " 1415...": what was meant is plain.
        var phone = query.TryGetValue("phone", out var p) ? p.ToString() : null;
        if (phone is not null && phone.StartsWith(' ')) phone = "+" + phone.TrimStart();
        // Of an email address no space at its ends is meant: the plus sign stands before the @, and after something.
        return Read(errors, "", query.TryGetValue("email", out var e) ? e.ToString().Trim().Replace(' ', '+') : null, phone, third: third);
    }
}

using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Packages;
using Notifications.Web.Pages;

namespace Notifications.Web.Subscribe;

/// <summary>
/// What was entered on the sign-up form, and what is wrong with it: each problem with the field it belongs to, in the page's language.
/// </summary>
internal sealed record Signup(
    string Email, string Phone, string Package, string? Age, IReadOnlySet<string> Ticked,
    IReadOnlyList<(string Field, string Problem)> Problems)
{
    /// <summary>The mailbox, when boxes are ticked for it and it is one.</summary>
    public Address? Mailbox { get; private init; }

    /// <summary>The phone, likewise.</summary>
    public Address? Mobile { get; private init; }

    /// <summary>The package to follow, or null.</summary>
    public TrackingNumber? Number { get; private init; }

    /// <summary>The person says to be under age, by the form's own choice or in years (R38).</summary>
    public bool IsMinor => Age == "minor" || Notifications.Consent.Age.IsUnder(Age) == true;

    /// <summary>A form that nobody has filled in yet: no box is ticked (R30).</summary>
    public static Signup Blank(string? package, Texts texts) => Read(package, texts, null, [], null);

    /// <summary>Reads and checks a sent form.</summary>
    public static Signup Read(PublicForm form, TopicCatalog topics, OurAddresses ours, bool requireAge, Texts texts) =>
        Read(form["package"], texts, form, topics.All, ours, requireAge);

    public static string Box(Channel channel, string topic) => $"topic-{channel.Name()}-{topic}";

    public static string WatchBox(Channel channel) => "watch-" + channel.Name();

    /// <summary>Once a day is enough; it says how often, and asks for nothing by itself.</summary>
    public static string DailyBox(Channel channel) => "daily-" + channel.Name();

    /// <summary>
    /// Whether the number was typed on this page, which has no boxes for it yet: once it is right they are shown, for nothing is agreed to
    /// unseen (M1).
    /// </summary>
    public const string Typed = "typed";

    /// <summary>The first box of a channel, which stands for all of them where none is ticked.</summary>
    public static string FirstBox(Channel channel, IReadOnlyList<Topic> topics, TrackingNumber? number) =>
        number is null ? Box(channel, topics[0].Key) : WatchBox(channel);

    // Checked is what was sent, and not what nobody has filled in.
    private static Signup Read(string? package, Texts texts, PublicForm? form, IReadOnlyList<Topic> topics, OurAddresses? ours,
        bool requireAge = false)
    {
        var problems = new List<(string, string)>();
        TrackingNumber? number = null;
        if (!string.IsNullOrWhiteSpace(package))
        {
            if (TrackingNumber.TryParse(package, out var parsed, out _)) number = parsed;
            else problems.Add(("package", texts.PackageError));
        }

        var ticked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var channel in (Channel[])[Channel.Email, Channel.Sms])
        {
            foreach (var topic in topics)
                if (form?[Box(channel, topic.Key)] == "yes") ticked.Add(Box(channel, topic.Key));
            if (form?[WatchBox(channel)] == "yes") ticked.Add(WatchBox(channel));
            if (form?[DailyBox(channel)] == "yes") ticked.Add(DailyBox(channel));
        }

        var email = Entered(form?["email"]);
        var phone = Entered(form?["phone"]);
        Address? mailbox = null, mobile = null;
        if (ours is not null)
        {
            var byEmail = ticked.Any(t => IsOf(Channel.Email, t));
            var bySms = ticked.Any(t => IsOf(Channel.Sms, t));
            if (byEmail || email.Length > 0)
            {
                if (!Address.TryParse(Channel.Email, email, out var address, out _)) problems.Add(("email", texts.EmailError));
                else if (ours.Has(address)) problems.Add(("email", texts.OursError));
                else mailbox = byEmail ? address : null;
            }

            if (bySms || phone.Length > 0)
            {
                if (!Address.TryParse(Channel.Sms, phone, out var address, out _))
                    problems.Add(("phone", Pages.Problems.OfPhone(phone, texts)));
                else if (ours.Has(address)) problems.Add(("phone", texts.OursError));
                else mobile = bySms ? address : null;
            }

            var wrong = problems.Exists(static p => p.Item1 == "package");
            if (number is not null && form?[Typed] == "yes") problems.Add((WatchBox(Channel.Email), texts.PackageFound));
            else if (!byEmail && !bySms && !wrong) problems.Add((FirstBox(Channel.Email, topics, number), texts.ChoiceError));
            var age = form?["age"] is { Length: > 0 } stated ? stated : null;
            if (age is null ? requireAge : age is not ("adult" or "minor") && Notifications.Consent.Age.IsUnder(age) is null)
                problems.Add(("age", texts.AgeError));
        }

        return new Signup(email, phone, package ?? "", form?["age"], ticked, problems)
        {
            Mailbox = mailbox,
            Mobile = mobile,
            Number = number,
        };
    }

    private static bool IsOf(Channel channel, string box) =>
        box == WatchBox(channel) || box.StartsWith(Box(channel, ""), StringComparison.Ordinal);

    private static string Entered(string? text) => text?.Trim() is { Length: <= 320 } typed ? typed : "";
}

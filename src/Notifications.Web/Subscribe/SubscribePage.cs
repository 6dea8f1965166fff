using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Sending;
using Notifications.Sms;
using Notifications.Web.Pages;

namespace Notifications.Web.Subscribe;

/// <summary>The sign-up form. The words beside each box are the words that the ledger keeps.</summary>
internal sealed class SubscribePage(TopicCatalog topics, SmsOptions sms, SenderOptions sender)
{
    /// <summary>The exact words of a topic's box. Where nobody can answer our texts, none says so (R50).</summary>
    public string Wording(Channel channel, Topic topic, Texts texts)
    {
        var box = channel == Channel.Email ? texts.BoxEmail : sms.CanAnswer(sender) ? texts.BoxSms : texts.BoxSmsOneWay;
        return Texts.Fill(Texts.Fill(box, "what", texts.NameOf(topic)), "description", texts.Describe(topic)).Trim();
    }

    /// <summary>The exact words of the box for one package.</summary>
    public static string Wording(string number, Texts texts) => Texts.Fill(texts.BoxPackage, "number", number);

    public Page Show(Signup signup, Texts texts)
    {
        var heading = signup.Number is { } number ? Texts.Fill(texts.FollowHeading, "number", number.Value) : texts.SubscribeTitle;
        return new Page(texts.SubscribeTitle, Html.Of($"""
            {Problems.All(signup.Problems, texts)}<h1>{heading}</h1>
            <p class="lead">{texts.SubscribeIntro}</p>
            <form method="post" action="/subscribe" novalidate>
            {Package(signup, texts)}{Section(signup, Channel.Email, texts)}
            {Section(signup, Channel.Sms, texts)}
            <fieldset id="age"{Problems.MarkGroup(signup.Problems, "age")}>
            <legend><h2>{texts.AgeLegend}</h2></legend>
            {Problems.Beside(signup.Problems, "age")}{Age("adult", texts.Adult, signup)}{Age("minor", texts.Minor, signup)}</fieldset>
            <button class="primary">{texts.SubscribeButton}</button>
            </form>
            <p class="note">{texts.FreeChoice}</p>
            <p class="note"><a href="/find">{texts.FindTitle}</a></p>
            """))
            {
                Texts = texts,
                Status = signup.Problems.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity,
            };
    }

    /// <summary>
    /// The answer to the form: what was chosen, and what happens next. By what was typed alone, so that nothing is told of what is known
    /// (R63).
    /// </summary>
    public Page Taken(Signup signup, Texts texts)
    {
        var empty = signup.Number is { } number ? $"/subscribe?package={number.Value}" : "/subscribe";
        // No text has a link.
        var next = (signup.Mobile is null ? texts.CheckText : texts.CheckTextSms).Split('\n');
        return new Page(texts.CheckHeading, Html.Of($"""
            <h1>{texts.CheckHeading}</h1>
            <h2>{texts.DataChoices}</h2>
            <ul class="plain">
            {Html.Join(new[] { Channel.Email, Channel.Sms }.SelectMany(c => Chosen(signup, c, texts)))}</ul>
            {Html.Join(next.Select(sentence => Html.Of($"<p>{sentence}</p>\n")))}{Page.Way(empty, texts.BackToPage)}
            """))
            {
                Texts = texts,
            };
    }

    private IEnumerable<Html> Chosen(Signup signup, Channel channel, Texts texts)
    {
        var names = topics.All.Where(t => signup.Ticked.Contains(Signup.Box(channel, t.Key))).Select(texts.NameOf);
        if (signup.Number is { } number && signup.Ticked.Contains(Signup.WatchBox(channel)))
            names = names.Prepend(Texts.Fill(texts.StopPackage, "number", texts.Isolate(number.Value)));
        var way = channel == Channel.Email ? texts.ByEmail : texts.BySms;
        return names.Select(name => Html.Of($"<li><strong>{name}</strong> <span class=\"dim\">{way}</span></li>\n"));
    }

    private static Html Package(Signup signup, Texts texts)
    {
        if (signup.Package.Length == 0) return Html.None;
        return signup.Number is { } number
            ? Html.Of($"<input type=\"hidden\" name=\"package\" value=\"{number.Value}\">\n")
            : Html.Of($"""
                <p><label for="package">{texts.PackageLabel}</label>
                <input type="text" id="package" name="package" maxlength="100" dir="ltr" value="{(signup.Package.Length <= 100 ? signup.Package : "")}"{Problems.Mark(signup.Problems, "package")}>
                {Problems.Beside(signup.Problems, "package")}</p>
                <input type="hidden" name="{Signup.Typed}" value="yes">
                {Kept(signup)}
                """);
    }

    // What was ticked for a number that is not right is ticked still when its boxes are shown.
    private static Html Kept(Signup signup) =>
        Html.Join(
            new[] { Channel.Email, Channel.Sms }.SelectMany(c => new[] { Signup.WatchBox(c), Signup.DailyBox(c) })
                .Where(signup.Ticked.Contains)
                .Select(box => Html.Of($"<input type=\"hidden\" name=\"{box}\" value=\"yes\">\n")));

    private Html Section(Signup signup, Channel channel, Texts texts)
    {
        var email = channel == Channel.Email;
        var boxes =
            Html.Join(
                topics.All.Select(
                    topic => Box(Signup.Box(channel, topic.Key), Wording(channel, topic, texts), texts.NameOf(topic), signup)));
        var watch = signup.Number is { } number
            ? Html.Of(
                $"{Box(Signup.WatchBox(channel), Wording(number.Value, texts), number.Value, signup)}{Box(Signup.DailyBox(channel), texts.BoxDaily, null, signup)}")
            : Html.None;
        var field = email
            ? Html.Of($"""
                <label for="email">{texts.EmailLabel}</label>
                <input type="email" id="email" name="email" autocomplete="email" maxlength="320" dir="ltr" value="{signup.Email}"{Problems.Mark(signup.Problems, "email")}>
                {Problems.Beside(signup.Problems, "email")}
                """)
            : Html.Of($"""
                <label for="phone">{texts.PhoneLabel}</label>
                <input type="tel" id="phone" name="phone" autocomplete="tel" maxlength="40" dir="ltr" value="{signup.Phone}"{Problems.Mark(signup.Problems, "phone", "phone-hint")}>
                {Problems.Beside(signup.Problems, "phone")}
                <small id="phone-hint">{texts.PhoneHint}</small>
                """);
        return Html.Of($"""
            <fieldset>
            <legend><h2>{(email ? texts.EmailSection : texts.SmsSection)}</h2></legend>
            <p>{field}</p>
            {Problems.Beside(signup.Problems, Signup.FirstBox(channel, topics.All, signup.Number))}{watch}{boxes}</fieldset>
            """);
    }

    /// <summary>One box, with what it is about in bold; a box about nothing of its own belongs to the one above it.</summary>
    private static Html Box(string name, string wording, string? about, Signup signup) => Html.Of($"""
        <label class="choice{(about is null ? " sub" : "")}"><input type="checkbox" name="{name}" value="yes"{(signup.Ticked.Contains(name) ? new Html(" checked") : Html.None)} id="{name}"{Problems.Mark(signup.Problems, name)}><span>{Stressed(wording, about)}</span></label>

        """);

    private static Html Stressed(string wording, string? about) =>
        about is not null && wording.IndexOf(about, StringComparison.Ordinal) is >= 0 and var at
            ? Html.Of($"{wording[..at]}<strong>{about}</strong>{wording[(at + about.Length)..]}")
            : Html.Of($"{wording}");

    private static Html Age(string value, string label, Signup signup) => Html.Of($"""
        <label class="choice"><input type="radio" name="age" value="{value}"{(signup.Age == value ? new Html(" checked") : Html.None)}{(value == "adult" ? Problems.Focus(signup.Problems, "age") : Html.None)}><span>{label}</span></label>

        """);
}

namespace Notifications.Web.Console;

/// <summary>
/// What is asked once more before something that cannot be taken back, or that reaches many: it names the thing and says what will come of
/// it.
/// </summary>
/// <param name="Heading">The question, with the name of what it is about.</param>
/// <param name="Text">What will happen.</param>
/// <param name="Yes">What stands on the button that does it.</param>
/// <param name="Back">The page that it was asked from: leaving it leads there.</param>
internal sealed record Question(string Heading, string Text, string Yes, string Back);

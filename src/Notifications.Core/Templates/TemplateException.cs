namespace Notifications.Templates;

/// <summary>A template does not exist or cannot be rendered; the message says what is wrong and repeats no data of a person.</summary>
public sealed class TemplateException : Exception
{
    public TemplateException() : this("The template cannot be rendered.") { }

    public TemplateException(string message) : base(message) { }

    public TemplateException(string message, Exception inner) : base(message, inner) { }

    /// <summary>
    /// It was in order when it was saved, and is not under the settings as they are now: what is sent with it waits for either to be put
    /// right.
    /// </summary>
    public bool Unfit { get; init; }
}

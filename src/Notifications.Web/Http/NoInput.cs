namespace Notifications.Web.Http;

/// <summary>The body of an act that takes nothing: none, or <c>{}</c>. A member that it does not know is refused and not dropped.</summary>
internal sealed record NoInput;

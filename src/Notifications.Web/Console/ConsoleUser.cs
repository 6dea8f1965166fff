using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Who is signed in.</summary>
/// <param name="Name">What the page calls them; stands nowhere else.</param>
/// <param name="Actor">How they stand in ledgers and in the audit: <c>agent:NAME</c> for a key, <c>agent:OBJECT-ID</c> for Entra
/// ID.</param>
/// <param name="Scopes">What they may do.</param>
/// <param name="Session">What their forms' tokens are bound to.</param>
/// <param name="KeyId">The API key they signed in with, or null.</param>
internal sealed record ConsoleUser(string Name, string Actor, IReadOnlyList<string> Scopes, string Session, string? KeyId)
{
    /// <summary>Whether they may do what a scope covers; null is what everybody signed in may.</summary>
    public bool May(string? scope) => scope is null || Scopes.Contains(scope);
}

/// <summary>What the gate leaves with a request that it let through.</summary>
internal static class ConsoleRequest
{
    private static readonly object UserItem = new();
    private static readonly object FormItem = new();

    /// <summary>Who is signed in. Only on routes of the console.</summary>
    public static ConsoleUser User(this HttpContext http) => (ConsoleUser)http.Items[UserItem]!;

    /// <summary>Who is signed in, or null on the way to signing in.</summary>
    public static ConsoleUser? FindUser(this HttpContext http) => http.Items[UserItem] as ConsoleUser;

    /// <summary>The form, whose token was checked. Only on routes that read one.</summary>
    public static PublicForm Form(this HttpContext http) => (PublicForm)http.Items[FormItem]!;

    /// <summary>The form that was sent, its token checked or not, or null where none could be read.</summary>
    public static PublicForm? FindForm(this HttpContext http) => http.Items[FormItem] as PublicForm;

    public static void Set(this HttpContext http, ConsoleUser user) => http.Items[UserItem] = user;

    public static void Set(this HttpContext http, PublicForm form) => http.Items[FormItem] = form;
}

using Notifications.Contacts;

namespace Notifications.Web.Http;

/// <summary>Who acts: the calling service, or the person at the desk that it names (R42).</summary>
internal static class ActorInput
{
    public static string Read(HttpContext http, FieldErrors errors, string? agent)
    {
        if (agent is null) return http.Actor();
        if (Inputs.IsId(agent)) return "agent:" + agent;
        errors.Add("agent", ContactId.Rule);
        return "";
    }
}

using Notifications.Addresses;

namespace Notifications.Templates;

/// <summary>Finds templates by name.</summary>
public sealed class TemplateBook(DefaultTemplates templates)
{
    /// <summary>The template with its version, or null where there is none of that name.</summary>
    public ValueTask<string?> PinAsync(string name, Channel channel, CancellationToken cancel) => ValueTask.FromResult(templates.Find(name, channel == Channel.Email ? "html" : "sms") is not null ? name : null);
}

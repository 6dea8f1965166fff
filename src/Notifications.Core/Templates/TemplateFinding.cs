using System.Text.Json.Serialization;

namespace Notifications.Templates;

/// <summary>How grave a finding is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingSeverity>))]
public enum FindingSeverity
{
    /// <summary>The template cannot be saved.</summary>
    [JsonStringEnumMemberName("error")] Error,

    /// <summary>It can be saved; somebody should look.</summary>
    [JsonStringEnumMemberName("warning")] Warning,
}

/// <summary>What is wrong with a template.</summary>
/// <param name="Rule">Stable, for machines, for example <c>broken-liquid</c>.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Part"><c>subject</c>, <c>html</c>, <c>text</c> or <c>set</c>.</param>
/// <param name="Line">Counted from 1; 0 where it is about the whole part.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record TemplateFinding(string Rule, FindingSeverity Severity, string Part, int Line, string Message, string Remedy);

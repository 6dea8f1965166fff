namespace Notifications.Web.Http;

/// <summary>Collects everything that is wrong with a request, so that one answer names it all.</summary>
internal sealed class FieldErrors
{
    private readonly List<FieldError> _errors = [];

    public bool Any => _errors.Count > 0;

    /// <summary>Each of them, for a page.</summary>
    public IReadOnlyList<FieldError> All => _errors;

    public void Add(string field, string message)
    {
        if (_errors.Count < 50) _errors.Add(new FieldError(field, message));
    }

    public string? Required(string field, string? value, int max)
    {
        if (string.IsNullOrWhiteSpace(value)) Add(field, "is required");
        else return Optional(field, value, max);
        return null;
    }

    /// <summary>A text that may be left out; an empty one says as little, and programs send it in its place.</summary>
    public string? Optional(string field, string? value, int max)
    {
        if (string.IsNullOrWhiteSpace(value)) return null;
        var text = value.Trim();
        if (text.Length > max) Add(field, $"must have 1 to {max} characters");
        else if (FreeText.HasControls(text)) Add(field, "must not contain control characters");
        return text;
    }

    public Answer Answer() => Problem.Invalid(_errors);
}

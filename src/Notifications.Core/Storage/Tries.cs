namespace Notifications.Storage;

/// <summary>How often a change is tried that others are faster with.</summary>
internal static class Tries
{
    /// <summary>
    /// Where nothing asks for another number. Each lost try is a commit of somebody else, so all together make headway; nobody loses this
    /// often but in a crowd on one row, and then later is the right answer.
    /// </summary>
    public const int Most = 200;
}

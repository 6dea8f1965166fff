namespace Notifications.Tests.Infrastructure;

/// <summary>The repository that these tests stand in: some of them read its documents, templates and sources.</summary>
internal static class Repository
{
    public static string Root { get; } = Above(AppContext.BaseDirectory);

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    private static string Above(string folder) =>
        File.Exists(Path.Combine(folder, "Notifications.sln"))
            ? folder
            : Above(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Notifications.sln stands above no test folder."));
}

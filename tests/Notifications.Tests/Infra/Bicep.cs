using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Infra;

/// <summary>
/// The Bicep compiler, run once for all tests on a copy of <c>infra/</c>: every file compiled and linted, and for each stage the snapshot,
/// which is the deployment with its names, loops and conditions evaluated as far as they can be without Azure.
/// </summary>
public sealed partial class Bicep : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("notifications-infra-").FullName;
    private readonly Dictionary<string, JsonElement> _templates = [];
    private readonly Dictionary<string, JsonElement[]> _stages = [];

    public async Task InitializeAsync()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "infra")))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        Build = await RunAsync([], "build", "--pattern", "*.bicep");
        Lint = await RunAsync([], "lint", "--pattern", "*.bicep");
        foreach (var file in Directory.GetFiles(_folder, "*.json").Where(f => File.Exists(Path.ChangeExtension(f, ".bicep"))))
            _templates[Path.GetFileName(file)] = Read(file);
        var prod = Environment("prod");
        prod.Remove("NOTIFICATIONS_EMAIL_STAGE");
        WithoutStage = await RunAsync(prod, "build-params", "main.bicepparam", "--stdout");
        prod = Environment("prod");
        foreach (var name in Company) prod.Remove(name);
        WithoutCompany = await RunAsync(prod, "build-params", "main.bicepparam", "--stdout");
        prod = Environment("prod");
        prod["NOTIFICATIONS_PUBLIC_URL"] = "http://my.example.com";
        WithoutTls = await RunAsync(prod, "build-params", "main.bicepparam", "--stdout");
        prod = Environment("prod");
        prod["NOTIFICATIONS_SETTINGS"] = """{ "azureWebJobsStorage": "another", "Notifications__Sending__Hold": "true" }""";
        WithAnotherStore = await RunAsync(prod, "build-params", "main.bicepparam", "--stdout");
        prod = Environment("prod");
        (prod["NOTIFICATIONS_STORAGE_REPLICATION"], prod["NOTIFICATIONS_ZONE_REDUNDANT"]) = ("Standard_GRS", "false");
        WithoutZones = await RunAsync(prod, "build-params", "main.bicepparam", "--stdout");
        foreach (var stage in new[] { "dev", "prod", Relay })
        {
            Lint += await RunAsync(Environment(stage), "lint", "main.bicepparam");
            Snapshot += await RunAsync(
                Environment(stage), "snapshot", "main.bicepparam", "--mode", "overwrite", "--tenant-id", Id(1), "--subscription-id", Id(2),
                "--location", "westeurope");
            var snapshot = Path.Combine(_folder, "main.snapshot.json");
            _stages[stage] = File.Exists(snapshot) ? [.. Read(snapshot).GetProperty("predictedResources").EnumerateArray()] : [];
            File.Delete(snapshot);
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A stage: prod with a mail server in place of Communication Services, and without texts.</summary>
    public static string Relay => "relay";

    /// <summary>Why these tests are skipped on this machine, or null when they run.</summary>
    public static string? SkipReason { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 ? null
        : System.Environment.GetEnvironmentVariable("CI") == "true" ? null // There it must run, so it fails.
        : "The Bicep compiler's package is for Linux on x64.";

    /// <summary>The secret that the deployments were given; it must come up nowhere.</summary>
    public static string Canary => "canary-of-the-key-ring";

    /// <summary>What building said; nothing is right.</summary>
    public string Build { get; private set; } = "";

    /// <summary>What the linter said.</summary>
    public string Lint { get; private set; } = "";

    /// <summary>What is said to parameters that name a mail domain and not how far it has come.</summary>
    public string WithoutStage { get; private set; } = "";

    /// <summary>What is said to parameters of prod that name nobody whose mail it is.</summary>
    public string WithoutCompany { get; private set; } = "";

    /// <summary>What is said to a public URL that is not https.</summary>
    public string WithoutTls { get; private set; } = "";

    /// <summary>What a provision of prod says whose further settings name another store, and one that has a variable of its own.</summary>
    public string WithAnotherStore { get; private set; } = "";

    /// <summary>The parameters of prod in a region that has no zones.</summary>
    public string WithoutZones { get; private set; } = "";

    /// <summary>What an installation has no default for in prod.</summary>
    public static IReadOnlyList<string> Company { get; } =
    [
        "NOTIFICATIONS_PUBLIC_URL", "NOTIFICATIONS_SENDER_NAME", "NOTIFICATIONS_POSTAL_ADDRESS", "NOTIFICATIONS_CONTACT",
        "NOTIFICATIONS_SMS_FROM", "NOTIFICATIONS_EMAIL_DOMAIN",
    ];

    /// <summary>What evaluating said.</summary>
    public string Snapshot { get; private set; } = "";

    /// <summary>The compiled templates by file name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Templates => _templates;

    /// <summary>The resources of a stage.</summary>
    public JsonElement[] Resources(string stage) => _stages[stage];

    /// <summary>The resources of a stage that are of a type.</summary>
    public IEnumerable<JsonElement> Resources(string stage, string type) =>
        Resources(stage).Where(r => r.GetProperty("type").GetString() == type);

    /// <summary>The properties of the only resource of a type.</summary>
    public JsonElement Properties(string stage, string type) => Resources(stage, type).Single().GetProperty("properties");

    /// <summary>The names of a stage's resources of a type, without those that they stand under.</summary>
    public string[] Names(string stage, string type) =>
        [.. Resources(stage, type).Select(r => r.GetProperty("name").GetString()!).Select(n => n[(n.LastIndexOf('/') + 1)..])];

    /// <summary>What gives a key out, or holds one.</summary>
    [GeneratedRegex(
        "listKeys|listConnectionStrings|listAccountSas|listServiceSas|AccountKey=|SharedAccessKey|accesskey=|primaryKey|InstrumentationKey=",
        RegexOptions.IgnoreCase)]
    public static partial Regex KeyWord();

    private static Dictionary<string, string> Environment(string stage)
    {
        if (stage == Relay)
        {
            var prod = Environment("prod");
            prod.Remove("NOTIFICATIONS_EMAIL_STAGE");
            prod.Remove("NOTIFICATIONS_SMS_FROM");
            (prod["NOTIFICATIONS_SMTP"], prod["NOTIFICATIONS_TEXTS"]) = ("true", "false");
            prod["NOTIFICATIONS_PUBLIC_URL"] = "https://my.example.com/";
            return prod;
        }

        var all = new Dictionary<string, string>
        {
            ["NOTIFICATIONS_STAGE"] = stage,
            ["AZURE_ENV_NAME"] = stage,
            ["AZURE_LOCATION"] = "westeurope",
            ["NOTIFICATIONS_KEYRING"] = Canary,
            ["NOTIFICATIONS_PUBLIC_URL"] = stage == "prod" ? "https://my.example.com" : "",
            ["NOTIFICATIONS_EMAIL_DOMAIN"] = stage == "prod" ? "mail.example.com" : "",
            ["NOTIFICATIONS_UNSUBSCRIBE_MAILBOX"] = stage == "prod" ? "unsubscribe@mail.example.com" : "",
            ["NOTIFICATIONS_POLICY_VERSION"] = stage == "prod" ? "2026-11-01" : "",
            ["NOTIFICATIONS_17TRACK"] = stage == "prod" ? "true" : "",
            ["NOTIFICATIONS_EMAIL_STAGE"] = stage == "prod" ? "senders" : "verify",
            ["NOTIFICATIONS_SETTINGS"] = stage == "prod"
                ? """{ "Notifications__Sending__RequiredPolicyVersion": "2026-10-01", "Notifications__Environment": "another" }""" : "",
            ["NOTIFICATIONS_HOLD"] = stage == "prod" ? "true" : "",
            ["NOTIFICATIONS_CONSOLE_ENTRA"] = stage == "prod" ? "true" : "",
            ["NOTIFICATIONS_FRONT_DOOR_ID"] = stage == "prod" ? Id(7) : "",
        };
        if (stage == "prod")
        {
            all["NOTIFICATIONS_SENDER_NAME"] = "Acme Parcels";
            all["NOTIFICATIONS_POSTAL_ADDRESS"] = "2 Quay Road, 20000 Harbourtown";
            all["NOTIFICATIONS_CONTACT"] = "help@my.example.com";
            all["NOTIFICATIONS_SMS_FROM"] = "+18005550199";
        }

        return all;
    }

    private async Task<string> RunAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var path = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "BicepPath").Value!;
        var start = new ProcessStartInfo(path, arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            var said = (await output + await errors).Trim();
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 || said.Length > 0 ? said : $"bicep {arguments[0]} ended with {process.ExitCode}.";
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"bicep {arguments[0]} did not end within two minutes.");
        }
    }

    private static JsonElement Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    }

    private static string Id(int number) => $"00000000-0000-0000-0000-{number:D12}";
}

/// <summary>A test that needs the Bicep compiler.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BicepFactAttribute : FactAttribute
{
    public BicepFactAttribute() => Skip = Bicep.SkipReason;
}

/// <summary>The same for each of some values.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BicepTheoryAttribute : TheoryAttribute
{
    public BicepTheoryAttribute() => Skip = Bicep.SkipReason;
}

using Microsoft.Playwright;

namespace Notifications.Tests.Infrastructure;

/// <summary>Headless Chromium: the one of the <c>CHROMIUM</c> variable, or of the machine.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal static string? ExecutablePath =>
        Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } given
            ? given
            : NeedsTool.OnPath("chromium") ?? NeedsTool.OnPath("google-chrome");

    public async Task InitializeAsync()
    {
        if (BrowserFactAttribute.Reason is not null) return; // Every test of the class is skipped and says so.
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = ExecutablePath
                ?? throw new InvalidOperationException("Chromium is not on this machine. Install it, or name it in CHROMIUM."),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A fresh page, as wide as asked, in the colours asked.</summary>
    internal async Task<IPage> PageAsync(int width = 1280, int height = 800, bool dark = false, bool scripts = true)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            JavaScriptEnabled = scripts,
            ReducedMotion = ReducedMotion.Reduce,
            BypassCSP = true, // For axe alone, which is injected; the policy itself is tested over HTTP.
        });
        return await context.NewPageAsync();
    }
}

/// <summary>A test in Chromium. Without it skipped, saying so; under <c>CI=true</c> failed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Reason;

    internal static string? Reason => NeedsTool.SkipReason("Chromium", Browser.ExecutablePath is not null);
}

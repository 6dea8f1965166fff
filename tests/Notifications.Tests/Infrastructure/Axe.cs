using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Notifications.Tests.Infrastructure;

/// <summary>
/// What axe finds on a page: each broken rule with the elements that break it, or nothing at all. Run in the page itself, which holds for
/// pages without frames of ours: the package's own runner opens a second page for every run to end in, and that takes longer than looking.
/// </summary>
internal static class Axe
{
    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    /// <summary>
    /// Every rule of axe in the colours the page has now, and the size of targets (WCAG 2.2), which axe leaves off by itself; then in the
    /// other scheme what colours can break.
    /// </summary>
    public static async Task<string> FindAsync(IPage page)
    {
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        if (!await page.EvaluateAsync<bool>("() => 'axe' in window")) await page.EvaluateAsync(Script);
        var light = await RunAsync(page, "{ rules: { 'target-size': { enabled: true } } }");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        var dark = await RunAsync(page, "{ runOnly: ['color-contrast', 'link-in-text-block'] }");
        return light.Length + dark.Length == 0 ? "" : $"in light: {light} in dark: {dark}";
    }

    /// <summary>
    /// Puts another document of ours in the place of the one that is open: as good as opening it, since our pages run nothing, and far
    /// faster, since axe stays loaded and the stylesheet read.
    /// </summary>
    public static Task ShowAsync(IPage page, string html) => page.EvaluateAsync(
        """
        async html => {
          const next = new DOMParser().parseFromString(html, 'text/html');
          for (const name of ['lang', 'dir']) document.documentElement.setAttribute(name, next.documentElement.getAttribute(name) ?? '');
          document.head.replaceChildren(...next.head.childNodes);
          document.body.replaceWith(next.body);
          await Promise.all([...document.querySelectorAll('link[rel=stylesheet]')].map(l => l.sheet ?? new Promise((done, gone) => { l.onload = done; l.onerror = gone; })));
        }
        """,
        html);

    // Nobody reads what passed, and describing it takes axe longer than looking; that something passed shows that it looked.
    private static Task<string> RunAsync(IPage page, string options) => page.EvaluateAsync<string>($$"""
        async () => {
          const found = await axe.run(document, { resultTypes: ['violations'], iframes: false, ...{{options}} });
          if (found.passes.length === 0) return 'axe looked at nothing';
          return found.violations.map(v => `${v.id}: ${v.help} ${v.nodes.map(n => n.html).join(' ')}`).join('; ');
        }
        """);
}

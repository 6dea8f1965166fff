using Microsoft.Playwright;

namespace Notifications.Tests.Infrastructure;

/// <summary>How a page is laid out in Chromium.</summary>
internal static class Layout
{
    /// <summary>By how many pixels it is wider than its window: above 0 it scrolls sideways.</summary>
    public static Task<int> OverflowAsync(this IPage page) =>
        page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

namespace Notifications.Benchmarks.Load;

/// <summary>
/// What the product is measured against: an ASP.NET Core app with one endpoint that reads the body and answers 200 with two bytes.
/// </summary>
internal static class EmptyServer
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static k => k.AddServerHeader = false);
        var app = builder.Build();
        app.MapPost("/{**path}", static async (HttpContext http) =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            http.Response.ContentLength = 2;
            await http.Response.WriteAsync("ok");
        });
        await app.RunAsync();
    }
}

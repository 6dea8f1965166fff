using Notifications.Benchmarks;
using Notifications.Benchmarks.Load;

// The comparison's own process: nothing of the product may be loaded in it.
if (args is ["--serve-empty", ..])
{
    await EmptyServer.RunAsync(args[1..]);
    return 0;
}

return await Runner.RunAsync(args);

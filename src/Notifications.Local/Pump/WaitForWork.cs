namespace Notifications.Local.Pump;

/// <summary>Returns when an item of the queue may be due. Returning early is harmless.</summary>
internal delegate ValueTask WaitForWork(string queue, CancellationToken cancel);

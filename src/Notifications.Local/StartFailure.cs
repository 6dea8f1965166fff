using System.Net.Sockets;
using Notifications.Storage;

namespace Notifications.Local;

/// <summary>Why a start failed, in words for whoever started it; anything else than these is a fault of ours, with its stack.</summary>
internal static class StartFailure
{
    /// <summary>A setting that cannot be used, a port or a directory that is taken, a store that cannot be read.</summary>
    public static bool IsTold(Exception failed) =>
        failed is ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException or SocketException
            or StorageUnavailableException;

    /// <summary>What is wrong, with the remedy.</summary>
    public static string Text(Exception failed, LocalOptions options) => failed switch
    {
        SocketException => $"{options.Urls} cannot be listened on: {failed.Message}. Give an address of this machine with --urls.",
        StorageUnavailableException { IsDamage: true } =>
            $"The store in {Path.GetFullPath(options.Data)} is damaged ({failed.Message.TrimEnd('.')}). Move the directory away and restore its copy into an empty one.",
        _ => failed.Message,
    };

    /// <summary>2 for what was asked for wrongly, 1 for what is in the way.</summary>
    public static int Code(Exception failed) => failed is ArgumentException ? 2 : 1;
}

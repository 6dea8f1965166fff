using Azure;
using Azure.Identity;

namespace Notifications.Storage.Azure;

/// <summary>What an Azure failure means to the ports.</summary>
internal static class AzureCall
{
    /// <summary>
    /// Makes a call, and turns "later" and "no answer" into <see cref="StorageUnavailableException"/>; other failures pass.
    /// </summary>
    public static async ValueTask<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            return await call();
        }
        catch (Exception error) when (IsUnavailable(error, cancel))
        {
            throw error is RequestFailedException { Status: > 0 } answer
                ? new StorageUnavailableException($"Azure Storage answered {answer.Status} ({answer.ErrorCode}).", error)
                : new StorageUnavailableException("Azure Storage did not answer.", error);
        }
    }

    /// <summary>
    /// A failure that is not an answer about the data. Refused credentials count, because a role that is being granted looks like that, and
    /// so does an identity that gets no token, since the service that gives them can be away as well; so does a missing table, queue or
    /// container, which provisioning has yet to make.
    /// </summary>
    private static bool IsUnavailable(Exception error, CancellationToken cancel) => error switch
    {
        RequestFailedException { Status: 0 or 401 or 403 or 408 or 429 or >= 500 } => true,
        RequestFailedException { Status: 404, ErrorCode: "TableNotFound" or "QueueNotFound" or "ContainerNotFound" } => true,
        RequestFailedException { Status: 409, ErrorCode: "TableBeingDeleted" or "QueueBeingDeleted" or "ContainerBeingDeleted" } => true,
        AuthenticationFailedException or AggregateException => true,
        OperationCanceledException => !cancel.IsCancellationRequested,
        HttpRequestException or IOException => true,
        _ => false,
    };
}

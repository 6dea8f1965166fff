using Microsoft.Azure.Functions.Worker;
using Notifications.Storage;

namespace Notifications.Functions.Queueing;

/// <summary>
/// One function per queue, each scaled by its own length, and one per poison twin. Bodies are bound as bytes: sealed ones are no text. What
/// is not done when the app is told to stop comes back to another instance; a hand-off that has begun is waited for and written down.
/// </summary>
public sealed class QueueFunctions(QueuePump pump)
{
    [Function("send")]
    public Task Send([QueueTrigger(Queues.Send)] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Send, body, context.BindingContext.BindingData, cancel);

    [Function("send-poison")]
    public Task SendPoison([QueueTrigger(Queues.Send + "-poison")] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Poison(Queues.Send), body, context.BindingContext.BindingData, cancel);

    [Function("inbound")]
    public Task Inbound([QueueTrigger(Queues.Inbound)] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Inbound, body, context.BindingContext.BindingData, cancel);

    [Function("inbound-poison")]
    public Task InboundPoison([QueueTrigger(Queues.Inbound + "-poison")] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Poison(Queues.Inbound), body, context.BindingContext.BindingData, cancel);

    [Function("packages")]
    public Task Packages([QueueTrigger(Queues.Packages)] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Packages, body, context.BindingContext.BindingData, cancel);

    [Function("packages-poison")]
    public Task PackagesPoison(
        [QueueTrigger(Queues.Packages + "-poison")] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Poison(Queues.Packages), body, context.BindingContext.BindingData, cancel);

    [Function("campaigns")]
    public Task Campaigns([QueueTrigger(Queues.Campaigns)] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Campaigns, body, context.BindingContext.BindingData, cancel);

    [Function("campaigns-poison")]
    public Task CampaignsPoison(
        [QueueTrigger(Queues.Campaigns + "-poison")] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Poison(Queues.Campaigns), body, context.BindingContext.BindingData, cancel);

    [Function("imports")]
    public Task Imports([QueueTrigger(Queues.Imports)] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Imports, body, context.BindingContext.BindingData, cancel);

    [Function("imports-poison")]
    public Task ImportsPoison([QueueTrigger(Queues.Imports + "-poison")] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Poison(Queues.Imports), body, context.BindingContext.BindingData, cancel);

    [Function("provider-events")]
    public Task ProviderEvents([QueueTrigger(Queues.ProviderEvents)] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.TakeEventsAsync(body, context.BindingContext.BindingData, cancel);

    [Function("provider-events-poison")]
    public Task ProviderEventsPoison(
        [QueueTrigger(Queues.ProviderEvents + "-poison")] byte[] body, FunctionContext context, CancellationToken cancel) =>
        pump.RunAsync(Queues.Poison(Queues.ProviderEvents), body, context.BindingContext.BindingData, cancel);
}

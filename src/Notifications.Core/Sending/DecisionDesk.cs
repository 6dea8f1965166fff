using System.Text.Json;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Storage;

namespace Notifications.Sending;

/// <summary>Tells what would become of a message if its turn came now. Reads, and writes nothing.</summary>
public sealed class DecisionDesk(AddressBook book, ITableStore tables, TopicCatalog topics, SendingOptions options, TimeProvider time)
{
    /// <summary>The decision on the address's record as it stands.</summary>
    public async ValueTask<Decision> AskAsync(SendRequest request, CancellationToken cancel)
    {
        if (!MessageId.TryParse(request.Id, out var id)) throw new ArgumentException("The message id is not one of ours.", nameof(request));
        var (state, _) = await book.LoadAsync(id.Address, cancel);
        var row = request.TrackingNumber is { } number ? await tables.GetAsync(Tables.Addresses, id.Address.Value, Rows.Watch(number), cancel) : null;
        var watch = row is null ? null : JsonSerializer.Deserialize(row.Value.Span, CoreJson.Default.WatchRecord);
        return DecisionRules.Decide(new DecisionInput
        {
            State = state,
            Topic = topics.Find(request.Topic) ?? new Topic { Key = request.Topic, Name = request.Topic },
            Channel = request.Channel,
            Now = time.UtcNowMs(),
            Purpose = request.Purpose,
            AboutPackage = request.TrackingNumber is not null,
            Watch = watch?.Status,
            WatchSince = watch?.Since,
            ExpiresAt = request.ExpiresAt,
            Options = options,
        });
    }
}

using System.Text.Json;
using Notifications.Web.Http;

namespace Notifications.Web.Sending;

/// <summary>A batch as it is documented; it is read one message at a time, so that a bad one spoils no other.</summary>
/// <param name="Messages">1 to 500 messages.</param>
internal sealed record BatchInput(IReadOnlyList<MessageInput> Messages);

/// <summary>What came of one message of a batch: an id, or several, or a problem.</summary>
/// <param name="Index">Its place in the batch, from 0.</param>
/// <param name="Id">The message's id; left out where there are several, or none.</param>
/// <param name="Status">Always queued; left out where it was refused.</param>
/// <param name="Messages">One message for each address of a contact that has several.</param>
/// <param name="Problem">Why it was refused.</param>
internal sealed record BatchResult(int Index, string? Id, string? Status, IReadOnlyList<AcceptedMessage>? Messages, ProblemBody? Problem);

/// <summary>One result for each message, in order.</summary>
/// <param name="Accepted">How many of the batch were accepted.</param>
/// <param name="Rejected">How many were refused.</param>
/// <param name="Results">One result for each, in the order of the batch.</param>
internal sealed record BatchAnswer(int Accepted, int Rejected, IReadOnlyList<BatchResult> Results);

/// <summary>Cuts <c>{"messages":[...]}</c>, or a bare array, into its messages without looking into them.</summary>
internal static class MessageBatch
{
    /// <summary>How many messages a batch may have.</summary>
    public const int Most = 500;

    public static Answer? Cut(ReadOnlyMemory<byte> body, out IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        messages = found;
        try
        {
            body = body[^RequestBody.WithoutMark(body.Span).Length..];
            // However deep: a message that nests too deep has its own problem.
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = RequestBody.BatchLimit });
            reader.Read();
            var wrapped = reader.TokenType == JsonTokenType.StartObject;
            if (wrapped)
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.PropertyName) return Problem.Invalid("messages", "is required");
                if (!IsMessages(ref reader)) return Problem.Invalid(Name(ref reader), "is not a known field");
                reader.Read();
            }

            if (reader.TokenType != JsonTokenType.StartArray) return Problem.Invalid("messages", "must be an array");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (found.Count == Most) return Problem.Invalid("messages", $"must have 1 to {Most} messages");
                found.Add(body[start..(int)reader.BytesConsumed]);
            }

            if (wrapped && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                return IsMessages(ref reader)
                    ? Problem.Invalid("messages", "stands twice")
                    : Problem.Invalid(Name(ref reader), "is not a known field");
            while (reader.Read())
            {
            }
        }
        catch (JsonException wrong)
        {
            return Problem.Invalid("body", $"must be valid JSON (line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1})");
        }

        return found.Count == 0 ? Problem.Invalid("messages", $"must have 1 to {Most} messages") : null;
    }

    // In any case, as the members of every other body.
    private static bool IsMessages(ref Utf8JsonReader reader) => Name(ref reader).Equals("messages", StringComparison.OrdinalIgnoreCase);

    private static string Name(ref Utf8JsonReader reader)
    {
        try
        {
            return RequestBody.Short(reader.GetString()!);
        }
        catch (InvalidOperationException)
        {
            return "body"; // A name that is no text.
        }
    }
}

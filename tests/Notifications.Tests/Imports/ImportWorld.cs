using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Imports;

/// <summary>Files sent in over HTTP and worked on.</summary>
internal static class ImportWorld
{
    public const string Header = "email,phone,topic,channel,status,source,policyVersion,wording,at,ip,locale,timeZone,contactId,tags\n";

    /// <summary>A row of the own shape with whole evidence.</summary>
    public static string Agreed(string email, string topic = "newsletter", string at = "2026-03-01T10:00:00Z") =>
        $"{email},,{topic},email,subscribed,signup-form,2026-01,Send me the newsletter.,{at},203.0.113.7,,,,\n";

    public static async Task<Reply> UploadAsync(
        this ProductFixture product, byte[] file, string query = "", string? idempotencyKey = null, string type = "text/csv",
        string path = "/v1/imports")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path + query)
        {
            Content = new ByteArrayContent(file) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } },
        };
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await product.Http.SendAsync(request);
        return new Reply(
            response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync());
    }

    /// <summary>Imports a file to its end; the answer is the import as it then stands.</summary>
    public static Task<JsonElement> ImportAsync(this ProductFixture product, string file, string query = "") =>
        product.ImportAsync(Encoding.UTF8.GetBytes(file), query);

    public static async Task<JsonElement> ImportAsync(this ProductFixture product, byte[] file, string query = "")
    {
        var accepted = await product.UploadAsync(file, query);
        Assert.True(accepted.Status == System.Net.HttpStatusCode.Accepted, accepted.Text);
        await product.WorkAsync();
        var import = (await product.GetAsync("/v1/imports/" + accepted["id"])).Json;
        Assert.Contains(import.GetProperty("status").GetString(), new[] { "completed", "failed" });
        return import;
    }

    /// <summary>Rows, accepted, rejected, lowered.</summary>
    public static (long Rows, long Accepted, long Rejected, long Lowered) Counts(this JsonElement import) =>
        (import.GetProperty("rows").GetInt64(), import.GetProperty("accepted").GetInt64(), import.GetProperty("rejected").GetInt64(),
            import.GetProperty("lowered").GetInt64());

    /// <summary>The lines of the error file without its header.</summary>
    public static async Task<string[]> ErrorsAsync(this ProductFixture product, JsonElement import)
    {
        var reply = await product.GetAsync($"/v1/imports/{import.GetProperty("id").GetString()}/errors");
        Assert.Equal("text/csv", reply.MediaType);
        var lines = reply.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("row,column,problem", lines[0]);
        return lines[1..];
    }

    /// <summary>The status of a topic of an address.</summary>
    public static async Task<string?> StatusAsync(this ProductFixture product, string email, string topic = "newsletter") =>
        (await product.PreferencesAsync(email)).GetProperty("subscriptions").EnumerateArray()
            .Single(
                s => s.GetProperty("topic").GetString() == topic
                    && s.GetProperty("channel").GetString() == (email[0] == '+' ? "sms" : "email"))
            .GetProperty("status")
            .GetString();

    /// <summary>Why an address is blocked, or null.</summary>
    public static async Task<string?> BlockedAsync(this ProductFixture product, string email) =>
        (await product.PreferencesAsync(email)).TryGetProperty("suppression", out var block) && block.ValueKind == JsonValueKind.Object
            ? block.GetProperty("reason").GetString()
            : null;

    private static async Task<JsonElement> PreferencesAsync(this ProductFixture product, string address)
    {
        var reply = await product.GetAsync($"/v1/preferences?{(address[0] == '+' ? "phone" : "email")}=" + Uri.EscapeDataString(address));
        Assert.True(reply.Status == System.Net.HttpStatusCode.OK, reply.Text);
        return reply.Json;
    }
}

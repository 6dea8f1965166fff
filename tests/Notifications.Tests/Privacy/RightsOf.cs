using System.Net;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Privacy;

/// <summary>What people say and ask for by the API before and while they use their rights.</summary>
internal static class RightsOf
{
    public const string Words = "I agree to the newsletter & offers";

    public static async Task DoAsync(this ProductFixture product, string path, object body)
    {
        var reply = await product.PostAsync(path, body);
        Assert.True((int)reply.Status < 300, reply.Text);
    }

    public static async Task<Reply> OpenRequestAsync(this ProductFixture product, object body)
    {
        var reply = await product.PostAsync("/v1/privacy/requests", body);
        Assert.Equal(HttpStatusCode.Created, reply.Status);
        return reply;
    }

    public static async Task PutAsync(this ProductFixture product, string id, object contact)
    {
        var reply = await product.SendAsync(HttpMethod.Put, "/v1/contacts/" + id, contact);
        Assert.True((int)reply.Status < 300, reply.Text);
    }

    public static Task OptInAsync(this ProductFixture product, string email, string topic) =>
        product.DoAsync(
            "/v1/consents",
            new
            {
                email,
                topic,
                action = "opt-in",
                source = "form",
                policyVersion = "2026-01",
                wording = Words,
                evidence = new { confirmed = true, ip = "203.0.113.9" },
            });

    public static async Task<string> ReasonAsync(this ProductFixture product, string email, string topic = "newsletter") =>
        (await product.PostAsync(
            "/v1/decisions", new { topic, to = new { email }, content = new { subject = "s", text = "t" } }))["reason"]!;
}

using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Notifications.Packages;
using Notifications.Sending;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Packages;

public class PackageApiTests : IClassFixture<ProductFixture>
{
    private const string Key = "0123456789ABCDEF0123456789ABCDEF";
    private static int _serial = 40_000_000;
    private readonly ProductFixture _product;
    private readonly string _number;

    public PackageApiTests(ProductFixture product)
    {
        _product = product;
        var options = product.Services.GetService(typeof(PackageOptions)) as PackageOptions;
        options!.SeventeenTrackKey = Key;
        options.SeventeenTrackOlderForm = false;
        options.CollapseWindow = TimeSpan.Zero;
        var serial = Interlocked.Increment(ref _serial).ToString(System.Globalization.CultureInfo.InvariantCulture);
        _number = $"RR{serial}{TrackingNumber.CheckDigit(serial)}GB";
    }

    private async Task PumpAsync()
    {
        var work = (Work)_product.Services.GetService(typeof(Work))!;
        var queues = (IWorkQueue)_product.Services.GetService(typeof(IWorkQueue))!;
        for (var idle = false; !idle;)
        {
            idle = true;
            foreach (var name in (string[])[Queues.Packages, Queues.Send])
            {
                foreach (var item in await queues.ReceiveAsync(name, 32, TimeSpan.FromMinutes(2)))
                {
                    idle = false;
                    Assert.Equal(WorkResult.Done, (await work.DoAsync(name, item.Body, item.DequeueCount, default)).Result);
                    await queues.CompleteAsync(item);
                }
            }
        }
    }

    [Fact]
    public async Task P6_What_a_watch_call_leaves_out_stays_and_a_service_can_say_each_as_well_as_daily()
    {
        async Task<(string?, string?)> PostAsync(object said)
        {
            var answer = JsonSerializer.SerializeToNode(said)!.AsObject();
            (answer["email"], answer["source"]) = ("choice@example.com", "shop");
            var reply = await _product.PostAsync($"/v1/packages/{_number}/watches", answer.ToJsonString());
            return reply.Status == HttpStatusCode.OK
                ? (reply.Json.GetProperty("statuses").GetString(),
                    reply.Json.TryGetProperty("digest", out var digest) ? digest.GetString() : null)
                : (reply.Status.ToString(), null);
        }

        Assert.Equal(("delivery", "daily"), await PostAsync(new { statuses = "delivery", digest = "daily" }));
        Assert.Equal(("delivery", "daily"), await PostAsync(new { }));
        Assert.Equal(("all", "daily"), await PostAsync(new { statuses = "all" }));
        Assert.Equal(("all", null), await PostAsync(new { digest = "each" }));
        Assert.Equal(("BadRequest", null), await PostAsync(new { digest = "hourly" }));
        Assert.Equal(("BadRequest", null), await PostAsync(new { statuses = "some" }));
    }

    private IEnumerable<OutgoingEmail> SentTo(string email) => _product.Sent.Emails.Where(e => e.To == email);

    private async Task<HttpStatusCode> PushAsync(string body, string? sign, string header = "sign")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/17track")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (sign is not null) request.Headers.TryAddWithoutValidation(header, sign);
        using var answer = await _product.Anonymous.SendAsync(request);
        return answer.StatusCode;
    }

    private static string Sign(string body, string key = Key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body + "/" + key)));

    private string Push(string status, string sub, DateTimeOffset at) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["event"] = "TRACKING_UPDATED",
        ["data"] = new
        {
            number = _number,
            carrier = 3011,
            track_info = new
            {
                latest_status = new { status, sub_status = sub },
                latest_event = new
                {
                    time_iso = at.ToString("yyyy-MM-ddTHH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture),
                    time_utc = at.UtcDateTime.ToString("s") + "Z",
                    description = "Arrived at the facility",
                    location = "London",
                },
                tracking = new { providers = new[] { new { provider = new { name = "Royal Mail" } } } },
            },
        },
    });

    [Fact]
    public async Task M1_From_a_bare_address_and_an_event_to_one_message()
    {
        var email = $"{_number}@example.com".ToLowerInvariant();
        var watch = await _product.PostAsync(
            $"/v1/packages/{_number}/watches",
            new { email, statuses = "all", locale = "de", source = "app", evidence = new { ip = "203.0.113.7" } });
        Assert.Equal(HttpStatusCode.OK, watch.Status);
        Assert.Equal("active", watch.Json.GetProperty("status").GetString());
        var body = new
        {
            id = "e1",
            status = "OutForDelivery",
            description = "With the courier",
            location = "Köln",
            occurredAt = _product.Time.GetUtcNow(),
            carrier = "DHL",
        };
        for (var i = 0; i < 2; i++)
            Assert.Equal(HttpStatusCode.Accepted, (await _product.PostAsync($"/v1/packages/{_number}/events", body)).Status);
        await PumpAsync();
        Assert.StartsWith("In Zustellung", Assert.Single(SentTo(email)).Subject, StringComparison.Ordinal);
        var package = await _product.GetAsync($"/v1/packages/{_number}");
        Assert.Equal("OutForDelivery", package.Json.GetProperty("status").GetString());
        Assert.Equal("announced", Assert.Single(package.Json.GetProperty("events").EnumerateArray()).GetProperty("outcome").GetString());

        Assert.Equal(
            HttpStatusCode.NoContent,
            (await _product.SendAsync(HttpMethod.Delete, $"/v1/packages/{_number}/watches?email={email}")).Status);
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await _product.SendAsync(HttpMethod.Delete, $"/v1/packages/{_number}/watches", new { email })).Status);
        await _product.PostAsync(
            $"/v1/packages/{_number}/events",
            new { id = "e2", status = "Delivered", occurredAt = _product.Time.GetUtcNow().AddMinutes(1) });
        await PumpAsync();
        Assert.Single(SentTo(email));
    }

    [Fact]
    public async Task Wrong_fields_are_all_named()
    {
        var watch = await _product.PostAsync(
            "/v1/packages/RR_473124828GB/watches", new { email = "nobody", statuses = "some", digest = "hourly" });
        Assert.Equal(HttpStatusCode.BadRequest, watch.Status);
        var fields = watch.Json.GetProperty("errors")
            .EnumerateArray()
            .ToDictionary(e => e.GetProperty("field").GetString()!, e => e.GetProperty("message").GetString()!);
        Assert.Equal(["digest", "email", "number", "source", "statuses"], fields.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("4 to 50 letters and digits", fields["number"], StringComparison.Ordinal);
        var happening = await _product.PostAsync($"/v1/packages/{_number}/events", new { status = "sold", occurredAt = "yesterday" });
        Assert.Equal(
            ["id", "occurredAt", "status"],
            happening.Json.GetProperty("errors")
                .EnumerateArray()
                .Select(e => e.GetProperty("field").GetString()!)
                .Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await _product.GetAsync($"/v1/packages/{_number}")).Status);
    }

    [Fact]
    public async Task P5_An_event_of_which_a_carrier_has_nothing_to_say_but_empty_texts_is_not_refused_for_them()
    {
        var told = await _product.PostAsync(
            $"/v1/packages/{_number}/events", new { id = "e1", status = "InTransit", description = "", location = " ", carrier = "" });
        Assert.Equal(HttpStatusCode.Accepted, told.Status);
        await PumpAsync();
        var seen = Assert.Single((await _product.GetAsync($"/v1/packages/{_number}")).Json.GetProperty("events").EnumerateArray());
        Assert.All((string[])["description", "location", "carrier"], name => Assert.False(seen.TryGetProperty(name, out _), name));
        var wrong = await _product.PostAsync(
            $"/v1/packages/{_number}/events", new { id = "", status = "", subStatus = "", occurredAt = "" });
        Assert.Equal(["id", "status"], wrong.Fields.Order());
    }

    [Fact]
    public async Task R38_A_stated_age_under_18_is_refused_and_nothing_stored()
    {
        var email = $"kid.{_number}@example.com".ToLowerInvariant();
        var watch = await _product.PostAsync($"/v1/packages/{_number}/watches", new { email, source = "app", evidence = new { age = 15 } });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, watch.Status);
        await _product.PostAsync($"/v1/packages/{_number}/events", new { id = "e1", status = "Delivered" });
        await PumpAsync();
        Assert.Empty(SentTo(email));
    }

    [Fact]
    public async Task A_17TRACK_push_with_the_right_signature_reaches_the_watchers_once()
    {
        var email = $"track.{_number}@example.com".ToLowerInvariant();
        await _product.PostAsync($"/v1/packages/{_number}/watches", new { email, source = "app" });
        var body = Push("Exception", "Exception_Returning", _product.Time.GetUtcNow().ToOffset(TimeSpan.FromHours(1)));
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, await PushAsync(body, Sign(body)));
        await PumpAsync();
        var message = Assert.Single(SentTo(email));
        Assert.StartsWith("Returning to sender", message.Subject, StringComparison.Ordinal);
        Assert.Contains("Royal Mail", message.Text, StringComparison.Ordinal);
        Assert.Contains("(UTC+01)", message.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_17TRACK_push_is_refused_and_changes_nothing()
    {
        var body = Push("Delivered", "Delivered_Other", _product.Time.GetUtcNow());
        var right = Sign(body);
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body, ""));
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body, Sign(body, "FEDCBA9876543210FEDCBA9876543210")));
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body + " ", right));
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body, right[..^1]));
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body, (right[0] == '0' ? '1' : '0') + right[1..]));
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync("not json", Sign("not JSON")));
        await PumpAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await _product.GetAsync($"/v1/packages/{_number}")).Status);
        Assert.Equal(HttpStatusCode.OK, await PushAsync(body, right.ToUpperInvariant()));
    }

    [Fact]
    public async Task M1_A_number_whose_check_digit_is_another_is_followed_with_a_warning_and_what_17TRACK_pushes_of_it_is_told()
    {
        var right = _number[10];
        var other = $"{_number[..10]}{(right == '9' ? '0' : (char)(right + 1))}GB";
        var who = new { email = "digit@example.com", source = "shop" };
        var watched = await _product.PostAsync($"/v1/packages/{other}/watches", who);
        Assert.Equal((HttpStatusCode.OK, "active"), (watched.Status, watched["status"]));
        Assert.Contains("check digit", watched["warning"] ?? "", StringComparison.Ordinal);
        Assert.Null((await _product.PostAsync($"/v1/packages/{_number}/watches", who))["warning"]);
        var body = Push("OutForDelivery", "OutForDelivery_Other", _product.Time.GetUtcNow())
            .Replace(_number, other, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await PushAsync(body, Sign(body)));
        await PumpAsync();
        Assert.Single(SentTo("digit@example.com"));
    }

    [Fact]
    public async Task Without_a_key_no_17TRACK_push_is_taken()
    {
        ((PackageOptions)_product.Services.GetService(typeof(PackageOptions))!).SeventeenTrackKey = null;
        var body = Push("Delivered", "Delivered_Other", _product.Time.GetUtcNow());
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body, Sign(body)));
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body, Sign(body, "")));
    }

    [Fact]
    public async Task While_the_17TRACK_key_is_changed_what_either_has_signed_is_taken()
    {
        const string next = "ABCDEF0123456789ABCDEF0123456789";
        ((PackageOptions)_product.Services.GetService(typeof(PackageOptions))!).SeventeenTrackKey = $"{next} {Key}";
        foreach (var key in (string[])[next, Key])
        {
            var body = Push("InTransit", "InTransit_Other", _product.Time.GetUtcNow());
            Assert.Equal(HttpStatusCode.OK, await PushAsync(body, Sign(body, key)));
            Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body, Sign(body, $"{next} {Key}")));
        }
    }

    [Fact]
    public async Task The_older_17TRACK_form_is_taken_by_configuration_only()
    {
        var data = """{"number":"N","track":{"e":40,"z0":{"a":"2026-11-24 11:00","c":"London","z":"Delivered"}}}""".Replace(
            "\"N\"", $"\"{_number}\"", StringComparison.Ordinal);
        var sign = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"TRACKING_UPDATED/{data}/{Key}")));
        var body = $$"""{"sign":"{{sign}}","event":"TRACKING_UPDATED","data":{{data}}}""";
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body, null));
        ((PackageOptions)_product.Services.GetService(typeof(PackageOptions))!).SeventeenTrackOlderForm = true;
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body.Replace("London", "Paris", StringComparison.Ordinal), null));
        Assert.Equal(HttpStatusCode.OK, await PushAsync(body, null));
        await PumpAsync();
        Assert.Equal("Delivered", (await _product.GetAsync($"/v1/packages/{_number}")).Json.GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("""{"event":"TRACKING_UPDATED","data":{},"sign":"00","\ud800":1}""")]
    [InlineData("""{"event":"\ud800","data":{},"sign":"00"}""")]
    [InlineData("""{"event":"TRACKING_UPDATED","data":{},"sign":"\udfff"}""")]
    public async Task A_push_of_the_older_form_with_half_a_letter_in_it_is_unsigned_and_no_failure_of_ours(string body)
    {
        ((PackageOptions)_product.Services.GetService(typeof(PackageOptions))!).SeventeenTrackOlderForm = true;
        Assert.Equal(HttpStatusCode.Unauthorized, await PushAsync(body, null));
        Assert.Equal(HttpStatusCode.BadRequest, await PushAsync(body, Sign(body)));
    }

    [Fact]
    public async Task Signed_pushes_that_tell_nothing_are_answered_and_ignored()
    {
        foreach (var body in (string[])[
            "{}", "[]", "null", """{"event":"TRACKING_STOPPED","data":{"number":"LX123456785CN"}}""",
            """{"event":"TRACKING_UPDATED","data":{"number":"?"}}""",
            """{"event":"TRACKING_UPDATED","data":{"number":"JD0002","track_info":{"latest_status":{"status":"Teleported"}}}}""",
        ])
        {
            Assert.Equal(HttpStatusCode.OK, await PushAsync(body, Sign(body)));
        }

        Assert.Equal(HttpStatusCode.BadRequest, await PushAsync("{", Sign("{")));
    }

    [Fact]
    public async Task The_confirmation_link_of_a_watch_confirms_it_and_looking_at_it_does_not()
    {
        var email = $"confirm.{_number}@example.com".ToLowerInvariant();
        var watches = (Watches)_product.Services.GetService(typeof(Watches))!;
        await watches.WatchAsync(
            new WatchRequest(PackagesWorld.Parse(_number), CoreProduct.Email(email), WatchOptions.PublicForm, "person"), default);
        await PumpAsync();
        var text = Assert.Single(SentTo(email)).Text;
        var path = new Uri(text.Split('\n').Single(l => l.Contains("/c/", StringComparison.Ordinal)).Trim()).AbsolutePath;
        var page = await _product.Anonymous.GetStringAsync(path);
        Assert.Contains(_number, page, StringComparison.Ordinal);
        await _product.PostAsync($"/v1/packages/{_number}/events", new { id = "e1", status = "InTransit" });
        await PumpAsync();
        Assert.Single(SentTo(email));
        _product.Time.Advance(TimeSpan.FromMinutes(1));
        using var answer = await _product.Anonymous.PostAsync(path, new FormUrlEncodedContent([new("confirm", "yes")]));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await _product.PostAsync($"/v1/packages/{_number}/events", new { id = "e2", status = "Delivered" });
        await PumpAsync();
        Assert.Equal(2, SentTo(email).Count());
    }
}

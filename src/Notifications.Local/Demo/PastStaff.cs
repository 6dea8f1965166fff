using System.Text.Json;
using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Campaigns;
using Notifications.Imports;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Templates;

namespace Notifications.Local.Demo;

/// <summary>What the company's staff do in the demo's month, as the console would do it for them.</summary>
internal sealed class PastStaff(Past past)
{
    public const string Marketer = "agent:marta";
    public const string Agent = "agent:tomas";
    private const string Operator = "agent:ines";

    public async ValueTask ImportAsync(byte[] csv, ImportSettings settings)
    {
        var desk = past.Get<ImportDesk>();
        var id = desk.NewId();
        var upload = await desk.ReceiveAsync(id, new MemoryStream(csv), settings, default);
        await desk.CreateAsync(id, upload!, settings, Marketer, default);
        await past.UntilAsync(past.Clock.GetUtcNow().AddSeconds(1));
    }

    public async ValueTask SaveAsync(TemplateSource template, int seen)
    {
        var (result, _, linted) = await past.Get<TemplateDesk>().SaveAsync(template, seen, Marketer, default);
        if (result != TemplateSave.Saved)
            throw new InvalidOperationException(
                $"The demo's template {template.Name} was not saved: {string.Join(" ", linted.Findings.Select(f => f.Message))}");
    }

    public async ValueTask SegmentAsync(string name, string filter)
    {
        var problems = new List<SegmentProblem>();
        var segment = SegmentReader.Read(JsonElement.Parse(filter), "", problems);
        Past.Assume(segment is not null);
        await past.Get<AudienceDesk>().CreateSegmentAsync(name, segment!, Marketer, default);
    }

    public async ValueTask<string> SegmentIdAsync(string name) =>
        (await past.Get<StoredSegments>().ListAsync(null, 100, default)).First(s => s.Name == name).Id;

    public async ValueTask ListAsync(string name, IEnumerable<Somebody> people)
    {
        var (desk, ring) = (past.Get<AudienceDesk>(), past.Get<KeyRing>());
        var list = await desk.CreateListAsync(name, Marketer, default);
        var keys = people.Select(p => ring.KeyOf(Past.Parse(Channel.Email, p.Email))).ToList();
        await desk.ChangeMembersAsync(list.Id, keys, [], Marketer, default);
    }

    public async ValueTask RequestAsync(PrivacyRight right, Somebody person, string note)
    {
        var address = Past.Parse(Channel.Email, person.Email);
        var desk = past.Get<PrivacyDesk>();
        var request = await desk.OpenAsync(right, [address], null, note, null, Agent, default);
        if (request.WaitsForHand) await desk.CompleteAsync(request, "Sent to the address, by mail.", Agent, default);
    }

    public async ValueTask KeyAsync(string name, string[] scopes)
    {
        // Nobody learns the secret: the demo signs in with the local key.
        await past.Get<KeyDesk>().CreateAsync(name, scopes, Operator);
    }
}

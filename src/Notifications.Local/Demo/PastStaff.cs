using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audiences;
using Notifications.Audit;
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
        var segment = SegmentReader.Read(Past.Data(filter), "", problems);
        Past.Assume(segment is not null);
        var made = await past.Get<StoredSegments>().CreateAsync(name, segment!, default);
        await past.Get<AuditLog>().WriteAsync(Marketer, "segment.create", made.Id, null, filter, default);
    }

    public async ValueTask<string> SegmentIdAsync(string name) =>
        (await past.Get<StoredSegments>().ListAsync(null, 100, default)).First(s => s.Name == name).Id;

    public async ValueTask ListAsync(string name, IEnumerable<Somebody> people)
    {
        var lists = past.Get<StaticLists>();
        var ring = past.Get<KeyRing>();
        var list = await lists.CreateAsync(name, default);
        var keys = people.Select(
            p => Address.TryParse(Channel.Email, p.Email, out var address, out _)
                ? ring.KeyOf(address)
                : throw new InvalidOperationException("The crowd has an address that is none.")).ToList();
        await lists.AddAsync(list.Id, keys, default);
        var audit = past.Get<AuditLog>();
        await audit.WriteAsync(Marketer, "list.create", list.Id, null, name, default);
        await audit.WriteAsync(Marketer, "list.members", list.Id, null, $"+{keys.Count} -0", default);
    }

    public async ValueTask RequestAsync(PrivacyRight right, Somebody person, string note)
    {
        Past.Assume(Address.TryParse(Channel.Email, person.Email, out var address, out _));
        var desk = past.Get<PrivacyDesk>();
        var request = await desk.OpenAsync(right, [address], null, note, null, Agent, default);
        if (request.WaitsForHand) await desk.CompleteAsync(request, "Sent to the address, by mail.", Agent, default);
    }

    public async ValueTask KeyAsync(string name, string[] scopes)
    {
        // Nobody learns the secret: the demo signs in with the local key.
        var (key, _) = await past.Get<ApiKeys>().CreateAsync(name, scopes, default);
        await past.Get<AuditLog>().WriteAsync(Operator, "key.create", key.Id, null, $"{name}: {string.Join(' ', scopes)}", default);
    }
}

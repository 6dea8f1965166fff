using Notifications.Access;
using Notifications.Addresses;
using Notifications.Audit;
using Notifications.Contacts;
using Notifications.Security;
using Notifications.Web.Console;
using Notifications.Web.Http;

namespace Notifications.Web.Contacts;

/// <summary>One address of a contact: exactly one of email, phone and address.</summary>
/// <param name="Email">An email address; or give <c>phone</c> or <c>address</c>.</param>
/// <param name="Phone">A phone number in international form, such as +14155550123; or give <c>email</c> or <c>address</c>.</param>
/// <param name="Channel">The channel, which must be the address's own; it may be left out.</param>
/// <param name="Address">Either of the two, as the contact shows it.</param>
internal sealed record ContactAddressInput(string? Email = null, string? Phone = null, string? Channel = null, string? Address = null)
{
    /// <summary>Reads it; what is wrong is added to the errors under the prefix.</summary>
    public Address? Read(FieldErrors errors, string prefix)
    {
        if (Address is not { } shown) return Own(errors, prefix, AddressInput.Read(errors, prefix, Email, Phone, third: "address"));
        if ((Email ?? Phone) is not null) errors.Add(prefix + "address", "excludes email and phone");
        else if (Notifications.Addresses.Address.TryParse(
            Notifications.Addresses.Address.ChannelOf(shown), shown, out var address, out var problem))
            return Own(errors, prefix, address);
        // What is neither is told what it was said to be.
        else if (ChannelNames.Parse(Channel) is { } said && Notifications.Addresses.Address.TryParse(said, shown, out address, out problem))
            return address;
        else errors.Add(prefix + "address", problem);
        return null;
    }

    /// <summary>The member that an address was read from.</summary>
    public string Field() => Address is not null ? "address" : Email is not null ? "email" : "phone";

    private Address? Own(FieldErrors errors, string prefix, Address? address)
    {
        if (address is { Channel: var own } && Channel is not null && Channel != own.Name())
            errors.Add(prefix + "channel", $"must be {own.Name()}, as the address is, or left out");
        return address;
    }
}

/// <summary>A contact as it should be: what is left out is emptied, but for its addresses and its tags.</summary>
/// <param name="Name">The person's name, at most 200 characters.</param>
/// <param name="Addresses">
/// The addresses that it owns, at most 50. They stay as they are when left out, and an empty list takes them all away.
/// </param>
/// <param name="Locale">The person's language, a language tag (BCP 47) such as en or pt-BR.</param>
/// <param name="TimeZone">The person's time zone, an IANA name such as Europe/Lisbon.</param>
/// <param name="Tags">
/// What segments select by, at most 50, each 1 to 64 characters without commas, semicolons, bars and quotation marks. They stay as they are
/// when left out.
/// </param>
internal sealed record ContactInput(
    string? Name = null, IReadOnlyList<ContactAddressInput>? Addresses = null, string? Locale = null, string? TimeZone = null,
    IReadOnlyList<string>? Tags = null);

/// <summary>Who disables or enables a contact, and where that was said. The body may be left out.</summary>
/// <param name="Source">Where that was said, at most 100 characters.</param>
/// <param name="Agent">
/// The person at the desk who does this, as an id of 1 to 64 letters, digits, dots, underscores and hyphens; the ledger and the audit then
/// name them in place of the API key.
/// </param>
internal sealed record ContactStatusInput(string? Source = null, string? Agent = null);

/// <summary>One address of a contact.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Address">The address.</param>
internal sealed record ContactAddressView(Channel Channel, string Address);

/// <summary>A contact.</summary>
/// <param name="Id">The contact's id, which is yours.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Name">The person's name.</param>
/// <param name="Addresses">The addresses that it owns, email first, in the order of the alphabet.</param>
/// <param name="Locale">The person's language, a language tag (BCP 47).</param>
/// <param name="TimeZone">The person's time zone, an IANA name.</param>
/// <param name="Tags">What its addresses are marked with; left out where it was never given any.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="ObjectedAt">When the person objected to direct marketing; left out where they did not.</param>
internal sealed record ContactDetails(
    string Id,
    ContactStatus Status, string? Name, IReadOnlyList<ContactAddressView> Addresses, string? Locale, string? TimeZone,
    IReadOnlyList<string>? Tags, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? ObjectedAt)
{
    public static ContactDetails Of(ContactView contact)
    {
        var profile = contact.Profile;
        return new ContactDetails(
            profile.Id,
            profile.ShownStatus, profile.Name,
            [
                .. contact.Addresses.Select(a => new ContactAddressView(a.Address.Channel, a.Address.Value))
                    .OrderBy(a => a.Channel)
                    .ThenBy(a => a.Address, StringComparer.Ordinal),
            ],
            profile.Locale, profile.TimeZone, profile.Tags, profile.CreatedAt, profile.UpdatedAt, profile.ObjectedAt);
    }
}

/// <summary>Keeps contacts and the addresses they own.</summary>
internal sealed class ContactEndpoints(
    ContactDesk desk, KeyRing ring, OurAddresses ours, AuditLog audit, Idempotency idempotency) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "PUT", "/v1/contacts/{id}", Scope.Contacts, PutAsync,
            new("Create a contact or bring it up to date", typeof(ContactInput), (200, typeof(ContactDetails)),
                (201, typeof(ContactDetails)))
            {
                GivesLocation = true,
                GivesETag = true,
                HeedsIfMatch = true,
                HeedsIfNoneMatch = true,
                Description = "The id is yours: 1 to 64 letters, digits, dots, underscores and hyphens, neither . nor .., and no address. The contact becomes what the body says: a name, locale or timeZone that is left out is emptied, and its addresses keep the locale and zone they have; addresses that are left out stay, and an empty list takes them all away; so do tags. What a GET has answered can be put back: what is not the caller's to set is passed over. Owning an address permits nothing: consents are recorded at /v1/consents. An address of another contact, or of a person who was erased, is refused: 409. With If-Match it is changed only as it was read, and with If-None-Match: * only created: else 412.",
            });
        routes.MapApi(
            "GET", "/v1/contacts/{id}", Scope.Contacts, GetAsync,
            new("A contact", null, (200, typeof(ContactDetails))) { GivesETag = true });
        routes.MapApi("DELETE", "/v1/contacts/{id}", Scope.Contacts, DeleteAsync, new("Forget a contact", null, (204, null))
        {
            Description = "Its addresses keep their consents and, where the account was disabled, stay silent.",
        });
        routes.MapApi(
            "POST", "/v1/contacts/{id}/disable", Scope.Contacts, http => SetAsync(http, ContactStatus.Disabled),
            new("Disable a contact: nothing more is sent to any of its addresses", typeof(ContactStatusInput),
                (200, typeof(ContactDetails)))
            {
                NeedsBody = false,
            });
        routes.MapApi(
            "POST", "/v1/contacts/{id}/enable", Scope.Contacts, http => SetAsync(http, ContactStatus.Active),
            new("Enable a contact again", typeof(ContactStatusInput), (200, typeof(ContactDetails)))
            {
                NeedsBody = false,
                Description = "A repetition under an Idempotency-Key enables nothing that was disabled since the request first came: 409, type disabled-since.",
            });
    }

    private async ValueTask<Answer> PutAsync(HttpContext http)
    {
        var (body, problem) = await RequestBody.ReadAsync(http);
        if (problem is not null) return problem;
        var id = http.Id();
        var (type, shown) = (WebJson.Default.ContactInput, WebJson.Default.ContactDetails);
        if (AsShown.Parse(body!, id, type, shown, out var input) is { } wrong) return wrong;
        var errors = new FieldErrors();
        if (!Inputs.IsId(id)) errors.Add("id", ContactId.Rule);
        var name = errors.Optional("name", input.Name, 200);
        var locale = Inputs.Locale(errors, input.Locale);
        var zone = Inputs.TimeZone(errors, input.TimeZone);
        var addresses = ReadAddresses(errors, input);
        var tags = ReadTags(errors, input);
        if (errors.Any) return errors.Answer();
        if (!IfMatch.TrySeen(http, out var seen)) return IfMatch.Wrong();
        var (there, absent) = (http.Request.Headers.IfMatch.Count > 0, http.Request.Headers.IfNoneMatch.Count > 0);
        var (result, created) = await desk.PutAsync(
            id, name, locale, zone, addresses, http.Actor(), CancellationToken.None, tags,
            (before, after) => PlannedAsync(http, before, after),
            before => before is null ? !there : !absent && (seen is null || seen == State(before)));
        if (result == ContactResult.Stale)
            return absent
                ? Problem.Of(412, "contact-exists", "This contact exists.", "Change it without If-None-Match.")
                : IfMatch.Stale("contact-changed", "This contact is not as it was read.");
        if (result == ContactResult.AddressTaken)
            return Problem.Conflict("address-taken", "One of the addresses belongs to another contact.");
        if (result == ContactResult.AddressErased)
            return Problem.Conflict(
                "address-erased", "One of the addresses belongs to a person who was erased; it is stored nowhere again.");
        var contact = await desk.GetAsync(id, CancellationToken.None);
        if (contact is null) return NotFound(); // Deleted by another request since.
        return created
            ? View(contact, StatusCodes.Status201Created) with { Location = "/v1/contacts/" + id }
            : View(contact);
    }

    private static Answer View(ContactView contact, int status = StatusCodes.Status200OK) =>
        Answer.Json(ContactDetails.Of(contact), WebJson.Default.ContactDetails, status) with { ETag = IfMatch.Tag(State(contact)) };

    private static long State(ContactView contact) => contact.Profile.UpdatedAt.ToUnixTimeMilliseconds();

    /// <summary>Before the act, so that none is without its entry (R68); what changes nothing is no act.</summary>
    private async ValueTask PlannedAsync(HttpContext http, ContactView? before, ContactView after)
    {
        if (before is null) await AuditAsync(http, "contact.create", after.Profile.Id, null, Describe(after));
        else if (Changed(before, after) is { Count: > 0 } changed)
            await AuditAsync(
                http, "contact.update", after.Profile.Id, Describe(before), $"{Describe(after)} (changed: {string.Join(", ", changed)})");
    }

    private List<Address>? ReadAddresses(FieldErrors errors, ContactInput input)
    {
        if (input.Addresses is not { } given) return null;
        if (given.Count > ContactDesk.MaxAddresses) errors.Add("addresses", $"must have at most {ContactDesk.MaxAddresses} entries");
        var addresses = new List<Address>();
        for (var i = 0; i < given.Count && i < ContactDesk.MaxAddresses; i++)
        {
            if (given[i] is not { } one) errors.Add($"addresses[{i}]", "must be an object");
            else if (one.Read(errors, $"addresses[{i}].") is { } address)
            {
                addresses.Add(address);
                if (ours.Has(address)) errors.Add($"addresses[{i}].{one.Field()}", OurAddresses.Problem);
            }
        }

        return addresses;
    }

    private static string[]? ReadTags(FieldErrors errors, ContactInput input)
    {
        if (input.Tags is not { } given) return null;
        var tags = given.Any(t => t is null) ? null : Tags.Normalise(given);
        if (tags is null) errors.Add("tags", $"must be at most {Tags.Most} texts, each {Tags.Rule}");
        return tags;
    }

    private async ValueTask<Answer> GetAsync(HttpContext http) =>
        Inputs.IsId(http.Id()) && await desk.GetAsync(http.Id(), http.RequestAborted) is { } contact
            ? View(contact)
            : NotFound();

    private async ValueTask<Answer> DeleteAsync(HttpContext http)
    {
        var id = http.Id();
        if (!Inputs.IsId(id) || await desk.GetAsync(id, http.RequestAborted) is not { } before) return NotFound();
        await AuditAsync(http, "contact.delete", id, Describe(before), null); // Before the act, so that none is without its entry (R68).
        return await desk.DeleteAsync(id, CancellationToken.None) ? Answer.Nothing : NotFound();
    }

    private ValueTask<Answer> SetAsync(HttpContext http, ContactStatus status) =>
        idempotency.RunAsync(http, WebJson.Default.ContactStatusInput, async input =>
        {
            var errors = new FieldErrors();
            var source = errors.Optional("source", input.Source, 100);
            var actor = ActorInput.Read(http, errors, input.Agent);
            if (errors.Any) return errors.Answer();
            if (!Inputs.IsId(http.Id()) || await desk.GetAsync(http.Id(), http.RequestAborted) is not { } before) return NotFound();
            var since = status == ContactStatus.Active && KeyedRun.Of(http) is { Again: true } run ? run.At : (DateTimeOffset?)null;
            if (ContactDesk.IsDisabledSince(before.Profile, since)) return DisabledSince();
            await audit.WriteAsync(
                actor, status == ContactStatus.Disabled ? "contact.disable" : "contact.enable",
                ring.LookupHash("contact", before.Profile.Id), Parts.Word(before.Profile.Status), Parts.Word(status),
                CancellationToken.None);
            if (await desk.SetStatusAsync(http.Id(), status, source ?? "api", actor, CancellationToken.None, since) is not { } contact)
                return NotFound();
            if (ContactDesk.IsDisabledSince(contact.Profile, since)) return DisabledSince();
            return Answer.Json(ContactDetails.Of(contact), WebJson.Default.ContactDetails);
        });

    private ValueTask AuditAsync(HttpContext http, string action, string id, string? before, string? after) =>
        audit.WriteAsync(http.Actor(), action, ring.LookupHash("contact", id), before, after, CancellationToken.None);

    // No word of the person: the audit outlives an erasure (R34). Its addresses stand there as their keys.
    private static string Describe(ContactView contact) =>
        contact.Addresses.Count == 0
            ? Parts.Word(contact.Profile.Status)
            : $"{Parts.Word(contact.Profile.Status)}: {string.Join(' ', contact.Addresses.Select(a => a.Key.Value))}";

    private static List<string> Changed(ContactView before, ContactView after)
    {
        var changed = new List<string>();
        var (old, now) = (before.Profile, after.Profile);
        if (old.Name != now.Name) changed.Add("name");
        if (old.Locale != now.Locale) changed.Add("locale");
        if (old.TimeZone != now.TimeZone) changed.Add("timeZone");
        if (!(old.Tags ?? []).SequenceEqual(now.Tags ?? [])) changed.Add("tags");
        if (!before.Addresses.Select(a => a.Key).SequenceEqual(after.Addresses.Select(a => a.Key))) changed.Add("addresses");
        return changed;
    }

    /// <summary>P6: who enables what was disabled meanwhile has to say so anew.</summary>
    private static Answer DisabledSince() =>
        Problem.Conflict(
            "disabled-since",
            "The account was disabled, or changed while it was, after this request first came: it stays so. Enable it with a new request.");

    private static Answer NotFound() => Problem.NotFound("No contact has this id.");
}

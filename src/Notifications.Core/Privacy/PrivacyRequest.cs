using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Notifications.Addresses;

namespace Notifications.Privacy;

/// <summary>The right that a person exercises (GDPR articles 15 to 21).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PrivacyRight>))]
public enum PrivacyRight
{
    /// <summary>Art. 15: to see what is held.</summary>
    [JsonStringEnumMemberName("access")] Access = 1,

    /// <summary>Art. 20: to take it elsewhere.</summary>
    [JsonStringEnumMemberName("portability")] Portability = 2,

    /// <summary>Art. 16: to have it corrected.</summary>
    [JsonStringEnumMemberName("rectification")] Rectification = 3,

    /// <summary>Art. 17: to be forgotten.</summary>
    [JsonStringEnumMemberName("erasure")] Erasure = 4,

    /// <summary>Art. 18: to have it kept and not used.</summary>
    [JsonStringEnumMemberName("restriction")] Restriction = 5,

    /// <summary>Art. 21: to hear no marketing any more.</summary>
    [JsonStringEnumMemberName("objection")] Objection = 6,
}

/// <summary>Where a request stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PrivacyStatus>))]
public enum PrivacyStatus
{
    /// <summary>
    /// Recorded and being carried out, or waiting for somebody's hand (<see cref="PrivacyRequest.WaitsForHand"/>); a timer carries on what
    /// a crash interrupted.
    /// </summary>
    [JsonStringEnumMemberName("running")] Running = 1,

    /// <summary>Carried out.</summary>
    [JsonStringEnumMemberName("completed")] Completed = 2,
}

/// <summary>What a rectification changes; null leaves as it is.</summary>
public sealed record Rectification(string? Name = null, string? Locale = null, string? TimeZone = null, string? NewAddress = null);

/// <summary>One exercised right, with its clock (R31), its outcome and who recorded it.</summary>
public sealed partial record PrivacyRequest
{
    /// <summary>When it was opened and a random suffix: the order of ids is the order of time.</summary>
    public required string Id { get; init; }

    /// <summary>An id for a request that comes now.</summary>
    internal static string NewId(DateTimeOffset now) => IdOf(now, RandomNumberGenerator.GetHexString(8, lowercase: true));

    /// <summary>The id of a request that came at a moment; <paramref name="suffix"/>, 8 hex digits, tells it from others of then.</summary>
    public static string IdOf(DateTimeOffset came, string suffix) => IdAt(came) + suffix;

    /// <summary>How the ids of a moment begin.</summary>
    internal static string IdAt(DateTimeOffset at) => string.Create(CultureInfo.InvariantCulture, $"{at.ToUnixTimeMilliseconds():D15}-");

    /// <summary>The right.</summary>
    public required PrivacyRight Type { get; init; }

    /// <summary>Where it stands.</summary>
    public PrivacyStatus Status { get; init; } = PrivacyStatus.Running;

    /// <summary>
    /// Whom it is about, as <c>email:...</c> or <c>sms:...</c>, each at the place of its key. One whose owner was erased is gone.
    /// </summary>
    public string[] Addresses { get; init; } = [];

    /// <summary>The keyed hashes of the addresses, those of erased people last; they outlive an erasure.</summary>
    public required string[] AddressKeys { get; init; }

    /// <summary>The contact it is about, or null. Null once the person is erased.</summary>
    public string? ContactId { get; init; }

    /// <summary>Whether it is about the contact with all of its addresses, also those that come later.</summary>
    public bool WholeContact { get; init; }

    /// <summary>When it came: its clock runs from then, whenever it was recorded (R31).</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When it was recorded: what it does happened after that.</summary>
    [JsonIgnore]
    public DateTimeOffset RecordedAt =>
        IsId(Id) ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(Id.AsSpan(0, 15), CultureInfo.InvariantCulture)) : OpenedAt;

    /// <summary>When it must be answered, on its last day: one month after it came, three when extended.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>
    /// When it is overdue: a period of months ends with the last hour of its last day (GDPR 12(3); Regulation 1182/71, article 3(2)(c)).
    /// That is the day of <see cref="DueAt"/> in UTC, be it a holiday or not.
    /// </summary>
    [JsonIgnore]
    public DateTimeOffset OverdueAt => new(DueAt.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    /// <summary>The day it was to be answered by when the alert rang for it last, or null (<see cref="RequestClock"/>).</summary>
    public DateTimeOffset? RangFor { get; init; }

    /// <summary>Whether that alert said that the day is past.</summary>
    public bool RangOverdue { get; init; }

    /// <summary>When it was extended, or null.</summary>
    public DateTimeOffset? ExtendedAt { get; init; }

    /// <summary>What the person was told about the extension, with the answer, or about the end of the restriction.</summary>
    public string? Notice { get; init; }

    /// <summary>Where the person was told that by us: before the restriction was lifted, or of the extension; null where not.</summary>
    public Notified? Notified { get; init; }

    /// <summary>When it was carried out; for access and portability, when the export was handed over.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When a restriction was lifted, after notice (R35).</summary>
    public DateTimeOffset? LiftedAt { get; init; }

    /// <summary>What came of it, in words; while it waits for somebody's hand, for what.</summary>
    public string? Outcome { get; init; }

    /// <summary>Who recorded it.</summary>
    public required string Actor { get; init; }

    /// <summary>What was noted with it. Null once the person is erased.</summary>
    public string? Note { get; init; }

    /// <summary>What is corrected.</summary>
    public Rectification? Change { get; init; }

    /// <summary>
    /// Whether name, language and time zone are corrected. While the request waits for its change of address they are the person's again to
    /// change, and are not corrected once more.
    /// </summary>
    public bool Corrected { get; init; }

    /// <summary>Whether the owner of the new address was erased before it could take the old one's place.</summary>
    public bool NewAddressGone { get; init; }

    /// <summary>
    /// Whether the new address of a rectification has taken over what the old one said. What the old one says from then on is of this
    /// request's own making.
    /// </summary>
    public bool TakenOver { get; init; }

    /// <summary>
    /// Whether the address that was named for a rectification is a former one of the person, and the request is about the one in its place.
    /// </summary>
    public bool FromFormer { get; init; }

    /// <summary>Whether the person of an erasure has another address in the place of one that was erased, which was not.</summary>
    public bool GoesOn { get; init; }

    /// <summary>
    /// When an erasure had emptied the person's own records: what names them elsewhere is still to be looked for
    /// (<see cref="ErasureSweep"/>), and needs their addresses.
    /// </summary>
    public DateTimeOffset? EmptiedAt { get; init; }

    /// <summary>How much an erasure has met so far that no key of the ring opens.</summary>
    public int Unreadable { get; init; }

    /// <summary>
    /// Whether only somebody's hand ends it: its export is to be handed over, or something stands in its way, which <see cref="Outcome"/>
    /// names.
    /// </summary>
    [JsonIgnore]
    public bool WaitsForHand =>
        Status == PrivacyStatus.Running
            && EmptiedAt is null
            && (Type is PrivacyRight.Access or PrivacyRight.Portability || Outcome is not null);

    /// <summary>Whether it is a restriction that stands over an address, which belongs to a contact or, with null, to none.</summary>
    public bool Restricts(AddressKey key, string? contactId) =>
        this is { Type: PrivacyRight.Restriction, LiftedAt: null }
            && (AddressKeys.Contains(key.Value) || (WholeContact && ContactId is not null && ContactId == contactId));

    /// <summary>Whether a text can be the id of a request.</summary>
    public static bool IsId(string text) => Shape().IsMatch(text);

    [GeneratedRegex(@"^[0-9]{15}-[0-9a-f]{8}\z")]
    private static partial Regex Shape();

    /// <summary>
    /// The evidence of a ledger entry that a request caused. Ids are digits, hex and a hyphen, so the JSON needs no escaping.
    /// </summary>
    public static string EvidenceOf(string id) => $$"""{"request":"{{id}}"}""";

    /// <summary>
    /// Whether something is still to be done about it: it is being carried out, it restricts, or queues are searched again for it.
    /// </summary>
    [JsonIgnore]
    public bool IsOpen =>
        Status == PrivacyStatus.Running
            || SweepUntil is not null
            || (this is { Type: PrivacyRight.Restriction, LiftedAt: null } && IsAboutSomebody);

    /// <summary>Whether it names anybody yet: not where everybody it was about was erased.</summary>
    [JsonIgnore]
    public bool IsAboutSomebody => Addresses.Length > 0 || ContactId is not null;

    /// <summary>Whether it is a restriction that was carried out and stands until somebody lifts it.</summary>
    [JsonIgnore]
    public bool Stands =>
        this is { Type: PrivacyRight.Restriction, Status: PrivacyStatus.Completed, LiftedAt: null } && IsAboutSomebody;

    /// <summary>What is told of a request that was still to be answered when everybody it was about was erased.</summary>
    internal const string EndedUnanswered = "Ended by the erasure of whom it was about, before it was answered.";

    /// <summary>
    /// The request without what names somebody who was erased. What is about other addresses, or about an <paramref name="account"/> that
    /// is still there, is theirs and goes on; where nothing is left there is nothing more to do. The addresses that stay stand first, so
    /// that each keeps its place beside its key.
    /// </summary>
    internal PrivacyRequest Without(IReadOnlyCollection<string> erased, bool account, Func<string, bool> names, DateTimeOffset now)
    {
        var left = Enumerable.Range(0, Addresses.Length).Where(i => !erased.Contains(AddressKeys[i])).ToArray();
        string[] keys = [.. left.Select(i => AddressKeys[i])];
        var some = this with
        {
            Addresses = [.. left.Select(i => Addresses[i])],
            AddressKeys = [.. keys, .. AddressKeys.Except(keys)],
            ContactId = account ? ContactId : null,
        };
        if (left.Length == 0 && !(account && WholeContact))
            return some with
            {
                ContactId = null,
                Note = null,
                Notice = null,
                Change = null,
                Status = PrivacyStatus.Completed,
                CompletedAt = CompletedAt ?? now,
                Outcome = Status == PrivacyStatus.Running ? EndedUnanswered : Outcome,
            };
        return some with
        {
            // The account's name has gone with its last address.
            Change = ContactId is not null && !account && Change is not null ? Change with { Name = null } : Change,
            Note = Note is not null && names(Note) ? null : Note,
            Notice = Notice is not null && names(Notice) ? null : Notice,
        };
    }

    /// <summary>
    /// The rectification without its new address, whose owner was erased. One that is not carried out yet waits for somebody's hand from
    /// then on: what the person asked for is not done.
    /// </summary>
    internal PrivacyRequest WithoutNext(string outcome)
    {
        var some = this with { Change = Change is null ? null : Change with { NewAddress = null } };
        return Status == PrivacyStatus.Running ? some with { NewAddressGone = true, Outcome = outcome } : some;
    }

    /// <summary>
    /// The rectification of the address that has taken the named one's place; null where it is done, or whom it names was erased.
    /// </summary>
    internal PrivacyRequest? About(Address address, AddressKey key, string? account) =>
        Status != PrivacyStatus.Running || Addresses is []
            ? null
            : this with
            {
                Addresses = [address.Stored],
                AddressKeys = [key.Value],
                ContactId = account ?? ContactId,
                TakenOver = false,
                FromFormer = true,
            };

    /// <summary>The request over one address more, beside those whose names it still holds.</summary>
    internal PrivacyRequest With(Address address, AddressKey key)
    {
        if (AddressKeys.Contains(key.Value)) return this;
        var named = Addresses.Length;
        return this with
        {
            Addresses = [.. Addresses, address.Stored],
            AddressKeys = [.. AddressKeys[..named], key.Value, .. AddressKeys[named..]],
        };
    }

    /// <summary>A restriction over these of its addresses, and the account where that is so; closed where it is over nothing.</summary>
    internal PrivacyRequest Only(IReadOnlyCollection<string> keys, bool account, DateTimeOffset now)
    {
        var left = Enumerable.Range(0, Addresses.Length).Where(i => keys.Contains(AddressKeys[i])).ToArray();
        var some = this with
        {
            Addresses = [.. left.Select(i => Addresses[i])],
            AddressKeys = [.. left.Select(i => AddressKeys[i])],
            ContactId = account ? ContactId : null,
            WholeContact = account,
        };
        return left.Length > 0 || account
            ? some
            : some with { LiftedAt = now, Outcome = "The import that brought it came to no end: it restricts nothing." };
    }

    /// <summary>The addresses themselves.</summary>
    internal List<Address> Named() => [.. Addresses.Select(Address.OfStored)];

    /// <summary>The address that a rectification puts in place of the old one, or null.</summary>
    internal Address? Next() => this is { Change.NewAddress: { } next, Addresses: not [] } ? new Address(Named()[0].Channel, next) : null;

    /// <summary>Until when queues are searched again for what waited unseen in them at an erasure.</summary>
    public DateTimeOffset? SweepUntil { get; init; }
}

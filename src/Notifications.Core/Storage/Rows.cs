using System.Globalization;

namespace Notifications.Storage;

/// <summary>Names of the tables.</summary>
public static class Tables
{
    /// <summary>Partition: address key. State, ledger, messages and watches of one address, so that P1 is one write.</summary>
    public const string Addresses = "addresses";

    /// <summary>
    /// Partition: tracking number. The package, its events, and who follows it; the followers' rows follow the address records.
    /// </summary>
    public const string Packages = "packages";

    /// <summary>Partition: contact id.</summary>
    public const string Contacts = "contacts";

    /// <summary>Partition: first character of the address key; row: address key. Follows the address states.</summary>
    public const string Suppressions = "suppressions";

    /// <summary>
    /// Partition: <c>{topic}:{channel}:{first character of the address key}</c>; row: address key. Follows the address records.
    /// </summary>
    public const string Audience = "audience";

    /// <summary>Partition <c>segments</c>; row: segment id.</summary>
    public const string Segments = "segments";

    /// <summary>Partition <c>index</c>: every list; partition: list id; rows: its size and <c>member:{address key}</c>.</summary>
    public const string Lists = "lists";

    /// <summary>
    /// Partition <c>keys</c>; row: keyed hash of the API key. <c>ring</c>: what only the right key ring opens. <c>health</c>: what
    /// readiness writes. <c>signed-out</c>: ended sign-ins to the console. <c>reseal</c>, and one for each pass over a table: how far it
    /// has come.
    /// </summary>
    public const string Keys = "keys";

    /// <summary>Partition: keyed hash of client and Idempotency-Key.</summary>
    public const string Idempotency = "idempotency";

    /// <summary>
    /// Partition: queue; row: time and the keyed hash of the item's body, of a message that of its id. Partition <c>{queue}:notes</c>; row:
    /// that hash. When and why it was given up, and whether an operator has dealt with its letter.
    /// </summary>
    public const string DeadLetters = "deadletters";

    /// <summary>
    /// Partition <c>items</c>; row: <c>open:</c> or <c>done:</c>, time and a hash. What a person must read. Partition <c>deliveries</c>;
    /// row: the hash of a mail. The item of its first delivery.
    /// </summary>
    public const string Review = "review";

    /// <summary>Partition: due hour in UTC; row: due time and message id. Messages that are due later than a queue can hold them.</summary>
    public const string Schedule = "schedule";

    /// <summary>Partition <c>alerts</c>; row: hour, kind and, where there is one, the subject. What an operator must see.</summary>
    public const string Alerts = "alerts";

    /// <summary>
    /// Partition <c>requests</c>; row: request id. Exercised rights; one that is running is carried on by a timer. Partition
    /// <c>imports</c>: imports of a person's export that are under way.
    /// </summary>
    public const string Requests = "requests";

    /// <summary>
    /// Partition <c>audit</c>; rows: the head, one per administrative act, and <c>once:</c> with the newest entry of an act that is done
    /// once.
    /// </summary>
    public const string Audit = "audit";

    /// <summary>Partition <c>seals</c>; row: day. The Merkle root over every ledger's head, day by day.</summary>
    public const string Seals = "seals";

    /// <summary>Partition: day; row: hour and instance. How much happened, for the console.</summary>
    public const string Statistics = "statistics";

    /// <summary>
    /// Partition <c>sets</c>; rows: a head per template set, and one per version. A marketer's, small, and read through a cache.
    /// </summary>
    public const string Templates = "templates";

    /// <summary>
    /// Partition: campaign id. The campaign, its buckets, and each batch with its members (address keys) and its result; partitions
    /// <c>list</c> and <c>active</c> name campaigns.
    /// </summary>
    public const string Campaigns = "campaigns";

    /// <summary>Partition <c>imports</c>; row: import id, newest first. Files and what became of them.</summary>
    public const string Imports = "imports";

    /// <summary>Local only: what the laptop's inbox shows.</summary>
    public const string Inbox = "inbox";

    /// <summary>Every table, for provisioning, erasure and key rotation.</summary>
    public static readonly string[] All =
        [
            Addresses, Packages, Contacts, Suppressions, Audience, Segments, Lists, Keys, Idempotency, DeadLetters, Review, Schedule,
            Alerts, Requests, Audit, Seals, Statistics, Templates, Campaigns, Imports, Inbox,
        ];

    /// <summary>Those that infra/ provisions: all but the laptop's inbox.</summary>
    public static readonly string[] Provisioned = [.. All.Except([Inbox])];
}

/// <summary>
/// The tables that this store has. One that it lacks cannot even be read, so whatever goes through every table takes these.
/// </summary>
public sealed record StoredTables(IReadOnlyList<string> Names);

/// <summary>
/// Names of the containers. The one of bodies that are too large for a queue's message is not here: it is the Azure queue's own, and what
/// is in it goes with the queue's items.
/// </summary>
public static class Containers
{
    /// <summary>What is imported, and what was wrong with it.</summary>
    public const string Imports = "imports";

    /// <summary>
    /// What Event Grid could not deliver, in its own form: the one container that is not sealed. Nothing else is put there.
    /// </summary>
    public const string DeadLetters = "deadletters";

    /// <summary>Every container, for provisioning and erasure.</summary>
    public static readonly string[] All = [Imports, DeadLetters];
}

/// <summary>Names of the queues. Each has a consumer in both hosts, and so has its poison twin.</summary>
public static class Queues
{
    /// <summary>One message to decide and hand off.</summary>
    public const string Send = "send";

    /// <summary>One event from a provider or a person.</summary>
    public const string Inbound = "inbound";

    /// <summary>One event of a package, or one step of telling its followers.</summary>
    public const string Packages = "packages";

    /// <summary>One step of a campaign.</summary>
    public const string Campaigns = "campaigns";

    /// <summary>Going on with one import.</summary>
    public const string Imports = "imports";

    /// <summary>Every queue.</summary>
    public static readonly string[] All = [Send, Inbound, Packages, Campaigns, Imports];

    /// <summary>Azure only: where Event Grid delivers what providers say. Each event goes on to <see cref="Inbound"/>.</summary>
    public const string ProviderEvents = "provider-events";

    /// <summary>Every queue whose given-up items are kept as dead letters.</summary>
    public static readonly string[] WithDeadLetters = [.. All, ProviderEvents];

    /// <summary>Where a queue's given-up items go.</summary>
    public static string Poison(string queue) => queue + "-poison";

    /// <summary>Whether a queue is such a twin.</summary>
    public static bool IsPoison(string queue) => queue.EndsWith(Poison(""), StringComparison.Ordinal);
}

/// <summary>The shape of every row key, in one place.</summary>
public static class Rows
{
    /// <summary>The one state row of an address.</summary>
    public const string State = "state";

    /// <summary>The one profile row of a contact.</summary>
    public const string Profile = "profile";

    /// <summary>All ledger rows of an address.</summary>
    public const string LedgerPrefix = "ledger:";

    /// <summary>All message rows of an address.</summary>
    public const string MessagePrefix = "message:";

    /// <summary>All address rows of a contact.</summary>
    public const string AddressPrefix = "address:";

    /// <summary>One ledger entry; ten digits keep the ordinal order.</summary>
    public static string Ledger(long seq) => string.Create(CultureInfo.InvariantCulture, $"{LedgerPrefix}{seq:D10}");

    /// <summary>The entry's sequence number.</summary>
    public static long LedgerSeq(string key) => long.Parse(key.AsSpan(LedgerPrefix.Length), CultureInfo.InvariantCulture);

    /// <summary>One message record.</summary>
    public static string Message(string suffix) => MessagePrefix + suffix;

    /// <summary>All followed packages of an address.</summary>
    public const string WatchPrefix = "watch:";

    /// <summary>The one row of a package itself.</summary>
    public const string Package = "package";

    /// <summary>All event rows: of a package what carriers said, of an address its inbound texts.</summary>
    public const string EventPrefix = "event:";

    /// <summary>All follower rows of a package.</summary>
    public const string WatcherPrefix = "watcher:";

    /// <summary>
    /// One inbound text of an address, by the hash of its event's id: what it came to, so that a redelivery comes to the same.
    /// </summary>
    public static string Event(string hash) => EventPrefix + hash;

    /// <summary>One followed package.</summary>
    public static string Watch(string trackingNumber) => WatchPrefix + trackingNumber;

    /// <summary>One follower of a package.</summary>
    public static string Watcher(string addressKey) => WatcherPrefix + addressKey;

    /// <summary>One event of a package, by the hash of its id: carriers put anything into ids.</summary>
    public static string PackageEvent(string id) =>
        EventPrefix
        + System.Buffers.Text.Base64Url.EncodeToString(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)).AsSpan(
                0, 16));

    /// <summary>The one partition of templates.</summary>
    public const string TemplatePartition = "sets";

    /// <summary>All template sets.</summary>
    public const string TemplateHeadPrefix = "head:";

    /// <summary>One template set.</summary>
    public static string TemplateHead(string name, Addresses.Channel channel) =>
        $"{TemplateHeadPrefix}{name}:{Addresses.ChannelNames.Name(channel)}";

    /// <summary>One version of a template set; ten digits keep the ordinal order.</summary>
    public static string TemplateVersion(string name, Addresses.Channel channel, int version) =>
        string.Create(CultureInfo.InvariantCulture, $"version:{name}:{Addresses.ChannelNames.Name(channel)}:{version:D10}");

    /// <summary>The one row of a campaign itself.</summary>
    public const string Campaign = "campaign";

    /// <summary>How far the selection of a bucket has come.</summary>
    public static string Bucket(string bucket) => "bucket:" + bucket;

    /// <summary>The name of a bucket's batch; six digits keep the order.</summary>
    public static string BatchName(string bucket, int number) => string.Create(CultureInfo.InvariantCulture, $"{bucket}{number:D6}");

    /// <summary>What has come of a batch.</summary>
    public static string Batch(string batch) => "batch:" + batch;

    /// <summary>Behind the last batch.</summary>
    public const string BatchEnd = "batch;";

    /// <summary>Who is in a batch.</summary>
    public static string Members(string batch) => "members:" + batch;

    /// <summary>A batch that is to be counted anew.</summary>
    public static string Stale(string batch) => StalePrefix + batch;

    /// <summary>All batches that are to be counted anew.</summary>
    public const string StalePrefix = "stale:";

    /// <summary>The counts of a campaign's dry run.</summary>
    public static string Forecast(string generation) => "forecast:" + generation;

    /// <summary>A dry run that is not ended.</summary>
    public const string ForecastRun = "forecasting";

    /// <summary>How far a dry run is in a bucket.</summary>
    public static string ForecastPart(string generation, char bucket) => ForecastPart(generation) + bucket;

    /// <summary>All rows of how far a dry run is.</summary>
    public static string ForecastPart(string generation) => $"forecast:{generation}:";

    /// <summary>What a dry run said of some hundred addresses, named by the last of them.</summary>
    public static string Foretold(string generation, string last) => $"foretold:{generation}:{last}";

    /// <summary>Behind the last row of a dry run.</summary>
    public static string ForetoldEnd(string generation) => $"foretold:{generation};";

    /// <summary>When a campaign was last looked at.</summary>
    public const string Tick = "tick";

    /// <summary>Partition that names the campaigns whose work is not over.</summary>
    public const string CampaignActive = "active";

    /// <summary>Partition that lists every campaign, newest first.</summary>
    public const string CampaignList = "list";

    /// <summary>A campaign's row in the list: the time counts down, so that the newest stands first.</summary>
    public static string CampaignListed(DateTimeOffset created, string id) =>
        string.Create(CultureInfo.InvariantCulture, $"{9_999_999_999_999 - created.ToUnixTimeMilliseconds():D13}-{id}");

    /// <summary>The campaign that a row of the list names.</summary>
    public static string CampaignOf(string listed) => listed[(listed.IndexOf('-') + 1)..];

    /// <summary>One address of a contact.</summary>
    public static string Address(string addressKey) => AddressPrefix + addressKey;
}

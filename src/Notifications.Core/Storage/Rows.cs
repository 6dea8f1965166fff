using System.Globalization;

namespace Notifications.Storage;

/// <summary>Names of the tables.</summary>
public static class Tables
{
    /// <summary>Partition: address key. State, ledger, messages and watches of one address, so that P1 is one write.</summary>
    public const string Addresses = "addresses";

    /// <summary>Partition: tracking number. The package, its events, and who follows it; the followers' rows follow the address records.</summary>
    public const string Packages = "packages";

    /// <summary>Partition: contact id.</summary>
    public const string Contacts = "contacts";

    /// <summary>Partition: first character of the address key; row: address key. Follows the address states.</summary>
    public const string Suppressions = "suppressions";

    /// <summary>Partition <c>keys</c>; row: keyed hash of the API key.</summary>
    public const string Keys = "keys";

    /// <summary>Partition: keyed hash of client and Idempotency-Key.</summary>
    public const string Idempotency = "idempotency";

    /// <summary>Partition: queue; row: time and a random suffix.</summary>
    public const string DeadLetters = "deadletters";

    /// <summary>Partition <c>items</c>; row: <c>open:</c> or <c>done:</c>, time and a hash. What a person must read.</summary>
    public const string Review = "review";

    /// <summary>Partition: due hour in UTC; row: due time and message id. Messages that are due later than a queue can hold them.</summary>
    public const string Schedule = "schedule";

    /// <summary>Partition <c>alerts</c>; row: hour and kind. What an operator must see.</summary>
    public const string Alerts = "alerts";

    /// <summary>Partition <c>requests</c>; row: request id. Exercised rights; one that is running is carried on by a timer.</summary>
    public const string Requests = "requests";

    /// <summary>Partition <c>audit</c>; rows: the head, and one per administrative act.</summary>
    public const string Audit = "audit";

    /// <summary>Partition <c>seals</c>; row: day. The Merkle root over every ledger's head, day by day.</summary>
    public const string Seals = "seals";

    /// <summary>Partition <c>imports</c>; row: import id, newest first. Files and what became of them.</summary>
    public const string Imports = "imports";

    /// <summary>Local only: what the laptop's inbox shows.</summary>
    public const string Inbox = "inbox";

    /// <summary>Every table, for provisioning, erasure and key rotation.</summary>
    public static readonly string[] All = [Addresses, Packages, Contacts, Suppressions, Keys, Idempotency, DeadLetters, Review, Schedule, Alerts, Requests, Audit, Seals, Imports, Inbox];
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

    /// <summary>Going on with one import.</summary>
    public const string Imports = "imports";

    /// <summary>Every queue.</summary>
    public static readonly string[] All = [Send, Inbound, Packages, Imports];

    /// <summary>Azure only: where Event Grid delivers what providers say. Each event goes on to <see cref="Inbound"/>.</summary>
    public const string ProviderEvents = "provider-events";

    /// <summary>Every queue whose given-up items are kept as dead letters.</summary>
    public static readonly string[] WithDeadLetters = [.. All, ProviderEvents];

    /// <summary>Where a queue's given-up items go.</summary>
    public static string Poison(string queue) => queue + "-poison";
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

    /// <summary>One message record.</summary>
    public static string Message(string suffix) => MessagePrefix + suffix;

    /// <summary>All followed packages of an address.</summary>
    public const string WatchPrefix = "watch:";

    /// <summary>The one row of a package itself.</summary>
    public const string Package = "package";

    /// <summary>All event rows of a package.</summary>
    public const string EventPrefix = "event:";

    /// <summary>All follower rows of a package.</summary>
    public const string WatcherPrefix = "watcher:";

    /// <summary>One inbound text of an address, by the hash of its event's id: what it came to, so that a redelivery comes to the same.</summary>
    public static string Event(string hash) => "event:" + hash;

    /// <summary>One followed package.</summary>
    public static string Watch(string trackingNumber) => WatchPrefix + trackingNumber;

    /// <summary>One follower of a package.</summary>
    public static string Watcher(string addressKey) => WatcherPrefix + addressKey;

    /// <summary>One event of a package, by the hash of its id: carriers put anything into ids.</summary>
    public static string PackageEvent(string id) =>
        EventPrefix + System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)).AsSpan(0, 16));

    /// <summary>One address of a contact.</summary>
    public static string Address(string addressKey) => AddressPrefix + addressKey;
}

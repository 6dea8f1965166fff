using System.Collections.Frozen;
using Notifications.Addresses;

namespace Notifications.Consent;

/// <summary>Every topic there is, by key, in the order people see them.</summary>
public sealed class TopicCatalog
{
    private readonly FrozenDictionary<string, Topic> _byKey;

    /// <summary>The built-in topics, changed or followed by the configured ones.</summary>
    /// <exception cref="ArgumentException">A configured topic is not valid; the message names it and the remedy.</exception>
    public TopicCatalog(IEnumerable<Topic>? configured = null)
    {
        var all = new List<Topic>(BuiltIn());
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (at, topic) in (configured ?? []).Index())
        {
            if (!TopicKey.IsValid(topic.Key))
                throw new ArgumentException(
                    $"Notifications:Topics:{at}: '{topic.Key}' is not a topic key; use 1 to 32 lower-case letters, digits and single hyphens.");
            if (!given.Add(topic.Key)) throw new ArgumentException($"Notifications:Topics:{at}: '{topic.Key}' is there twice; leave one of them out.");
            if (topic.CapDays is < 1 or > 365 || topic.CapCount is < 0 or > 1000)
                throw new ArgumentException($"Notifications:Topics:{at}: '{topic.Key}' needs CapDays from 1 to 365 and CapCount from 0 to 1000.");
            if (topic.Name.Length == 0) topic.Name = topic.Key;
            if (topic.Name.Length > 100 || topic.Name.Any(char.IsControl))
                throw new ArgumentException($"Notifications:Topics:{at}: '{topic.Key}' needs a Name of at most 100 characters on one line.");
            var known = all.FindIndex(t => t.Key == topic.Key);
            if (known < 0) all.Add(topic);
            else all[known] = topic;
        }

        All = all;
        _byKey = all.ToFrozenDictionary(t => t.Key, StringComparer.Ordinal);
    }

    /// <summary>In the order people see them.</summary>
    public IReadOnlyList<Topic> All { get; }

    /// <summary>The topic, or null.</summary>
    public Topic? Find(string? key) => key is not null && _byKey.TryGetValue(key, out var topic) ? topic : null;

    /// <summary>The topic; one that is not in the settings any more is known by its key alone, as marketing.</summary>
    public Topic Of(string key) => Find(key) ?? Topic.Gone(key);

    /// <summary>
    /// The topic, also one that is not in the settings any more where an address's record holds it: whatever lowers reaches that too (P6).
    /// Else null.
    /// </summary>
    public Topic? Find(string? key, AddressState? state) =>
        Find(key) ?? (key is not null && state?.Find(key) is not null ? Topic.Gone(key) : null);

    /// <summary>Every topic there is, and after them those that an address's record holds and the settings do not any more.</summary>
    public IEnumerable<Topic> AllOf(AddressState? state) =>
        All.Concat((state?.Subscriptions ?? []).Where(s => Find(s.Topic) is null).Select(s => Topic.Gone(s.Topic)));

    /// <summary>The keys of those that are marketing.</summary>
    public IEnumerable<string> Marketing => All.Where(t => t.IsMarketing).Select(t => t.Key);

    /// <summary>The same with those that an address's record holds and the settings do not any more, whose kind nobody knows.</summary>
    public IEnumerable<string> MarketingOf(AddressState? state) => AllOf(state).Where(t => t.IsMarketing).Select(t => t.Key);

    /// <summary>A topic in an error message: the name that people see and, behind it, the key that programs use.</summary>
    public string Say(string key) => Find(key) is { } topic && topic.Name != key ? $"{topic.Name} ({key})" : key;

    /// <summary>The keys, for error messages.</summary>
    public string Known => string.Join(", ", All.Select(t => t.Key));

    private static Topic[] BuiltIn() =>
    [
        new()
        {
            Key = TopicKey.PackageUpdates,
            Name = "Package updates",
            Description = "A message when there is news of a package you follow.",
            Kind = TopicKind.Transactional,
            DoubleOptIn = false,
        },
        new() { Key = TopicKey.Promotions, Name = "Promotions", Description = "Offers and new services, now and then." },
        new() { Key = TopicKey.Newsletter, Name = "Newsletter", Description = "Our news, now and then." },
    ];
}

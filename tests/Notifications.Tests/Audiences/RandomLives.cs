using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Packages;
using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Packages;

namespace Notifications.Tests.Audiences;

/// <summary>Everything that may happen to people, at random: who agrees, stops, is blocked, follows a package, is erased.</summary>
internal static class RandomLives
{
    private const int People = 60;
    private const int Acts = 25;

    /// <summary>The seed decides what happens, and where nothing is concurrent in which order.</summary>
    public static async Task LiveAsync(PackagesWorld world, int seed, bool concurrent)
    {
        var topics = world.Get<TopicCatalog>();
        LedgerDraft Draft(LedgerAction action, string topic) => new(action, topic, "test", "service:test");
        async Task ActAsync(int person, Random random)
        {
            var address = person % 5 == 0 ? CoreProduct.Phone($"+1415555{2600 + person}") : CoreProduct.Email($"p{person}@example.com");
            var key = world.Ring.KeyOf(address);
            var topic = topics.All[random.Next(topics.All.Count)];
            var all = LedgerDraft.AllTopics;
            switch (random.Next(100))
            {
                case < 40:
                    await world.Get<ConsentDesk>().OptInAsync(
                        address, topic, Draft(LedgerAction.OptIn, topic.Key), random.Next(4) > 0, random.Next(2) == 0 ? "de-AT" : null,
                        default);
                    break;
                case < 50: await world.Get<ConsentDesk>().OptOutAsync(address, Draft(LedgerAction.OptOut, topic.Key), default); break;
                case < 55:
                    await world.Book.ChangeAsync(
                        key, null, (state, now) => Transitions.StopAll(state, Draft(LedgerAction.StopAll, all), now), null, default);
                    break;
                case < 60:
                    await world.Book.ChangeAsync(
                        key, null, (state, _) => Transitions.Resume(state, Draft(LedgerAction.Resume, all)), null, default);
                    break;
                case < 64:
                    await world.Get<Suppressions>().AddAsync(
                        address, SuppressionReason.Manual, null, Draft(LedgerAction.Suppress, all), default);
                    break;
                case < 68: await world.Get<Suppressions>().RemoveAsync(address, Draft(LedgerAction.Unsuppress, all), default); break;
                case < 72:
                    await world.Book.ChangeAsync(
                        key, null, (state, now) => AddressTransitions.Restrict(state, Draft(LedgerAction.Restrict, all), now), null,
                        default);
                    break;
                case < 76:
                    await world.Book.ChangeAsync(
                        key, null, (state, _) => AddressTransitions.Unrestrict(state, Draft(LedgerAction.Unrestrict, all)), null, default);
                    break;
                case < 82:
                    await world.Get<ContactDesk>().PutAsync(
                        "c" + person, null, "fr", "Europe/Paris", [address], "service:test", default, [$"t{random.Next(3)}"]);
                    break;
                case < 85:
                    await world.Get<ContactDesk>().SetStatusAsync("c" + person, ContactStatus.Disabled, "test", "service:test", default);
                    break;
                case < 88:
                    await world.Get<ContactDesk>().SetStatusAsync("c" + person, ContactStatus.Active, "test", "service:test", default);
                    break;
                case < 93:
                    await world.Watches.WatchAsync(
                        new WatchRequest(PackagesWorld.Parse(PackagesWorld.Number), address, "app", "service:test"), default);
                    break;
                case < 97: await world.Watches.UnwatchAsync(key, PackagesWorld.Number, "app", "service:test", null, default); break;
                default:
                    if (random.Next(4) == 0) await EraseAsync(address, key);
                    break;
            }
        }

        // Where the store is away in the middle, the timer of the rights requests begins an erasure again.
        async Task EraseAsync(Address address, AddressKey key)
        {
            for (var done = false; !done;)
            {
                try
                {
                    await world.Get<Erasure>().RunAsync([address], [key], null, "test", "service:test", default);
                    done = true;
                }
                catch (StorageUnavailableException)
                {
                }
            }
        }

        var seeds = new Random(seed);
        if (!concurrent)
        {
            for (var i = 0; i < People * Acts; i++) await ActAsync(seeds.Next(People), seeds);
            return;
        }

        var workers = Enumerable.Range(0, 4).Select(n => new Random(seeds.Next())).Select(random => Task.Run(async () =>
        {
            for (var i = 0; i < People * Acts / 4; i++) await ActAsync(random.Next(People / 4), random);
        }));
        await Task.WhenAll(workers);
    }
}

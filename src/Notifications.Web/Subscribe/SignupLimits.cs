using Notifications.Addresses;
using Notifications.Web.Http;

namespace Notifications.Web.Subscribe;

/// <summary>
/// Bounds what the forms that anybody can send may set off (R63): per network, which is told so, and per address, in silence. The window of
/// one confirmation per address is kept by the store; this spares the store. Budgets of addresses are forgotten early where there are many,
/// so memory stays bounded; an address shares its budget with none, or a flood of made-up ones would silence everybody.
/// </summary>
internal sealed class SignupLimits(TimeProvider time) : NetworkLimits(Burst, PerMinute, TimeSpan.FromMinutes(1))
{
    /// <summary>Forms in a row from one network; then <see cref="PerMinute"/>.</summary>
    public const int Burst = 60;

    /// <summary>Forms per minute and network after that.</summary>
    public const int PerMinute = 20;

    /// <summary>Forms per address and hour.</summary>
    public const int PerAddress = 5;

    // Addresses that are counted at once: some 10 MB. At one more all are forgotten, which costs the store work and nobody a message.
    private const int MostAddresses = 65_536;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<AddressKey, int> _forms = [];
    private DateTimeOffset _since = time.GetUtcNow();

    /// <summary>False when enough was asked for this address: the answer must not show it.</summary>
    public bool Allow(AddressKey key)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (now - _since >= Hour || _forms.Count >= MostAddresses)
            {
                _forms.Clear();
                _since = now;
            }

            return (_forms[key] = _forms.GetValueOrDefault(key) + 1) <= PerAddress;
        }
    }
}

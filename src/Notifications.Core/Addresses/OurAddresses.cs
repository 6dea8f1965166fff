using Notifications.Sending;
using Notifications.Sms;
using Notifications.Unsubscribe;

namespace Notifications.Addresses;

/// <summary>
/// The addresses that messages come from and answers go to. Nobody is signed up at them: the product would write to itself. What lowers is
/// taken of them as of any other.
/// </summary>
public sealed class OurAddresses
{
    /// <summary>What is wrong with one where somebody's own is asked for.</summary>
    public const string Problem = "must be the person's own and not one of ours";

    private readonly HashSet<Address> _all = [];

    /// <summary>Those of the settings. Of short codes and names there is none: nothing is sent to them.</summary>
    public OurAddresses(SenderOptions sender, SmsOptions sms, LinkOptions links)
    {
        Add(Channel.Email, sender.MarketingFrom);
        Add(Channel.Email, sender.TransactionalFrom);
        Add(Channel.Email, links.Mailbox);
        foreach (var number in (string[])[sender.SmsFrom, .. sms.OwnNumbers, .. sms.ProviderAnswersStop])
            Add(Channel.Sms, number.StartsWith('+') ? number : "+" + number); // OwnNumbers may be without.
    }

    /// <summary>Whether an address is one of them, in whatever form of its number.</summary>
    public bool Has(Address address) => _all.Contains(address);

    private void Add(Channel channel, string text)
    {
        if (Address.TryParse(channel, text, out var address, out _)) _all.Add(address);
    }
}

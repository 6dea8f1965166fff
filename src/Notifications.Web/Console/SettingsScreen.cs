using Notifications.Consent;
using Notifications.Privacy;
using Notifications.Sending;
using Notifications.Web.Pages;

namespace Notifications.Web.Console;

/// <summary>Topics and senders as they are configured; changed in the configuration alone.</summary>
internal sealed class SettingsScreen(
    TopicCatalog topics, SenderOptions sender, SendingOptions sending, PrivacyOptions privacy, NotificationsOptions product)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapScreen("/console/settings", null, _ => ValueTask.FromResult<IResult>(Show()));

    private ConsolePage Show() => new("Topics and senders", Html.Of($"""
        <h1>Topics and senders</h1>
        <p class="lead">As configured. They are changed in the configuration and hold from the next start on.</p>
        <h2>Topics</h2>
        {Parts.Table("Topics", ["Name", "Key", "Kind", "Opt-in", "At most", "What people read"], topics.All.Select(t => (Html[])[Html.Of($"<strong>{t.Name}</strong>"), Parts.Code(t.Key), Parts.Badge(Parts.Word(t.Kind)), Html.Of($"{(t.DoubleOptIn ? "confirmed by the person" : "at once")}"), Html.Of($"{(t.CapCount == 0 ? "no cap" : $"{t.CapCount} in {t.CapDays} days")}"), Html.Of($"{t.Description}")]), "")}
        <h2>Senders</h2>
        {Parts.Facts(("Name", Html.Of($"{sender.Name}")), ("Postal address", Html.Of($"{sender.PostalAddress}")), ("People reach us at", Parts.Address(sender.Contact)), ("Marketing mail from", Parts.Address(sender.MarketingFrom)), ("Transactional mail from", Parts.Address(sender.TransactionalFrom)), ("Texts from", Html.Of($"{sender.SmsFrom}")))}
        <h2>Sending</h2>
        {Parts.Facts(("Public pages at", Parts.Address($"{product.PublicUrl}")), ("Environment", Html.Of($"{product.Environment}")), ("Marketing texts", Html.Of($"{(sending.QuietUntilHour == sending.QuietFromHour ? "at any hour" : $"{sending.QuietUntilHour}:00 to {sending.QuietFromHour}:00 where the person lives")}")), ("Marketing at most", Html.Of($"{(sending.MarketingCapCount == 0 ? "no cap" : $"{sending.MarketingCapCount} in {sending.MarketingCapDays} days")}")), ("Rate", Html.Of($"{(sending.MaxPerSecond == 0 ? "as fast as the provider takes it" : $"{sending.MaxPerSecond} a second and channel")}")), ("Policy version now published", Html.Of($"{sending.PolicyVersion}")), ("Oldest policy version that counts", Html.Of($"{sending.RequiredPolicyVersion ?? "any"}")))}
        <h2>Privacy</h2>
        {Parts.Facts((privacy.Processors is null ? "Whom every export names as getting data, to read in the person’s language" : "Whom every export names as getting data, in these words to persons of every language", Html.Of($"<span class=\"wide\">{string.Join("; ", privacy.Processors ?? [PrivacyOptions.Cloud, PrivacyOptions.Server])}</span>")), ("Messages are kept", Html.Of($"{Parts.Number(privacy.MessageDays)} days")), ("Opt-ins that nobody confirms", Html.Of($"{Parts.Number(privacy.UnconfirmedDays)} days")), ("Rights requests, once answered", Html.Of($"{Parts.Number(privacy.RequestDays)} days")))}
        """));
}

using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Notifications.Addresses;
using Notifications.Consent;
using Notifications.Contacts;
using Notifications.Privacy;
using Notifications.Security;
using Notifications.Storage;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Sending;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Contacts;

/// <summary>The address of an erased person is written down by nobody again.</summary>
public sealed class ErasedContactTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private ContactDesk Desk => product.Get<ContactDesk>();

    [Fact]
    public async Task R34_A_contact_that_is_given_an_erased_address_is_refused_and_nothing_of_it_is_stored()
    {
        var gone = await ErasedAsync("gone.put@example.com");
        var refused = await product.SendAsync(
            HttpMethod.Put, "/v1/contacts/erased-1",
            new { name = "Ana", addresses = new[] { new { email = "kept.put@example.com" }, new { email = gone.Value } } });
        Assert.Equal((HttpStatusCode.Conflict, "urn:notifications:problem:address-erased"), (refused.Status, refused["type"]));
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/contacts/erased-1")).Status);
        Assert.DoesNotContain(await StoredAsync(), text => text.Contains(gone.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task R34_An_imported_row_of_an_erased_address_puts_it_under_no_contact_and_the_errors_say_so()
    {
        var gone = await ErasedAsync("gone.import@example.com");
        var import = await product.ImportAsync($"email,topic,status,contactId\n{gone.Value},newsletter,unsubscribed,erased-2\n");
        Assert.Equal(
            ["2,contactId,\"cannot be kept: the address belongs to a person who was erased, and stays out\""],
            await product.ErrorsAsync(import));
        Assert.Equal("erased", await product.BlockedAsync(gone.Value));
        Assert.Equal(HttpStatusCode.NotFound, (await product.GetAsync("/v1/contacts/erased-2")).Status);
        Assert.DoesNotContain(await StoredAsync(), text => text.Contains(gone.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task R34_An_address_that_is_erased_while_a_contact_takes_it_is_taken_out_again()
    {
        var mail = CoreProduct.Email("gone.meanwhile@example.com");
        using var store = new HookedStore(product.Get<ITableStore>());
        var desk = new ContactDesk(
            product.Get<AddressBook>(), store, product.Get<KeyRing>(),
            product.Get<TopicCatalog>(),
            product.Get<PrivacyRequests>(), product.Time);
        var once = true;
        store.BeforeCommit = async _ =>
        {
            if (!once) return;
            once = false;
            await ErasedAsync(mail.Value);
        };
        Assert.Equal(ContactResult.AddressErased, (await desk.PutAsync("erased-3", null, null, null, [mail], "service:x", default)).Result);
        Assert.Empty((await desk.GetAsync("erased-3", default))!.Addresses);
    }

    [Fact]
    public async Task R34_An_erased_address_that_stands_under_a_contact_from_before_goes_with_its_next_change()
    {
        var gone = await ErasedAsync("gone.before@example.com");
        var kept = CoreProduct.Email("kept.before@example.com");
        await Desk.PutAsync("erased-4", "Ana", null, null, [kept], "service:x", default);
        await product.Get<ITableStore>().CommitAsync(
            Tables.Contacts, "erased-4",
            [RowChange.Put(Rows.Address(product.Key(gone).Value), Encoding.UTF8.GetBytes("email:" + gone.Value))]);
        var added = CoreProduct.Email("added.before@example.com");
        Assert.Equal(ContactResult.Done, await Desk.AddAsync("erased-4", added, product.Key(added), null, null, "service:x", default));
        Assert.Equal(
            new[] { kept, added }.ToHashSet(), (await Desk.GetAsync("erased-4", default))!.Addresses.Select(a => a.Address).ToHashSet());
    }

    private async Task<Address> ErasedAsync(string email)
    {
        var address = CoreProduct.Email(email);
        await product.Get<PrivacyDesk>().OpenAsync(PrivacyRight.Erasure, [address], null, null, null, "agent:mia", default);
        return address;
    }

    private async Task<IEnumerable<string>> StoredAsync() =>
        (await product.Get<ITableStore>().ScanAsync(
            Tables.Contacts, null, 1000)).Select(row => Encoding.UTF8.GetString(row.Row.Value.Span));
}

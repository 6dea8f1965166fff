using Notifications.Privacy;
using Notifications.Storage;
using Notifications.Tests.Imports;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Privacy;

/// <summary>Apart: ledgers that are broken for ever are in nobody else's store.</summary>
public sealed class SetBackRecordTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P1_P10_A_record_that_was_set_back_past_the_product_shows_and_takes_a_stop_all_the_same(bool deleted)
    {
        var email = $"set.back.{deleted}@example.com";
        var (tables, key) = (product.Get<ITableStore>(), product.Key(CoreProduct.Email(email)).Value);
        Task<Reply> SayAsync(string action) => product.PostAsync(
            "/v1/consents",
            new { email, topic = "surveys", action, source = "form", wording = "yes", evidence = new { confirmed = true } });
        await SayAsync("opt-in");
        var older = (await tables.GetAsync(Tables.Addresses, key, Rows.State))!.Value;
        product.Time.Advance(TimeSpan.FromMinutes(1));
        await SayAsync("opt-out");
        Assert.Equal((true, 2), await ToldAsync());
        await tables.CommitAsync(
            Tables.Addresses, key, [deleted ? RowChange.Delete(Rows.State) : RowChange.Put(Rows.State, older)]);
        Assert.Equal((false, 2), await ToldAsync());
        var report = await product.Get<LedgerSeals>().VerifyAsync(default);
        Assert.Contains(key, report.Broken);
        product.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("unsubscribed", (await SayAsync("opt-out"))["status"]);
        Assert.Equal("unsubscribed", await product.StatusAsync(email, "surveys"));
        Assert.Equal((false, 3), await ToldAsync()); // For ever.

        async Task<(bool, int)> ToldAsync()
        {
            var ledger = (await product.GetAsync("/v1/consents?email=" + email)).Json;
            return (ledger.GetProperty("verified").GetBoolean(), ledger.GetProperty("entries").GetArrayLength());
        }
    }
}

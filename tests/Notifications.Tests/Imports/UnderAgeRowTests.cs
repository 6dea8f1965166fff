using Notifications.Consent;
using Notifications.Tests.Infrastructure;
using Notifications.Tests.Subscribe;

namespace Notifications.Tests.Imports;

/// <summary>Rows that state how old the person is. The product's clock begins on 24 November 2026.</summary>
public sealed class UnderAgeRowTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Columns = "email,topic,status,source,policyVersion,wording,at,ip,age,birthDate,tags,locale\n";
    private const string Refusal = "says that the person is under 18: people under 18 cannot sign up";

    private static string Row(string email, string age, string born, string status = "subscribed") =>
        $"{email},newsletter,{status},form,2026-01,Send me news.,2026-03-01T10:00:00Z,203.0.113.7,{age},{born},young,de\n";

    [Theory]
    [InlineData("12", "", "age", Refusal)]
    [InlineData("17.5", "", "age", Refusal)]
    [InlineData("", "2008-11-25", "birthDate", Refusal)]
    [InlineData("30", "2015-05-01", "birthDate", Refusal)]
    [InlineData("young", "", "age", Age.YearsRule)]
    [InlineData("", "1/5/2015", "birthDate", Age.DateRule)]
    public async Task M11_R38_A_row_that_states_an_age_under_18_is_refused_and_nothing_of_it_is_stored(
        string age, string born, string column, string why)
    {
        var email = $"kid{age}{born.Replace('/', '-')}@under.example";
        var import = await product.ImportAsync(Columns + Row(email, age, born) + Row("p" + email, age, born, "pending"));
        Assert.Equal((2, 0, 2, 0), import.Counts());
        Assert.Equal([$"2,{column},{why}", $"3,{column},{why}"], await product.ErrorsAsync(import));
        Assert.Null(await product.StateAsync(CoreProduct.Email(email)));
    }

    [Theory]
    [InlineData("18", "")]
    [InlineData("", "2008-11-24")]
    [InlineData("", "")]
    public async Task R38_A_row_of_somebody_of_age_or_of_no_stated_age_subscribes(string age, string born)
    {
        var email = $"grown{age}{born}@under.example";
        Assert.Equal((1, 1, 0, 0), (await product.ImportAsync(Columns + Row(email, age, born))).Counts());
        Assert.Equal("subscribed", await product.StatusAsync(email));
    }

    [Theory]
    [InlineData("12", "")]
    [InlineData("", "2015-05-01")]
    [InlineData("young", "2015")]
    public async Task P6_R38_What_lowers_is_taken_whatever_age_it_states_and_of_a_child_nothing_else_is_kept(string age, string born)
    {
        var mail = CoreProduct.Email($"stop{age}{born}@under.example");
        await product.SubscribedAsync(mail, TopicKey.Newsletter);
        var import = await product.ImportAsync(Columns + Row(mail.Value, age, born, "unsubscribed"));
        Assert.Equal((1, 1, 0, 1), import.Counts());
        var state = (await product.StateAsync(mail))!;
        Assert.Equal(Notifications.Addresses.SubscriptionStatus.Unsubscribed, state.StatusOf(TopicKey.Newsletter));
        Assert.Equal(age == "young" ? "de" : null, state.Locale);
        Assert.Equal(age == "young" ? 1 : 0, state.Tags.Length);
    }

    [Fact]
    public async Task R38_A_column_of_another_name_is_read_as_the_age_where_the_caller_says_so()
    {
        var file = (Columns + Row("alter@under.example", "12", "")).Replace(",age,", ",Alter,", StringComparison.Ordinal);
        Assert.Equal([$"2,Alter,{Refusal}"], await product.ErrorsAsync(await product.ImportAsync(file, "?map.age=Alter")));
    }
}

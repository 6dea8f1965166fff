using Notifications.Tests.Infrastructure;

namespace Notifications.Tests.Imports;

/// <summary>
/// Files as other products export them, with the columns their documentation and their own sources give (see ImportShape).
/// </summary>
public sealed class ShapeTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private const string Form = "&source=mailchimp-form&policyVersion=2019-05&wording=Send+me+news";

    private const string Mailchimp =
        "\"Email Address\",\"First Name\",\"Last Name\",Address,\"Phone Number\",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,";

    [Fact]
    public async Task M16_Mailchimp_subscribed_is_evidence_with_the_words_of_the_form_and_its_confirmation_and_nothing_without_them()
    {
        const string file = Mailchimp + "LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
            + "ana@mc.example,Ana,=1+1,,,2,\"2018-06-12 07:50:00\",203.0.113.5,\"2018-06-12 07:53:28\",203.0.113.5,38.7,-9.1,0,1,Europe/Lisbon,PT,11,\"2018-06-12 07:53:28\",123,abc,,\"\"\"VIP\"\",\"\"Blog\"\"\"\n"
            + "ben@mc.example,Ben,,,,2,,,,,,,,,,,,\"2018-06-12 07:53:28\",124,abd,,\n";
        var bare = await product.ImportAsync(file, "?topic=newsletter&mode=validate");
        Assert.Equal((2, 0, 2, 0), bare.Counts());

        var import = await product.ImportAsync(file, "?topic=newsletter" + Form);
        Assert.Equal("mailchimp-subscribed", import.GetProperty("shape").GetString());
        Assert.Equal((2, 1, 1, 0), import.Counts());
        Assert.Equal("subscribed", await product.StatusAsync("ana@mc.example"));
        Assert.Equal("none", await product.StatusAsync("ben@mc.example")); // Nothing says when he agreed.
        Assert.Equal("at", Assert.Single(await product.ErrorsAsync(import)).Split(',')[1] is "OPTIN_TIME" ? "at" : "");
        var evidence = (await product.GetAsync("/v1/consents?email=ana@mc.example")).Json.GetProperty("entries")[0].GetProperty("evidence");
        Assert.Equal(
            ("2018-06-12T07:50:00Z", "203.0.113.5"), (evidence.GetProperty("at").GetString(), evidence.GetProperty("ip").GetString()));
    }

    [Fact]
    public async Task M16_Mailchimp_unsubscribed_and_cleaned_lower()
    {
        var unsubscribed = await product.ImportAsync(
            Mailchimp
            + "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS\nleft@mc.example,L,,,,2,,,,,,,,,,,,\"2020-01-02 03:04:05\",Spring,1,N/A,,125,abe,,\n",
            "?topic=newsletter");
        Assert.Equal(("mailchimp-unsubscribed", (1, 1, 0, 1)), (unsubscribed.GetProperty("shape").GetString(), unsubscribed.Counts()));
        Assert.Equal("unsubscribed", await product.StatusAsync("left@mc.example"));
        Assert.Equal("none", await product.StatusAsync("left@mc.example", "promotions"));

        var cleaned = await product.ImportAsync(
            Mailchimp
            + "CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS\ndead@mc.example,D,,,,2,,,,,,,,,,,,\"2020-01-02 03:04:05\",Spring,1,126,abf,,\n");
        Assert.Equal(("mailchimp-cleaned", (1, 1, 0, 1)), (cleaned.GetProperty("shape").GetString(), cleaned.Counts()));
        Assert.Equal("bounce", await product.BlockedAsync("dead@mc.example"));
    }

    [Fact]
    public async Task M16_Listmonk_enabled_raises_nothing_disabled_stops_everything_and_blocklisted_blocks()
    {
        var import = await product.ImportAsync(
            "uuid,email,name,attributes,status,created_at,updated_at\n"
            + "5f1-1,on@lm.example,On,\"{\"\"city\"\":\"\"Bengaluru\"\"}\",enabled,2023-01-01T00:00:00Z,2023-01-01T00:00:00Z\n"
            + "5f1-2,off@lm.example,Off,{},disabled,2023-01-01T00:00:00Z,2023-01-01T00:00:00Z\n"
            + "5f1-3,out@lm.example,Out,{},blocklisted,2023-01-01T00:00:00Z,2023-01-01T00:00:00Z\n",
            "?topic=newsletter&source=x&policyVersion=1&wording=y");
        Assert.Equal(("listmonk", (3, 2, 1, 2)), (import.GetProperty("shape").GetString(), import.Counts()));
        Assert.Equal("none", await product.StatusAsync("on@lm.example"));
        Assert.Equal("unsubscribed", await product.StatusAsync("off@lm.example"));
        Assert.Equal("manual", await product.BlockedAsync("out@lm.example"));
    }

    [Theory]
    [InlineData(
        "sendgrid-bounces", "status,reason,email,created\n5.1.1,550 No such user,a@sg.example,1620000000\n", "a@sg.example", "bounce")]
    [InlineData("sendgrid-spam-reports", "ip,email,created\n203.0.113.9,b@sg.example,2021-05-03T00:00:00Z\n", "b@sg.example", "complaint")]
    [InlineData(
        "sendgrid-invalid", "reason,email,created\nMail domain mentioned in email address is unknown,c@sg.example,1620000000\n",
        "c@sg.example", "invalid")]
    public async Task M16_A_list_of_SendGrids_blocks_whom_it_names(string shape, string file, string address, string reason)
    {
        var import = await product.ImportAsync(file);
        Assert.Equal((shape, (1, 1, 0, 1)), (import.GetProperty("shape").GetString(), import.Counts()));
        Assert.Equal(reason, await product.BlockedAsync(address));
    }

    [Fact]
    public async Task M16_SendGrid_unsubscribes_stop_everything_or_the_topic_that_is_named_and_contacts_raise_nothing()
    {
        var all = await product.ImportAsync("email,created\nall@sg.example,1620000000\n");
        Assert.Equal(("sendgrid-unsubscribes", (1, 1, 0, 1)), (all.GetProperty("shape").GetString(), all.Counts()));
        Assert.Equal("unsubscribed", await product.StatusAsync("all@sg.example", "promotions"));
        await product.ImportAsync("email,created\none@sg.example,1620000000\n", "?topic=newsletter");
        Assert.Equal(
            ("unsubscribed", "none"),
            (await product.StatusAsync("one@sg.example"), await product.StatusAsync("one@sg.example", "promotions")));

        var contacts = await product.ImportAsync(
            "EMAIL,FIRST_NAME,LAST_NAME,ADDRESS_LINE_1,ADDRESS_LINE_2,CITY,STATE_PROVINCE_REGION,POSTAL_CODE,COUNTRY,ALTERNATE_EMAILS,PHONE_NUMBER,CONTACT_ID,CREATED_AT,UPDATED_AT\nc@sgc.example,C,,,,,,,,,,x,2021-05-03T00:00:00Z,2021-05-03T00:00:00Z\n",
            "?topic=newsletter");
        Assert.Equal(("sendgrid-contacts", (1, 0, 1, 0)), (contacts.GetProperty("shape").GetString(), contacts.Counts()));
    }

    [Fact]
    public async Task M16_Twilio_consents_stop_and_with_their_words_subscribe()
    {
        var import = await product.ImportAsync(
            "contact_id,correlation_id,sender_id,status,source,date_of_consent\n"
            + "+14155550171,ad388b5a46b33b874b0d41f7226db2ef,MG00000000000000000000000000000000,opt-in,website,2026-01-02T03:04:05Z\n"
            + "+14155550172,ad388b5a46b33b874b0d41f7226db2e0,MG00000000000000000000000000000000,opt-out,opt-out-message,2026-01-02T03:04:05Z\n",
            "?topic=surveys&policyVersion=1&wording=Text+me");
        Assert.Equal(("twilio-consents", (2, 2, 0, 1)), (import.GetProperty("shape").GetString(), import.Counts()));
        Assert.Equal("subscribed", await product.StatusAsync("+14155550171", "surveys"));
        Assert.Equal("unsubscribed", await product.StatusAsync("+14155550172", "surveys"));
    }

    [Fact]
    public async Task R41_Twilio_message_log_tells_of_opt_outs_by_STOP_or_what_may_be_one_and_by_error_21610_and_of_nothing_else()
    {
        var import = await product.ImportAsync(
            "From,To,Body,Status,SentDate,ApiVersion,NumSegments,ErrorCode,AccountSid,Sid,Direction,Price,PriceUnit\n"
            + "+14155550181,+18005550100,Stop,received,2026-01-02T03:04:05Z,2010-04-01,1,0,AC1,SM1,inbound,-0.01,USD\n"
            + "+18005550100,+14155550182,Your parcel is here,undelivered,2026-01-02T03:04:05Z,2010-04-01,1,21610,AC1,SM2,outbound-api,-0.01,USD\n"
            + "+14155550183,+18005550100,Thanks!,received,2026-01-02T03:04:05Z,2010-04-01,1,0,AC1,SM3,inbound,-0.01,USD\n"
            + "+14155550184,+18005550100,Do not send texts please,received,2026-01-02T03:04:05Z,2010-04-01,1,0,AC1,SM4,inbound,-0.01,USD\n"
            + "+14155550185,+18005550100,No thanks,received,2026-01-02T03:04:05Z,2010-04-01,1,0,AC1,SM5,inbound,-0.01,USD\n");
        Assert.Equal(("twilio-messages", (5, 5, 0, 4)), (import.GetProperty("shape").GetString(), import.Counts()));
        Assert.Equal("unsubscribed", await product.StatusAsync("+14155550181"));
        Assert.Equal("unsubscribed", await product.StatusAsync("+14155550182"));
        Assert.Equal("none", await product.StatusAsync("+14155550183"));
        Assert.Equal("unsubscribed", await product.StatusAsync("+14155550184"));
        Assert.Equal("unsubscribed", await product.StatusAsync("+14155550185"));
    }
}

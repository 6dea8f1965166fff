using Notifications.Addresses;
using Notifications.Security;
using Notifications.Sending;

namespace Notifications.Tests.Sending;

/// <summary>Message ids: told from made-up ones, and the same for ever (P5).</summary>
public sealed class MessageIdsTests
{
    private static readonly string Bytes = Convert.ToBase64String(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
    private static readonly MessageIds Ids =
        new(KeyRing.Parse($$"""{"lookup":"{{Bytes}}","current":1,"keys":{"1":"{{Bytes}}"} }""", "test"));
    private static readonly AddressKey Key = AddressKey.From(Enumerable.Range(100, 16).Select(i => (byte)i).ToArray());

    [Fact]
    public void P5_What_was_derived_from_the_same_seed_long_ago_is_found_again() =>
        Assert.Equal("ZGVmZ2hpamtsbW5vcHFycw.-2OOwc1xJvY4wuuFodMWamYu", Ids.Derive(Key, "client/key-1").ToString());

    [Fact]
    public void P5_An_id_of_which_one_character_is_another_or_which_names_another_address_is_none_of_ours()
    {
        for (var n = 0; n < 20; n++)
        {
            var id = Ids.New(Key);
            Assert.True(Ids.IsOurs(id));
            Assert.Equal(id, Ids.Find(Key, id.OperationId));
            for (var i = 0; i < MessageId.SuffixLength; i++)
                Assert.False(Ids.IsOurs(id with { Suffix = id.Suffix[..i] + (id.Suffix[i] == 'A' ? 'B' : 'A') + id.Suffix[(i + 1)..] }));
            var other = AddressKey.From(Enumerable.Range(101, 16).Select(i => (byte)i).ToArray());
            Assert.False(Ids.IsOurs(id with { Address = other }));
            Assert.Null(Ids.Find(other, id.OperationId));
        }
    }

    [Fact]
    public void Only_what_has_the_shape_of_an_id_is_read_as_one()
    {
        var id = Ids.New(Key).ToString();
        Assert.True(MessageId.TryParse(id, out var read));
        Assert.Equal(id, read.ToString());
        foreach (var wrong in (string?[])[
            null, "", id[1..], id + "A", id.Replace('.', '-'), id[..^1] + " ", id[..^1] + "\n", id[..^1] + "+", "!" + id[1..],
        ])
        {
            Assert.False(MessageId.TryParse(wrong, out var none));
            Assert.Equal(default, none);
        }
    }
}

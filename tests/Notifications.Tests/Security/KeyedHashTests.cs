using System.Text;
using Notifications.Security;

namespace Notifications.Tests.Security;

public class KeyedHashTests
{
    // RFC 4231 section 4.3, test case 2.
    private const string Expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    private static readonly KeyedHash Jefe = new("Jefe"u8.ToArray());

    [Theory]
    [InlineData(KeyedHash.Size)]
    [InlineData(6)]
    public void R22_A_keyed_hash_is_that_of_RFC_4231_or_the_beginning_of_it(int bytes)
    {
        var hash = new byte[bytes];
        Jefe.Write("what do ya want for nothing?"u8, hash);
        Assert.Equal(Expected[..(bytes * 2)], Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void R22_A_keyed_hash_depends_on_nothing_that_was_hashed_before_it_or_beside_it() => Parallel.For(0, 10_000, i =>
    {
        Span<byte> hash = stackalloc byte[KeyedHash.Size];
        Jefe.Write(Encoding.UTF8.GetBytes($"something else {i}"), hash);
        Jefe.Write("what do ya want for nothing?"u8, hash);
        Assert.Equal(Expected, Convert.ToHexStringLower(hash));
    });
}

using System.Security.Cryptography;
using Notifications.Addresses;

namespace Notifications.Privacy;

/// <summary>
/// The Merkle root over leaves that come one by one: a node is SHA-256 over a one byte and its two children; an odd one out moves up as it
/// is (as in RFC 6962). Only the roots of whole subtrees are kept, one per power of two, so a million leaves take twenty of them.
/// </summary>
public sealed class MerkleRoot
{
    private readonly List<(int Height, byte[] Hash)> _subtrees = [];

    /// <summary>How many leaves there are.</summary>
    public long Count { get; private set; }

    /// <summary>How many hashes are kept.</summary>
    internal int Kept => _subtrees.Count;

    /// <summary>Adds the next leaf.</summary>
    public void Add(byte[] leaf)
    {
        Count++;
        var height = 0;
        while (_subtrees is [.., var last] && last.Height == height)
        {
            _subtrees.RemoveAt(_subtrees.Count - 1);
            leaf = Node(last.Hash, leaf);
            height++;
        }

        _subtrees.Add((height, leaf));
    }

    /// <summary>The root in hex; 64 zeros over nothing.</summary>
    public string Finish()
    {
        if (_subtrees.Count == 0) return LedgerHead.Empty.Hash;
        var root = _subtrees[^1].Hash;
        for (var i = _subtrees.Count - 2; i >= 0; i--) root = Node(_subtrees[i].Hash, root);
        return Convert.ToHexStringLower(root);
    }

    private static byte[] Node(byte[] left, byte[] right) => SHA256.HashData([1, .. left, .. right]);
}

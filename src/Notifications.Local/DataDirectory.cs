using System.Buffers.Text;
using System.Security.Cryptography;
using Notifications.Security;

namespace Notifications.Local;

/// <summary>The directory that holds everything: the store, and the secrets, each in a file that only its owner can read.</summary>
internal sealed class DataDirectory
{
    private DataDirectory(string path)
    {
        FullPath = path;
        IsNewRing = !File.Exists(KeyRingFile);
    }

    public string FullPath { get; }

    /// <summary>Where the API key is kept when we made it.</summary>
    public string ApiKeyFile => Path.Combine(FullPath, "api-key");

    /// <summary>Where the key ring is kept.</summary>
    public string KeyRingFile => Path.Combine(FullPath, "keyring.json");

    /// <summary>Whether the ring was made just now.</summary>
    public bool IsNewRing { get; }

    private string StoreFile => Path.Combine(FullPath, "notifications.db");

    /// <summary>Opens the directory, and makes it and its key ring at the first start.</summary>
    /// <exception cref="ArgumentException">The path is a file's.</exception>
    /// <exception cref="InvalidOperationException">There is a store and no key ring: a new one would read nothing of it, and every opt-out
    /// would be forgotten (P6).</exception>
    public static DataDirectory Open(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full)) throw new ArgumentException($"--data must name a directory; {full} is a file.");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(full);
        else Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var data = new DataDirectory(full);
        // Before the store is there: a crash in between leaves a ring without a store, never the reverse.
        if (data.IsNewRing && File.Exists(data.StoreFile))
            throw new InvalidOperationException(
                $"{data.KeyRingFile} is missing; restore it from its copy. Without it nothing in the store can be read. To begin anew, give an empty directory with --data.");
        if (data.IsNewRing) WriteSecret(data.KeyRingFile, Security.KeyRing.NewJson());
        return data;
    }

    /// <summary>
    /// Sees that a store that was here is still: one begun anew in its place would know of no opt-out (P6). Before the first store is made
    /// there is neither an API key of ours, unless the directory was used with --storage, nor anything in the lock file.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is gone, or has nothing in it.</exception>
    public void RequireStore()
    {
        var store = new FileInfo(StoreFile);
        if (store is { Exists: true, Length: > 0 }) return;
        if (!File.Exists(ApiKeyFile) && new FileInfo(store.FullName + ".lock") is not { Exists: true, Length: > 0 }) return;
        throw new InvalidOperationException(
            $"{store.FullName} is {(store.Exists ? "empty" : "missing")}, and there was a store: restore it from its copy. One begun anew would have forgotten every opt-out. To begin anew all the same, or where this one was used with --storage until now, give an empty directory with --data.");
    }

    /// <summary>The key ring. Without this file nothing in the store can be read again: back it up.</summary>
    /// <exception cref="ArgumentException">The file holds none; the message names it.</exception>
    public KeyRing KeyRing(string environment)
    {
        try
        {
            return Security.KeyRing.Parse(File.ReadAllText(KeyRingFile).Trim(), environment);
        }
        catch (ArgumentException wrong)
        {
            throw new ArgumentException($"{KeyRingFile} cannot be used; restore it from its copy. {wrong.Message}", wrong);
        }
    }

    /// <summary>Adds a key and makes it current; answers its number.</summary>
    public byte RotateKeys(string environment)
    {
        var json = KeyRing(environment).RotatedJson();
        WriteSecret(KeyRingFile, json);
        return Security.KeyRing.Parse(json, environment).Current;
    }

    /// <summary>The API key, and whether it was made just now.</summary>
    public (string Text, bool Made) ApiKey() =>
        ReadOrMake(ApiKeyFile, static () => "nk_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>The secret our own webhook calls carry.</summary>
    /// <exception cref="ArgumentException">What stands in the file is none.</exception>
    public string WebhookSecret()
    {
        var file = Path.Combine(FullPath, "webhook-secret");
        var secret = ReadOrMake(file, static () => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24))).Text;
        return SharedSecret.IsValid(secret)
            ? secret
            : throw new ArgumentException($"{file} must hold {SharedSecret.Rule}. Delete it, and one is made.");
    }

    // A file with nothing in it holds no secret: as if it were not there.
    private static (string Text, bool Made) ReadOrMake(string file, Func<string> make)
    {
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } kept) return (kept, false);
        var text = make();
        WriteSecret(file, text);
        return (text, true);
    }

    // Written aside, flushed and moved into place: a crash leaves the old secret or the new one, never half of one.
    private static void WriteSecret(string file, string text)
    {
        var aside = file + ".new";
        File.Delete(aside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(aside, options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, file, overwrite: true);
    }
}

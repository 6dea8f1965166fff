using Notifications.Access;

namespace Notifications.Local;

/// <summary>The command line. Everything else is configuration, see <see cref="NotificationsOptions"/>.</summary>
internal sealed record LocalOptions
{
    public const string Usage = """
        Notifications on one machine: nothing to install, everything in one directory.

        dotnet run --project src/Notifications.Local [-- OPTIONS]

          --urls URL            where to listen (default http://127.0.0.1:7071; port 0 picks a free one)
          --data DIR            where everything is kept (default .local)
          --api-key KEY         the API key, 16 to 256 characters, none of them a space
                                (default: NOTIFICATIONS_API_KEY, else one is made and kept in DIR)
          --public-url URL      what links in messages begin with (default: where it listens)
          --email smtp://H:P    send real mail; smtps:// for TLS from the start, user:password@ to sign in.
                                Texts have no way out then and fail; without it both lie in /inbox
          --storage CONNECTION  Azure Storage or Azurite in place of the embedded store
          --storage-prefix P    before every table, queue and container name there, so that several can share
                                an account: 1 to 20 lower-case letters and digits, a letter first (default none)
          --demo                begin with a small company: thirty days of it behind you, parcels under way
          --rotate-keys         add a key to DIR/keyring.json, make it the current one, and end
          --help                this text

        Settings come from the environment, for example Notifications__Sender__Name="Parcel Post".

        """;

    public string Urls { get; init; } = "http://127.0.0.1:7071";
    public string Data { get; init; } = ".local";

    /// <summary>The key with every scope, from the command line or the environment; null where one is made.</summary>
    /// <exception cref="ArgumentException">It is short enough to be guessed, or no request could carry it.</exception>
    public string? ApiKey
    {
        get;
        init => field = value is null || (value.Length is >= 16 and <= ApiKeys.LongestSecret && !value.Any(IsBlank))
            ? value
            : throw new ArgumentException(
                "The API key (--api-key or NOTIFICATIONS_API_KEY) must have at least 16 characters and at most 256, none of them a space: it opens everything. Leave it out, and one is made.");
    }

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || char.IsControl(c);

    public string? PublicUrl { get; init; }
    public string? Email { get; init; }
    public string? Storage { get; init; }
    public string StoragePrefix { get; init; } = "";
    public bool Demo { get; init; }
    public bool RotateKeys { get; init; }
    public bool Help { get; init; }

    /// <summary>Where this machine finds it, by the first address that it listens on.</summary>
    public string Address => Reached(Urls.Split(';')[0]);

    /// <summary>Where this machine finds what listens on an address: on its own, where that is every one.</summary>
    public static string Reached(string listened)
    {
        var url = Listen(listened)!;
        return url.Host is "0.0.0.0" or "[::]" ? $"{url.Scheme}://127.0.0.1:{url.Port}" : url.GetLeftPart(UriPartial.Authority);
    }

    // Kestrel's own stars and pluses stand for every address.
    private static Uri? Listen(string url) =>
        Uri.TryCreate(
            url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal),
            UriKind.Absolute, out var listen)
            ? listen
            : null;

    /// <summary>Reads <c>--name value</c> and <c>--name=value</c>.</summary>
    /// <exception cref="ArgumentException">What is wrong, with the remedy.</exception>
    public static LocalOptions Parse(string[] args)
    {
        var options = new LocalOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var (name, inline) = args[i].Split('=', 2) is [var n, var v] && n.StartsWith("--", StringComparison.Ordinal)
                ? (n, v)
                : (args[i], null);
            string Value() =>
                inline
                    ?? (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal)
                        ? args[++i]
                        : throw new ArgumentException($"{name} needs a value."));
            options = name switch
            {
                "--urls" => options with { Urls = Value() },
                "--data" => options with { Data = Value() },
                "--api-key" => options with { ApiKey = Value() },
                "--public-url" => options with { PublicUrl = Value() },
                "--email" => options with { Email = Value() },
                "--storage" => options with { Storage = Value() },
                "--storage-prefix" => options with { StoragePrefix = Value() },
                "--demo" => options with { Demo = true },
                "--rotate-keys" => options with { RotateKeys = true },
                "--help" or "-h" or "-?" => options with { Help = true },
                _ => throw new ArgumentException($"There is no option {name}. --help lists them."),
            };
        }

        if (string.IsNullOrWhiteSpace(options.Data)) throw new ArgumentException("--data must name a directory; it is empty.");
        foreach (var url in options.Urls.Split(';'))
        {
            var scheme = Listen(url)?.Scheme;
            if (scheme != Uri.UriSchemeHttp && scheme != Uri.UriSchemeHttps)
                throw new ArgumentException(
                    "--urls must be addresses to listen on, such as http://127.0.0.1:7071, with a semicolon between them.");
            if (scheme == Uri.UriSchemeHttps)
                throw new ArgumentException(
                    "--urls takes http:// only: TLS is ended by a proxy before this process. Name what people see with --public-url https://..., and the proxy with Notifications__TrustedProxies=1.");
        }

        return options;
    }
}

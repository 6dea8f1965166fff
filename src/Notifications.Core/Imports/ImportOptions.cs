namespace Notifications.Imports;

/// <summary>What one import may take, and how long its files are kept. Validated at start.</summary>
public sealed class ImportOptions
{
    /// <summary>The largest file in bytes, as it is sent: 1 MiB to 1 TiB. Default 2 GiB.</summary>
    public long MaxBytes { get; set; } = 2L << 30;

    /// <summary>
    /// The longest row in bytes of UTF-8, 1 KiB to 1 MiB. A longer one fails the import before anything is written. Default 64 KiB.
    /// </summary>
    public int MaxRowBytes { get; set; } = 64 << 10;

    /// <summary>
    /// How much of a file is kept in one piece, in bytes: what is worked on at a time, and done again after a crash. 4 KiB to 3 MiB.
    /// Default 1 MiB.
    /// </summary>
    public int PartBytes { get; set; } = 1 << 20;

    /// <summary>How many addresses are written at the same time, 1 to 1,024. Default 256.</summary>
    public int Concurrency { get; set; } = 256;

    /// <summary>
    /// After how many days the list of what was wrong is deleted; the uploaded file itself goes when the import ends. 1 to 365. Default 30.
    /// </summary>
    public int ErrorDays { get; set; } = 30;

    /// <summary>
    /// After how many days the import's own record is deleted: its counts, who, when; nothing personal. 1 to 3,650. Default 400.
    /// </summary>
    public int RecordDays { get; set; } = 400;

    /// <summary>Throws what is wrong, with the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of its bounds.</exception>
    public void Validate()
    {
        if (MaxBytes is < 1L << 20 or > 1L << 40)
            throw new ArgumentException("Notifications:Imports:MaxBytes must be 1048576 (1 MiB) to 1099511627776 (1 TiB).");
        if (MaxRowBytes is < 1 << 10 or > 1 << 20)
            throw new ArgumentException("Notifications:Imports:MaxRowBytes must be 1024 to 1048576.");
        if (PartBytes is < 4 << 10 or > 3 << 20) throw new ArgumentException("Notifications:Imports:PartBytes must be 4096 to 3145728.");
        if (Concurrency is < 1 or > 1024) throw new ArgumentException("Notifications:Imports:Concurrency must be 1 to 1024.");
        if (ErrorDays is < 1 or > 365) throw new ArgumentException("Notifications:Imports:ErrorDays must be 1 to 365.");
        if (RecordDays is < 1 or > 3650) throw new ArgumentException("Notifications:Imports:RecordDays must be 1 to 3650.");
    }
}

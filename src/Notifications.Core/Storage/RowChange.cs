using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Notifications.Storage;

/// <summary>What a <see cref="RowChange"/> asks for.</summary>
public enum RowChangeKind
{
    /// <summary>Write a new row; a conflict when the key exists.</summary>
    Insert,

    /// <summary>Write over a row whose ETag is the given one; a conflict when it is absent or has changed.</summary>
    Replace,

    /// <summary>Write whatever stands there. For index rows, whose truth is elsewhere.</summary>
    Put,

    /// <summary>Remove a row, under its ETag when one is given; a conflict when it is absent or has changed.</summary>
    Delete,
}

/// <summary>One change of one row, within an atomic commit.</summary>
public readonly record struct RowChange(RowChangeKind Kind, string Key, ReadOnlyMemory<byte> Value, string? ETag)
{
    /// <inheritdoc cref="RowChangeKind.Insert"/>
    public static RowChange Insert(string key, ReadOnlyMemory<byte> value) => new(RowChangeKind.Insert, key, value, null);

    /// <inheritdoc cref="RowChangeKind.Replace"/>
    public static RowChange Replace(string key, ReadOnlyMemory<byte> value, string etag) => new(RowChangeKind.Replace, key, value, etag);

    /// <inheritdoc cref="RowChangeKind.Put"/>
    public static RowChange Put(string key, ReadOnlyMemory<byte> value) => new(RowChangeKind.Put, key, value, null);

    /// <inheritdoc cref="RowChangeKind.Delete"/>
    public static RowChange Delete(string key, string? etag = null) => new(RowChangeKind.Delete, key, default, etag);

    /// <summary>Insert when <paramref name="etag"/> is null (the row was not there when read), else replace under it.</summary>
    public static RowChange Write(string key, ReadOnlyMemory<byte> value, string? etag) =>
        etag is null ? Insert(key, value) : Replace(key, value, etag);

    /// <summary>The same, of JSON.</summary>
    public static RowChange Insert<T>(string key, T value, JsonTypeInfo<T> type) => Insert(key, Json(value, type));

    /// <inheritdoc cref="Insert{T}"/>
    public static RowChange Replace<T>(string key, T value, JsonTypeInfo<T> type, string etag) => Replace(key, Json(value, type), etag);

    /// <inheritdoc cref="Insert{T}"/>
    public static RowChange Put<T>(string key, T value, JsonTypeInfo<T> type) => Put(key, Json(value, type));

    /// <inheritdoc cref="Insert{T}"/>
    public static RowChange Write<T>(string key, T value, JsonTypeInfo<T> type, string? etag) => Write(key, Json(value, type), etag);

    private static byte[] Json<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);
}

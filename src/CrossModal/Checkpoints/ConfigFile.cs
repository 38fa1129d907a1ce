using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Engine.Formats;
using CrossModal.Models;

namespace CrossModal.Checkpoints;

/// <summary>Reads published JSON configurations: keys in snake_case, keys that a record does not have are of no concern, and <c>null</c>
/// stands for what the record has by default.</summary>
internal static class ConfigFile
{
    private const long LongestFile = 1 << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        AllowTrailingCommas = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        TypeInfoResolver = ConfigJson.Default.WithAddedModifier(ForgetUnusedLayers).WithAddedModifier(InitialValues.Keep),
    };

    /// <summary>A file's bytes.</summary>
    /// <exception cref="FileFormatException">It is missing, or larger than any configuration.</exception>
    public static byte[] Bytes(string path)
    {
        if (!File.Exists(path)) throw new FileFormatException(path, "is missing");
        var length = new FileInfo(path).Length;
        return length <= LongestFile ? File.ReadAllBytes(path)
            : throw new FileFormatException(path, $"a configuration of {length} bytes is over the limit of {LongestFile}");
    }

    /// <summary>The record a file describes.</summary>
    /// <exception cref="FileFormatException">The bytes are not JSON, or hold something of another kind than the record; the message says
    /// where.</exception>
    public static T Parse<T>(byte[] file, string name) where T : class
    {
        var json = WithoutNulls(JsonFile.WithoutMark(file, name), name);
        try
        {
            return JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)Json.GetTypeInfo(typeof(T)))
                ?? throw new FileFormatException(name, "holds nothing");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FileFormatException(name, $"is not a configuration that can be read: {Failure.Reason(e)}", e);
        }
    }

    /// <summary>The keys of a record that a file describes, each with its value.</summary>
    /// <param name="config">The record.</param>
    public static IEnumerable<(string Key, object? Value)> Values(object config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Json.GetTypeInfo(config.GetType()).Properties.Where(p => p.Get is not null).Select(p => (p.Name, p.Get!(config)));
    }

    /// <summary>The same JSON with spaces where a key has the value <c>null</c>.</summary>
    private static byte[] WithoutNulls(byte[] file, string name)
    {
        var kept = file.ToArray();
        var json = new Utf8JsonReader(file);
        try
        {
            for (var key = -1; json.Read();)
            {
                if (key >= 0 && json.TokenType == JsonTokenType.Null)
                {
                    // Of the commas around it the one behind goes too; one before the end of an object may stay.
                    var end = (int)json.BytesConsumed;
                    var next = end + kept.AsSpan(end).IndexOfAnyExcept(" \t\r\n"u8);
                    kept.AsSpan(key..(next >= end && kept[next] == (byte)',' ? next + 1 : end)).Fill((byte)' ');
                }

                key = json.TokenType == JsonTokenType.PropertyName ? (int)json.TokenStartIndex : -1;
            }
        }
        catch (JsonException e)
        {
            throw new FileFormatException(name, Failure.Reason(e), e);
        }

        return kept;
    }

    /// <summary>LXMERT's files hold an object under the key of the number of layers, which the model does not use.</summary>
    private static void ForgetUnusedLayers(JsonTypeInfo type)
    {
        const string Unused = "num_hidden_layers";
        if (type.Type != typeof(LxmertConfig)) return;
        for (var i = type.Properties.Count - 1; i >= 0; i--)
            if (type.Properties[i].Name == Unused) type.Properties.RemoveAt(i);
    }
}

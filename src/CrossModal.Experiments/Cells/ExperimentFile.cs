using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Engine.Formats;

namespace CrossModal.Experiments.Cells;

/// <summary>Reads and writes the files of experiments as JSON; a good file is replaced only by a whole one.</summary>
internal static class ExperimentFile
{
    private const long Longest = 256 << 20;

    /// <summary>How files of cells are written. Keys of cells are hashes of this form: it does not change.</summary>
    public static readonly JsonSerializerOptions Json = Options(CellJson.Default);

    /// <summary>How all files of experiments are written.</summary>
    /// <param name="context">Describes the kinds of files.</param>
    public static JsonSerializerOptions Options(JsonSerializerContext context) => new(context.Options)
    {
        // Older files stay readable when an option is taken away; one that is added has its default.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        IgnoreReadOnlyProperties = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = context.WithAddedModifier(InitialValues.Keep),
    };

    /// <summary>The form of one kind of what cells consist of.</summary>
    public static JsonTypeInfo<T> Form<T>() => (JsonTypeInfo<T>)Json.GetTypeInfo(typeof(T));

    /// <summary>Writes a file beside the old one and puts it in its place.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void Write<T>(string path, T content, JsonTypeInfo<T> form) =>
        AtomicFile.Write(path, stream => Serialize(stream, content, form));

    /// <summary>Writes a file unless there is one already.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteNew<T>(string path, T content, JsonTypeInfo<T> form) =>
        AtomicFile.WriteNew(path, stream => Serialize(stream, content, form));

    /// <summary>Reads a file of a format, packed by gzip or not.</summary>
    /// <exception cref="FileFormatException">The file is damaged or of another format; the message names it.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static T Read<T>(string path, string schema, JsonTypeInfo<T> form)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (new FileInfo(path) is { Exists: true, Length: > Longest }) throw new FileFormatException(path, "is larger than 256 MB");
        try
        {
            using var document = JsonDocument.Parse(Unpacked(path, JsonFile.Read(path)));
            var found = document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("schema", out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
            if (found != schema) throw new FileFormatException(path, $"is not of the format '{schema}'");
            return document.Deserialize(form) ?? throw new FileFormatException(path, "holds nothing");
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, $"is damaged: {Failure.Reason(error)}", error);
        }
    }

    private static void Serialize<T>(Stream stream, T content, JsonTypeInfo<T> form)
    {
        JsonSerializer.Serialize(stream, content, form);
        stream.WriteByte((byte)'\n');
    }

    private static ReadOnlyMemory<byte> Unpacked(string path, byte[] content)
    {
        if (content is not [0x1F, 0x8B, ..]) return content;
        try
        {
            using var packed = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
            using var whole = new MemoryStream();
            var part = new byte[1 << 16];
            for (int read; (read = packed.Read(part)) > 0;)
            {
                if (whole.Length + read > Longest) throw new FileFormatException(path, "is larger than 256 MB when unpacked");
                whole.Write(part, 0, read);
            }

            return whole.GetBuffer().AsMemory(0, (int)whole.Length);
        }
        catch (InvalidDataException error)
        {
            throw new FileFormatException(path, $"is damaged: {Failure.Reason(error)}", error);
        }
    }
}

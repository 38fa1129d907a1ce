namespace CrossModal.Engine.Formats;

/// <summary>The bytes of a JSON file, which RFC 8259 wants as UTF-8 (section 8.1): a UTF-8 byte-order mark is left out, other encodings are
/// named.</summary>
internal static class JsonFile
{
    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileFormatException">The file is UTF-16 or UTF-32 text.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static byte[] Read(string path) => WithoutMark(File.ReadAllBytes(path), path);

    /// <summary>A file's bytes without their byte-order mark.</summary>
    /// <param name="file">The bytes; returned as they are when they begin with no mark.</param>
    /// <param name="name">The file's name, for errors.</param>
    /// <exception cref="FileFormatException">The bytes are UTF-16 or UTF-32 text.</exception>
    public static byte[] WithoutMark(byte[] file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (Encoding(file) is { } encoding)
            throw new FileFormatException(name, $"is {encoding} text; a JSON file is UTF-8 text: save it in that encoding");
        return file.AsSpan().StartsWith(Utf8Mark) ? file[Utf8Mark.Length..] : file;
    }

    // JSON begins with an ASCII character: without a mark too, the zero bytes beside it give the encoding (RFC 4627, section 3).
    private static string? Encoding(ReadOnlySpan<byte> file) => file switch
    {
        [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] or [> 0, 0, 0, 0, ..] or [0, 0, 0, > 0, ..] => "UTF-32",
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [> 0, 0, > 0, 0, ..] or [0, > 0, 0, > 0, ..] => "UTF-16",
        _ => null,
    };
}

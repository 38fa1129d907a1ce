namespace CrossModal.Engine.Formats;

/// <summary>Reading that never reserves more memory than there are bytes.</summary>
internal static class MeasuredStream
{
    private const int FirstBytes = 1 << 14;

    /// <summary>A stream whose remaining length is known: the given one, or its content in memory.</summary>
    public static Stream Of(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.CanSeek)
            return stream;
        var content = new MemoryStream();
        stream.CopyTo(content);
        content.Position = 0;
        return content;
    }

    /// <summary>
    /// Up to <paramref name="count"/> bytes, fewer if the stream ends. Memory grows with what has really been read,
    /// because a compressed stream may promise any amount.
    /// </summary>
    public static byte[] ReadGrowing(Stream stream, int count)
    {
        var bytes = new byte[Math.Min(count, FirstBytes)];
        var filled = 0;
        while (true)
        {
            var read = stream.ReadAtLeast(bytes.AsSpan(filled), bytes.Length - filled, throwOnEndOfStream: false);
            filled += read;
            if (filled < bytes.Length)
                return bytes[..filled];
            if (filled == count)
                return bytes;
            var larger = new byte[(int)Math.Min(count, 2L * bytes.Length)];
            bytes.CopyTo(larger, 0);
            bytes = larger;
        }
    }
}

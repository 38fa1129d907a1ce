using CrossModal.Imaging;

namespace CrossModal.Tabletop.Camera;

/// <summary>
/// A picture and what each part of it shows; reused from frame to frame. Row 0 is the top (far) edge. Colours are averages
/// of 2 × 2 samples; the samples' ids are kept, so masks and coverage are exact.
/// </summary>
public sealed class CameraFrame
{
    /// <summary>Id of the board and what surrounds it.</summary>
    public const byte BoardId = 0;

    /// <summary>Id of the fingers.</summary>
    public const byte HandId = 255;

    internal const int SamplesPerSide = 2;
    internal const int LeastSize = 8;
    internal const int MostSize = 1024;

    /// <summary>Creates a black picture of `size` × `size` pixels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is not within 8 … 1024.</exception>
    public CameraFrame(int size = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, LeastSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MostSize);
        Size = size;
        SampleSize = size * SamplesPerSide;
        Rgb = new byte[size * size * 3];
        Samples = new uint[SampleSize * SampleSize];
        SampleIds = new byte[SampleSize * SampleSize];
    }

    /// <summary>Pixels along each side.</summary>
    public int Size { get; }

    /// <summary>The colours, `[Size, Size, 3]`, red first. To be read: a camera draws again only what has changed in its scene.</summary>
    public byte[] Rgb { get; }

    /// <summary>What was drawn last; null before the first drawing.</summary>
    internal RenderedState? Rendered { get; set; }

    internal int SampleSize { get; }

    /// <summary>Colours of the samples, 0x00RRGGBB, `[SampleSize, SampleSize]`.</summary>
    internal uint[] Samples { get; }

    /// <summary>Ids of the samples, `[SampleSize, SampleSize]`.</summary>
    internal byte[] SampleIds { get; }

    /// <summary>The id of the object with this index.</summary>
    public static byte IdOf(int objectIndex) => (byte)(objectIndex + 1);

    /// <summary>The colours where they lie, as a policy takes them.</summary>
    public Frame ToFrame() => new(Rgb, Size, Size);

    /// <summary>Whether any part of a pixel shows the object (or hand, or board) with this id.</summary>
    public bool Shows(int row, int column, byte id)
    {
        var at = (row * SamplesPerSide * SampleSize) + (column * SamplesPerSide);
        return SampleIds[at] == id || SampleIds[at + 1] == id || SampleIds[at + SampleSize] == id || SampleIds[at + SampleSize + 1] == id;
    }

    /// <summary>What each pixel mostly shows, `[Size, Size]`: the id of most of its samples, the greater id when two are even.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void WriteIds(Span<byte> destination)
    {
        if (destination.Length < Size * Size)
            throw new ArgumentException($"CameraFrame: the id map needs {Size * Size} places, not {destination.Length}.",
                nameof(destination));
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
                destination[(row * Size) + column] = Majority((row * SamplesPerSide * SampleSize) + (column * SamplesPerSide));
        }
    }

    /// <summary>The part of each patch of a grid that the object with this id covers, 0 … 1.</summary>
    /// <param name="objectId">An id; see <see cref="IdOf"/>.</param>
    /// <param name="gridRows">Patches from top to bottom; must divide the size.</param>
    /// <param name="gridColumns">Patches from left to right; must divide the size.</param>
    /// <param name="coverage">Receives `[gridRows, gridColumns]`.</param>
    /// <exception cref="ArgumentException">The grid does not divide the picture or the destination is too short.</exception>
    public void CoverageOfPatches(byte objectId, int gridRows, int gridColumns, Span<float> coverage)
    {
        if (gridRows <= 0 || gridColumns <= 0 || Size % gridRows != 0 || Size % gridColumns != 0)
            throw new ArgumentException(
                $"CameraFrame: a grid of {gridRows} × {gridColumns} patches does not divide {Size} × {Size} pixels.", nameof(gridRows));
        if (coverage.Length < gridRows * gridColumns)
            throw new ArgumentException(
                $"CameraFrame: {gridRows} × {gridColumns} patches need {gridRows * gridColumns} places, not {coverage.Length}.",
                nameof(coverage));
        int height = SampleSize / gridRows, width = SampleSize / gridColumns;
        for (var row = 0; row < gridRows; row++)
        {
            for (var column = 0; column < gridColumns; column++)
            {
                var count = 0;
                for (var y = 0; y < height; y++)
                    count += SampleIds.AsSpan((((row * height) + y) * SampleSize) + (column * width), width).Count(objectId);
                coverage[(row * gridColumns) + column] = (float)count / (height * width);
            }
        }
    }

    private byte Majority(int at)
    {
        ReadOnlySpan<byte> ids = [SampleIds[at], SampleIds[at + 1], SampleIds[at + SampleSize], SampleIds[at + SampleSize + 1]];
        byte best = 0;
        var most = 0;
        foreach (var id in ids)
        {
            var count = ids.Count(id);
            if (count > most || (count == most && id > best))
                (best, most) = (id, count);
        }

        return best;
    }
}

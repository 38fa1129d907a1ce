using CrossModal.Imaging;
using CrossModal.Layers;

namespace CrossModal.Policies;

/// <summary>Copies of the last picture of every camera, in memory that is used again while sizes stay.</summary>
/// <param name="cameras">How many cameras there are.</param>
internal sealed class KeptFrames(int cameras)
{
    private readonly (byte[] Bytes, int Width, int Height, PixelFormat Format, int Stride)?[] _kept =
        new (byte[], int, int, PixelFormat, int)?[cameras];

    /// <summary>Which patches of a grid over each camera's square hold nothing but padding; null when a picture was not kept.</summary>
    /// <param name="size">Side of the square, pixels.</param>
    /// <param name="grid">Where the patches lie.</param>
    public bool[]? Padding(int size, TokenGrid grid)
    {
        var padding = new List<bool>();
        foreach (var kept in _kept)
        {
            if (kept is not { } frame) return null;
            var fit = Letterbox.Fit(frame.Width, frame.Height, size);
            padding.AddRange(Enumerable.Range(0, grid.Count)
                .Select(i => fit.PatchInImage(i / grid.Columns, i % grid.Columns, grid.Rows, grid.Columns) is null));
        }

        return [.. padding];
    }

    /// <summary>The last picture of a camera as red, green and blue; null when none was kept.</summary>
    public RgbImage? this[int camera] => _kept[camera] is { } k ? new Frame(k.Bytes, k.Width, k.Height, k.Format, k.Stride).ToImage()
        : null;

    /// <summary>Copies the pictures of an observation.</summary>
    /// <param name="observation">The pictures.</param>
    /// <param name="encoder">What gives a camera's index.</param>
    public void Keep(Observation observation, ObservationEncoder encoder)
    {
        for (var i = 0; i < observation.Cameras; i++)
        {
            var frame = observation.Frame(i);
            var camera = encoder.Camera(observation.Name(i));
            var bytes = _kept[camera] is { } kept && kept.Bytes.Length == frame.Bytes.Length ? kept.Bytes
                : GC.AllocateUninitializedArray<byte>(frame.Bytes.Length);
            frame.Bytes.CopyTo(bytes);
            _kept[camera] = (bytes, frame.Width, frame.Height, frame.Format, frame.Stride);
        }
    }
}

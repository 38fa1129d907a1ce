using CrossModal.Engine.Kernels;

namespace CrossModal.Imaging;

/// <summary>
/// Makes a model's input of camera pictures: planes of red, green and blue from 0 to 1, resized into a square with black bars as
/// <see cref="Letterbox.Apply"/> does, bit for bit.
/// </summary>
/// <remarks>Weights and memory of the last four sizes are kept, so that frames of up to four cameras allocate nothing. Not for several
/// threads at once.</remarks>
/// <param name="size">Side of the square, pixels.</param>
internal sealed class FramePreprocessor(int size)
{
    private const int KeptPlans = 4;

    private readonly List<ResizePlan> _plans = new(KeptPlans); // the last used first
    private readonly byte[] _resized = new byte[checked(size * size * RgbImage.Channels)];

    /// <summary>Side of the square, pixels.</summary>
    public int Size { get; } = size > 0
        ? size
        : throw new ArgumentOutOfRangeException(nameof(size), $"FramePreprocessor: a square of {size} pixels");

    /// <summary>Writes the input for one frame.</summary>
    /// <param name="frame">A picture of any size.</param>
    /// <param name="planes">Receives <c>[3, size, size]</c>, 0–1.</param>
    /// <exception cref="ArgumentException">The frame was never made, or the planes have another length.</exception>
    public void Encode(Frame frame, Span<float> planes)
    {
        var plane = Size * Size;
        if (planes.Length != RgbImage.Channels * plane)
            throw new ArgumentException(
                $"FramePreprocessor: [3,{Size},{Size}] needs {RgbImage.Channels * plane} values, got {planes.Length}", nameof(planes));
        if (frame.Width == 0) throw new ArgumentException("FramePreprocessor: the frame has no pixels", nameof(frame));
        if (Math.Max(frame.Width, frame.Height) == Size)
        {
            Write(frame.Bytes, frame.Stride, frame.Format.PixelBytes(), frame.Format.ColorBytes(), frame.Width, frame.Height, planes);
            return;
        }

        var plan = Plan(frame);
        plan.Run(frame, _resized);
        var channels = frame.Format.ColorBytes().Length;
        Write(
            _resized, plan.NewStride, 1, channels == 1 ? [0] : [0, plan.NewWidth, 2 * plan.NewWidth], plan.NewWidth, plan.NewHeight,
                planes);
    }

    /// <summary>The plan for a frame's size and format: one that was kept, or a new one in place of the one used longest ago.</summary>
    private ResizePlan Plan(Frame frame)
    {
        for (var i = 0; i < _plans.Count; i++)
        {
            var kept = _plans[i];
            if (kept.Width != frame.Width || kept.Height != frame.Height || kept.Format != frame.Format) continue;
            _plans.RemoveAt(i);
            _plans.Insert(0, kept);
            return kept;
        }

        var fit = Letterbox.Fit(frame.Width, frame.Height, Size);
        var plan = new ResizePlan(
            frame.Width, frame.Height, frame.Format, fit.ContentWidth, fit.ContentHeight, ResizeFilter.BilinearAntialias, planar: true);
        if (_plans.Count == KeptPlans) _plans.RemoveAt(KeptPlans - 1);
        _plans.Insert(0, plan);
        return plan;
    }

    /// <summary>Writes bytes in the middle of the planes, black around them.</summary>
    private void Write(
        ReadOnlySpan<byte> bytes, int stride, int pixelStep, ReadOnlySpan<int> channels, int width, int height, Span<float> planes)
    {
        planes.Clear();
        var corner = (Size - height) / 2 * Size + (Size - width) / 2;
        for (var c = 0; c < RgbImage.Channels; c++)
        {
            for (var y = 0; y < height; y++)
            {
                var row = planes.Slice((c * Size + y) * Size + corner, width);
                var from = bytes[(y * stride + channels[c % channels.Length])..];
                if (pixelStep == 1) ByteNumbers.Scale(from[..width], 1f / 255, row);
                else for (var x = 0; x < row.Length; x++) row[x] = from[x * pixelStep] * (1f / 255);
            }
        }
    }
}

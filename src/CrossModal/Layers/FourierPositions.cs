using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>In which order the numbers of a Fourier position stand.</summary>
internal enum FourierOrder
{
    /// <summary>Axis by axis: its sines, its cosines, the position itself (lucidrains).</summary>
    ByAxis,

    /// <summary>The positions on all axes, then all sines, then all cosines (DeepMind, Hugging Face).</summary>
    ByFunction,
}

/// <summary>Fixed positions on a line, a grid or a volume as sines and cosines of growing frequency, to be put beside the channels
/// (Jaegle et al. 2021, Perceiver, section 3.2).</summary>
/// <remarks>Position p on an axis runs from −1 to 1; of s from 1 to half the highest frequency, in equal steps: sin(π s p), cos(π s p), and
/// p itself.</remarks>
internal sealed class FourierPositions
{
    private readonly Tensor _table;

    /// <summary>Computes the positions.</summary>
    /// <param name="axes">Number of positions on each axis.</param>
    /// <param name="bands">Number of frequencies.</param>
    /// <param name="highest">Highest frequency of each axis, twice the largest s; one number holds for all axes.</param>
    /// <param name="order">How the numbers stand.</param>
    /// <exception cref="ShapeException">There is no axis, a size is not positive, or the frequencies are not one or as many as the
    /// axes.</exception>
    public FourierPositions(IReadOnlyList<int> axes, int bands, IReadOnlyList<double> highest, FourierOrder order = FourierOrder.ByAxis)
    {
        ArgumentNullException.ThrowIfNull(axes);
        ArgumentNullException.ThrowIfNull(highest);
        if (axes.Count == 0 || bands <= 0 || axes.Any(a => a <= 0))
            throw new ShapeException("FourierPositions", $"needs positive sizes and bands, got [{string.Join(", ", axes)}] and {bands}");
        if (highest.Count != 1 && highest.Count != axes.Count)
            throw new ShapeException("FourierPositions", $"{highest.Count} frequencies are not one, nor one for each of {axes.Count} axes");
        Axes = [.. axes];
        Width = axes.Count * (2 * bands + 1);
        _table = Tensor.Zeros([axes.Aggregate((a, b) => a * b), Width]);
        for (var i = 0; i < _table.Shape[0]; i++)
        {
            var rest = i;
            for (var axis = axes.Count - 1; axis >= 0; axis--)
            {
                var step = rest % axes[axis];
                rest /= axes[axis];
                Fill(_table.Span.Slice(i * Width, Width), axis, step, bands, highest[axis % highest.Count], order);
            }
        }
    }

    /// <summary>Number of positions on each axis.</summary>
    public IReadOnlyList<int> Axes { get; }

    /// <summary>Width of a position: axes · (2 · bands + 1).</summary>
    public int Width { get; }

    /// <summary>Puts positions beside the channels: <c>[B, N, C] → [B, N, C + width]</c>, tokens row by row.</summary>
    /// <exception cref="ShapeException">There are not as many tokens as positions.</exception>
    public Tensor Forward(Tensor tokens, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (tokens.Shape.Rank != 3 || tokens.Shape[1] != _table.Shape[0])
            throw new ShapeException("FourierPositions", $"{tokens.Shape} is not [B, {_table.Shape[0]}, C]");
        return pass.Concat(2, tokens, pass.Expand(_table, [tokens.Shape[0], _table.Shape[0], Width]));
    }

    private void Fill(Span<float> target, int axis, int step, int bands, double highest, FourierOrder order)
    {
        // Reference implementations compute in float32; so do these angles, lest high bands differ in the last digits.
        var count = Axes[axis];
        var position = count == 1 ? -1f : (float)(-1 + 2.0 * step / (count - 1));
        var (sines, cosines, itself) = order == FourierOrder.ByAxis
            ? (axis * (2 * bands + 1), axis * (2 * bands + 1) + bands, axis * (2 * bands + 1) + 2 * bands)
            : (Axes.Count + axis * bands, Axes.Count * (1 + bands) + axis * bands, axis);
        for (var band = 0; band < bands; band++)
        {
            var scale = bands == 1 ? 1f : (float)(1 + (highest / 2 - 1) * band / (bands - 1));
            var angle = position * scale * MathF.PI;
            target[sines + band] = MathF.Sin(angle);
            target[cosines + band] = MathF.Cos(angle);
        }

        target[itself] = position;
    }
}

using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Fixed positions of sines and cosines, added to the tokens.</summary>
/// <remarks>In one dimension, of Vaswani et al. 2017 (section 3.5), sines in the first half of the width and cosines in the second instead
/// of alternating (the same up to a permutation of the width). In two dimensions, half of the width holds the row, half the column (Chen et
/// al. 2021, MoCo v3).</remarks>
public sealed class SinCosPositions : Module
{
    private const double Temperature = 10000;
    private readonly Tensor _table;

    private SinCosPositions(Tensor table) => _table = table;

    /// <summary>Positions along a line, computed for up to <paramref name="count"/> tokens.</summary>
    /// <param name="count">The most tokens there can be.</param>
    /// <param name="width">Width d; even.</param>
    /// <exception cref="ShapeException">The width is odd.</exception>
    public static SinCosPositions Line(int count, int width)
    {
        if (width % 2 != 0) throw new ShapeException("SinCosPositions", $"a line needs an even width, got {width}");
        var table = Tensor.Zeros([count, width]);
        for (var i = 0; i < count; i++) Fill(table.Span.Slice(i * width, width), i);
        return new SinCosPositions(table);
    }

    /// <summary>Positions on a grid, row by row.</summary>
    /// <param name="grid">Rows and columns.</param>
    /// <param name="width">Width d; divisible by 4.</param>
    /// <exception cref="ShapeException">The width is not divisible by 4.</exception>
    public static SinCosPositions Grid(TokenGrid grid, int width)
    {
        if (width % 4 != 0) throw new ShapeException("SinCosPositions", $"a grid needs a width divisible by 4, got {width}");
        var table = Tensor.Zeros([grid.Count, width]);
        for (var i = 0; i < grid.Count; i++)
        {
            var token = table.Span.Slice(i * width, width);
            Fill(token[..(width / 2)], i / grid.Columns);
            Fill(token[(width / 2)..], i % grid.Columns);
        }

        return new SinCosPositions(table);
    }

    /// <summary>Adds the positions: <c>[B, N, d] → [B, N, d]</c>.</summary>
    /// <exception cref="ShapeException">There are more tokens than positions.</exception>
    public Tensor Forward(Tensor x, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape[-2] > _table.Shape[0])
            throw new ShapeException("SinCosPositions", $"{x.Shape} has more tokens than the {_table.Shape[0]} positions");
        return pass.Add(x, x.Shape[-2] == _table.Shape[0] ? _table : pass.Slice(_table, 0, 0, x.Shape[-2]));
    }

    private static void Fill(Span<float> target, int position)
    {
        var half = target.Length / 2;
        for (var i = 0; i < half; i++)
        {
            var angle = position / Math.Pow(Temperature, (double)i / half);
            target[i] = (float)Math.Sin(angle);
            target[half + i] = (float)Math.Cos(angle);
        }
    }
}

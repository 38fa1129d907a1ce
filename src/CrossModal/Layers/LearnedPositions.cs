using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>A learned vector for each position, added to the tokens.</summary>
public sealed class LearnedPositions : Module
{
    private readonly Tensor _table;
    private readonly int _padding;

    /// <summary>Makes the table.</summary>
    /// <param name="count">The most tokens there can be.</param>
    /// <param name="width">Width d of a token.</param>
    /// <param name="random">Source of the first values.</param>
    /// <param name="deviation">Standard deviation of the first values.</param>
    /// <param name="padding">The position whose vector does not learn; −1 for none.</param>
    public LearnedPositions(int count, int width, RandomSource random, float deviation = 0.02f, int padding = -1)
    {
        _padding = padding;
        _table = AddParameter("weight", Tensor.Normal([count, width], random, deviation));
    }

    /// <summary>Adds the positions: <c>[B, N, d] → [B, N, d]</c>.</summary>
    /// <exception cref="ShapeException">There are more tokens than positions.</exception>
    public Tensor Forward(Tensor x, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape[-2] > _table.Shape[0])
            throw new ShapeException("LearnedPositions", $"{x.Shape} has more tokens than the {_table.Shape[0]} positions");
        if (_padding < 0) return pass.Add(x, pass.Slice(_table, 0, 0, x.Shape[-2]));
        var places = Tensor.Zeros([x.Shape[-2]]);
        for (var i = 0; i < places.Shape.Length; i++) places.Span[i] = i;
        return pass.Add(x, pass.Embedding(_table, places, _padding));
    }
}

using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Projected queries and keys, and the way to their values.</summary>
/// <param name="Query">Queries <c>[B, Nq, H·D]</c>.</param>
/// <param name="Key">Keys <c>[B, Nk, H·D]</c>.</param>
/// <param name="Values">Projects the values of the keys with given ids <c>[B, k]</c>, or of all when null.</param>
/// <param name="Mask">What may be attended, or null.</param>
/// <param name="Sides">What queries and keys are.</param>
/// <param name="Own">Whether the queries are the tokens attended to.</param>
internal sealed record AttentionCall(Tensor Query, Tensor Key, Func<Tensor?, Tensor> Values, Mask? Mask, AttentionSides Sides, bool Own)
{
    /// <summary>Number of heads H.</summary>
    public required int Heads { get; init; }

    /// <summary>Dropout and what to show.</summary>
    public required AttendingOptions Options { get; init; }
}

/// <summary>The part of an attention between its projections: scores, weights, and the sum of values.</summary>
/// <remarks>Projecting to heads and back is <see cref="MultiHeadAttention"/>'s alone.</remarks>
internal abstract class AttentionMixer : Module
{
    private protected AttentionMixer()
    {
    }

    /// <summary>Mixes values: the result <c>[B, Nq, H·Dv]</c>, and the weights <c>[B, H, Nq, Nk]</c> when they are to be shown.</summary>
    internal abstract (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass);

    /// <summary>Where the keys lie: words, then whole views of a grid; words alone have no grid.</summary>
    /// <exception cref="ShapeException">The patches do not fill whole views, or, when no grid was given, one square.</exception>
    private protected static KeyLayout Layout(TokenGrid? grid, AttentionCall call, string who)
    {
        var (keys, words) = (call.Key.Shape[1], call.Sides.Words);
        var patches = keys - words;
        if (patches == 0 && words > 0) return new KeyLayout(words, 1, 1);
        if (grid is { } given)
            return patches > 0 && patches % given.Count == 0 ? new KeyLayout(words, given.Rows, given.Columns)
                : throw new ShapeException(who, $"{patches} visual tokens are not whole views of a {given} grid");
        var side = (int)Math.Round(Math.Sqrt(patches));
        return side > 0 && side * side == patches ? new KeyLayout(words, side, side)
            : throw new ShapeException(who, $"{patches} visual tokens are not a square grid; give the grid");
    }
}

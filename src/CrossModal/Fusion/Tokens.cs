using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>A batch of token sequences with what of them is padding.</summary>
/// <param name="Values">Tokens <c>[B, N, d]</c>.</param>
/// <param name="Mask">Which tokens are real, a padding mask <c>[B, 1, 1, N]</c>; null when all are.</param>
public sealed record Tokens(Tensor Values, Mask? Mask = null)
{
    /// <summary>Number of samples B.</summary>
    public int Batch => Values.Shape[0];

    /// <summary>Number of tokens N, with padding.</summary>
    public int Count => Values.Shape[1];

    /// <summary>Width d.</summary>
    public int Width => Values.Shape[2];

    /// <summary>Sequences joined end to end.</summary>
    /// <exception cref="ShapeException">Batch sizes or widths differ, or nothing is given.</exception>
    public static Tokens Join(IReadOnlyList<Tokens> parts, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 1) return parts[0];
        return new Tokens(pass.Concat(1, parts.Select(p => p.Values).ToArray()), Mask.Join(parts.Select(p => (p.Mask, p.Batch, p.Count)).ToList(), pass));
    }

    /// <summary>The mean over real tokens, <c>[B, d]</c>; zeros for a sample without any.</summary>
    public Tensor Mean(Pass pass)
    {
        if (Mask is null) return pass.Mean(Values, axis: 1);
        var presence = Mask.Presence(pass);
        var count = pass.Sum(presence, axis: 1);
        return pass.Divide(pass.Sum(pass.Multiply(Values, presence), axis: 1), AtLeastOne(count, pass));
    }

    /// <summary>max(x, 1), written so that counts of 0 divide nothing by 0.</summary>
    internal static Tensor AtLeastOne(Tensor count, Pass pass) => pass.Scale(pass.Relu(pass.Scale(count, 1, -1)), 1, 1);

    /// <summary>The values with padding set to 0.</summary>
    internal Tensor ZeroPadded(Pass pass) => Mask is null ? Values : pass.Multiply(Values, Mask.Presence(pass));

    internal void Check(string who, string what, int width)
    {
        if (Values.Shape.Rank != 3) throw new ShapeException(who, $"{what} must be [B, N, {width}], got {Values.Shape}");
        if (Width != width) throw new ShapeException(who, $"{what} {Values.Shape} has a width of {Width}, expected {width}");
        if (Mask is not null && Mask.Scores.Shape != [Batch, 1, 1, Count])
            throw new ShapeException(who, $"the mask of {what} is {Mask.Scores.Shape}, expected [{Batch},1,1,{Count}]");
    }
}

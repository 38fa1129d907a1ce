using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Which tokens become one: even tokens are matched with the odd ones most like them, and the closest pairs are joined
/// (Bolya et al. 2023, ToMe, section 3, bipartite soft matching).</summary>
/// <remarks>Likeness is the cosine. Inputs: tokens <c>[B, N, d]</c> and their sizes <c>[B, N, 1]</c>, 0 for padding, which is joined before
/// anything else and matched by nothing real. The result is the new number of every token, in the old order of the first of each group. The
/// gradient is 0: the choice is constant around almost every point.</remarks>
/// <param name="merged">How many pairs are joined, r, at most half of the tokens.</param>
internal sealed class MatchTokensOp(int merged) : Operation
{
    /// <summary>How many pairs are joined.</summary>
    public int Merged { get; } = merged;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 2);
        var (x, sizes) = (inputs[0], inputs[1]);
        if (x.Rank != 3 || sizes != [x[0], x[1], 1]) throw Error($"needs x[B, N, d] and sizes[B, N, 1], got x{x}, sizes{sizes}");
        return Merged > 0 && Merged <= x[1] / 2 ? [[x[0], x[1]]]
            : throw Error($"of {x[1]} tokens 1 to {x[1] / 2} can be joined to others at once, not {Merged}");
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 2.0 * inputs[0].Length + 0.5 * inputs[0].Length * inputs[0][1];

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var x = node.InputShape(0);
        TokenMatching.Run(x[0], x[1], x[2], node.Input(0), node.Input(1), Merged, node.Output(), node.Workers);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        for (var i = 0; i < node.Inputs.Count; i++) gradients.For(i).Clear();
    }
}

public static partial class Operations
{
    /// <summary>The number <c>[B, N]</c> that every token has after the closest pairs of an even and an odd token were joined; N − r are
    /// left.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">Tokens <c>[B, N, d]</c>.</param>
    /// <param name="sizes">How many original tokens each stands for, <c>[B, N, 1]</c>; 0 for padding.</param>
    /// <param name="merged">How many pairs are joined, r.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or more than half were to go.</exception>
    public static Tensor MatchTokens(this Pass pass, Tensor x, Tensor sizes, int merged) => pass.Apply(new MatchTokensOp(merged), x, sizes);
}

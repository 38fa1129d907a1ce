using System.Numerics.Tensors;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Tokens added up by group: <c>[B, N, d]</c> and the group of each token <c>[B, N]</c> to <c>[B, M, d]</c>; an empty group gives
/// 0.</summary>
/// <param name="groups">Number of groups M.</param>
internal sealed class SumTokensOp(int groups) : Operation
{
    /// <summary>Number of groups.</summary>
    public int Groups { get; } = groups > 0 ? groups : throw new ShapeException("SumTokens", $"needs at least one group, got {groups}");

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 2);
        var (x, ids) = (inputs[0], inputs[1]);
        return x.Rank == 3 && ids == [x[0], x[1]] ? [[x[0], Groups, x[2]]]
            : throw Error($"needs x[B, N, d] and groups[B, N], got x{x}, groups{ids}");
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => inputs[0].Length;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var width = node.InputShape(0)[2];
        var x = node.Input(0);
        var y = node.Output();
        y.Clear();
        for (var i = 0; i < node.Input(1).Length; i++)
        {
            var sum = y.Slice(Row(node, i) * width, width);
            TensorPrimitives.Add(sum, x.Slice(i * width, width), sum);
        }
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        if (gradients.Wants(1)) gradients.For(1).Clear();
        var dx = gradients.For(0);
        if (dx.IsEmpty) return;
        var width = node.InputShape(0)[2];
        for (var i = 0; i < node.Input(1).Length; i++) gradients.Output.Slice(Row(node, i) * width, width).CopyTo(dx[(i * width)..]);
    }

    private int Row(Node node, int i)
    {
        var group = node.Input(1)[i];
        return group >= 0 && group < Groups && group == (int)group ? i / node.InputShape(1)[1] * Groups + (int)group
            : throw Error($"{group} is not one of {Groups} groups");
    }
}

public static partial class Operations
{
    /// <summary>Tokens added up by group: <c>[B, N, d] → [B, M, d]</c>.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">Tokens.</param>
    /// <param name="groups">The group of each token, <c>[B, N]</c>, whole numbers from 0 to M − 1.</param>
    /// <param name="count">Number of groups M.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or a number is not a group.</exception>
    public static Tensor SumTokens(this Pass pass, Tensor x, Tensor groups, int count) => pass.Apply(new SumTokensOp(count), x, groups);
}

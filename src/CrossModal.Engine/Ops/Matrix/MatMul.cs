using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Matrix product over the last two axes; either operand may be read transposed, which copies nothing.</summary>
/// <param name="transposeA">Read a as <c>[…, K, M]</c>.</param>
/// <param name="transposeB">Read b as <c>[…, N, K]</c>.</param>
internal sealed class MatMulOp(bool transposeA = false, bool transposeB = false) : Operation
{
    /// <summary>Whether a is read transposed.</summary>
    public bool TransposeA { get; } = transposeA;

    /// <summary>Whether b is read transposed.</summary>
    public bool TransposeB { get; } = transposeB;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 2);
        var (a, b) = (inputs[0], inputs[1]);
        if (a.Rank < 2 || b.Rank < 2) throw Error($"both operands need two axes or more: a{a}, b{b}");
        var (m, k) = TransposeA ? (a[-1], a[-2]) : (a[-2], a[-1]);
        var (inner, n) = TransposeB ? (b[-1], b[-2]) : (b[-2], b[-1]);
        if (k != inner) throw Error($"inner sizes differ: a{a} has {k}, b{b} has {inner}");
        var batchA = a.Sizes[..^2];
        var batchB = b.Sizes[..^2];
        var (countA, countB) = (a.Product(0, a.Rank - 2), b.Product(0, b.Rank - 2));
        if (!batchA.SequenceEqual(batchB) && countA != 1 && countB != 1) throw Error($"batch sizes differ: a{a}, b{b}");
        var batch = countB == 1 && batchA.Length >= batchB.Length || countA != 1 ? batchA : batchB;
        return [Shape.Of([.. batch, m, n])];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) =>
        2.0 * Infer(inputs)[0].Length * (TransposeA ? inputs[0][-2] : inputs[0][-1]);

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var (batch, m, n, k) = Sizes(node);
        var a = Operand(node.InputShape(0), TransposeA);
        var b = Operand(node.InputShape(1), TransposeB);
        if (b.Batch == 0 && !TransposeA && a.Batch != 0) (batch, m) = (1, batch * m);
        MatrixProduct.Batched(batch, m, n, k, node.Input(0), a.Batch, a.Row, a.Column, node.Input(1), b.Batch, b.Row, b.Column,
            node.Output(), m * n, n, accumulate: false, node.Workers);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var (batch, m, n, k) = Sizes(node);
        var a = Operand(node.InputShape(0), TransposeA);
        var b = Operand(node.InputShape(1), TransposeB);
        var dy = gradients.Output;
        var workers = node.Workers;

        // dA = dY · Bᵀ, dB = Aᵀ · dY; each written in the operand's own layout, so a transposed operand swaps the factors.
        if (gradients.Wants(0))
        {
            if (TransposeA) Product(batch, a.Batch, k, m, n, node.Input(1), b, dy, (m * n, 1, n), gradients.For(0), workers);
            else Product(batch, a.Batch, m, k, n, dy, (m * n, n, 1), node.Input(1), (b.Batch, b.Column, b.Row), gradients.For(0), workers);
        }

        if (gradients.Wants(1))
        {
            if (TransposeB) Product(batch, b.Batch, n, k, m, dy, (m * n, 1, n), node.Input(0), a, gradients.For(1), workers);
            else Product(batch, b.Batch, k, n, m, node.Input(0), (a.Batch, a.Column, a.Row), dy, (m * n, n, 1), gradients.For(1), workers);
        }
    }

    /// <summary>One gradient product per batch element; summed over the batch when the operand was shared.</summary>
    private static void Product(int batch, int resultBatch, int m, int n, int k, ReadOnlySpan<float> x, (int Batch, int Row, int Column) xs,
        ReadOnlySpan<float> y, (int Batch, int Row, int Column) ys, Span<float> result, Workers workers)
    {
        if (resultBatch != 0 || batch == 1)
        {
            MatrixProduct.Batched(batch, m, n, k, x, xs.Batch, xs.Row, xs.Column, y, ys.Batch, ys.Row, ys.Column,
                result, resultBatch, n, accumulate: false, workers);
            return;
        }

        for (var i = 0; i < batch; i++)
        {
            MatrixProduct.Run(m, n, k, x[(i * xs.Batch)..], xs.Row, xs.Column, y[(i * ys.Batch)..], ys.Row, ys.Column,
                result, n, default, accumulate: i > 0, workers);
        }

        if (batch == 0) result.Clear();
    }

    private (int Batch, int M, int N, int K) Sizes(Node node)
    {
        var shape = node.Outputs[0].Shape;
        var a = node.InputShape(0);
        return (shape.Product(0, shape.Rank - 2), shape[-2], shape[-1], TransposeA ? a[-2] : a[-1]);
    }

    /// <summary>Steps of an operand read as a matrix per batch element; a batch of one is shared (step 0).</summary>
    private static (int Batch, int Row, int Column) Operand(Shape shape, bool transposed)
    {
        var batch = shape.Product(0, shape.Rank - 2) == 1 ? 0 : shape[-2] * shape[-1];
        return transposed ? (batch, 1, shape[-1]) : (batch, shape[-1], 1);
    }
}

public static partial class Operations
{
    /// <summary>a · b over the last two axes: <c>[…, M, K] · […, K, N] → […, M, N]</c>.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="a">Left operand; its leading axes equal those of b, or multiply to 1.</param>
    /// <param name="b">Right operand.</param>
    /// <param name="transposeA">Read a as <c>[…, K, M]</c>.</param>
    /// <param name="transposeB">Read b as <c>[…, N, K]</c>.</param>
    /// <exception cref="ShapeException">Inner or batch sizes differ.</exception>
    public static Tensor MatMul(this Pass pass, Tensor a, Tensor b, bool transposeA = false, bool transposeB = false) =>
        pass.Apply(new MatMulOp(transposeA, transposeB), a, b);
}

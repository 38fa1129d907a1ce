using CrossModal.Engine.Ops;
using static CrossModal.Engine.Tests.Ops.Operand;

namespace CrossModal.Engine.Tests.Ops;

/// <summary>Examples of every operation. An operation without one fails a test.</summary>
internal static class Examples
{
    private const float No = float.NegativeInfinity;

    /// <summary>All examples.</summary>
    public static IReadOnlyList<Example> All { get; } =
    [
        .. Elementwise(),
        .. Broadcast<AddOp>((a, b) => new Example(new AddOp(), a, b)),
        .. Broadcast<SubtractOp>((a, b) => new Example(new SubtractOp(), a, b)),
        .. Broadcast<MultiplyOp>((a, b) => new Example(new MultiplyOp(), a, b)),
        .. Broadcast<DivideOp>((a, b) => new Example(new DivideOp(), a, Positive(b.Values.Shape))),
        .. Products(),
        .. Shapes(),
        .. Reductions(),
        .. Rows(),
        .. Images(),
        .. Losses(),
        .. Attention(),
        .. AttentionVariantExamples.All(),
    ];

    private static IEnumerable<Example> Elementwise()
    {
        foreach (var length in new[] { 1, 7, 37 })
        {
            yield return new Example(new ReluOp(), Apart([length]));
            yield return new Example(new GeluOp(), Any([length]));
            yield return new Example(new GeluTanhOp(), Any([length]));
            yield return new Example(new QuickGeluOp(), Any([length]));
            yield return new Example(new SiluOp(), Any([length]));
            yield return new Example(new EluOp(), Apart([length]));
            yield return new Example(new SigmoidOp(), Any([length]));
            yield return new Example(new TanhOp(), Any([length]));
            yield return new Example(new ExpOp(), Any([length]));
            yield return new Example(new LogOp(), Positive([length]));
            yield return new Example(new SqrtOp(), Positive([length]));
            yield return new Example(new SquareOp(), Any([length]));
            yield return new Example(new ScaleOp(-1.75f, 0.5f), Any([length]));
            yield return new Example(new DropoutOp(0.4f, seed: 9), Any([length]));
        }
    }

    private static IEnumerable<Example> Broadcast<T>(Func<Operand, Operand, Example> make)
        where T : Broadcasting =>
    [
        make(Any([3, 5]), Any([3, 5], 4)),
        make(Any([2, 3, 5]), Any([5], 4)),
        make(Any([5]), Any([2, 3, 5], 4)),
        make(Any([2, 3, 1]), Any([2, 1, 4], 4)),
        make(Any([1, 1, 3]), Any([2, 4, 1], 4)),
        make(Any([]), Any([2, 3], 4)),
        make(Any([2, 1, 3, 1]), Any([1, 4, 1, 5], 4)),
        make(Any([3]), Any([1, 3], 4)),
    ];

    private static IEnumerable<Example> Products()
    {
        foreach (var (rows, inputs, outputs) in new[] { (1, 1, 1), (3, 5, 7), (5, 17, 33) })
        {
            yield return new Example(new LinearOp(), Any([rows, inputs]), Any([outputs, inputs], 4));
            yield return new Example(new LinearOp(), Any([2, rows, inputs]), Any([outputs, inputs], 4), Any([outputs], 5));
        }

        yield return new Example(new LinearOp(), Any([4]), Any([3, 4], 4), Any([3], 5));
        foreach (var (ta, tb) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            // Both batched, b shared, a shared, and one matrix under leading axes of 1.
            yield return new Example(new MatMulOp(ta, tb), Any(ta ? [5, 3] : [3, 5]), Any(tb ? [7, 5] : [5, 7], 4));
            yield return new Example(new MatMulOp(ta, tb), Any(ta ? [2, 5, 3] : [2, 3, 5]), Any(tb ? [2, 7, 5] : [2, 5, 7], 4));
            yield return new Example(new MatMulOp(ta, tb), Any(ta ? [2, 5, 3] : [2, 3, 5]), Any(tb ? [7, 5] : [5, 7], 4));
            yield return new Example(new MatMulOp(ta, tb), Any(ta ? [5, 3] : [3, 5]), Any(tb ? [2, 7, 5] : [2, 5, 7], 4));
            yield return new Example(new MatMulOp(ta, tb), Any(ta ? [1, 1, 5, 3] : [1, 1, 3, 5]), Any(tb ? [1, 7, 5] : [1, 5, 7], 4));
            yield return new Example(new MatMulOp(ta, tb), Any(ta ? [2, 2, 4, 1] : [2, 2, 1, 4]), Any(tb ? [2, 2, 1, 4] : [2, 2, 4, 1], 4));
        }
    }

    private static IEnumerable<Example> Shapes() =>
    [
        new(new ReshapeOp([3, 4]), Any([2, 6])),
        new(new ReshapeOp([]), Any([1, 1])),
        new(new PermuteOp(2, 0, 1), Any([2, 3, 4])),
        new(new PermuteOp(0, 2, 1), Any([3, 5, 1])),
        new(new PermuteOp(3, 1, 0, 2), Any([2, 3, 4, 5])),
        new(new ExpandOp([2, 3, 4]), Any([3, 1])),
        new(new ExpandOp([3, 4]), Any([])),
        new(new SliceOp(1, 1, 2), Any([2, 4, 3])),
        new(new SliceOp(-1, 2, 1), Any([2, 3])),
        new(new SliceOp(0, 0, 3), Any([3])),
        new(new ConcatOp(1), Any([2, 3, 2]), Any([2, 1, 2], 4), Any([2, 4, 2], 5)),
        new(new ConcatOp(-1), Any([3]), Any([2], 4)),
        new(new ConcatOp(0), Any([1, 2])),
    ];

    private static IEnumerable<Example> Reductions() =>
    [
        new(new SumOp(), Any([3, 5])),
        new(new SumOp(axis: 1), Any([2, 3, 5])),
        new(new SumOp(axis: -1, keepAxis: true), Any([2, 9])),
        new(new SumOp(axis: 0, mean: true), Any([4, 3])),
        new(new SumOp(mean: true), Any([7])),
        new(new SumOp(axis: 1, mean: true), Any([2, 1, 3])),
        new(new MaxOp(), Apart([3, 4])),
        new(new MaxOp(axis: 1), Apart([2, 3, 4])),
        new(new MaxOp(axis: -1, keepAxis: true), Apart([3, 5])),
        new(new MaxOp(axis: 0), Apart([1, 3])),
    ];

    private static IEnumerable<Example> Rows()
    {
        foreach (var (rows, width) in new[] { (1, 1), (3, 7), (4, 19) })
        {
            yield return new Example(new SoftmaxOp(), Any([rows, width]));
            yield return new Example(new LogSoftmaxOp(), Any([rows, width]));
            yield return new Example(new L2NormalizeOp(), Apart([rows, width]));
        }

        foreach (var width in new[] { 2, 8, 21 })
        {
            // With as much ε as variance, so that a third difference stays small.
            yield return new Example(new LayerNormOp(0.5f), Any([3, width]));
            yield return new Example(new LayerNormOp(0.5f), Any([3, width]), Any([width], 4));
            yield return new Example(new LayerNormOp(0.5f), Any([2, 3, width]), Any([width], 4), Any([width], 5));
        }

        yield return new Example(new SoftmaxOp(), Of([2, 4], 1, No, 0.5f, -1, No, No, No, No));
        yield return new Example(new L2NormalizeOp(10), Any([2, 3]));
        yield return new Example(new EmbeddingOp(), Any([5, 3]), Fixed([2, 3], 4, 0, 4, 4, 1, 2));
        yield return new Example(new EmbeddingOp(), Any([2, 1]), Fixed([1], 1));
        yield return new Example(new AvgPool1dOp(3), Any([2, 8, 3]));
        yield return new Example(new AvgPool1dOp(1), Any([1, 2, 1]));
    }

    private static IEnumerable<Example> Images() =>
    [
        new(new AvgPool2dOp(2, 2), Any([2, 3, 5, 4])),
        new(new AvgPool2dOp(3, 2), Any([1, 2, 7, 5])),
        new(new AvgPool2dOp(1, 3), Any([1, 1, 4, 4])),
        new(new AdaptiveAvgPool2dOp(3, 2), Any([1, 2, 7, 5])),
        new(new AdaptiveAvgPool2dOp(4, 4), Any([1, 1, 3, 2])),
        new(new ResizeOp(7, 5, ResizeMode.Bilinear), Any([1, 2, 3, 4])),
        new(new ResizeOp(2, 3, ResizeMode.Bilinear), Any([1, 1, 5, 5])),
        new(new ResizeOp(7, 2, ResizeMode.Nearest), Any([2, 1, 3, 4])),
        new(new ResizeOp(5, 3, ResizeMode.BilinearCorners), Any([1, 2, 3, 4])),
        new(new ResizeOp(1, 4, ResizeMode.BilinearCorners), Any([1, 1, 3, 4])),
        new(new Conv2dOp(), Any([1, 1, 1, 1]), Any([1, 1, 1, 1], 4)),
        new(new Conv2dOp(stride: 2, padding: 1), Any([2, 3, 5, 6]), Any([4, 3, 3, 3], 4), Any([4], 5)),
        new(new Conv2dOp(stride: 3), Any([2, 2, 8, 7]), Any([5, 2, 3, 3], 4), Any([5], 5)),
        new(new Conv2dOp(padding: 2), Any([1, 2, 2, 3]), Any([2, 2, 3, 2], 4)),
    ];

    private static IEnumerable<Example> Losses()
    {
        foreach (var reduction in Enum.GetValues<LossReduction>())
        {
            yield return new Example(new MeanSquaredErrorOp(reduction), Any([3, 4]), Any([3, 4], 4));
            yield return new Example(new BinaryCrossEntropyOp(2.5f, reduction), Any([3, 4]),
                Of([3, 4], 0, 1, 0.3f, 1, 0, 0.5f, 1, 1, 0, 0, 0.9f, 0.2f));
            yield return new Example(new SmoothL1Op(1, reduction), Of([5], 0.4f, 2, -3, -0.3f, 0.1f), Of([5], 0, 0, 0.5f, 0.2f, 2));
            yield return new Example(new CrossEntropyOp(0.1f, reduction: reduction), Any([4, 5]),
                Fixed([4], 0, 4, CrossEntropyOp.DefaultIgnore, 2));
            yield return new Example(new CrossEntropyOp(0.2f, 7, reduction), Any([2, 2, 3]), Fixed([2, 2], 0, 7, 1, 2),
                Fixed([3], 0.5f, 2, 1));
            yield return new Example(new CrossEntropyOp(reduction: reduction), Any([1, 2]), Fixed([1], 1));
        }
    }

    private static IEnumerable<Example> Attention()
    {
        Operand Q(int b, int n, int d) => Any([b, n, d]);
        Operand K(int b, int n, int d) => Any([b, n, d], 4);
        Operand V(int b, int n, int d) => Any([b, n, d], 5);
        yield return new Example(new AttentionOp(1, new AttendingOptions()), Q(1, 1, 1), K(1, 1, 1), V(1, 1, 1));
        yield return new Example(new AttentionOp(2, new AttendingOptions()), Q(2, 3, 8), K(2, 5, 8), V(2, 5, 8));
        yield return new Example(new AttentionOp(3, new AttendingOptions { WithWeights = true }), Q(1, 2, 15), K(1, 7, 15), V(1, 7, 9));
        yield return new Example(new AttentionOp(2, new AttendingOptions { Scale = 0.3f }), Q(2, 17, 6), K(2, 19, 6), V(2, 19, 4));
        yield return new Example(new AttentionOp(2, new AttendingOptions { Dropout = 0.3f, Seed = 11 }), Q(2, 3, 4), K(2, 6, 4),
            V(2, 6, 4));

        // Masks in every shape that spreads, each with its own gradient.
        foreach (var (b, h, n) in new[] { (1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 3), (2, 2, 3), (2, 1, 3) })
            yield return new Example(new AttentionOp(2, new AttendingOptions()), Q(2, 3, 4), K(2, 5, 4), V(2, 5, 4), Any([b, h, n, 5], 6));

        // Keys that are forbidden, and a query (the third) to which all are.
        yield return new Example(new AttentionOp(1, new AttendingOptions()), Q(1, 3, 4), K(1, 3, 4), V(1, 3, 4),
            Of([1, 1, 3, 3], 0, No, 0.5f, No, No, 1, No, No, No));
        yield return new Example(new AttentionOp(2, new AttendingOptions { Dropout = 0.5f, Seed = 3 }), Q(1, 2, 4), K(1, 3, 4), V(1, 3, 4),
            Of([1, 1, 1, 3], 0.5f, No, 0));
    }
}

using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Cross-entropy of logits against class numbers, with label smoothing s, class weights w and ignored targets (as
/// PyTorch's).</summary>
/// <remarks>Per row with target t among C classes: (1 − s)·w[t]·(−ln p[t]) + s/C · Σ_c w[c]·(−ln p[c]). The mean divides by the sum of
/// w[t] over rows that are not ignored; it is 0 when all are ignored (PyTorch gives NaN).</remarks>
/// <param name="smoothing">s, the share of probability spread over all classes.</param>
/// <param name="ignore">Target of rows that do not count.</param>
/// <param name="reduction">How the rows' losses become the result.</param>
internal sealed class CrossEntropyOp(float smoothing = 0, int ignore = CrossEntropyOp.DefaultIgnore,
    LossReduction reduction = LossReduction.Mean) : Operation
{
    /// <summary>The ignored target unless another is given.</summary>
    public const int DefaultIgnore = -100;

    /// <summary>The share of probability spread over all classes.</summary>
    public float Smoothing { get; } = smoothing is >= 0 and <= 1
        ? smoothing
        : throw new ShapeException("CrossEntropy", $"smoothing must be in [0, 1], got {smoothing}");

    /// <summary>Target of rows that do not count.</summary>
    public int Ignore { get; } = ignore;

    /// <summary>How the rows' losses become the result.</summary>
    public LossReduction Reduction { get; } = reduction;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 3);
        var (logits, target) = (inputs[0], inputs[1]);
        if (logits.Rank == 0 || !logits.Sizes[..^1].SequenceEqual(target.Sizes))
            throw Error($"needs logits[…, C] and target[…], got {logits} and {target}");
        if (inputs.Length == 3 && inputs[2] != [logits[-1]]) throw Error($"class weights{inputs[2]} do not fit logits{logits}");
        return [Reduction == LossReduction.None ? target : Shape.Scalar];
    }

    /// <summary>The logarithms of the probabilities, and the sum the mean divides by.</summary>
    public override Shape[] Saved(ReadOnlySpan<Shape> inputs) => [inputs[0], Shape.Scalar];

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 8.0 * inputs[0].Length;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var classes = node.InputShape(0)[-1];
        var targets = node.Input(1);
        var weights = node.OptionalInput(2);
        var y = node.Output();
        var logs = node.Saved.Count > 0 ? node.SavedSpan(0) : new float[node.Input(0).Length];
        LogSoftmaxKernel.Forward(node.Input(0), logs, targets.Length, classes, node.Workers);
        double sum = 0, divisor = 0;
        for (var row = 0; row < targets.Length; row++)
        {
            var target = Target(targets[row], classes, row);
            var loss = 0.0;
            if (target >= 0)
            {
                var log = logs.Slice(row * classes, classes);
                divisor += Weight(weights, target);
                loss = -(1 - Smoothing) * Weight(weights, target) * log[target];
                for (var c = 0; c < classes && Smoothing > 0; c++) loss -= Smoothing / classes * Weight(weights, c) * log[c];
            }

            sum += loss;
            if (Reduction == LossReduction.None) y[row] = (float)loss;
        }

        if (Reduction == LossReduction.Mean) sum = divisor == 0 ? 0 : sum / divisor;
        if (Reduction != LossReduction.None) y[0] = (float)sum;
        if (node.Saved.Count > 0) node.SavedSpan(1)[0] = (float)divisor;
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        if (gradients.Wants(1) || gradients.Wants(2)) throw Error("targets and class weights are constants: they have no gradient here");
        var classes = node.InputShape(0)[-1];
        var targets = node.Input(1);
        var weights = node.OptionalInput(2);
        var logs = node.SavedSpan(0);
        var dy = gradients.Output;
        var dx = gradients.For(0);
        var divisor = node.SavedSpan(1)[0];
        for (var row = 0; row < targets.Length; row++)
        {
            var d = dx.Slice(row * classes, classes);
            var target = Target(targets[row], classes, row);
            if (target < 0)
            {
                d.Clear();
                continue;
            }

            var outer = Reduction switch
            {
                LossReduction.None => dy[row],
                LossReduction.Mean => dy[0] / divisor,
                _ => dy[0],
            };

            // The loss is −Σ_c m[c]·ln p[c]; its derivative by logit c is p[c]·Σm − m[c].
            double mass = 0;
            for (var c = 0; c < classes; c++) mass += Mass(weights, c, target, classes);
            for (var c = 0; c < classes; c++)
                d[c] = outer * (float)(Math.Exp(logs[row * classes + c]) * mass - Mass(weights, c, target, classes));
        }
    }

    private double Mass(ReadOnlySpan<float> weights, int c, int target, int classes) =>
        Weight(weights, c) * (Smoothing / classes + (c == target ? 1 - Smoothing : 0));

    private static float Weight(ReadOnlySpan<float> weights, int c) => weights.IsEmpty ? 1 : weights[c];

    private int Target(float target, int classes, int row)
    {
        if (target == Ignore) return -1;
        return target >= 0 && target < classes && target == (int)target
            ? (int)target
            : throw Error($"target {target} of row {row} is not one of {classes} classes");
    }
}

public static partial class Operations
{
    /// <summary>Cross-entropy of logits <c>[…, C]</c> against class numbers <c>[…]</c>.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="logits">Scores per class, before softmax.</param>
    /// <param name="target">Whole class numbers, or <paramref name="ignore"/>.</param>
    /// <param name="classWeights">Weight of each class <c>[C]</c>, or null.</param>
    /// <param name="smoothing">Share of probability spread over all classes.</param>
    /// <param name="ignore">Target of rows that do not count.</param>
    /// <param name="reduction">How the rows' losses become the result.</param>
    /// <exception cref="ShapeException">Shapes do not fit, or a target is no class.</exception>
    public static Tensor CrossEntropy(this Pass pass, Tensor logits, Tensor target, Tensor? classWeights = null, float smoothing = 0,
        int ignore = CrossEntropyOp.DefaultIgnore, LossReduction reduction = LossReduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var operation = new CrossEntropyOp(smoothing, ignore, reduction);
        return classWeights is null ? pass.Apply(operation, logits, target) : pass.Apply(operation, logits, target, classWeights);
    }
}

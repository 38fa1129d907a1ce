using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>A network as a function of its pictures: for pictures <c>[S, …]</c> the outputs <c>[S, A]</c>, continuous numbers first, then
/// perhaps a gripper's logit; what else goes in stays the same.</summary>
/// <param name="pictures">Pictures <c>[S, 3, H, W]</c>, or <c>[S, V, 3, H, W]</c> of several cameras, from 0 to 1.</param>
/// <param name="pass">The pass.</param>
internal delegate Tensor PictureFunction(Tensor pictures, Pass pass);

/// <summary>One decision of a network that is to be explained: the pictures it was made from, and what of it is asked about.</summary>
/// <remarks>Not for several threads at once. What methods share (the decision itself, its attentions, their gradients) is computed
/// once.</remarks>
public sealed class ExplainedDecision
{
    private const int MostAtOnce = 32;

    private readonly PictureFunction _function;
    private readonly Func<string, Tensor?> _parameter;
    private readonly Workers? _workers;
    private IReadOnlyList<RecordedAttention>? _attentions;
    private bool _withGradients;

    /// <summary>Makes a decision.</summary>
    /// <param name="name">Name of the network, for messages.</param>
    /// <param name="function">The network.</param>
    /// <param name="pictures">The pictures <c>[1, 3, H, W]</c>, or <c>[1, V, 3, H, W]</c>.</param>
    /// <param name="target">What is asked about.</param>
    /// <param name="sizes">Words, patches, outputs.</param>
    /// <param name="parameter">The parameter of a name, as checkpoints name it; null when there is none.</param>
    /// <param name="workers">Threads; all cores when null.</param>
    /// <exception cref="ShapeException">The pictures do not fit, or the network gives other outputs.</exception>
    /// <exception cref="NotSupportedException">The network decides on nothing of the kind asked about.</exception>
    internal ExplainedDecision(string name, PictureFunction function, Tensor pictures, ExplanationTarget target, DecisionSizes sizes,
        Func<string, Tensor?> parameter, Workers? workers = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(sizes);
        ArgumentNullException.ThrowIfNull(parameter);
        var shape = pictures.Shape;
        if (shape.Rank is not (4 or 5) || shape[0] != 1 || shape[-3] != 3)
            throw new ShapeException("ExplainedDecision", $"pictures must be [1, 3, H, W] or [1, V, 3, H, W], got {shape}");
        (Name, _function, Pictures, Target, Sizes) = (name, function, pictures, target, sizes);
        (_parameter, _workers) = (parameter, workers);
        Outputs = Decide(pictures)[0];
        if (Outputs.Length < sizes.Continuous)
            throw new ShapeException("ExplainedDecision", $"{Outputs.Length} outputs, {sizes.Continuous} of them continuous");
        Direction = target.Weights(Outputs, sizes.Continuous);
    }

    /// <summary>Name of the network, for messages.</summary>
    public string Name { get; }

    /// <summary>The pictures the decision was made from.</summary>
    public Tensor Pictures { get; }

    /// <summary>What is asked about.</summary>
    public ExplanationTarget Target { get; }

    /// <summary>Words, patches, outputs.</summary>
    internal DecisionSizes Sizes { get; }

    /// <summary>Number of words Nl.</summary>
    public int Words => Sizes.Words;

    /// <summary>Where the patches of a camera lie.</summary>
    public TokenGrid Grid => Sizes.Grid;

    /// <summary>Number of cameras.</summary>
    public int Views => Pictures.Shape.Rank == 5 ? Pictures.Shape[1] : 1;

    /// <summary>Which patches hold nothing but padding around a picture, camera after camera; null when none does. They are never taken
    /// away.</summary>
    public IReadOnlyList<bool>? Padding { get; init; }

    /// <summary>The outputs of the decision.</summary>
    public IReadOnlyList<float> OutputsOfDecision => Outputs;

    /// <summary>u: the number explained is the sum of outputs times this.</summary>
    internal float[] Direction { get; }

    internal float[] Outputs { get; }

    /// <summary>The outputs for other pictures.</summary>
    /// <param name="pictures"><c>[S, …]</c>.</param>
    public float[][] Decide(Tensor pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        var (count, length) = (pictures.Shape[0], pictures.Shape[0] == 0 ? 0 : pictures.Shape.Length / pictures.Shape[0]);
        var results = new float[count][];
        for (var first = 0; first < count; first += MostAtOnce)
        {
            var some = Math.Min(MostAtOnce, count - first);
            using var pass = Pass.Evaluation(workers: _workers);
            var outputs = _function(Tensor.From(pictures.Span.Slice(first * length, some * length).ToArray(), Batch(some)), pass);
            if (outputs.Shape.Rank != 2 || outputs.Shape[0] != some)
                throw new ShapeException("ExplainedDecision", $"outputs {outputs.Shape} are not [{some}, A]");
            for (var i = 0; i < some; i++) results[first + i] = outputs.Span.Slice(i * outputs.Shape[1], outputs.Shape[1]).ToArray();
        }

        return results;
    }

    /// <summary>How much the decision changes with other pictures, in the part asked about.</summary>
    /// <param name="pictures"><c>[S, …]</c>.</param>
    public double[] Changes(Tensor pictures) => Array.ConvertAll(Decide(pictures), o => Target.Change(o, Outputs, Sizes.Continuous));

    /// <summary>The attentions of the decision in the order they ran, with values.</summary>
    /// <param name="gradients">Whether with the gradients of the number explained.</param>
    /// <exception cref="NotSupportedException">Gradients were asked for, and an attention makes no values of some keys.</exception>
    public IReadOnlyList<RecordedAttention> Attentions(bool gradients = false)
    {
        if (_attentions is not null && (_withGradients || !gradients)) return _attentions;
        using var pass = Pass.Recording(new AttentionTrace(), _workers);
        var score = Score(_function(pass.Differentiable(Pictures), pass), pass);
        (_attentions, _withGradients) = (AttentionGradients.Recorded(pass, gradients ? score : null), gradients);
        return _attentions;
    }

    /// <summary>The number explained and its gradient, for several pictures.</summary>
    /// <param name="pictures"><c>[S, …]</c>.</param>
    /// <returns>y of each, and ∂y/∂picture in the pictures' shape.</returns>
    public (double[] Scores, Tensor Gradient) Gradient(Tensor pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        using var pass = Pass.Recording(workers: _workers);
        var input = pass.Differentiable(pictures);
        var outputs = _function(input, pass);
        var scores = Enumerable.Range(0, pictures.Shape[0]).Select(i => Score(outputs.Span.Slice(i * Outputs.Length, Outputs.Length)))
            .ToArray();
        using var gradients = pass.Backward(Score(outputs, pass));
        return (scores, gradients.TryGet(input, out var gradient) ? gradient.Copy() : Tensor.Zeros(pictures.Shape));
    }

    /// <summary>The number explained, of some outputs.</summary>
    public double Score(ReadOnlySpan<float> outputs)
    {
        double sum = 0;
        for (var i = 0; i < outputs.Length; i++) sum += (double)outputs[i] * Direction[i];
        return sum;
    }

    /// <summary>The parameter of a name; null when there is none.</summary>
    internal Tensor? Parameter(string name) => _parameter(name);

    /// <summary>The shape of so many pictures.</summary>
    internal Shape Batch(int count) => Pictures.Shape.With(0, count);

    private Tensor Score(Tensor outputs, Pass pass) => pass.Sum(pass.Multiply(outputs, Tensor.From(Direction, [1, Direction.Length])));
}

/// <summary>Sizes of what a decision is made from and consists of.</summary>
/// <param name="Words">Number of words Nl.</param>
/// <param name="Grid">Where the patches of a camera lie.</param>
/// <param name="Continuous">How many of the outputs are continuous numbers of the action; one more is the gripper's logit.</param>
internal sealed record DecisionSizes(int Words, TokenGrid Grid, int Continuous);

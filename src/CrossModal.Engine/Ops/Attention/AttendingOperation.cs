using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>What operations that attend have in common.</summary>
public sealed record AttendingOptions
{
    /// <summary>What scores are multiplied by; 1/√(head width) when null.</summary>
    public float? Scale { get; init; }

    /// <summary>Share of weights dropped.</summary>
    public float Dropout { get; init; }

    /// <summary>Seed of the dropout.</summary>
    public ulong Seed { get; init; }

    /// <summary>Whether the weights <c>[B, H, Nq, Nk]</c>, before dropout, are a second output.</summary>
    public bool WithWeights { get; init; }

    /// <summary>Path of the layer that attends, as a trace names it; null when nobody said.</summary>
    public string? Layer { get; init; }
}

/// <summary>Base of operations that attend: queries, keys, values, and perhaps a mask last; the result is weights times values in each
/// head.</summary>
/// <remarks>Heads lie side by side in the last axis, so nothing is permuted. Masks are added to the scores; −∞ forbids, and a query that
/// may attend to nothing gives zeros and zero gradients. The weights are a second output, made only when asked for.</remarks>
internal abstract class AttendingOperation : Operation
{
    private protected AttendingOperation(int heads, AttendingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Heads = heads > 0 ? heads : throw Error($"heads must be positive, got {heads}");
        if (options.Dropout is not (>= 0 and < 1)) throw Error($"the share dropped must be in [0, 1), got {options.Dropout}");
        Options = options;
    }

    /// <summary>Number of heads.</summary>
    public int Heads { get; }

    /// <summary>What all have in common.</summary>
    public AttendingOptions Options { get; }

    /// <inheritdoc/>
    public override bool DrawsSeed => Options.Dropout != 0;

    /// <summary>Shape of the weights, <c>[B, H, Nq, Nk]</c>.</summary>
    public Shape WeightsShape(ReadOnlySpan<Shape> inputs) => [inputs[0][0], Heads, inputs[0][1], inputs[1][1]];

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, MaskAt, MaskAt + 1);
        var (q, k, v) = (inputs[0], inputs[1], inputs[2]);
        if (q.Rank != 3 || k.Rank != 3 || v.Rank != 3)
            throw Error($"needs q[B, Nq, H·D], k[B, Nk, H·D], v[B, Nk, H·Dv], got q{q}, k{k}, v{v}");
        if (q[0] != k[0] || k[0] != v[0]) throw Error($"batch sizes differ: q{q}, k{k}, v{v}");
        if (q[2] != k[2]) throw Error($"widths differ: q{q} has {q[2]}, k{k} has {k[2]}");
        if (q[2] % Heads != 0 || v[2] % Heads != 0) throw Error($"{Heads} heads do not divide the widths of q{q} and v{v}");
        CheckValues(inputs);
        if (inputs.Length > MaskAt) CheckMask(inputs[MaskAt], WeightsShape(inputs));
        Shape output = [q[0], q[1], v[2]];
        return Options.WithWeights ? [output, WeightsShape(inputs)] : [output];
    }

    /// <inheritdoc/>
    public sealed override void Forward(Node node) => Attend(new AttendingCall
    {
        Shape = Sizes(node),
        Q = Rows(node, 0),
        K = Rows(node, 1),
        V = Rows(node, 2),
        Mask = Mask(node),
        MaskShape = MaskShape(node),
        Ids = Ids(node),
        Seed = node.DrawnSeed ?? Options.Seed,
        Saved = node.SavedSpan(0),
        Output = node.Output(),
        Weights = Options.WithWeights ? node.Output(1) : default,
        Workers = node.Workers,
    });

    /// <summary>Computes a call: what <see cref="Forward"/> does for the inputs of a node, and a plan for its own.</summary>
    internal abstract void Attend(in AttendingCall call);

    /// <summary>Number of the input that is the mask, if given; ids of keys stand before it where it is not the fourth.</summary>
    internal virtual int MaskAt => AfterValues;

    /// <summary>Whether queries, keys and values may be columns of wider rows.</summary>
    internal virtual bool TakesColumns => false;

    /// <summary>Sizes.</summary>
    internal AttentionShape Sizes(Shape q, Shape k, Shape v) => new(q[0], q[1], k[1], Heads, q[2] / Heads, v[2] / Heads);

    /// <summary>Number of the first input after queries, keys and values.</summary>
    internal const int AfterValues = 3;

    /// <summary>Whether one row of the mask has to hold for all queries.</summary>
    private protected virtual bool SameForAllQueries => false;

    private protected virtual void CheckValues(ReadOnlySpan<Shape> inputs)
    {
        if (inputs[1][1] != inputs[2][1])
            throw Error($"token counts differ: k{inputs[1]} has {inputs[1][1]}, v{inputs[2]} has {inputs[2][1]}");
    }

    private protected float Scale(in AttentionShape s) => Options.Scale ?? 1 / MathF.Sqrt(s.HeadDim);

    private protected AttentionShape Sizes(Node node) => Sizes(node.InputShape(0), node.InputShape(1), node.InputShape(2));

    private protected MaskShape MaskShape(Node node) => node.Inputs.Count <= MaskAt ? default
        : new MaskShape(node.InputShape(MaskAt)[0], node.InputShape(MaskAt)[1], node.InputShape(MaskAt)[2], node.InputShape(MaskAt)[3]);

    private protected ReadOnlySpan<float> Mask(Node node) => node.OptionalInput(MaskAt);

    private protected ReadOnlySpan<float> Ids(Node node) => MaskAt > AfterValues ? node.Input(AfterValues) : default;

    /// <summary>Where the kernel writes gradients: it computes all, and one that nobody asked for goes nowhere.</summary>
    private protected SparseGradients Targets(Node node, BackwardStep gradients) => new()
    {
        Q = Target(node, gradients, 0),
        K = Target(node, gradients, 1),
        V = Target(node, gradients, 2),
        Mask = gradients.For(MaskAt),
    };

    /// <summary>Applies an operation with a seed drawn from the pass where it drops in training.</summary>
    private protected static (Tensor Result, Tensor? Weights) Apply(Pass pass, AttendingOptions? options,
        Func<AttendingOptions, AttendingOperation> make,
        Tensor? mask, params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(pass);
        options ??= new AttendingOptions();
        var drops = pass.IsTraining && options.Dropout != 0;
        var operation = make(options with { Dropout = drops ? options.Dropout : 0, Seed = drops ? pass.Random.NextUInt64() : 0 });
        var outputs = pass.ApplyAll(operation, mask is null ? inputs : [.. inputs, mask]);
        return (outputs[0], options.WithWeights ? outputs[1] : null);
    }

    private static TokenRows Rows(Node node, int input) => new(node.Input(input), node.InputShape(input)[2]);

    private static Span<float> Target(Node node, BackwardStep gradients, int input) =>
        gradients.Wants(input) ? gradients.For(input) : new float[node.InputShape(input).Length];

    private void CheckMask(Shape mask, Shape weights)
    {
        if (mask.Rank != 4 || Shape.Broadcast(mask, weights, Name) != weights || mask[3] != weights[3])
            throw Error($"mask{mask} is not [B or 1, H or 1, Nq or 1, Nk] of {weights}");
        if (SameForAllQueries && mask[2] != 1)
            throw Error($"takes masks of keys [B or 1, H or 1, 1, Nk], got mask{mask}: it does not score pairs of a query and a key");
    }
}

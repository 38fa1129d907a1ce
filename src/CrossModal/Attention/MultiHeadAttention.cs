using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Queries attend to keys and fetch values, in several heads at once (Vaswani et al. 2017, section 3.2.2).</summary>
/// <remarks>The only place that projects to heads. A query that may attend to nothing gives the bias of the output projection.
/// When the pass has a trace, the true weights of every head are written to it under this module's path, with what queries and keys are
/// (<see cref="AttentionSides"/>). What happens between the projections is the mixer's: softmax over all keys (<see cref="SoftmaxMixer"/>)
/// unless another was chosen (<see cref="AttentionOptions.Variant"/>).</remarks>
public sealed class MultiHeadAttention : Module
{
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear? _output;
    private readonly HeadMerge _merge;
    private readonly AttentionMixer _mixer;
    private readonly Tensor? _learnedKey;
    private readonly Tensor? _learnedValue;
    private readonly AttentionOptions _options;
    private readonly int _keyWidth; // H·D
    private readonly int _valueWidth; // H·Dv

    /// <summary>Makes the layer.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">The heads do not divide the width and no head width is given, or a width is not
    /// positive.</exception>
    public MultiHeadAttention(AttentionOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        var (width, heads, widths, biases) = (options.Width, options.Heads, options.Widths, options.Biases);
        (_keyWidth, _valueWidth) = (heads * options.HeadWidth, heads * options.ValueHeadWidth);
        var (keys, values) = (widths.Key ?? width, widths.Value ?? widths.Key ?? width);
        _query = Add("q_proj", new Linear(width, _keyWidth, random, biases.HasFlag(AttentionBiases.Query)));
        _key = Add("k_proj", new Linear(keys, _keyWidth / options.Sharing, random, biases.HasFlag(AttentionBiases.Key)));
        _value = Add("v_proj", new Linear(values, _valueWidth / options.Sharing, random, biases.HasFlag(AttentionBiases.Value)));
        _output = Add("out_proj", new Linear(_valueWidth, width, random, biases.HasFlag(AttentionBiases.Output), options.OutputGain));
        if (options is { Variant: { } variant, Appended: not AppendedKeys.None })
            throw new ShapeException("MultiHeadAttention", $"attention '{variant}' cannot append keys");
        _mixer = Add("variant", options.Variant?.Create(options, random) ?? new SoftmaxMixer());
        if (!options.Appended.HasFlag(AppendedKeys.Learned)) return;
        _learnedKey = AddParameter("bias_k", Tensor.Normal([1, 1, _keyWidth], random, 0.02f));
        _learnedValue = AddParameter("bias_v", Tensor.Normal([1, 1, _valueWidth], random, 0.02f));
    }

    /// <summary>Makes the layer with the usual choices.</summary>
    /// <param name="width">Width d.</param>
    /// <param name="heads">Number of heads; divides the width.</param>
    /// <param name="random">Source of the first weights.</param>
    public MultiHeadAttention(int width, int heads, RandomSource random)
        : this(new AttentionOptions(width, heads), random)
    {
    }

    /// <summary>Makes an attention whose queries, keys and values are one projection, without a bias, and whose heads are not projected
    /// back.</summary>
    internal MultiHeadAttention(AttentionOptions options, HeadMerge merge, AttentionMixer mixer, RandomSource random)
    {
        (_options, _merge) = (options, merge);
        _keyWidth = _valueWidth = options.Heads * options.HeadWidth;
        _query = _key = _value = Add("proj", new Linear(options.Width, _keyWidth, random, bias: false));
        _mixer = Add("variant", mixer);
    }

    /// <summary>Number of heads H.</summary>
    public int Heads => _options.Heads;

    /// <summary>Attention of queries over the keys a variant leaves: softmax over all of them unless another is set.</summary>
    /// <param name="query">Tokens that attend, <c>[B, Nq, d]</c>.</param>
    /// <param name="key">Tokens to attend to, <c>[B, Nk, dk]</c>.</param>
    /// <param name="value">What is fetched from them, <c>[B, Nk, dv]</c>.</param>
    /// <param name="mask">What may be attended, or null for everything.</param>
    /// <param name="pass">The pass; its trace, if any, receives the weights <c>[B, H, Nq, Nk]</c> (with the appended keys last).</param>
    /// <param name="sides">What queries and keys are; by default that is not known and all queries are real.</param>
    /// <returns><c>[B, Nq, d]</c>.</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public Tensor Forward(Tensor query, Tensor key, Tensor value, Mask? mask, Pass pass, AttentionSides? sides = null)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var q = _query.Forward(query, pass);
        var k = _key == _query && key == query ? q : Shared(_key.Forward(key, pass), pass);
        return Attend(q, k, Values, key == query, mask, pass, sides);

        Tensor Values(Tensor? ids) => ids is not null ? Shared(_value.Forward(pass.GatherTokens(value, ids), pass), pass)
            : _value == _key && value == key ? k : Shared(_value.Forward(value, pass), pass);
    }

    /// <summary>The keys <c>[B, N, H·D]</c> and values <c>[B, N, H·Dv]</c> of tokens, for an attention that several layers share.</summary>
    internal (Tensor Keys, Tensor Values) Project(Tensor tokens, Pass pass) =>
        (Shared(_key.Forward(tokens, pass), pass), Shared(_value.Forward(tokens, pass), pass));

    /// <summary>Every head of keys or values once for each head of queries that shares it: <c>[B, N, G·D] → [B, N, H·D]</c>.</summary>
    private Tensor Shared(Tensor heads, Pass pass)
    {
        if (_options.Sharing is 1) return heads;
        var (batch, count, groups) = (heads.Shape[0], heads.Shape[1], _options.KeyHeads);
        var width = heads.Shape[2] / groups;
        var repeated = pass.Expand(pass.Reshape(heads, [batch, count, groups, 1, width]), [batch, count, groups, _options.Sharing, width]);
        return pass.Reshape(repeated, [batch, count, Heads * width]);
    }

    /// <summary>Attention over keys and values that were projected, here or by another layer of the same head widths.</summary>
    /// <param name="query">Tokens that attend, <c>[B, Nq, d]</c>.</param>
    /// <param name="keys">Keys <c>[B, Nk, H·D]</c>.</param>
    /// <param name="values">Values <c>[B, Nk, H·Dv]</c>.</param>
    /// <param name="mask">What may be attended, or null for everything.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What queries and keys are.</param>
    /// <returns><c>[B, Nq, d]</c>.</returns>
    internal Tensor AttendProjected(Tensor query, Tensor keys, Tensor values, Mask? mask, Pass pass, AttentionSides sides) =>
        Attend(_query.Forward(query, pass), keys, ids => ids is null ? values : pass.GatherTokens(values, ids), own: false, mask, pass,
            sides);

    private Tensor Attend(Tensor q, Tensor k, Func<Tensor?, Tensor> values, bool own, Mask? mask, Pass pass, AttentionSides? sides)
    {
        if (mask?.Scored is { } scored) q = pass.Multiply(q, scored);
        var path = pass.IsRecording || pass.Trace is not null ? Path : null;
        sides ??= new AttentionSides();
        if (pass.Trace?.Blocked?.Invoke(sides.Queries, sides.Keys) is { } blocked) mask = Mask.Both(mask, Mask.OfScores(blocked), pass);
        var call = new AttentionCall(q, k, values, mask, sides, own)
        {
            Heads = Heads,
            Options = new AttendingOptions
            {
                Dropout = _options.Dropout,
                WithWeights = pass.Trace is { Layer: null },
                Layer = path
            },
        };
        if (_options.Appended != AppendedKeys.None) call = Appended(call, pass);
        var (mixed, weights) = _mixer.Mix(call, pass);
        if (pass.Trace is { } trace && path is not null)
        {
            if (weights is not null && pass.IsComputing) trace.Add(path, weights, sides.Queries, sides.Keys);
            else if (weights is not null) trace.Hold(path, weights, sides.Queries, sides.Keys);
            else if (trace.Layer == path) trace.Hold(path, WeightsWithGradients(call, pass), sides.Queries, sides.Keys);
        }

        return _output?.Forward(mixed, pass) ?? Merge(mixed, pass);
    }

    /// <summary>The weights <c>[B, H, Nq, Nk]</c> with their gradients: what attention fetches when the value of each key is its number,
    /// one-hot.</summary>
    /// <remarks>True of every mixer: none lets values have a say in the weights.</remarks>
    private Tensor WeightsWithGradients(AttentionCall call, Pass pass)
    {
        var (batch, queries, keys, heads) = (call.Query.Shape[0], call.Query.Shape[1], call.Key.Shape[1], Heads);
        var numbers = Tensor.Zeros([1, keys, heads * keys]);
        for (var k = 0; k < keys; k++)
            for (var h = 0; h < heads; h++) numbers[0, k, h * keys + k] = 1;
        var (fetched, _) = _mixer.Mix(call with { Values = Numbers, Options = new AttendingOptions() }, pass);
        return pass.Permute(pass.Reshape(fetched, [batch, queries, heads, keys]), 0, 2, 1, 3);

        Tensor Numbers(Tensor? ids)
        {
            var all = pass.Expand(numbers, [batch, keys, heads * keys]);
            return ids is null ? all : pass.GatherTokens(all, ids);
        }
    }

    /// <summary>The call with the appended keys and values last, which every query may attend to.</summary>
    private AttentionCall Appended(AttentionCall call, Pass pass)
    {
        var (batch, values, mask) = (call.Key.Shape[0], call.Values, call.Mask);
        var key = Append(call.Key, _learnedKey, _keyWidth);
        if (mask is not null)
        {
            var shape = mask.Scores.Shape;
            mask = Mask.OfScores(pass.Concat(3, mask.Scores, Tensor.Zeros(
                [shape[0], shape[1], shape[2], key.Shape[1] - call.Key.Shape[1]])));
        }

        return call with { Key = key, Values = ids => Append(values(ids), _learnedValue, _valueWidth), Mask = mask };

        Tensor Append(Tensor tokens, Tensor? learned, int width)
        {
            List<Tensor> parts = [tokens];
            if (learned is not null) parts.Add(pass.Expand(learned, [batch, 1, width]));
            if (_options.Appended.HasFlag(AppendedKeys.Zero)) parts.Add(Tensor.Zeros([batch, 1, width]));
            return pass.Concat(1, [.. parts]);
        }
    }

    /// <summary>Heads without a projection: <c>[B, N, H·Dv]</c> as they are, or their mean <c>[B, N, Dv]</c>.</summary>
    private Tensor Merge(Tensor mixed, Pass pass) => _merge == HeadMerge.Concatenate ? mixed
        : pass.Mean(pass.Reshape(mixed, [mixed.Shape[0], mixed.Shape[1], Heads, mixed.Shape[2] / Heads]), axis: 2);

    /// <summary>softmax over the full width of Q Kᵀ/√(head width), without splitting into heads: not what <see cref="Forward"/>
    /// does.</summary>
    internal Tensor UnsplitWeights(Tensor query, Tensor key, Pass pass) =>
        pass.Softmax(pass.Scale(pass.MatMul(_query.Forward(query, pass), _key.Forward(key, pass), transposeB: true),
            1 / MathF.Sqrt(_options.Width / (float)_options.Heads)));
}

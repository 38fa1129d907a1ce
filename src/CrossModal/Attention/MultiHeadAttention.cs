using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Queries look at keys and fetch values, in several heads at once (Vaswani et al. 2017, section 3.2.2).</summary>
/// <remarks>The only place that projects to heads. A query that may attend to nothing gives the bias of the output projection.
/// When the pass has a trace, the true weights of every head are written to it under this module's path, with what queries and keys are
/// (<see cref="KeyPlaces"/>). What happens between the projections
/// is softmax attention over all keys, or a variant (<see cref="AttentionOptions.Variant"/>).</remarks>
public sealed class MultiHeadAttention : Module
{
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear? _output;
    private readonly HeadMerge _merge;
    private readonly AttentionMixer? _mixer;
    private readonly Tensor? _learnedKey;
    private readonly Tensor? _learnedValue;
    private readonly AttentionOptions _options;
    private readonly int _keyWidth; // H·D
    private readonly int _valueWidth; // H·Dv

    /// <summary>Makes the layer.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">The heads do not divide the width and no head width is given, or a width is not positive.</exception>
    public MultiHeadAttention(AttentionOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        var (width, heads, widths, biases) = (options.Width, options.Heads, options.Widths, options.Biases);
        (_keyWidth, _valueWidth) = (heads * options.HeadWidth, heads * options.ValueHeadWidth);
        var (keys, values) = (widths.Key ?? width, widths.Value ?? widths.Key ?? width);
        _query = Add("q_proj", new Linear(width, _keyWidth, random, biases.HasFlag(AttentionBiases.Query)));
        _key = Add("k_proj", new Linear(keys, _keyWidth, random, biases.HasFlag(AttentionBiases.Key)));
        _value = Add("v_proj", new Linear(values, _valueWidth, random, biases.HasFlag(AttentionBiases.Value)));
        _output = Add("out_proj", new Linear(_valueWidth, width, random, biases.HasFlag(AttentionBiases.Output), options.OutputGain));
        if (options.Variant is { } variant)
        {
            if (options.Appended != AppendedKeys.None) throw new ShapeException("MultiHeadAttention", $"attention '{variant}' cannot append keys");
            _mixer = Add("variant", variant.Create(options, random));
        }

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

    /// <summary>Makes an attention whose queries, keys and values are one projection, without a bias, and whose heads are not projected back.</summary>
    internal MultiHeadAttention(AttentionOptions options, HeadMerge merge, AttentionMixer mixer, RandomSource random)
    {
        (_options, _merge) = (options, merge);
        _keyWidth = _valueWidth = options.Heads * options.HeadWidth;
        _query = _key = _value = Add("proj", new Linear(options.Width, _keyWidth, random, bias: false));
        _mixer = Add("variant", mixer);
    }

    /// <summary>Number of heads H.</summary>
    public int Heads => _options.Heads;

    /// <summary>Attends.</summary>
    /// <param name="query">Tokens that look, <c>[B, Nq, d]</c>.</param>
    /// <param name="key">Tokens looked at, <c>[B, Nk, dk]</c>.</param>
    /// <param name="value">What is fetched from them, <c>[B, Nk, dv]</c>.</param>
    /// <param name="mask">What may be attended, or null for everything.</param>
    /// <param name="pass">The pass; its trace, if any, receives the weights <c>[B, H, Nq, Nk]</c> (with the appended keys last).</param>
    /// <param name="places">What a variant has to know of the tokens; by default all keys are patches and all queries real.</param>
    /// <returns><c>[B, Nq, d]</c>.</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public Tensor Forward(Tensor query, Tensor key, Tensor value, Mask? mask, Pass pass, KeyPlaces? places = null)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var q = _query.Forward(query, pass);
        var k = _key == _query && key == query ? q : _key.Forward(key, pass);
        if (mask?.Scored is { } scored) q = pass.Multiply(q, scored);
        var path = pass.IsRecording || pass.Trace is not null ? Path : null;
        var (mixed, weights) = _mixer is null ? Softmax(q, k, value, mask, path, places, pass) : _mixer.Mix(Call(), pass);
        if (weights is not null) pass.Trace!.Add(path!, weights, places?.QueryTokens, places?.KeyTokens);
        return _output?.Forward(mixed, pass) ?? Merge(mixed, pass);

        AttentionCall Call() => new(q, k, ids => Values(ids), mask, places ?? new KeyPlaces(), key == query)
        {
            Heads = _options.Heads, Options = new AttendingOptions { Dropout = _options.Dropout, WithWeights = pass.Trace is { Layer: null }, Layer = path },
        };

        Tensor Values(Tensor? ids) => ids is not null ? _value.Forward(pass.GatherTokens(value, ids), pass)
            : _value == _key && value == key ? k : _value.Forward(value, pass);
    }

    private (Tensor Result, Tensor? Weights) Softmax(Tensor q, Tensor k, Tensor value, Mask? mask, string? path, KeyPlaces? places, Pass pass)
    {
        var v = _value.Forward(value, pass);
        if (_learnedKey is not null) (k, v, mask) = Append(k, v, mask, _learnedKey, _learnedValue!, pass);
        if (_options.Appended.HasFlag(AppendedKeys.Zero))
            (k, v, mask) = Append(k, v, mask, Tensor.Zeros([1, 1, _keyWidth]), Tensor.Zeros([1, 1, _valueWidth]), pass);
        var looked = pass.Attention(q, k, v, _options.Heads, mask?.Scores, dropout: _options.Dropout, withWeights: pass.Trace is { Layer: null }, layer: path);
        if (pass.Trace?.Layer is { } wanted && wanted == path) pass.Trace.Hold(path, WeightsWithGradients(q, k, mask, pass), places?.QueryTokens, places?.KeyTokens);
        return looked;
    }

    /// <summary>The weights <c>[B, H, Nq, Nk]</c> with their gradients: what attention fetches when the value of each key is its number, one-hot.</summary>
    private Tensor WeightsWithGradients(Tensor query, Tensor key, Mask? mask, Pass pass)
    {
        var (batch, queries, keys, heads) = (query.Shape[0], query.Shape[1], key.Shape[1], _options.Heads);
        var numbers = Tensor.Zeros([1, keys, heads * keys]);
        for (var k = 0; k < keys; k++)
        for (var h = 0; h < heads; h++) numbers[0, k, h * keys + k] = 1;
        var fetched = pass.Attention(query, key, pass.Expand(numbers, [batch, keys, heads * keys]), heads, mask?.Scores).Result;
        return pass.Permute(pass.Reshape(fetched, [batch, queries, heads, keys]), 0, 2, 1, 3);
    }

    /// <summary>Heads without a projection: <c>[B, N, H·Dv]</c> as they are, or their mean <c>[B, N, Dv]</c>.</summary>
    private Tensor Merge(Tensor mixed, Pass pass) => _merge == HeadMerge.Concatenate ? mixed
        : pass.Mean(pass.Reshape(mixed, [mixed.Shape[0], mixed.Shape[1], Heads, mixed.Shape[2] / Heads]), axis: 2);

    /// <summary>softmax over the full width of Q Kᵀ/√(head width), without splitting into heads: not what <see cref="Forward"/> does.</summary>
    internal Tensor UnsplitWeights(Tensor query, Tensor key, Pass pass) =>
        pass.Softmax(pass.Scale(pass.MatMul(_query.Forward(query, pass), _key.Forward(key, pass), transposeB: true),
            1 / MathF.Sqrt(_options.Width / (float)_options.Heads)));

    private static (Tensor Key, Tensor Value, Mask? Mask) Append(Tensor key, Tensor value, Mask? mask, Tensor oneKey, Tensor oneValue, Pass pass)
    {
        Shape oneKeyEach = [key.Shape[0], 1, key.Shape[2]], oneValueEach = [value.Shape[0], 1, value.Shape[2]];
        if (mask is not null)
        {
            var shape = mask.Scores.Shape;
            mask = Mask.OfScores(pass.Concat(3, mask.Scores, Tensor.Zeros([shape[0], shape[1], shape[2], 1])));
        }

        return (pass.Concat(1, key, pass.Expand(oneKey, oneKeyEach)), pass.Concat(1, value, pass.Expand(oneValue, oneValueEach)), mask);
    }
}

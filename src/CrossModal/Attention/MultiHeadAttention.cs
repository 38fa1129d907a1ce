using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>What can be chosen about multi-head attention.</summary>
/// <param name="Width">Width d of queries and result.</param>
/// <param name="Heads">Number of heads H; divides the width.</param>
public sealed record AttentionOptions(int Width, int Heads)
{
    /// <summary>Width of the tokens keys are made from; the width d when null.</summary>
    public int? KeyWidth { get; init; }

    /// <summary>Width of the tokens values are made from; the key width when null.</summary>
    public int? ValueWidth { get; init; }

    /// <summary>Whether projections have a bias.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Share of attention weights dropped in training.</summary>
    public float Dropout { get; init; }

    /// <summary>Whether a learned key and value are appended that every query may attend to (PyTorch's add_bias_kv).</summary>
    public bool LearnedKeyValue { get; init; }

    /// <summary>Whether a key and a value of zeros are appended that every query may attend to (PyTorch's add_zero_attn).</summary>
    public bool ZeroKeyValue { get; init; }

    /// <summary>What the first weights of the output projection are multiplied by.</summary>
    public float OutputGain { get; init; } = 1;
}

/// <summary>Queries look at keys and fetch values, in several heads at once (Vaswani et al. 2017, section 3.2.2).</summary>
/// <remarks>The only place that projects to heads. A query that may attend to nothing gives the bias of the output projection.
/// When the pass has a trace, the true weights of every head are written to it under this module's path.</remarks>
public sealed class MultiHeadAttention : Module
{
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly Tensor? _learnedKey;
    private readonly Tensor? _learnedValue;
    private readonly AttentionOptions _options;

    /// <summary>Makes the layer.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">The heads do not divide the width.</exception>
    public MultiHeadAttention(AttentionOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (width, heads) = options;
        if (heads <= 0 || width <= 0 || width % heads != 0) throw new ShapeException("MultiHeadAttention", $"{heads} heads do not divide a width of {width}");
        var keyWidth = options.KeyWidth ?? width;
        _options = options;
        _query = Add("q_proj", new Linear(width, width, random, options.Bias));
        _key = Add("k_proj", new Linear(keyWidth, width, random, options.Bias));
        _value = Add("v_proj", new Linear(options.ValueWidth ?? keyWidth, width, random, options.Bias));
        _output = Add("out_proj", new Linear(width, width, random, options.Bias, options.OutputGain));
        if (!options.LearnedKeyValue) return;
        _learnedKey = AddParameter("bias_k", Tensor.Normal([1, 1, width], random, 0.02f));
        _learnedValue = AddParameter("bias_v", Tensor.Normal([1, 1, width], random, 0.02f));
    }

    /// <summary>Makes the layer with the usual choices.</summary>
    /// <param name="width">Width d.</param>
    /// <param name="heads">Number of heads; divides the width.</param>
    /// <param name="random">Source of the first weights.</param>
    public MultiHeadAttention(int width, int heads, RandomSource random)
        : this(new AttentionOptions(width, heads), random)
    {
    }

    /// <summary>Number of heads H.</summary>
    public int Heads => _options.Heads;

    /// <summary>Attends.</summary>
    /// <param name="query">Tokens that look, <c>[B, Nq, d]</c>.</param>
    /// <param name="key">Tokens looked at, <c>[B, Nk, dk]</c>.</param>
    /// <param name="value">What is fetched from them, <c>[B, Nk, dv]</c>.</param>
    /// <param name="mask">What may be attended, or null for everything.</param>
    /// <param name="pass">The pass; its trace, if any, receives the weights <c>[B, H, Nq, Nk]</c> (with the appended keys last).</param>
    /// <returns><c>[B, Nq, d]</c>.</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public Tensor Forward(Tensor query, Tensor key, Tensor value, Mask? mask, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var q = _query.Forward(query, pass);
        var k = _key.Forward(key, pass);
        var v = _value.Forward(value, pass);
        if (_learnedKey is not null) (k, v, mask) = Append(k, v, mask, _learnedKey, _learnedValue!, pass);
        if (_options.ZeroKeyValue)
        {
            var zeros = Tensor.Zeros([1, 1, _options.Width]);
            (k, v, mask) = Append(k, v, mask, zeros, zeros, pass);
        }

        var path = pass.IsRecording || pass.Trace is not null ? Path : null;
        var (mixed, weights) = pass.Attention(
            q, k, v, _options.Heads, mask?.Scores, dropout: _options.Dropout, withWeights: pass.Trace is not null, layer: path);
        if (weights is not null) pass.Trace!.Add(path!, weights);
        return _output.Forward(mixed, pass);
    }

    /// <summary>softmax over the full width of Q Kᵀ/√(head width), without splitting into heads: not what <see cref="Forward"/> does.</summary>
    internal Tensor UnsplitWeights(Tensor query, Tensor key, Pass pass) =>
        pass.Softmax(pass.Scale(pass.MatMul(_query.Forward(query, pass), _key.Forward(key, pass), transposeB: true),
            1 / MathF.Sqrt(_options.Width / (float)_options.Heads)));

    private static (Tensor Key, Tensor Value, Mask? Mask) Append(Tensor key, Tensor value, Mask? mask, Tensor oneKey, Tensor oneValue, Pass pass)
    {
        Shape one = [key.Shape[0], 1, key.Shape[2]];
        if (mask is not null)
        {
            var shape = mask.Scores.Shape;
            mask = Mask.OfScores(pass.Concat(3, mask.Scores, Tensor.Zeros([shape[0], shape[1], shape[2], 1])));
        }

        return (pass.Concat(1, key, pass.Expand(oneKey, one)), pass.Concat(1, value, pass.Expand(oneValue, one)), mask);
    }
}

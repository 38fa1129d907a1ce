using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>The single stream of ViLT: words and image tokens in one sequence, each marked with its modality, one transformer over the
/// whole, and a result read from one token (Kim et al. 2021, section 3.1).</summary>
internal sealed class ViltStream : Module
{
    private readonly Embedding _modality;
    private readonly TransformerEncoder _encoder;
    private readonly LayerNorm _norm;
    private readonly Linear? _pooler;

    /// <summary>Makes the stream.</summary>
    /// <param name="layers">Number of layers.</param>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="modalities">Number of marks.</param>
    /// <param name="variant">Another way to attend than softmax over all tokens; null for that.</param>
    /// <param name="pooling">Whether a result is read from one token.</param>
    public ViltStream(int layers, TransformerOptions options, RandomSource random, int modalities = 2, AttentionVariant? variant = null,
        bool pooling = true)
    {
        ArgumentNullException.ThrowIfNull(options);
        _modality = Add("modality", new Embedding(modalities, options.Width, random, 0.02f));
        _encoder = Add("encoder", new TransformerEncoder(layers, options, random, variant: variant));
        _norm = Add("norm", new LayerNorm(options.Width, options.Epsilon));
        if (pooling) _pooler = Add("pooler", new Linear(options.Width, options.Width, random));
    }

    /// <summary>Whether a result can be read from one token.</summary>
    public bool Pools => _pooler is not null;

    /// <summary>Words marked 0, then image tokens marked 1, in one sequence.</summary>
    public Tokens Join(Tokens language, Tokens image, Pass pass) => Modality.Join(language, image, _modality.Weight, pass);

    /// <summary>What went into the first layer and what came out of each, <c>[B, N, d]</c>.</summary>
    /// <param name="joined">The sequence.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What the tokens of the sequence are; null when that is not known.</param>
    public IReadOnlyList<Tensor> HiddenStates(Tokens joined, Pass pass, AttentionSides? sides = null)
    {
        ArgumentNullException.ThrowIfNull(joined);
        return _encoder.HiddenStates(joined.Values, joined.Mask, pass, sides);
    }

    /// <summary>What comes out of the last layer, normalised.</summary>
    public Tensor Normalize(Tensor hidden, Pass pass) => _norm.Forward(hidden, pass);

    /// <summary>The result read from one token of the normalised sequence: <c>[B, N, d] → [B, d]</c>.</summary>
    /// <exception cref="InvalidOperationException">The stream was made without a pooler.</exception>
    public Tensor Pool(Tensor tokens, int token, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(pass);
        if (_pooler is null) throw new InvalidOperationException("ViltStream: made without a pooler, no result can be read from one token");
        return pass.Tanh(_pooler.Forward(pass.Reshape(pass.Slice(tokens, 1, token, 1), [tokens.Shape[0], tokens.Shape[2]]), pass));
    }
}

using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Benchmarks.Training;

/// <summary>A small vision-language policy: 64×64 pixels in 8×8 patches, two vision layers, 12 words, one language layer, four blocks of
/// cross-attention, a head that acts on the mean word.</summary>
internal sealed class PolicyNetwork : Module
{
    public const int Width = 128;
    public const int Words = 12;
    public const int Vocabulary = 64;
    public const int ImageSize = 64;
    public const int Actions = 3;
    private const int Hidden = 256;
    private const int Patch = 8;
    private readonly PatchEmbedding _patches;
    private readonly LearnedPositions _patchPositions;
    private readonly TransformerEncoder _vision;
    private readonly Embedding _words;
    private readonly LearnedPositions _wordPositions;
    private readonly TransformerEncoder _language;
    private readonly ModuleList<CrossBlock> _cross;
    private readonly LayerNorm _headNorm;
    private readonly Perceptron _head;

    /// <summary>Makes the network.</summary>
    /// <param name="random">Source of the first weights.</param>
    public PolicyNetwork(RandomSource random)
    {
        var options = new TransformerOptions(Width, 4, Hidden);
        _patches = Add("patch", new PatchEmbedding(3, Patch, Width, random));
        _patchPositions = Add("pos", new LearnedPositions(ImageSize / Patch * (ImageSize / Patch), Width, random));
        _vision = Add("vis", new TransformerEncoder(2, options, random));
        _words = Add("emb", new Embedding(Vocabulary, Width, random));
        _wordPositions = Add("lpos", new LearnedPositions(Words, Width, random));
        _language = Add("txt", new TransformerEncoder(1, options, random));
        _cross = Add("cross", new ModuleList<CrossBlock>(4, _ => new CrossBlock(options with { Heads = 8 }, random)));
        _headNorm = Add("head_norm", new LayerNorm(Width));
        _head = Add("head", new Perceptron([Width, 128, Actions], random));
    }

    /// <summary>Actions <c>[B, 3]</c> of images <c>[B, 3, 64, 64]</c> and word numbers <c>[B, 12]</c>.</summary>
    public Tensor Forward(Tensor images, Tensor words, Pass pass)
    {
        var vision = _vision.Forward(_patchPositions.Forward(_patches.Forward(images, pass), pass), null, pass);
        var language = _language.Forward(_wordPositions.Forward(_words.Forward(words, pass), pass), null, pass);
        foreach (var block in _cross) language = block.Forward(language, vision, pass);
        return _head.Forward(_headNorm.Forward(pass.Mean(language, axis: 1), pass), pass);
    }

    /// <summary>x + attention(norm(x), context), then x + feed-forward(norm(x)); the context is not normalised.</summary>
    private sealed class CrossBlock : Module
    {
        private readonly MultiHeadAttention _attention;
        private readonly LayerNorm _attentionNorm;
        private readonly FeedForward _feedForward;
        private readonly LayerNorm _feedForwardNorm;

        public CrossBlock(TransformerOptions options, RandomSource random)
        {
            _attention = Add("cross_attn", new MultiHeadAttention(options.Width, options.Heads, random));
            _attentionNorm = Add("norm1", new LayerNorm(options.Width));
            _feedForward = Add("feed_forward", new FeedForward(options.Width, options.Hidden, random, options.Activation));
            _feedForwardNorm = Add("norm2", new LayerNorm(options.Width));
        }

        public Tensor Forward(Tensor x, Tensor context, Pass pass)
        {
            x = pass.Add(x, _attention.Forward(_attentionNorm.Forward(x, pass), context, context, null, pass));
            return pass.Add(x, _feedForward.Forward(_feedForwardNorm.Forward(x, pass), pass));
        }
    }
}

using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Policies;

namespace CrossModal.Pretraining;

// Pre-training on texts with their images: contrastive (Radford et al. 2021, CLIP; Li et al. 2021, ALBEF), image-text matching with hard
// negatives (ALBEF, section 3.2), masked language modelling (Devlin et al. 2019, BERT) and masked patch modelling (Xie et al. 2022,
// SimMIM). Deviations: embeddings are means over tokens, there being no class token; the masked parts are asked for by a small decoder that
// attends to the fused tokens, so that every strategy can be pre-trained, whatever its fused tokens stand for.

/// <summary>Which pairs of text and image the fusion attends to, and what is hidden in them.</summary>
/// <param name="Images">Images <c>[2 B, 3, H, W]</c>, from 0 to 1: whole ones, then the same with patches hidden.</param>
/// <param name="Words">Word numbers <c>[2 B, Nl]</c>: whole texts, then the same with words hidden.</param>
/// <param name="Mask">Which of the 2 B · Nl words are real.</param>
/// <param name="TextRows">Which row of <paramref name="Words"/> each pair has, <c>[P]</c>.</param>
/// <param name="ImageRows">Which row of <paramref name="Images"/> each pair has, <c>[P]</c>.</param>
/// <param name="PairMask">Scores of the pairs' words, <c>[P, 1, 1, Nl]</c>.</param>
internal sealed record PretrainingInput(Tensor Images, Tensor Words, Mask Mask, Tensor TextRows, Tensor ImageRows, Tensor PairMask);

/// <summary>What pre-training is judged by.</summary>
/// <param name="Texts">Embeddings of whole texts, before normalisation, <c>[B, e]</c>.</param>
/// <param name="Images">Embeddings of whole images, before normalisation, <c>[B, e]</c>.</param>
/// <param name="Matches">Logits of "belong together" of every pair, <c>[P, 1]</c>.</param>
/// <param name="HiddenWords">Scores of words for the second half of the texts, <c>[B, Nl, words]</c>; null unless asked for.</param>
/// <param name="HiddenPatches">Pixels for the second half of the images, <c>[B, Nv, 3 p²]</c>; null unless asked for.</param>
internal sealed record PretrainingOutput(Tensor Texts, Tensor Images, Tensor Matches, Tensor? HiddenWords, Tensor? HiddenPatches);

/// <summary>A policy's vision encoder, text encoder and fusion with the heads they are pre-trained by.</summary>
/// <remarks>The policy's own parameters keep their names below <c>policy.</c>; its acting part is not used and does not change.</remarks>
internal sealed class PretrainingModel : Module
{
    private const float FirstTemperature = 0.07f;
    private readonly Linear _textProjection;
    private readonly Linear _imageProjection;
    private readonly Linear _matching;
    private readonly TransformerDecoder _wordDecoder;
    private readonly Linear _wordHead;
    private readonly TransformerDecoder _patchDecoder;
    private readonly Linear _patchHead;

    /// <summary>Makes the heads.</summary>
    /// <param name="policy">The policy, of one camera.</param>
    /// <param name="embedding">Width e of the space texts and images are compared in.</param>
    /// <param name="queue">Embeddings of earlier batches to keep; 0 for none.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">The policy has more than one camera, or patches that do not divide the image.</exception>
    public PretrainingModel(LanguagePolicy policy, int embedding, int queue, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var options = policy.Options;
        var (width, grid) = (options.Fusion.Width, policy.Grid);
        if (options.Fusion.Views != 1)
            throw new ShapeException("PretrainingModel", $"pre-training sees through one camera, the policy has {options.Fusion.Views}");
        if (options.ImageSize % grid.Rows != 0 || grid.Rows != grid.Columns)
            throw new ShapeException("PretrainingModel", $"a {grid} grid does not divide images of {options.ImageSize} pixels");
        (PatchSize, EmbeddingWidth) = (options.ImageSize / grid.Rows, embedding);
        Policy = Add("policy", policy);
        _textProjection = Add("text_proj", new Linear(width, embedding, random));
        _imageProjection = Add("image_proj", new Linear(width, embedding, random));
        LogitScale = AddParameter("logit_scale", Tensor.From([-MathF.Log(FirstTemperature)], [1]));
        _matching = Add("matching_head", new Linear(width, 1, random));
        var decoder = new TransformerOptions(width, options.Fusion.Heads, 2 * width) { ResidualGain = 0.1f };
        _wordDecoder = Add("word_decoder", new TransformerDecoder(1, decoder, random, finalNorm: true));
        _wordHead = Add("word_head", new Linear(width, options.Words, random));
        _patchDecoder = Add("patch_decoder", new TransformerDecoder(1, decoder, random, finalNorm: true));
        _patchHead = Add("patch_head", new Linear(width, 3 * PatchSize * PatchSize, random));
        if (queue > 0) Queue = Add("queue", new ContrastiveQueue(queue, embedding, random));
    }

    /// <summary>The policy that is pre-trained.</summary>
    public LanguagePolicy Policy { get; }

    /// <summary>Embeddings of earlier batches; null without a queue.</summary>
    internal ContrastiveQueue? Queue { get; }

    /// <summary>Logarithm of the inverse temperature, learned, <c>[1]</c>.</summary>
    public Tensor LogitScale { get; }

    /// <summary>Width e of the space texts and images are compared in.</summary>
    public int EmbeddingWidth { get; }

    /// <summary>Pixels along each side of a patch.</summary>
    public int PatchSize { get; }

    /// <summary>Texts and images in the space they are compared in, each of length 1, <c>[B, e]</c>.</summary>
    /// <param name="images">Images <c>[B, 3, H, W]</c>.</param>
    /// <param name="words">Word numbers <c>[B, Nl]</c>.</param>
    /// <param name="mask">Which words are real.</param>
    /// <param name="pass">The pass.</param>
    public (Tensor Texts, Tensor Images) Embed(Tensor images, Tensor words, Mask mask, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var (texts, seen) = (Policy.EncodeText(words, mask, pass), Policy.EncodeImages(images, pass));
        return (pass.L2Normalize(EmbedTexts(texts, mask, pass)), pass.L2Normalize(EmbedImages(seen, pass)));
    }

    /// <summary>Whether texts and images belong together, pair by pair: logits <c>[B, 1]</c>.</summary>
    /// <inheritdoc cref="Embed"/>
    public Tensor Match(Tensor images, Tensor words, Mask mask, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var language = new Tokens(Policy.EncodeText(words, mask, pass), mask);
        return _matching.Forward(Policy.Fuse(language, [new Tokens(Policy.EncodeImages(images, pass))], pass).Mean(pass), pass);
    }

    /// <summary>Everything the losses need.</summary>
    /// <param name="input">Texts, images and pairs. Where hidden patches are asked for, the last B pairs have them; where hidden words are,
    /// the B pairs before.</param>
    /// <param name="words">Whether hidden words are asked for.</param>
    /// <param name="patches">Whether hidden patches are asked for.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    internal PretrainingOutput Forward(PretrainingInput input, bool words, bool patches, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        var batch = input.Words.Shape[0] / 2;
        if (input.Words.Shape[0] != 2 * batch || input.Images.Shape[0] != 2 * batch)
            throw new ShapeException("PretrainingModel",
                $"needs 2 B texts and images, got words {input.Words.Shape} and images {input.Images.Shape}");
        var (texts, seen) = (Policy.EncodeText(input.Words, input.Mask, pass), Policy.EncodeImages(input.Images, pass));
        var whole = Mask.Additive(pass.Slice(input.Mask.Scores, 0, 0, batch));
        var pairs = input.TextRows.Shape[0];
        var language = new Tokens(Pick(texts, input.TextRows, pass), Mask.Additive(input.PairMask));
        var fused = Policy.Fuse(language, [new Tokens(Pick(seen, input.ImageRows, pass))], pass);
        var first = pairs - (patches ? batch : 0) - (words ? batch : 0);
        return new PretrainingOutput(
            EmbedTexts(pass.Slice(texts, 0, 0, batch), whole, pass),
            EmbedImages(pass.Slice(seen, 0, 0, batch), pass),
            _matching.Forward(fused.Mean(pass), pass),
            words ? _wordHead.Forward(Decode(_wordDecoder, pass.Slice(texts, 0, batch, batch), whole, first), pass) : null,
            patches ? _patchHead.Forward(Decode(_patchDecoder, pass.Slice(seen, 0, batch, batch), null, pairs - batch), pass) : null);

        Tensor Decode(TransformerDecoder decoder, Tensor tokens, Mask? mask, int from) => decoder.Forward(
            tokens, pass.Slice(fused.Values, 0, from, batch), mask,
                fused.Mask is null ? null : Mask.Additive(pass.Slice(fused.Mask.Scores, 0, from, batch)), pass);
    }

    private Tensor EmbedTexts(Tensor texts, Mask mask, Pass pass) => _textProjection.Forward(new Tokens(texts, mask).Mean(pass), pass);

    private Tensor EmbedImages(Tensor seen, Pass pass) => _imageProjection.Forward(pass.Mean(seen, axis: 1), pass);

    /// <summary>Rows of a batch, in any order and number: <c>[2 B, N, d] → [P, N, d]</c>.</summary>
    private static Tensor Pick(Tensor tokens, Tensor rows, Pass pass)
    {
        var (count, width) = (tokens.Shape[1], tokens.Shape[2]);
        var picked = pass.Embedding(pass.Reshape(tokens, [tokens.Shape[0], count * width]), rows);
        return pass.Reshape(picked, [rows.Shape[0], count, width]);
    }
}

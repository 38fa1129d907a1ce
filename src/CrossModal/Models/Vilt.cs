using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Models;

// Kim et al. 2021, "ViLT: Vision-and-Language Transformer Without Convolution or Region Supervision". Source followed: Hugging Face
// transformers, models/vilt/modeling_vilt.py (ViltModel). Words and raw patches in one sequence, one transformer over the whole
// (Fusion/Blocks/ViltStream.cs). Images keep their proportions: a batch is padded to its largest, a pixel mask says what is real, and the
// learned positions are resized to every image's own grid. Deviations: patches stay in their order (the reference shuffles them, which
// changes nothing but the order), and none are left out at random.

/// <summary>Sizes of ViLT.</summary>
internal sealed record ViltConfig : BertConfig
{
    /// <summary>ViLT reads 40 words.</summary>
    public ViltConfig() => MaxPositionEmbeddings = 40;

    /// <summary>Height and width of the square whose patches the learned positions are for, in pixels.</summary>
    public int ImageSize { get; init; } = 384;

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 32;

    /// <summary>Channels of the image.</summary>
    public int NumChannels { get; init; } = 3;

    /// <summary>Number of marks that distinguish words and images.</summary>
    public int ModalityTypeVocabSize { get; init; } = 2;
}

/// <summary>The input of ViLT.</summary>
/// <param name="Words">Token numbers <c>[B, Nl]</c>.</param>
/// <param name="Images">Images <c>[B, 3, H, W]</c>, each in the top left corner when they differ in size.</param>
internal sealed record ViltInput(Tensor Words, Tensor Images)
{
    /// <summary>Segment numbers <c>[B, Nl]</c>; null when all words are of segment 0.</summary>
    public Tensor? Segments { get; init; }

    /// <summary>Which words are real; null when all are.</summary>
    public Mask? WordMask { get; init; }

    /// <summary>1 for a real pixel, 0 for padding, <c>[B, H, W]</c>; null when all are real.</summary>
    public Tensor? PixelMask { get; init; }
}

/// <summary>What ViLT made of it. The sequence is words, the image's class token, patches.</summary>
/// <param name="Hidden">What went into the first layer and what came out of each, <c>[B, Nl + 1 + Nv, d]</c>.</param>
/// <param name="Tokens">The final states, normalised, in that shape.</param>
/// <param name="Pooled">The first word, for a decision about both, <c>[B, d]</c>; null from a model without a pooler.</param>
/// <param name="Grids">For each image, how its real patches lie: they come first, row by row.</param>
internal sealed record ViltOutput(IReadOnlyList<Tensor> Hidden, Tensor Tokens, Tensor? Pooled, IReadOnlyList<TokenGrid> Grids);

/// <summary>Words and patches in one stream (ViLT).</summary>
/// <remarks>Attention has the trace's names <c>stream.encoder.layers.0.self_attn</c>, …, over the whole sequence.</remarks>
internal sealed class Vilt : Module
{
    private readonly TextEmbedding _words;
    private readonly Tensor _class;
    private readonly Tensor _positions;
    private readonly PatchEmbedding _patches;
    private readonly ViltStream _stream;

    /// <summary>Makes the model.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="addPoolingLayer">Whether there is a pooler; a model that labels each token has none.</param>
    /// <exception cref="ArgumentException">There is no such activation function, or sizes do not fit each other.</exception>
    public Vilt(ViltConfig config, RandomSource random, bool addPoolingLayer = true)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        var (width, side) = (config.HiddenSize, config.ImageSize / config.PatchSize);
        _words = Add("embed", new TextEmbedding(config.BertEmbedding, random));
        _class = AddParameter("class_token", Tensor.Normal([width], random, 0.02f));
        _positions = AddParameter("positions", Tensor.Normal([1 + side * side, width], random, 0.02f));
        _patches = Add("patches", new PatchEmbedding(config.NumChannels, config.PatchSize, width, random));
        _stream = Add("stream", new ViltStream(config.NumHiddenLayers, config.Transformer(NormPlacement.Before), random,
            config.ModalityTypeVocabSize, pooling: addPoolingLayer));
    }

    /// <summary>What published checkpoints call the parameters; those of a task have heads beside the model.</summary>
    public static CheckpointNames Names { get; } = new(
    [
        .. BertNames.Embedding("embed", "embeddings.text_embeddings"),
        ("class_token", "embeddings.cls_token"),
        ("positions", "embeddings.position_embeddings"),
        ("patches.proj", "embeddings.patch_embeddings.projection"),
        ("stream.modality", "embeddings.token_type_embeddings"),
        ("stream.encoder.layers", "encoder.layer"),
        .. BertNames.Attention("layer.*.self_attn", "layer.*.attention.attention", "layer.*.attention.output"),
        ("layer.*.norm1", "layer.*.layernorm_before"),
        ("layer.*.norm2", "layer.*.layernorm_after"),
        ("layer.*.feed_forward.fc1", "layer.*.intermediate.dense"),
        ("layer.*.feed_forward.fc2", "layer.*.output.dense"),
        ("stream.norm", "layernorm"),
        ("stream.pooler", "pooler.dense"),
    ])
    {
        Prefix = "vilt.",
        Ignored = ["position_ids"],
    };

    /// <summary>Sizes.</summary>
    public ViltConfig Config { get; }

    /// <summary>Relates words and images.</summary>
    /// <param name="input">Words and images.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">Sizes do not fit, a number is outside the vocabulary, or the real pixels of an image are no
    /// rectangle in the top left corner.</exception>
    public ViltOutput Forward(ViltInput input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        var words = new Tokens(_words.Forward(input.Words, input.Segments, pass), input.WordMask);
        var (image, grids) = EmbedImages(input.Images, input.PixelMask, pass);
        var joined = _stream.Join(words, image, pass);
        var hidden = _stream.HiddenStates(joined, pass);
        var tokens = _stream.Normalize(hidden[^1], pass);
        return new ViltOutput(hidden, tokens, _stream.Pools ? _stream.Pool(tokens, 0, pass) : null, grids);
    }

    /// <summary>Class token and patches of every image; an image with fewer real patches than the largest is filled up with its
    /// padding.</summary>
    private (Tokens Image, IReadOnlyList<TokenGrid> Grids) EmbedImages(Tensor images, Tensor? pixelMask, Pass pass)
    {
        var patches = _patches.Forward(images, pass);
        var (batch, width) = (patches.Shape[0], patches.Shape[2]);
        var whole = new TokenGrid(images.Shape[2] / Config.PatchSize, images.Shape[3] / Config.PatchSize);
        var grids = new TokenGrid[batch];
        for (var b = 0; b < batch; b++) grids[b] = pixelMask is null ? whole : RealGrid(pixelMask, b, images.Shape, whole);
        var count = grids.Max(g => g.Count);
        var real = new bool[batch, 1 + count];
        var positions = new Tensor[batch];
        for (var b = 0; b < batch; b++)
        {
            for (var i = 0; i <= grids[b].Count; i++) real[b, i] = true;
            positions[b] = Positions(grids[b], count, pass);
        }

        if (grids.Any(g => g != whole)) patches = Gather(patches, grids, whole, count, pass);
        var tokens = pass.Concat(1, pass.Expand(_class, [batch, 1, width]), patches);
        var placed = pass.Add(tokens, batch == 1 ? positions[0] : pass.Concat(0, positions));
        return (new Tokens(placed, pixelMask is null ? null : Mask.KeyPadding(real)), grids);
    }

    /// <summary>The positions of the class token and of an image's patches, resized to its grid, then zeros: <c>[1, 1 + count,
    /// d]</c>.</summary>
    private Tensor Positions(TokenGrid grid, int count, Pass pass)
    {
        var (side, width) = (Config.ImageSize / Config.PatchSize, Config.HiddenSize);
        var first = pass.Reshape(pass.Slice(_positions, 0, 0, 1), [1, 1, width]);
        var rest = pass.Reshape(pass.Slice(_positions, 0, 1, side * side), [1, side * side, width]);
        var map = pass.Resize(pass.ToMap(rest, new TokenGrid(side, side)), grid.Rows, grid.Columns, ResizeMode.BilinearCorners);
        var own = pass.ToTokens(map);
        return grid.Count == count
            ? pass.Concat(1, first, own)
            : pass.Concat(1, first, own, Tensor.Zeros([1, count - grid.Count, width]));
    }

    /// <summary>The real patches of every image, row by row, then those of its padding in their order, again from the first when they do
    /// not suffice.</summary>
    private static Tensor Gather(Tensor patches, TokenGrid[] grids, TokenGrid whole, int count, Pass pass)
    {
        var (batch, width) = (patches.Shape[0], patches.Shape[2]);
        var rows = Tensor.Zeros([batch, count]);
        for (var b = 0; b < batch; b++)
        {
            var own = Enumerable.Range(0, whole.Count)
                .ToLookup(i => i / whole.Columns < grids[b].Rows && i % whole.Columns < grids[b].Columns);
            var (real, padding) = (own[true].ToList(), own[false].ToList());
            for (var i = 0; i < count; i++)
                rows[b, i] = b * whole.Count + (i < real.Count ? real[i] : padding[(i - real.Count) % padding.Count]);
        }

        return pass.Embedding(pass.Reshape(patches, [batch * whole.Count, width]), rows);
    }

    /// <summary>How many rows and columns of patches of an image are real: the mask at the pixel each patch begins with
    /// (nearest).</summary>
    private static TokenGrid RealGrid(Tensor mask, int sample, Shape images, TokenGrid whole)
    {
        if (mask.Shape != [images[0], images[2], images[3]])
            throw new ShapeException("Vilt", $"the pixel mask is {mask.Shape}, expected [{images[0]},{images[2]},{images[3]}]");
        bool Real(int row, int column) => mask[sample, row * images[2] / whole.Rows, column * images[3] / whole.Columns] != 0;
        var rows = Enumerable.Range(0, whole.Rows).Count(row => Real(row, 0));
        var columns = Enumerable.Range(0, whole.Columns).Count(column => Real(0, column));
        for (var i = 0; i < whole.Count; i++)
        {
            if (Real(i / whole.Columns, i % whole.Columns) != (i / whole.Columns < rows && i % whole.Columns < columns) || rows == 0)
                throw new ShapeException("Vilt", $"the real pixels of image {sample} are no rectangle in the top left corner");
        }

        return new TokenGrid(rows, columns);
    }
}

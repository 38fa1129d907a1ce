using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Concatenation flattened: all words and visual tokens, each in its place, as one long vector into a feed-forward network. The
/// textbook's "concatenate, then a network" where places are kept.</summary>
/// <remarks>The textbook's, the concatenation; ours, the sizes: places for <see cref="WordPlaces"/> words and for the patches of the grid,
/// a hidden layer of <see cref="FusionOptions.Hidden"/>. Every place has weights of its own, so nothing learned of one place holds for
/// another, and parameters grow with the number of tokens. Padding and places without a token are 0; tokens beyond the last place
/// are added up there. Views share their weights and are averaged.</remarks>
internal sealed class FlattenedConcatenation : FusionStrategy
{
    /// <summary>Places for words.</summary>
    internal const int WordPlaces = 16;

    private const int PatchPlaces = 64;

    private readonly int _patches;
    private readonly Linear _words;
    private readonly Linear _vision;
    private readonly Linear _output;
    private readonly LayerNorm _norm;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("concat-flattened", "Concatenation, flattened",
        "all words and visual tokens as one vector, each in its place, into a feed-forward network",
        (o, r) => new FlattenedConcatenation(o, r))
    { OnGrid = true };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; heads and layers are not used. Without <see cref="VisionOptions.Grid"/> there are places for 64
    /// patches.</param>
    /// <param name="random">Source of the first weights.</param>
    public FlattenedConcatenation(FusionOptions options, RandomSource random)
        : base(options)
    {
        _patches = options.Vision.Grid?.Count ?? PatchPlaces;
        _words = Add("words", new Linear(WordPlaces * Width, options.Hidden, random, bias: false));
        _vision = Add("vision", new Linear(_patches * Width, options.Hidden, random));
        _output = Add("output", new Linear(options.Hidden, Width, random));
        _norm = Add("norm", new LayerNorm(Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to one token <c>[B, 1, d]</c>.</summary>
    /// <exception cref="ShapeException">There is no view.</exception>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var views = input.Views.OfType<Tokens>().ToList();
        if (views.Count == 0) throw new ShapeException("FlattenedConcatenation", "there is no view");
        var vision = views.Select(view => _vision.Forward(Flat(view, _patches, pass), pass))
            .Aggregate((a, b) => pass.Add(a, b));
        var hidden = pass.Add(_words.Forward(Flat(input.Language, WordPlaces, pass), pass), pass.Scale(vision, 1f / views.Count));
        return new FusionOutput(new Tokens(_norm.Forward(_output.Forward(pass.Gelu(hidden), pass), pass)));
    }

    /// <summary>Tokens in their places as one vector, <c>[B, N, d] → [B, 1, places·d]</c>; 0 where there is none.</summary>
    private Tensor Flat(Tokens tokens, int places, Pass pass)
    {
        var values = tokens.ZeroPadded(pass);
        if (tokens.Count > places)
            values = pass.Concat(1, pass.Slice(values, 1, 0, places - 1),
                pass.Sum(pass.Slice(values, 1, places - 1, tokens.Count - places + 1), axis: 1, keepAxis: true));
        if (tokens.Count < places) values = pass.Concat(1, values, Tensor.Zeros([tokens.Batch, places - tokens.Count, Width]));
        return pass.Reshape(values, [tokens.Batch, 1, places * Width]);
    }
}

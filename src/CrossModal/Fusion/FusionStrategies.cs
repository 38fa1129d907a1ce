using CrossModal.Attention;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Every strategy by name: what the command line, the benchmark and configurations choose from.</summary>
public static class FusionStrategies
{
    private static readonly Dictionary<string, (string Summary, Func<FusionOptions, RandomSource, FusionStrategy> Create)> Registry = new()
    {
        ["concat-pooled"] = ("mean word and mean visual token side by side", (o, r) => new PooledConcatenation(o, r)),
        ["concat-tokens"] = ("words and visual tokens in one sequence, transformer layers over both", (o, r) => new TokenConcatenation(o, r)),
        ["cross-attention"] = ("blocks of words looking at each other, then at vision", (o, r) => new CrossModalTransformer(o, r)),
        ["cross-attention-post-norm"] = ("the same, normalised after each part", (o, r) => new CrossModalTransformer(o, r, norm: NormPlacement.After)),
        ["cross-attention-words-apart"] = ("the same without words looking at each other", (o, r) => new CrossModalTransformer(o, r, selfAttention: false)),
        ["cross-attention-single"] = ("one attention with residual and normalisation, no feed-forward", (o, r) => new CrossModalAttention(o, r)),
        ["cross-attention-reversed"] = ("visual tokens look at words", (o, r) => new ReversedCrossAttention(o, r)),
        ["co-attention"] = ("words look at vision while vision looks at words", (o, r) => new CoAttention(o, r)),
        ["perceiver"] = ("learned latents look at words and vision, in rounds", (o, r) => new Perceiver(o, r)),
        ["perceiver-io"] = ("learned latents look at words and vision, words read from the latents", (o, r) => new PerceiverIoFusion(o, r)),
        ["flamingo"] = ("a few latents for each camera, words look at them through gates that start closed", (o, r) => new FlamingoFusion(o, r)),
        ["lava"] = ("the whole instruction, as one vector, looks at vision, layer after layer", (o, r) => new LavaFusion(o, r)),
        ["concat-fusion"] = ("mean word and mean visual token side by side, one linear layer", (o, r) => new PooledFusion(o, r, PooledKind.Concatenation)),
        ["attention-fusion"] = ("mean word and mean visual token, weighed against each other", (o, r) => new PooledFusion(o, r, PooledKind.Attention)),
        ["deepset-fusion"] = ("mean word and mean visual token as a set", (o, r) => new PooledFusion(o, r, PooledKind.Deepset)),
        ["multi-view-mean"] = ("each camera on its own, results averaged", (o, r) => new MultiView(o, r)),
        ["multi-view-separate"] = ("the same with weights for each camera", (o, r) => new MultiView(o, r, sharing: ViewSharing.Separate)),
        ["multi-view-learned"] = ("each camera on its own, weighed by a learned score", (o, r) => new MultiView(o, r, ViewCombination.Learned)),
        ["multi-view-joint"] = ("all cameras at once, each marked", (o, r) => new MultiView(o, r, ViewCombination.Joint)),
        ["downsample-pool"] = ("a quarter of the visual tokens by average pooling, then cross-attention", (o, r) => new TokenDownsampler(o, r)),
        ["downsample-conv"] = ("a quarter of the visual tokens by strided convolution, then cross-attention",
            (o, r) => new TokenDownsampler(o, r, Downsampling.StridedConvolution)),
        ["clip"] = ("CLIP: two towers that meet as two embeddings; no word looks at a patch", (o, r) => new ClipFusion(o, r)),
        ["blip"] = ("BLIP: a text encoder that looks at vision in every layer, read from one token", (o, r) => new BlipFusion(o, r)),
        ["q-former"] = ("BLIP-2's Q-Former: queries read the words and fetch from vision", (o, r) => new QFormerFusion(o, r)),
        ["vilt"] = ("ViLT: words and visual tokens in one stream, read from a class token", (o, r) => new ViltFusion(o, r)),
        ["lxmert"] = ("LXMERT: both directions look with shared weights, then each at itself", (o, r) => new LxmertFusion(o, r)),
        ["vilbert"] = ("ViLBERT: rounds of co-attention and a layer of each stream's own", (o, r) => new VilbertFusion(o, r)),
        ["textbook-network"] = ("the textbook's network, read literally", (o, r) => new TextbookNetwork(o, r)),
        ["textbook-co-attention"] = ("the textbook's co-attention, read literally", (o, r) => new TextbookCoAttention(o, r)),
        ["textbook-perceiver"] = ("the textbook's Perceiver, read literally", (o, r) => new TextbookPerceiver(o, r)),
    };

    /// <summary>Strategies without an attention to visual tokens that could be exchanged, and what they have instead.</summary>
    private static readonly Dictionary<string, string> WithoutAttention = new()
    {
        ["concat-pooled"] = "visual tokens are averaged",
        ["concat-fusion"] = "visual tokens are averaged",
        ["attention-fusion"] = "visual tokens are averaged, and only the two means are weighed",
        ["deepset-fusion"] = "visual tokens are averaged",
        ["cross-attention-reversed"] = "visual tokens look at words",
    };

    /// <summary>The names, in the order of the textbook.</summary>
    public static IReadOnlyList<string> Names => field ??= [.. Registry.Keys];

    /// <summary>What a strategy does, in a line.</summary>
    /// <exception cref="ArgumentException">There is no strategy of that name; the message lists those there are.</exception>
    public static string Summary(string name) => Find(name).Summary;

    /// <summary>Makes a strategy.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ArgumentException">There is no strategy of that name; the message lists those there are.</exception>
    /// <exception cref="ShapeException">The strategy cannot look in the way, or at the tokens, that <see cref="FusionOptions.Vision"/> asks for.</exception>
    public static FusionStrategy Create(string name, FusionOptions options, RandomSource random)
    {
        var (_, create) = Find(name);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Vision.Attention is { } attention && WithoutAttention.TryGetValue(name, out var instead))
        {
            throw new ShapeException(name,
                $"has no attention to visual tokens that '{attention}' could replace ({instead}); these have: {string.Join(", ", Names.Where(n => !WithoutAttention.ContainsKey(n)))}");
        }

        return options.Vision.Tokens is { } tokens ? tokens.Wrap(options, random, fewer => create(fewer, random)) : create(options, random);
    }

    private static (string Summary, Func<FusionOptions, RandomSource, FusionStrategy> Create) Find(string name) =>
        Registry.TryGetValue(name ?? "", out var entry)
            ? entry
            : throw new ArgumentException($"no fusion strategy is called '{name}'; there are: {string.Join(", ", Names)}", nameof(name));
}

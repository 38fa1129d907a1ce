using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Every strategy by name: what the command line, the benchmark and configurations choose from.</summary>
public static class FusionStrategies
{
    /// <summary>The library's own, in the order of the textbook.</summary>
    private static readonly StrategyRegistry Registry = new(
        PooledConcatenation.Description,
        SideBySideConcatenation.Description,
        FlattenedConcatenation.Description,
        TokenConcatenation.Description,
        CrossModalTransformer.Description,
        CrossModalTransformer.PostNormDescription,
        CrossModalTransformer.WordsApartDescription,
        CrossModalAttention.Description,
        ReversedCrossAttention.Description,
        CoAttentionTransformer.Description,
        Perceiver.Description,
        Perceiver.FromWordsDescription,
        PerceiverIoFusion.Description,
        FlamingoFusion.Description,
        GatedCrossAttentionFusion.Description,
        JointAttentionFusion.Description,
        InterleavedAttention.Description,
        FilmFusion.Description,
        AdaLnFusion.Description,
        LavaFusion.Description,
        PooledFusion.ConcatenationDescription,
        PooledFusion.AttentionDescription,
        PooledFusion.DeepsetDescription,
        MultiView.MeanDescription,
        MultiView.SeparateDescription,
        MultiView.LearnedDescription,
        MultiView.JointDescription,
        TokenDownsampler.PoolDescription,
        TokenDownsampler.ConvolutionDescription,
        ClipFusion.Description,
        LateInteraction.Description,
        AlbefFusion.Description,
        BlipFusion.Description,
        QFormerFusion.Description,
        ViltFusion.Description,
        LxmertFusion.Description,
        VilbertFusion.Description,
        TextbookNetwork.Description,
        TextbookCoAttention.Description,
        TextbookPerceiver.Description);

    /// <summary>All descriptions: the library's in the order of the textbook, then those that were registered.</summary>
    public static IReadOnlyList<StrategyDescription> All => Registry.All;

    /// <summary>Descriptions of strategies that are not the library's own, in the order in which they were registered.</summary>
    public static IReadOnlyList<StrategyDescription> Registered => Registry.Registered;

    /// <summary>The names, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Names => [.. All.Select(d => d.Name)];

    /// <summary>Adds a strategy of one's own: from here on it is made, loaded and compared by its name. Any thread may call this.</summary>
    /// <param name="description">The description.</param>
    /// <exception cref="ArgumentException">The description is malformed, or its name is taken; the message says which.</exception>
    public static void Register(StrategyDescription description) => Registry.Register(description);

    /// <summary>Finds the description of a strategy.</summary>
    /// <exception cref="ArgumentException">There is no strategy of that name; the message lists those there are.</exception>
    public static StrategyDescription Find(string name) => Registry.Find(name);

    /// <summary>Makes a strategy.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ArgumentException">There is no strategy of that name; the message lists those there are.</exception>
    /// <exception cref="ShapeException">
    /// The strategy cannot attend in the way, or to the tokens, that <see cref="FusionOptions.Vision"/> asks for.
    /// </exception>
    public static FusionStrategy Create(string name, FusionOptions options, RandomSource random)
    {
        var description = Find(name);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Vision.Attention is { } attention && description.Attends == VisionAttention.None)
        {
            var others = string.Join(", ", All.Where(d => d.Attends != VisionAttention.None).Select(d => d.Name));
            throw new ShapeException(name,
                $"has no attention to visual tokens that '{attention}' could replace ({description.Summary}); these have: {others}");
        }

        return options.Vision.Tokens is { } tokens
            ? tokens.Wrap(options, random, fewer => description.Create(fewer, random))
            : description.Create(options, random);
    }
}

using System.Globalization;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>How visual tokens are made fewer.</summary>
public enum TokenReduction
{
    /// <summary>Average over squares of neighbours.</summary>
    Pool,

    /// <summary>Learned convolution over squares of neighbours.</summary>
    Conv,

    /// <summary>Learned weighted sums over all tokens (<see cref="TokenLearner"/>).</summary>
    Learner,

    /// <summary>Tokens that are alike become one (<see cref="TokenMerging"/>).</summary>
    Merge,

    /// <summary>Learned latents attend to the tokens (<see cref="TokenResampler"/>).</summary>
    Resampler,
}

/// <summary>Fewer visual tokens: what a strategy sees of each view.</summary>
/// <param name="Method">How they are made fewer.</param>
/// <param name="Count">How many are left of a view.</param>
public sealed record VisualTokens(TokenReduction Method, int Count)
{
    /// <summary>The names <see cref="Parse"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetNames<TokenReduction>().Select(n => n.ToLowerInvariant())];

    /// <summary>Where the fewer tokens lie; null where they lie on no grid.</summary>
    /// <param name="whole">Where the tokens of a view lie.</param>
    /// <exception cref="ShapeException">No squares of the grid leave that many.</exception>
    public TokenGrid? GridOf(TokenGrid whole) =>
        Method is TokenReduction.Pool or TokenReduction.Conv && Factor(whole) is var factor
            ? new TokenGrid(whole.Rows / factor, whole.Columns / factor) : null;

    /// <summary>Reads <c>METHOD:N</c>: <c>pool:16</c>, <c>merge:32</c>, …</summary>
    /// <exception cref="ArgumentException">The method is unknown, or N is no positive number; the message lists the methods.</exception>
    public static VisualTokens Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':');
        if (parts.Length != 2 || !Names.Contains(parts[0]))
            throw new ArgumentException($"'{text}' is not METHOD:N, such as pool:16; the methods are: {string.Join(", ", Names)}",
                nameof(text));
        return int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? new VisualTokens(Enum.Parse<TokenReduction>(parts[0], ignoreCase: true), count)
            : throw new ArgumentException($"'{text}': '{parts[1]}' is not a positive number of tokens", nameof(text));
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => $"{Method.ToString().ToLowerInvariant()}:{Count.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>A strategy that makes the tokens of every view fewer and hands them to another.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="create">Makes the other strategy.</param>
    /// <exception cref="ShapeException">The count does not suit the method or the grid, or the other strategy needs a grid that is
    /// lost.</exception>
    internal FusionStrategy Wrap(FusionOptions options, RandomSource random, Func<FusionOptions, FusionStrategy> create)
    {
        if (Count <= 0) throw new ShapeException("VisualTokens", $"'{this}' leaves nothing");
        if (Method is TokenReduction.Pool or TokenReduction.Conv)
        {
            var grid = options.Vision.Grid ?? throw new ShapeException("VisualTokens", $"'{this}' needs the grid of the tokens");
            var (factor, fewer) = (Factor(grid), options with { Vision = options.Vision with { Tokens = null, Grid = GridOf(grid) } });
            return new TokenDownsampler(options, random,
                Method == TokenReduction.Conv ? Downsampling.StridedConvolution : Downsampling.AveragePool, factor, () => create(fewer));
        }

        if (options.Vision.Grid is { } whole && Count > whole.Count)
            throw new ShapeException("VisualTokens", $"'{this}': a {whole} grid has only {whole.Count} tokens");
        if (options.Vision.Attention is { Kind: Attention.AttentionKind.Local or Attention.AttentionKind.Graph } attention)
            throw new ShapeException("VisualTokens", $"attention '{attention}' needs tokens on a grid; '{this}' leaves none");
        TokenReducer reducer = Method switch
        {
            TokenReduction.Learner => new TokenLearner(options.Width, Count, random),
            TokenReduction.Merge => new TokenMerging(Count),
            _ => new TokenResampler(options, Count, random),
        };
        var strategy = create(options with { Vision = options.Vision with { Tokens = null, Grid = null } });
        return strategy is TokenDownsampler ? throw new ShapeException("VisualTokens",
            $"a strategy that pools a grid cannot follow '{this}', which leaves none")
            : new ReducedVision(reducer, strategy);
    }

    /// <summary>The fewest weights a policy with these tokens has, for a check before memory is asked for.</summary>
    /// <param name="width">Width d.</param>
    /// <param name="patches">Visual tokens of a view before.</param>
    internal long LeastWeights(long width, long patches) => Count > patches || Count <= 0 ? long.MaxValue : Method switch
    {
        TokenReduction.Learner => (long)Count * TokenLearner.Hidden,
        TokenReduction.Resampler => Count * width,
        TokenReduction.Conv => patches / Count / 4 * width * width,
        _ => 0,
    };

    private int Factor(TokenGrid grid)
    {
        var possible = Enumerable.Range(1, Math.Min(grid.Rows, grid.Columns))
            .Select(f => (Factor: f, Count: grid.Rows / f * (grid.Columns / f))).ToList();
        var fitting = possible.Where(p => p.Count == Count).Select(p => p.Factor).ToList();
        // The largest of several squares leaves the fewest rows and columns over.
        return fitting.Count > 0 ? fitting[^1]
            : throw new ShapeException("VisualTokens",
                $"'{this}': squares of a {grid} grid leave {string.Join(", ", possible.Select(p => p.Count).Distinct())} tokens");
    }
}

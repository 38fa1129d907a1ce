using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Plans;

/// <summary>One row of a comparison: a strategy with its sizes and switches.</summary>
/// <param name="Name">Short name, the same for all seeds and budgets: <c>cross-attention-4</c>.</param>
/// <param name="Label">Name for readers.</param>
/// <param name="Strategy">Name of the fusion strategy.</param>
internal sealed record ComparisonVariant(string Name, string Label, string Strategy)
{
    /// <summary>Layers, or rounds.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Heads of every attention.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Latents.</summary>
    public int Latents { get; init; } = 16;

    /// <summary>What the latents of a Perceiver are; null for what the table has.</summary>
    public LatentOptions? LatentChoice { get; init; }

    /// <summary>Heads of keys and values; 0 for as many as those of queries.</summary>
    public int KeyHeads { get; init; }

    /// <summary>Where gates start, before tanh.</summary>
    public float InitialGate { get; init; }

    /// <summary>Cameras.</summary>
    public int Views { get; init; } = 1;

    /// <summary>How the strategy attends to visual tokens.</summary>
    public VisionOptions Vision { get; init; } = new();

    /// <summary>How tokens are made.</summary>
    public PerceptionOptions Perception { get; init; } = new();

    /// <summary>The policy of this row when it learns by a recipe.</summary>
    /// <param name="width">Width of all tokens.</param>
    /// <param name="recipe">The recipe.</param>
    public PolicyOptions Policy(int width, TabletopRecipe recipe) =>
        TabletopLossSource.Describe(Strategy, new FusionOptions(width, Heads, Layers)
        {
            Latents = Latents,
            LatentChoice = LatentChoice,
            InitialGate = InitialGate,
            KeyHeads = KeyHeads,
            Views = Views,
            Vision = Vision,
        }, recipe) with
        { Perception = Perception };
}

using System.Text.Json.Nodes;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Policies;
using CrossModal.Pretraining;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Training;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>Pre-training of a policy's vision encoder, text encoder and fusion on captions and scenes.</summary>
/// <remarks>Every pair of a batch is a negative of all others, so a batch is not shared out over threads: one computes it.</remarks>
internal sealed class CaptionLossSource : LossSource
{
    private readonly PretrainingRecipe _recipe;
    private readonly string _strategy;
    private readonly FusionOptions _fusion;
    private readonly CaptionSource _source;

    /// <summary>Prepares a run.</summary>
    /// <param name="strategy">Name of the fusion strategy.</param>
    /// <param name="fusion">Its sizes.</param>
    /// <param name="recipe">The objectives, and how.</param>
    /// <exception cref="ArgumentException">A name is unknown, or sizes do not fit.</exception>
    public CaptionLossSource(string strategy, FusionOptions fusion, PretrainingRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        recipe.Check();
        (_recipe, _strategy, _fusion) = (recipe, strategy, fusion);
        _source = new CaptionSource(recipe.Seed, Split.Training, recipe.Language);
        Pretrained = NewModel();
    }

    /// <inheritdoc/>
    public override Module Model => Pretrained;

    /// <summary>The policy and its heads for the objectives.</summary>
    internal PretrainingModel Pretrained { get; }

    /// <inheritdoc/>
    public override PolicyRecipe Recipe => new()
    {
        Steps = _recipe.Steps,
        BatchSize = _recipe.Scenes,
        LearningRate = _recipe.LearningRate,
        Seed = _recipe.Seed,
        AverageDecay = _recipe.Momentum,
        Shards = 1,
    };

    /// <summary>The policy with its pre-trained parts; its action head is as it was drawn.</summary>
    public override TrainedPolicy Policy => new(
        Pretrained.Policy, TabletopPolicy.TokenizerOf(_recipe.Language), TabletopSignature.Actions, TabletopSignature.States,
            "tabletop-captions")
    {
        Signature = TabletopSignature.Of(Pretrained.Policy.Options.Fusion.Views),
    };

    /// <inheritdoc/>
    public override JsonNode? Configuration =>
        new JsonObject { ["policy"] = PolicyJson.NodeOf(Pretrained.Policy.Options), ["recipe"] = PretrainingJson.NodeOf(_recipe) };

    /// <inheritdoc/>
    public override ReplayedLoss Create(int samples, WeightAverage average) =>
        new PretrainingLoss(Pretrained, _recipe, _source, _recipe.Queue > 0 ? new MomentumEncoder(NewModel(), average) : null);

    /// <summary>A policy as training on the tabletop would make it, with the heads.</summary>
    private PretrainingModel NewModel()
    {
        const ulong Heads = 1;
        var recipe = new TabletopRecipe { Seed = _recipe.Seed, Language = _recipe.Language };
        var policy = new TabletopLossSource(_strategy, _fusion, recipe).Policy.Policy;
        return new PretrainingModel(policy, _recipe.Embedding, _recipe.Queue, new RandomSource(_recipe.Seed, Heads));
    }
}

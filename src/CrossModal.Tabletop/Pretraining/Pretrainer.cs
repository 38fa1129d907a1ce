using System.Text.Json;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Pretraining;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Training;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>Pre-trains a policy's vision encoder, text encoder and fusion on captions and scenes.</summary>
public sealed class Pretrainer
{
    private const int WarmUp = 100;
    private readonly PretrainingRecipe _recipe;
    private readonly string _strategy;
    private readonly FusionOptions _fusion;
    private readonly CaptionSource _source;

    /// <summary>Prepares a run.</summary>
    /// <param name="strategy">Name of the fusion strategy.</param>
    /// <param name="fusion">Its sizes.</param>
    /// <param name="recipe">The objectives, and how.</param>
    /// <exception cref="ArgumentException">A name is unknown, or sizes do not fit.</exception>
    public Pretrainer(string strategy, FusionOptions fusion, PretrainingRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        recipe.Check();
        (_recipe, _strategy, _fusion) = (recipe, strategy, fusion);
        _source = new CaptionSource(recipe.Seed, Split.Training, recipe.Language);
        Model = Create();
    }

    /// <summary>The model; pre-trained once <see cref="Run"/> has returned.</summary>
    public PretrainingModel Model { get; }

    /// <summary>The policy with its pre-trained parts; its acting part is as it was drawn.</summary>
    public TrainedPolicy Policy => new(Model.Policy, TabletopPolicy.TokenizerOf(_recipe.Language), TabletopSignature.Actions,
        TabletopSignature.States, "tabletop-captions")
    {
        Signature = TabletopSignature.Of(Model.Policy.Options.Fusion.Views),
    };

    /// <summary>Pre-trains, or goes on from the newest checkpoint in the folder, and leaves the averaged weights in the model.</summary>
    /// <remarks>A batch is told apart as a whole, so it is not shared out over threads: one thread computes it.</remarks>
    /// <param name="folder">Where checkpoints and the log go.</param>
    /// <param name="progress">Who watches.</param>
    /// <param name="cancellation">Stops after a step, with a checkpoint.</param>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public TrainingSummary Run(string folder, ITrainingProgress? progress = null, CancellationToken cancellation = default)
    {
        var optimizer = new AdamW(ParameterGroups.WithoutDecayOnVectors(Model, 0.01), _recipe.LearningRate, beta2: 0.98);
        var options = new TrainingOptions
        {
            Steps = _recipe.Steps, BatchSize = _recipe.Scenes, Seed = _recipe.Seed, Schedule = Schedule.Cosine(Math.Min(WarmUp, _recipe.Steps / 4), _recipe.Steps),
            ClipNorm = 1, AverageDecay = _recipe.Momentum, CheckpointEvery = Math.Max(1, _recipe.Steps / 5), Shards = 1,
        };
        TrainingLoop? loop = null;
        var momentum = _recipe.Queue > 0 ? new MomentumEncoder(Create(), () => loop!.Average!) : null;
        loop = new TrainingLoop(Model, optimizer, options, _ => new PretrainingLoss(Model, _recipe, _source, momentum))
        {
            Progress = progress,
            Configuration = JsonSerializer.SerializeToNode(new { Policy = Model.Policy.Options, Recipe = _recipe }, JsonSerializerOptions.Web),
        };
        var summary = loop.Resume(folder, cancellation);
        loop.Average!.CopyTo(Model);
        return summary;
    }

    /// <summary>A policy as training on the tabletop would make it, with the heads.</summary>
    private PretrainingModel Create()
    {
        const ulong Heads = 1;
        var policy = new TabletopTrainer(_strategy, _fusion, new TabletopRecipe { Seed = _recipe.Seed, Language = _recipe.Language })
            .Policy.Policy;
        return new PretrainingModel(policy, _recipe.Embedding, _recipe.Queue, new RandomSource(_recipe.Seed, Heads));
    }
}

using CrossModal.Encoders;
using CrossModal.Training;

namespace CrossModal.Policies;

/// <summary>Trains a policy by the recipe and the losses of a source, and leaves the averaged weights in it.</summary>
public sealed class PolicyTrainer
{
    private const double Beta2 = 0.98;
    private const double ClipNorm = 1;
    private const int Checkpoints = 5;

    // What is pretrained is changed little, as fine-tuning does: 4e-5 where the rest learns at 2e-3.
    private const double TunedRate = 0.02;
    private readonly LossSource _source;

    /// <summary>Prepares a run.</summary>
    /// <param name="source">The policy, its recipe and its losses.</param>
    public PolicyTrainer(LossSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
        Shards = source.Recipe.Shards;
        CheckpointEvery = Math.Max(1, source.Recipe.Steps / Checkpoints);
    }

    /// <summary>Threads that share a batch: the recipe's number unless given; another number rounds differently.</summary>
    public int Shards { get; init; }

    /// <summary>Who shares the shards out; null for this process alone. All ranks see one folder.</summary>
    public TrainingRanks? Ranks { get; init; }

    /// <summary>Steps between checkpoints: a fifth of all unless given.</summary>
    public int CheckpointEvery { get; init; }

    /// <summary>The policy; trained once <see cref="Run(string, ITrainingProgress?, CancellationToken)"/> has returned.</summary>
    public TrainedPolicy Policy => _source.Policy;

    /// <summary>Trains, or goes on from the newest checkpoint in the folder.</summary>
    /// <param name="folder">Where checkpoints and the log go.</param>
    /// <param name="progress">Who watches.</param>
    /// <param name="cancellation">Stops after a step, with a checkpoint.</param>
    /// <exception cref="TrainingDivergedException">The loss, the gradient or a weight is not finite.</exception>
    /// <exception cref="Engine.Formats.FileFormatException">A file of the checkpoint is damaged or does not fit.</exception>
    /// <exception cref="IOException">The folder cannot be read or written, or holds a run of another configuration.</exception>
    public TrainingSummary Run(string folder, ITrainingProgress? progress = null, CancellationToken cancellation = default) =>
        Run(progress, loop => loop.Resume(folder, cancellation));

    /// <summary>Trains without leaving anything on the disk.</summary>
    /// <param name="progress">Who watches.</param>
    /// <param name="cancellation">Stops after a step.</param>
    /// <exception cref="TrainingDivergedException">The loss, the gradient or a weight is not finite.</exception>
    public TrainingSummary Run(ITrainingProgress? progress, CancellationToken cancellation = default) =>
        Run(progress, loop => loop.Run(cancellation));

    private TrainingSummary Run(ITrainingProgress? progress, Func<TrainingLoop, TrainingSummary> run)
    {
        var (recipe, model) = (_source.Recipe, _source.Model);
        var groups = ParameterGroups.WithoutDecayOnVectors(model, recipe.WeightDecay);
        if (_source.Policy.Tokenizer.Encoder is TextEncoder { Tuned: true }) groups = [.. groups.SelectMany(TunedApart)];
        var optimizer = new AdamW(groups, recipe.LearningRate, beta2: Beta2);
        var options = new TrainingOptions
        {
            Steps = recipe.Steps,
            BatchSize = recipe.BatchSize,
            Seed = recipe.Seed,
            Schedule = Schedule.Cosine(Math.Min(recipe.WarmUp, recipe.Steps / 4), recipe.Steps),
            ClipNorm = ClipNorm,
            AverageDecay = recipe.AverageDecay,
            CheckpointEvery = CheckpointEvery,
            Shards = Shards,
        };
        TrainingLoop loop = null!;
        var effect = _source.Effect();
        loop = new TrainingLoop(model, optimizer, options, samples => _source.Create(samples, loop.Average!))
        {
            Progress = progress,
            Ranks = Ranks,
            Configuration = _source.Configuration,
            Measured = effect is null ? null
                : step => InstructionEffect.IsDue(step, recipe.Steps) ? effect.Metrics(_source.Policy.Policy) : [],
        };
        var summary = run(loop);
        loop.Average!.CopyTo(model);
        return summary;
    }

    /// <summary>A group with its parameters of a pretrained text encoder in one of their own, which learns more slowly.</summary>
    private static IEnumerable<ParameterGroup> TunedApart(ParameterGroup group)
    {
        foreach (var part in group.Parameters.GroupBy(p => p.Key.Contains($"{LanguagePolicy.TunedEncoder}.", StringComparison.Ordinal)))
            yield return group with { Parameters = [.. part], LearningRateFactor = part.Key ? TunedRate : 1 };
    }
}

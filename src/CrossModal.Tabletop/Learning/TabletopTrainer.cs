using System.Text.Json;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;
using CrossModal.Training;

namespace CrossModal.Tabletop.Learning;

/// <summary>Trains a policy on the tabletop.</summary>
public sealed class TabletopTrainer
{
    private const int WarmUp = 100;
    private readonly TabletopRecipe _recipe;
    private readonly SampleSource _samples;
    private readonly CameraRig _cameras;
    private readonly LanguagePolicy _policy;
    private string? _start;

    /// <summary>Prepares a run of the policy that <see cref="Describe"/> describes.</summary>
    /// <param name="strategy">Name of the fusion strategy.</param>
    /// <param name="fusion">Its sizes.</param>
    /// <param name="recipe">How the policy learns.</param>
    /// <exception cref="ArgumentException">A name is unknown, a number of the recipe is outside its range, or sizes do not fit.</exception>
    public TabletopTrainer(string strategy, FusionOptions fusion, TabletopRecipe recipe)
        : this(Describe(strategy, fusion, recipe), recipe)
    {
    }

    /// <summary>Prepares a run.</summary>
    /// <param name="options">What the policy is made of: a change of what <see cref="Describe"/> gives.</param>
    /// <param name="recipe">How it learns.</param>
    /// <exception cref="ArgumentException">A name is unknown, a number of the recipe is outside its range, or sizes do not fit.</exception>
    public TabletopTrainer(PolicyOptions options, TabletopRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(recipe);
        recipe.Check();
        if (recipe.Control is not (PolicyControl.None or PolicyControl.NoLanguage or PolicyControl.NoVision))
            throw new ArgumentException($"TabletopTrainer: '{recipe.Control}' is a control of an evaluation, not of training.", nameof(recipe));
        _recipe = recipe;
        _policy = new LanguagePolicy(options, new RandomSource(recipe.Seed));
        _samples = new SampleSource(recipe.Tasks.Select(RobotTasks.Find), recipe.Samples);
        _cameras = new CameraRig(options.ImageSize, options.Fusion.Views);
        Shards = Math.Min(2, recipe.Scenes);
        CheckpointEvery = Math.Max(1, recipe.Steps / 5);
    }

    /// <summary>Threads that share a batch; another number rounds differently.</summary>
    public int Shards { get; init; }

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; }

    /// <summary>Whom the policy learns from beside the expert; null for the expert alone.</summary>
    public TabletopTeacher? Teacher { get; init; }

    /// <summary>What a policy of the tabletop is made of when it learns by a recipe.</summary>
    /// <param name="strategy">Name of the fusion strategy.</param>
    /// <param name="fusion">Its sizes.</param>
    /// <param name="recipe">The recipe.</param>
    public static PolicyOptions Describe(string strategy, FusionOptions fusion, TabletopRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return new PolicyOptions(strategy, fusion, TabletopPolicy.TokenizerOf(recipe.Language).Count, 3)
        {
            ImageSize = recipe.ImageSize, MaxWords = Vocabulary.MostWords, Proprioception = Proprioception.Length,
            Head = new HeadOptions(recipe.Levers.Points, recipe.Levers.CueWeight > 0 ? PatchCues.Count : 0),
        };
    }

    /// <summary>The policy; trained once <see cref="Run(string, ITrainingProgress?, CancellationToken)"/> has returned.</summary>
    public TrainedPolicy Policy => new(_policy, TabletopPolicy.TokenizerOf(_recipe.Language), TabletopSignature.Actions,
        TabletopSignature.States, $"tabletop/{string.Join('+', _recipe.Tasks)}")
    {
        Signature = TabletopSignature.Of(_policy.Options.Fusion.Views),
    };

    /// <summary>Begins with the vision stem, the text encoder and the fusion of another policy instead of random ones.</summary>
    /// <param name="policy">A policy of the same sizes, such as a <see cref="Pretraining.Pretrainer"/> makes.</param>
    /// <param name="name">What it is called in the run's configuration, so that a run is not resumed with another beginning.</param>
    /// <returns>What was taken and what was not.</returns>
    /// <exception cref="ShapeException">The sizes differ, or the words; the message lists where.</exception>
    public PolicyStart StartFrom(TrainedPolicy policy, string name)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!policy.Tokenizer.Words.SequenceEqual(TabletopPolicy.TokenizerOf(_recipe.Language).Words))
            throw new ShapeException("TabletopTrainer",
                "cannot start from a policy of other words: its embeddings belong to another vocabulary than this training's language has");
        _start = name;
        return _policy.StartFrom(policy.Policy);
    }

    /// <summary>Trains, or goes on from the newest checkpoint in the folder, and leaves the averaged weights in the policy.</summary>
    /// <param name="folder">Where checkpoints and the log go.</param>
    /// <param name="progress">Who watches.</param>
    /// <param name="cancellation">Stops after a step, with a checkpoint.</param>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public TrainingSummary Run(string folder, ITrainingProgress? progress = null, CancellationToken cancellation = default) =>
        Run(progress, loop => loop.Resume(folder, cancellation));

    /// <summary>Trains without leaving anything on the disk.</summary>
    /// <param name="progress">Who watches.</param>
    /// <param name="cancellation">Stops after a step.</param>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public TrainingSummary Run(ITrainingProgress? progress, CancellationToken cancellation = default) => Run(progress, loop => loop.Run(cancellation));

    private TrainingSummary Run(ITrainingProgress? progress, Func<TrainingLoop, TrainingSummary> run)
    {
        var optimizer = new AdamW(ParameterGroups.WithoutDecayOnVectors(_policy, 0.01), _recipe.LearningRate, beta2: 0.98);
        var options = new TrainingOptions
        {
            Steps = _recipe.Steps, BatchSize = _recipe.Scenes, Seed = _recipe.Seed, Schedule = Schedule.Cosine(Math.Min(WarmUp, _recipe.Steps / 4), _recipe.Steps),
            ClipNorm = 1, AverageDecay = 0.99, CheckpointEvery = CheckpointEvery, Shards = Shards,
        };
        var loop = new TrainingLoop(_policy, optimizer, options, (Func<int, ReplayedLoss>)Loss)
        {
            Progress = progress,
            Configuration = JsonSerializer.SerializeToNode(new { Policy = _policy.Options, Recipe = _recipe, Start = _start, Teacher = Teacher?.Options }, JsonSerializerOptions.Web),
        };
        var summary = run(loop);
        loop.Average!.CopyTo(_policy);
        return summary;
    }

    private ReplayedLoss Loss(int scenes)
    {
        var loss = new TabletopLoss(_policy, _samples, _cameras, _recipe, scenes);
        return Teacher is null ? loss : new DistilledLoss(loss, _policy, Teacher, scenes * _recipe.Instructions);
    }
}

using System.Diagnostics;
using CrossModal.Engine.Tensors;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;
using CrossModal.Training;

namespace CrossModal.Experiments.Cells;

/// <summary>The training of one cell, with validation at the points of its learning curve, and what of the cell is finished.</summary>
internal sealed class CellTraining : ITrainingProgress
{
    private const double AnyDecay = 0.99;
    private readonly PolicyTrainer _trainer;
    private readonly Action<CellStatus>? _status;
    private readonly CancellationToken _cancellation;
    private long _since;
    private double? _loss;

    public CellTraining(CellConfiguration configuration, string folder, PolicyTrainer trainer, Action<CellStatus>? status,
        CancellationToken cancellation)
    {
        (Configuration, Folder, _trainer, _status, _cancellation) = (configuration, folder, trainer, status, cancellation);
        Progress = CellProgress.Load(folder);
    }

    public CellConfiguration Configuration { get; }

    public string Folder { get; }

    public CellProgress Progress { get; private set; }

    /// <summary>The policy, its averaged weights once training is done.</summary>
    public TrainedPolicy Trained => _trainer.Policy;

    /// <summary>Trains to the end.</summary>
    /// <exception cref="TrainingDivergedException">The loss or the gradient is not finite.</exception>
    /// <exception cref="Layers.WeightOverflowException">The policy overflows in validation.</exception>
    /// <exception cref="OperationCanceledException">Stopped, with a checkpoint.</exception>
    public void Run()
    {
        if (_trainer.Run(Folder, this, _cancellation).Cancelled) throw new OperationCanceledException(_cancellation);
    }

    /// <summary>Keeps a finished test.</summary>
    public void Keep(TestRecord test, double seconds)
    {
        Progress = Progress with { Tests = [.. Progress.Tests, test], EvaluationSeconds = Progress.EvaluationSeconds + seconds };
        Progress.Save(Folder);
    }

    public void Started(int firstStep, int steps)
    {
        // What was validated after the checkpoint that training goes on from will be validated again.
        var kept = Progress.Learning.Count(p => p.Step <= firstStep);
        Progress = Progress with
        {
            Learning = [.. Progress.Learning.Take(kept)],
            LearningSeconds = [.. Progress.LearningSeconds.Take(kept)]
        };
        if (firstStep > 0 && IsPoint(firstStep) && Progress.Learning.All(p => p.Step != firstStep)) Validate(Checkpoint.Newest(Folder)!);
        _since = Stopwatch.GetTimestamp();
    }

    public void Stepped(TrainingReport report)
    {
        _loss = report.Loss;
        Report(CellPhase.Training, (double)report.Step / report.Steps);
    }

    public void Saved(Checkpoint checkpoint)
    {
        Progress = Progress with { TrainingSeconds = Progress.TrainingSeconds + Stopwatch.GetElapsedTime(_since).TotalSeconds };
        if (IsPoint(checkpoint.Info.Step)) Validate(checkpoint);
        else Progress.Save(Folder);
        _since = Stopwatch.GetTimestamp();
    }

    public void Ended(TrainingSummary summary)
    {
    }

    private bool IsPoint(int step) => step == Configuration.Recipe.Steps || step % _trainer.CheckpointEvery == 0;

    private void Validate(Checkpoint checkpoint)
    {
        var started = Stopwatch.GetTimestamp();
        var step = checkpoint.Info.Step;
        var policy = new LanguagePolicy(Configuration.Policy, RandomSource.None);
        var average = new WeightAverage(policy, AnyDecay);
        checkpoint.Restore(policy, average: average);
        average.CopyTo(policy);
        var trained = _trainer.Policy with { Policy = policy };
        var (plan, tasks) = (Configuration.Evaluation, Configuration.Recipe.Tasks);
        var records = new List<ValidationRecord>();
        for (var t = 0; t < tasks.Count; t++)
        {
            var episodes = plan.ValidationEpisodes * (t + 1) / tasks.Count - plan.ValidationEpisodes * t / tasks.Count;
            if (episodes == 0) continue;
            Report(CellPhase.Validating, (double)t / tasks.Count);
            records.Add(Validate(trained, RobotTasks.Find(tasks[t]),
                new EvaluationOptions { Episodes = episodes, Seed = plan.ValidationSeed }));
        }

        var recipe = Configuration.Recipe;
        var point = new LearningPoint(step, (long)step * recipe.Scenes * recipe.Instructions, records);
        Progress = Progress with
        {
            Learning = [.. Progress.Learning, point],
            LearningSeconds = [.. Progress.LearningSeconds, Math.Round(Progress.TrainingSeconds, 2)],
            EvaluationSeconds = Progress.EvaluationSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
        Progress.Save(Folder);
    }

    private ValidationRecord Validate(TrainedPolicy trained, RobotTask task, EvaluationOptions options)
    {
        var result = TabletopEvaluation.Run(trained, task, Split.Validation, options, 1, Configuration.Recipe.Control,
            cancellation: _cancellation);
        return new ValidationRecord(task.Name, options.Episodes, result.Successes, result.Episodes.Count(e => e.PointedAtTarget),
            Math.Round(100 * result.Episodes.Average(e => (double)e.TargetError), 3));
    }

    private void Report(CellPhase phase, double share) => _status?.Invoke(new CellStatus(phase, share)
    {
        Loss = _loss,
        Successes = Progress.Learning.Count > 0 ? Progress.Learning[^1].Successes : 0,
        Episodes = Progress.Learning.Count > 0 ? Progress.Learning[^1].Episodes : 0,
    });
}

using System.Diagnostics;
using System.Reflection;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Leases;
using CrossModal.Layers;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Pretraining;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;
using CrossModal.Training;

namespace CrossModal.Experiments.Cells;

/// <summary>Runs cells on the calling thread: train, validate on the way, test, measure where the attention of words lies, keep the
/// result.</summary>
/// <remarks>Whatever is finished of a cell is on the disk: killed at any point, the next call goes on there, and the result is the same but
/// for the clock.</remarks>
/// <param name="store">Where cells are kept.</param>
internal sealed class CellRunner(CellStore store)
{
    private const int TimedSteps = 60;

    /// <summary>The machine, for the record.</summary>
    public string Machine { get; init; } = "";

    /// <summary>Version of the library, with its commit where it is known.</summary>
    public static string Version { get; } =
        typeof(CellRunner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Runs a cell, or goes on with one that was stopped, or returns one that is finished.</summary>
    /// <param name="configuration">The cell.</param>
    /// <param name="keepPolicy">Whether the trained policy stays in the store.</param>
    /// <param name="status">Called with what the cell does, now and then.</param>
    /// <param name="cancellation">Stops after a step; what is done so far is kept.</param>
    /// <param name="lease">The lease of the cell, which ends with this call; null to take it, which waits while another holds it.</param>
    /// <exception cref="OperationCanceledException">Stopped, or another has taken the cell over.</exception>
    /// <exception cref="Engine.Formats.FileFormatException">A file of the cell is damaged; the message names it.</exception>
    /// <exception cref="IOException">The store cannot be written; the message names the file.</exception>
    public CellResult Run(CellConfiguration configuration, bool keepPolicy = true, Action<CellStatus>? status = null,
        CancellationToken cancellation = default, CellLease? lease = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var key = CellKey.Of(configuration);
        if (lease is null && store.Find(key) is { } known) return known;
        using var held = lease ?? store.Leases.Hold(key, cancellation);
        var finished = store.Find(key) ?? held.Run(stop => Run(configuration, key, keepPolicy, store.WorkFolder(held), state =>
        {
            held.Report(state.Phase.ToString().ToLowerInvariant(), state.Share);
            status?.Invoke(state);
        }, stop), cancellation);
        store.RemoveWork(key);
        held.Finish();
        return finished;
    }

    private CellResult Run(CellConfiguration configuration, string key, bool keepPolicy, string folder, Action<CellStatus> status,
        CancellationToken cancellation)
    {
        CellTraining? training = null;
        CellResult result;
        CellFilms? films = null;
        try
        {
            training = new CellTraining(configuration, folder, Trainer(configuration, status, cancellation), status, cancellation);
            training.Run();
            var trained = training.Trained;
            foreach (var test in configuration.Evaluation.Tests.Skip(training.Progress.Tests.Count).ToArray())
                Test(test, training, status, cancellation);
            var started = Stopwatch.GetTimestamp();
            var grounding = Ground(trained, configuration, cancellation);
            if (configuration.Evaluation.Films > 0)
                films = new CellFilms(key, new Filming(trained, configuration.Evaluation, training.Progress.Tests, grounding)
                .Run(cancellation));
            result = Result(configuration, key, training, trained.Policy,
                Stopwatch.GetElapsedTime(started).TotalSeconds) with
            { Tests = training.Progress.Tests, Grounding = grounding };
            if (keepPolicy) store.KeepPolicy(key, trained, folder);
        }
        catch (Exception error) when (IsDivergence(error))
        {
            // Sizes and time of a step are the strategy's own, whatever became of these weights.
            (films, result) = (null, Result(configuration, key, training,
                new LanguagePolicy(configuration.Policy, new RandomSource(1))) with
            { Diverged = error.Message });
        }

        store.Save(result, films);

        // Another may have been first.
        return store.Find(key) ?? result;
    }

    private static bool IsDivergence(Exception error) => error is TrainingDivergedException or WeightOverflowException;

    /// <summary>The trained policy of a finished cell: the one that was kept, or, where it is gone, made again.</summary>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    private TrainedPolicy Policy(CellConfiguration configuration, Action<CellStatus> status, CancellationToken cancellation) =>
        Kept(CellKey.Of(configuration), (work, stop) =>
        {
            var trainer = Trainer(configuration, status, stop);
            return trainer.Run(work, new PreparationWatcher(CellPhase.Teacher, status), stop).Cancelled
                ? throw new OperationCanceledException(stop) : trainer.Policy;
        }, cancellation);

    private CellConfiguration TeacherOf(CellTeacher teacher) => store.Find(teacher.Key)?.Configuration
        ?? throw new ArgumentException($"{store.Folder}: the cell '{teacher.Key}' of the teacher is not there", nameof(teacher));

    private PolicyTrainer Trainer(CellConfiguration configuration, Action<CellStatus> status, CancellationToken cancellation)
    {
        var points = Math.Max(1, configuration.Evaluation.LearningPoints);
        var source = new TabletopLossSource(configuration.Policy, configuration.Recipe)
        {
            Teacher = configuration.Teacher is { } teacher
                ? new TabletopTeacher(Policy(TeacherOf(teacher), status, cancellation), teacher.Distillation) : null,
        };
        if (configuration.Pretraining is { } captions)
        {
            var key = CellKey.OfPretraining(configuration.Policy, captions);
            source.StartFrom(Kept(key, (work, stop) => Pretrain(configuration.Policy, captions, work, status, stop), cancellation), key);
        }

        return new PolicyTrainer(source) { Shards = 1, CheckpointEvery = (configuration.Recipe.Steps + points - 1) / points };
    }

    private static TrainedPolicy Pretrain(PolicyOptions policy, PretrainingRecipe captions, string work, Action<CellStatus> status,
        CancellationToken cancellation)
    {
        var trainer = new PolicyTrainer(new CaptionLossSource(policy.Strategy, policy.Fusion, captions));
        if (trainer.Run(work, new PreparationWatcher(CellPhase.Pretraining, status), cancellation).Cancelled)
            throw new OperationCanceledException(cancellation);
        return trainer.Policy;
    }

    /// <summary>A policy that was kept, or, where it is gone, made again: by one worker, while others that need it wait.</summary>
    private TrainedPolicy Kept(string key, Func<string, CancellationToken, TrainedPolicy> make, CancellationToken cancellation)
    {
        var folder = store.PolicyFolder(key);
        if (Directory.Exists(folder))
        {
            // Whoever made it may have been killed before it removed its work.
            store.RemoveWork(key);
            return PolicyFolder.Load(folder);
        }

        using var held = store.Leases.Hold(key, cancellation);
        if (!Directory.Exists(folder))
        {
            try
            {
                held.Run(stop =>
                {
                    var work = store.WorkFolder(held);
                    store.KeepPolicy(key, make(work, stop), work);
                    return true;
                }, cancellation);
            }
            catch (Exception error) when (IsDivergence(error))
            {
                End();
                throw;
            }
        }

        End();
        return PolicyFolder.Load(folder);

        void End()
        {
            store.RemoveWork(key);
            held.Finish();
        }
    }

    private static void Test(PlannedEvaluation test, CellTraining training, Action<CellStatus> status, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var plan = training.Configuration.Evaluation;
        var (task, split) = (RobotTasks.Find(test.Task), Split.Find(test.Split));
        var before = training.Progress.Tests;
        var (done, successes) = (before.Sum(t => t.Episodes), before.Sum(t => t.Successes));
        double all = plan.Tests.Sum(t => t.Episodes);
        var options = new EvaluationOptions { Episodes = test.Episodes, Seed = plan.Seed };

        // What a policy had to do without in training, it does without in a test.
        var control = test.Control == PolicyControl.None ? training.Configuration.Recipe.Control : test.Control;
        var result = TabletopEvaluation.Run(training.Trained, task, split, options, 1, control,
            (episodes, won) => status(new CellStatus(CellPhase.Testing, (done + episodes) / all)
            {
                Episodes = done + episodes,
                Successes = successes + won
            }), cancellation);
        var own = test.Control == PolicyControl.OtherInstruction
            ? TabletopEvaluation.Run(training.Trained, task, split, options, 1, cancellation: cancellation) : null;
        training.Keep(TestRecord.Of(result, test.Control, own), Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private static List<GroundingRecord> Ground(TrainedPolicy trained, CellConfiguration configuration, CancellationToken cancellation)
    {
        var (plan, records) = (configuration.Evaluation, new List<GroundingRecord>());
        if (plan.GroundingScenes == 0 || configuration.Recipe.Control != PolicyControl.None) return records;
        foreach (var task in configuration.Recipe.Tasks.Select(RobotTasks.Find))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var g in WordGrounding.Measure(trained, task, Split.S0, plan.GroundingScenes, plan.Seed,
                Engine.Kernels.Workers.Single))
            {
                if (!double.IsFinite(g.Mass))
                    throw new WeightOverflowException("the trained policy", $"the attention in {g.Layer} is not a number", trained.Policy);
                records.Add(new GroundingRecord(task.Name, g.View == 0 ? g.Layer : $"{g.Layer}, view {g.View + 1}", g.Kind, g.Words,
                    (int)Math.Round(g.Pointing.Rate * g.Words), Math.Round(g.Mass, 4), Math.Round(g.Area, 4)));
            }
        }

        return records;
    }

    /// <summary>What is known without a test; of a cell whose training did not begin, nothing but sizes.</summary>
    private CellResult Result(CellConfiguration configuration, string key, CellTraining? training, LanguagePolicy policy,
        double seconds = 0)
    {
        var progress = training?.Progress ?? new CellProgress();
        var log = training is null ? null : Path.Combine(training.Folder, TrainingLoop.LogName);
        var (flops, fusion) = ControlStep.Flops(policy);
        var latency = Enumerable.Repeat(new CompiledStep(policy), TimedSteps).Select(step => step.Time()).Order().ElementAt(TimedSteps / 2);
        return new CellResult
        {
            Key = key,
            Version = Version,
            Configuration = configuration,
            Parameters = policy.ParameterCount,
            FusionParameters = policy.Parameters().Where(p => p.Key.StartsWith("fusion.", StringComparison.Ordinal))
                .Sum(p => (long)p.Value.Shape.Length),
            Flops = flops,
            FusionFlops = fusion,
            Losses = log is null ? LossCurves.None : LossCurves.Read(log),
            Learning = progress.Learning,
            Tests = [],
            Grounding = [],
            Timing = new CellTiming(Machine, Math.Round(progress.TrainingSeconds, 2), Math.Round(progress.EvaluationSeconds + seconds, 2),
                Math.Round(latency, 4), progress.LearningSeconds),
        };
    }
}

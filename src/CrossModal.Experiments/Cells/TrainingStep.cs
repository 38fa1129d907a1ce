using System.Diagnostics;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;
using CrossModal.Training;

namespace CrossModal.Experiments.Cells;

/// <summary>One training step of a row on one thread: scenes drawn, forward, backward, update.</summary>
internal static class TrainingStep
{
    // So small that no weight moves far: what a step takes does not depend on it, and what would diverge within these steps does not.
    private const double LearningRate = 1e-9;

    // The first step records the pass; the next ones are compiled for speed.
    private const int WarmUp = 3;

    /// <summary>Milliseconds of some steps, none where not even the first weights give a finite loss; nothing is left on the
    /// disk.</summary>
    /// <param name="configuration">What is trained; from random weights, without a teacher.</param>
    /// <param name="times">How many steps.</param>
    public static IReadOnlyList<double> Time(CellConfiguration configuration, int times)
    {
        var clock = new Clock();
        var trainer = new PolicyTrainer(new TabletopLossSource(configuration.Policy,
            configuration.Recipe with { Steps = WarmUp + times, LearningRate = LearningRate }))
        { Shards = 1 };
        try
        {
            trainer.Run(clock);
        }
        catch (TrainingDivergedException)
        {
            return [];
        }

        return clock.Milliseconds[WarmUp..];
    }

    private sealed class Clock : ITrainingProgress
    {
        private long _last;

        public List<double> Milliseconds { get; } = [];

        public void Started(int firstStep, int steps) => _last = Stopwatch.GetTimestamp();

        public void Stepped(TrainingReport report)
        {
            var now = Stopwatch.GetTimestamp();
            Milliseconds.Add(Stopwatch.GetElapsedTime(_last, now).TotalMilliseconds);
            _last = now;
        }

        public void Saved(Checkpoint checkpoint)
        {
        }

        public void Ended(TrainingSummary summary)
        {
        }
    }
}

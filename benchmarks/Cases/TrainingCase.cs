using System.Diagnostics;
using CrossModal.Benchmarks.Training;
using CrossModal.Training;

namespace CrossModal.Benchmarks.Cases;

/// <summary>Training steps of the small policy: how long each takes, or how many managed bytes it allocates on all threads
/// together.</summary>
/// <remarks>Every measurement is a run of its own, whose first steps are not counted. The batch is the same at every step, so its loss must
/// fall: a policy that does not learn is no training step.</remarks>
internal sealed class TrainingCase : IPeerCase
{
    private const int WarmUpSteps = 20;
    private const int StepsBeforeEach = 3;

    private readonly int _threads;
    private readonly bool _allocation;

    /// <summary>Checks that the loss falls, and warms up.</summary>
    /// <exception cref="InvalidDataException">It does not.</exception>
    public TrainingCase(int threads, bool allocation)
    {
        (_threads, _allocation) = (threads, allocation);
        var steps = Run(WarmUpSteps);
        if (!(steps.Losses[^1] < 0.9 * steps.Losses[0]))
            throw new InvalidDataException(
            $"the loss does not fall: {steps.Losses[0]} at first, {steps.Losses[^1]} after {WarmUpSteps} steps");
    }

    /// <inheritdoc/>
    public long[] Measure(int count) => Run(StepsBeforeEach + count).Numbers[^count..];

    private Steps Run(int count)
    {
        var steps = new Steps(count, _allocation);
        new PolicyStep(_threads, count, steps).Run();
        return steps;
    }

    /// <summary>Notes a number for each step.</summary>
    private sealed class Steps(int count, bool allocation) : ITrainingProgress
    {
        private int _done;
        private long _last;

        public long[] Numbers { get; } = new long[count];

        public double[] Losses { get; } = new double[count];

        public void Started(int firstStep, int steps) => _last = Now();

        public void Stepped(TrainingReport report)
        {
            var now = Now();
            Losses[_done] = report.Loss;
            Numbers[_done++] = allocation ? now - _last : (long)((now - _last) * (1e9 / Stopwatch.Frequency));
            _last = Now();
        }

        public void Saved(Checkpoint checkpoint)
        {
        }

        public void Ended(TrainingSummary summary)
        {
        }

        private long Now() => allocation ? GC.GetTotalAllocatedBytes(precise: true) : Stopwatch.GetTimestamp();
    }
}

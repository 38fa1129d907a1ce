using System.Diagnostics;
using CrossModal.Benchmarks.Frames;
using CrossModal.Benchmarks.Kernels;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Imaging;
using CrossModal.Inference;
using CrossModal.Policies;

namespace CrossModal.Benchmarks.Policies;

/// <summary>Times a control step eagerly and compiled, in turn, beside the multiply-add peak of the same rounds.</summary>
internal sealed class PolicyMeasurement
{
    private const int PeakIterations = 20_000;

    // Until every method has been compiled with optimisations: that happens in the background, after some calls and some time.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private readonly Workers _workers;
    private readonly LanguagePolicy _eager;
    private readonly PolicyRunner _compiled;
    private readonly RgbImage _picture;
    private readonly float[] _state = new float[5];
    private readonly Tensor _words;

    /// <summary>Prepares a policy of the tabletop's sizes with random weights.</summary>
    public PolicyMeasurement(string strategy, PolicyArguments arguments, Workers workers)
    {
        _workers = workers;
        var example = new PolicyExample(strategy, arguments.Layers);
        (_eager, _compiled, _words) = (example.Policy, example.Compile(workers), example.Words);
        _picture = new RgbImage(arguments.Width, arguments.Height);
        new Random(1).NextBytes(_picture.Pixels);
    }

    /// <summary>The plan with each step's share of the time.</summary>
    public SessionPlan Explain() => _compiled.Plan.Compiled.Explain(200);

    /// <summary>Medians over rounds, in microseconds.</summary>
    public StepTimes Measure(int rounds)
    {
        Action[] ways = [Plain, Eager, Preprocessing, () => _compiled.Run(), () => MultiplyAddPeak.Multiply(PeakIterations)];
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
            foreach (var way in ways) way();
        var times = ways.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (i, way) in ways.Index())
            {
                var start = Stopwatch.GetTimestamp();
                way();
                times[i][round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        var medians = Array.ConvertAll(times, t => t.Order().ElementAt(rounds / 2));
        var parts = Parts(rounds);
        var flops = _compiled.Plan.Compiled.Explain(1).Flops(Stage.Frame);
        return new StepTimes(medians[0], medians[1], medians[2], medians[3], flops,
            PeakIterations * MultiplyAddPeak.FlopsPerIteration / medians[4])
        {
            Vision = parts[StepPart.Vision],
            Fusion = parts[StepPart.Fusion],
            Head = parts[StepPart.Head],
        };
    }

    /// <summary>Medians of the parts of the compiled step, microseconds.</summary>
    private Dictionary<StepPart, double> Parts(int rounds)
    {
        var timing = new StepTiming();
        var parts = new[] { StepPart.Vision, StepPart.Fusion, StepPart.Head };
        var times = parts.ToDictionary(part => part, _ => new double[rounds]);
        for (var round = -rounds / 4; round < rounds; round++)
        {
            timing.Clear();
            _compiled.Run(timing);
            foreach (var part in parts)
                if (round >= 0) times[part][round] = timing[part].TotalMicroseconds;
        }

        return times.ToDictionary(t => t.Key, t => t.Value.Order().ElementAt(rounds / 2));
    }

    private void Plain() => PlainPreprocessing.Encode(_picture, _eager.Options.ImageSize).CopyTo(_compiled.Images.Span);

    private void Preprocessing() => _compiled.Observe(0, new Observation(_picture) { State = _state });

    private void Eager()
    {
        using var pass = Pass.Evaluation(workers: _workers);
        _eager.Forward(new PolicyInput(_compiled.Images, _words, null, _compiled.States), pass);
    }
}

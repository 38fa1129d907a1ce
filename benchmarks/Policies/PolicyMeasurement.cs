using System.Diagnostics;
using CrossModal.Benchmarks.Kernels;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Inference;
using CrossModal.Models;
using CrossModal.Policies;

namespace CrossModal.Benchmarks.Policies;

/// <summary>Times a control step eagerly and compiled, in turn, beside the multiply-add peak of the same rounds.</summary>
internal sealed class PolicyMeasurement
{
    private const int Words = 5;
    private const int WarmUps = 60;
    private readonly Workers _workers;
    private readonly LanguagePolicy _policy;
    private readonly PolicyPlan _plan;
    private readonly RgbImage _picture;

    /// <summary>Prepares a policy of the tabletop's sizes with random weights.</summary>
    public PolicyMeasurement(string strategy, PolicyArguments arguments, Workers workers)
    {
        _workers = workers;
        var options = new PolicyOptions(strategy, new FusionOptions(64, 8, arguments.Layers), Words: 40, Actions: 3) { Proprioception = 5, Head = new HeadOptions(Points: 2) };
        _policy = new LanguagePolicy(options, new RandomSource(1));
        _plan = new PolicyPlan(_policy, new PlanSizes(1, 1, Words, Padded: false), new SessionOptions { Workers = workers }, new CompiledWeights());
        for (var w = 0; w < Words; w++) _plan.Words[0, w] = 2 + w;
        _plan.SetInstructions();
        _picture = new RgbImage(arguments.Width, arguments.Height);
        new Random(1).NextBytes(_picture.Pixels);
    }

    /// <summary>Floating-point operations of a compiled frame.</summary>
    public double Flops => _plan.Compiled.Explain(1).Flops(Stage.Frame);

    /// <summary>The plan with each step's share of the time.</summary>
    public SessionPlan Explain() => _plan.Compiled.Explain(200);

    /// <summary>Medians over rounds, in microseconds.</summary>
    public StepTimes Measure(int rounds)
    {
        Action[] ways = [EagerPreprocess, Eager, Preprocess, _plan.Run, () => MultiplyAddPeak.Multiply(PeakIterations)];
        foreach (var way in ways)
            for (var i = 0; i < WarmUps; i++) way();
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
        return new StepTimes(medians[0], medians[1], medians[2], medians[3], Flops, PeakIterations * MultiplyAddPeak.FlopsPerIteration / medians[4]);
    }

    private const int PeakIterations = 20_000;

    private void EagerPreprocess() => PreparePlain(_picture, _plan.Images.Span);

    private void Preprocess() => PreparePlain(_picture, _plan.Images.Span);

    private void Eager()
    {
        using var pass = Pass.Evaluation(workers: _workers);
        _policy.Forward(new PolicyInput(_plan.Images, _plan.Words, null, _plan.States), pass);
    }

    private static void PreparePlain(RgbImage picture, Span<float> planes)
    {
        var side = (int)Math.Sqrt(planes.Length / RgbImage.Channels);
        CrossModal.Imitation.RecordedData.Fill(picture, side, planes);
    }
}

using System.Diagnostics;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;

namespace CrossModal.Benchmarks.Crossover;

/// <summary>Times one layer under each association in turn, round after round.</summary>
internal sealed class CrossoverMeasurement(Workers workers)
{
    private const int Rounds = 7;
    private const double SampleMicroseconds = 2000;

    // The runtime compiles a method anew after 30 calls and a pause of 100 ms.
    private const int WarmUpCalls = 60;
    private const double WarmUpMilliseconds = 250;

    private readonly CrossModalAttention _layer =
        new(new FusionOptions(CrossoverPoint.Width, CrossoverPoint.Heads, 1), new RandomSource(1));

    /// <summary>Has everything compiled.</summary>
    public void WarmUp()
    {
        foreach (var stays in (bool[])[false, true])
        {
            foreach (var frame in Frames(64, 16, stays))
            {
                var start = Stopwatch.GetTimestamp();
                for (var done = 0; done < WarmUpCalls || Stopwatch.GetElapsedTime(start).TotalMilliseconds < WarmUpMilliseconds; done++)
                    frame();
            }
        }
    }

    /// <summary>Measures a layer over so many visual tokens.</summary>
    /// <remarks>A disturbance of a shared machine lasts for seconds and slows the associations down by different factors. Every round
    /// visits every point, so that each has samples of quiet moments, and the best of each is compared.</remarks>
    public IReadOnlyList<CrossoverPoint> Measure(int visuals)
    {
        var cases = ((bool[])[false, true]).SelectMany(stays => CrossoverPoint.WordsTried.Select(words =>
            (Words: words, Stays: stays, Frames: Frames(visuals, words, stays)))).ToList();
        var best = cases.ConvertAll(c => c.Frames.Select(_ => double.PositiveInfinity).ToArray());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (i, (_, _, frames)) in cases.Index())
            {
                for (var a = 0; a < frames.Length; a++)
                {
                    var calls = (int)Math.Max(1, SampleMicroseconds / Sample(frames[a], 2));
                    best[i][a] = Math.Min(best[i][a], Sample(frames[a], calls));
                }
            }
        }

        return cases.Select((c, i) =>
        {
            var (predicted, chosen) = CrossoverPoint.Predict(visuals, c.Words, c.Stays);
            return new CrossoverPoint(visuals, c.Words, c.Stays, best[i], [.. best[i].Select(time => best[i][0] / time)], predicted,
                chosen);
        }).ToList();
    }

    /// <summary>A frame by association.</summary>
    private Action[] Frames(int visuals, int words, bool instructionStays)
    {
        var random = new RandomSource(2);
        var language = new Tokens(Tensor.Normal([1, words, CrossoverPoint.Width], random));
        var vision = new Tokens(Tensor.Normal([1, visuals, CrossoverPoint.Width], random));
        return [.. Enum.GetValues<Association>().Select(association =>
        {
            var options = new SessionOptions { Workers = workers, InstructionStays = instructionStays, Association = association };
            var session = InferenceSession.Compile(_layer, new FusionInput(language, vision), options);
            return (Action)(() =>
            {
                if (!instructionStays) session.SetInstruction(language);
                session.Run(vision);
            });
        })];
    }

    /// <summary>Microseconds of a call, the mean over <paramref name="calls"/> in a row.</summary>
    private static double Sample(Action frame, int calls)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++) frame();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls;
    }
}

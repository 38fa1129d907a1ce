using System.Diagnostics;
using CrossModal.Benchmarks.Comparison;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;

namespace CrossModal.Benchmarks.Crossover;

/// <summary>Times one layer under each association in turn, round after round: a slow moment hits all three.</summary>
internal sealed class CrossoverMeasurement(Workers workers)
{
    private const int Rounds = 15;
    private const double SampleMicroseconds = 2000;

    // The runtime compiles a method anew after 30 calls and a pause of 100 ms.
    private const int WarmUpCalls = 60;
    private const double WarmUpMilliseconds = 250;

    private readonly CrossModalAttention _layer = new(new FusionOptions(CrossoverPoint.Width, CrossoverPoint.Heads, 1), new RandomSource(1));

    /// <summary>Has everything compiled.</summary>
    public void WarmUp()
    {
        foreach (var stays in (bool[])[false, true])
        {
            foreach (var frame in Frames(64, 16, stays))
            {
                var start = Stopwatch.GetTimestamp();
                for (var done = 0; done < WarmUpCalls || Stopwatch.GetElapsedTime(start).TotalMilliseconds < WarmUpMilliseconds; done++) frame();
            }
        }
    }

    /// <summary>Measures one point.</summary>
    public CrossoverPoint Measure(int visuals, int words, bool instructionStays)
    {
        var frames = Frames(visuals, words, instructionStays);
        int[] calls = [.. frames.Select(f => (int)Math.Max(1, SampleMicroseconds / Sample(f, 2)))];
        var times = frames.Select(_ => new double[Rounds]).ToArray();
        for (var round = 0; round < Rounds; round++)
            for (var i = 0; i < frames.Length; i++)
                times[i][round] = Sample(frames[i], calls[i]);

        var (predicted, chosen) = CrossoverPoint.Predict(visuals, words, instructionStays);
        return new CrossoverPoint(visuals, words, instructionStays,
            [.. times.Select(Spread.MedianOf)], [.. times.Select(t => Spread.MedianOf(times[0].Zip(t, (ordinary, other) => ordinary / other)))], predicted, chosen);
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

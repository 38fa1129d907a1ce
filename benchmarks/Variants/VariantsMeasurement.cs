using System.Diagnostics;
using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Benchmarks.Variants;

/// <summary>Times what each variant does between the projections, in turn, round after round.</summary>
internal sealed class VariantsMeasurement(Workers workers)
{
    /// <summary>Width of a token.</summary>
    public const int Width = 64;

    /// <summary>Heads.</summary>
    public const int Heads = 4;

    /// <summary>Words that attend to patches.</summary>
    public const int Words = 16;

    /// <summary>What grows with queries times keys is timed on so many query patches, and multiplied: every query costs the same.</summary>
    public const int MostQueries = 1024;

    private const int Rounds = 5;
    private const double SampleMicroseconds = 1500;

    /// <summary>The variants, in the order of the table.</summary>
    public static IReadOnlyList<string> Variants { get; } = ["topk:16", "local:1", "block:4", "linear", "graph:1", "qknorm", "prune:16"];

    private static readonly AttentionOptions Options = new(Width, Heads);

    /// <summary>Measures all variants at a number of visual tokens.</summary>
    /// <param name="visuals">Visual tokens, a square.</param>
    /// <param name="own">Whether patches attend to patches; otherwise words do.</param>
    public IReadOnlyList<VariantPoint> Measure(int visuals, bool own)
    {
        string[] names = [VariantPoint.Full, .. Variants];
        var cases = names.Select(name => Case(name, visuals, own)).ToList();
        var best = cases.ConvertAll(_ => double.PositiveInfinity);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (i, (run, factor)) in cases.Index())
            {
                var once = Sample(run, 1);
                var calls = (int)Math.Clamp(SampleMicroseconds / once, 1, 200);
                best[i] = Math.Min(best[i], factor * (calls == 1 ? once : Sample(run, calls)));
            }
        }

        return [.. names.Select((name, i) => new VariantPoint(name, own, visuals, best[i], best[0] / best[i]))];
    }

    /// <summary>What is timed, and what its time is multiplied by.</summary>
    private (Action Run, double Factor) Case(string name, int visuals, bool own)
    {
        var random = new RandomSource(1);
        var side = (int)Math.Round(Math.Sqrt(visuals));
        var mixer = name == VariantPoint.Full ? new SoftmaxMixer()
            : (AttentionVariant.Parse(name) with { Grid = new TokenGrid(side, side) }).Create(Options, random);

        // A window around one's own place, and what is linear, has no part that could be timed alone; a share of the others' means and sums
        // is counted too often, at most 3 %.
        var whole = !own || visuals <= MostQueries || mixer is LocalMixer or GraphMixer or LinearMixer;
        var queries = !own ? Words : whole ? visuals : MostQueries;
        var (q, k, v) = (Tensor.Normal([1, queries, Width], random), Tensor.Normal([1, visuals, Width], random),
            Tensor.Normal([1, visuals, Width], random));
        return (() =>
        {
            using var pass = Pass.Evaluation(workers: workers);
            mixer.Mix(new AttentionCall(q, k, ids => ids is null ? v : pass.GatherTokens(v, ids), null, new AttentionSides(),
                own && whole)
            { Heads = Heads, Options = new AttendingOptions() }, pass);
        }, own ? (double)visuals / queries : 1);
    }

    /// <summary>Microseconds of a call, the mean over <paramref name="calls"/> in a row.</summary>
    private static double Sample(Action run, int calls)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++) run();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls;
    }
}

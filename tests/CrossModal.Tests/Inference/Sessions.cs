using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;

namespace CrossModal.Tests.Inference;

/// <summary>Holds a session against the eager pass.</summary>
internal static class Sessions
{
    /// <summary>Demands that results and attention of a session are those of the eager pass, up to rounding.</summary>
    public static void SameAsEager(InferenceSession session, FusionStrategy strategy, FusionInput input, double allowed = 1e-5)
    {
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        var eager = strategy.Forward(input, pass);
        var compiled = session.Run([.. input.Views]);
        Close("fused", eager.Fused.Values, compiled.Fused.Values, allowed);
        Assert.Equal(eager.Fused.Mask is null, compiled.Fused.Mask is null);
        if (eager.Fused.Mask is { } mask) Close("mask", mask.Scores, compiled.Fused.Mask!.Scores, 0);
        Assert.Equal(eager.Named.Keys, compiled.Named.Keys);
        foreach (var (name, value) in eager.Named) Close(name, value, compiled.Named[name], allowed);

        // What was asked for may be asked in any order, and changes nothing.
        Assert.Equal(trace.Entries.Select(e => e.Key).Order(), session.AttentionLayers.Order());
        var runs = new Dictionary<string, int>();
        foreach (var (layer, weights) in trace.Entries)
        {
            var run = runs.GetValueOrDefault(layer);
            runs[layer] = run + 1;
            Close(layer, weights, session.Attention(layer, run), allowed);
        }

        Close("fused, after attention was shown", eager.Fused.Values, compiled.Fused.Values, allowed);
    }

    /// <summary>Demands that two tensors agree: absolutely below 1, relatively above.</summary>
    public static void Close(string what, Tensor expected, Tensor actual, double allowed)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        for (var i = 0; i < expected.Shape.Length; i++)
        {
            var (e, a) = (expected.Span[i], actual.Span[i]);
            Assert.True(e.Equals(a) || Math.Abs(e - a) <= allowed * Math.Max(1, Math.Abs(e)),
                $"{what}, element {i} of {expected.Shape}: {e:R} eagerly, {a:R} compiled");
        }
    }

    /// <summary>Tokens of random numbers.</summary>
    public static Tokens Random(int batch, int count, int width, ulong seed, Mask? mask = null) =>
        new(Tensor.Normal([batch, count, width], new RandomSource(seed)), mask);
}

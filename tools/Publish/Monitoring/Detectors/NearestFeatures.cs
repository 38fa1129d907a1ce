using System.Numerics.Tensors;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Monitoring;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>Cosine k-NN: the mean similarity of the fused feature to the 5 nearest of failures less that to the 5 nearest of successes,
/// averaged over the steps so far.</summary>
/// <param name="width">d.</param>
internal sealed class NearestFeatures(int width) : IDetector
{
    private const int Nearest = 5;
    private const int Kept = 1500;

    private FusedFeatures _features = null!;
    private float[][] _successes = [];
    private float[][] _failures = [];

    /// <inheritdoc/>
    public string Name => "cosine k-NN";

    /// <inheritdoc/>
    public bool IsRandom => false;

    /// <inheritdoc/>
    public bool IsMean => true;

    /// <inheritdoc/>
    public void Fit(IReadOnlyList<Rollout> rollouts, ulong seed)
    {
        _features = new FusedFeatures(rollouts, width);
        var random = new RandomSource(seed);
        (_successes, _failures) = (Drawn(true), Drawn(false));

        float[][] Drawn(bool success)
        {
            Rollout[] of = [.. rollouts.Where(r => r.Success == success)];
            return [.. Enumerable.Range(0, Kept).Select(_ => of[random.NextInt(of.Length)])
                .Select(r => Unit(_features.Of(r, random.NextInt(r.Steps))))];
        }
    }

    /// <inheritdoc/>
    public float[] Score(Rollout rollout)
    {
        var (scores, sum) = (new float[rollout.Steps], 0f);
        for (var step = 0; step < scores.Length; step++)
        {
            var feature = Unit(_features.Of(rollout, step));
            sum += Similarity(feature, _failures) - Similarity(feature, _successes);
            scores[step] = sum / (step + 1);
        }

        return scores;
    }

    private static float Similarity(float[] feature, float[][] others)
    {
        Span<float> best = stackalloc float[Nearest];
        best.Fill(-1);
        foreach (var other in others)
        {
            var cosine = TensorPrimitives.Dot<float>(feature, other);
            var at = TensorPrimitives.IndexOfMin<float>(best);
            if (cosine > best[at]) best[at] = cosine;
        }

        return TensorPrimitives.Sum<float>(best) / Nearest;
    }

    private static float[] Unit(float[] x)
    {
        TensorPrimitives.Divide(x, MathF.Max(1e-6f, TensorPrimitives.Norm<float>(x)), x);
        return x;
    }
}

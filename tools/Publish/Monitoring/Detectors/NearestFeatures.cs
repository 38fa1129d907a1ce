using System.Numerics.Tensors;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Monitoring;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>Cosine k-NN: the mean similarity of the fused feature to the k nearest of failures less that to the k nearest of successes,
/// averaged over the steps so far.</summary>
/// <param name="width">d.</param>
/// <param name="nearest">k.</param>
internal sealed class NearestFeatures(int width, int nearest = NearestFeatures.Used) : IDetector
{
    /// <summary>The k that is used: the best of those of <see cref="SettingsStudy"/>.</summary>
    public const int Used = 20;

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

    private float Similarity(float[] feature, float[][] others)
    {
        Span<float> best = stackalloc float[nearest];
        best.Fill(-1);
        foreach (var other in others)
        {
            var cosine = TensorPrimitives.Dot<float>(feature, other);
            var at = TensorPrimitives.IndexOfMin<float>(best);
            if (cosine > best[at]) best[at] = cosine;
        }

        return TensorPrimitives.Sum<float>(best) / nearest;
    }

    private static float[] Unit(float[] x)
    {
        TensorPrimitives.Divide(x, MathF.Max(1e-6f, TensorPrimitives.Norm<float>(x)), x);
        return x;
    }
}

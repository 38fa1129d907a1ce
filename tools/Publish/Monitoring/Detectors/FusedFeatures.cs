using CrossModal.Experiments.Monitoring;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>Fused features of recorded episodes, standardised over those a detector learns from.</summary>
internal sealed class FusedFeatures
{
    private readonly int _width;
    private readonly float[] _mean;
    private readonly float[] _scale;

    /// <summary>Learns means and deviations.</summary>
    /// <param name="rollouts">Episodes.</param>
    /// <param name="width">d, width of the fused feature, which lies first.</param>
    public FusedFeatures(IReadOnlyList<Rollout> rollouts, int width)
    {
        (_width, _mean, _scale) = (width, new float[width], new float[width]);
        var (sum, squares, count) = (new double[width], new double[width], 0);
        foreach (var rollout in rollouts)
        {
            for (var step = 0; step < rollout.Steps; step++, count++)
            {
                var row = rollout.Step(step);
                for (var i = 0; i < width; i++) (sum[i], squares[i]) = (sum[i] + row[i], squares[i] + (double)row[i] * row[i]);
            }
        }

        for (var i = 0; i < width; i++)
        {
            _mean[i] = (float)(sum[i] / count);
            _scale[i] = (float)(1 / Math.Sqrt(Math.Max(1e-8, squares[i] / count - Math.Pow(sum[i] / count, 2))));
        }
    }

    /// <summary>d.</summary>
    public int Width => _width;

    /// <summary>The feature of a step, standardised, <c>[d]</c>.</summary>
    public void Write(Rollout rollout, int step, Span<float> into)
    {
        var row = rollout.Step(step);
        for (var i = 0; i < _width; i++) into[i] = (row[i] - _mean[i]) * _scale[i];
    }

    /// <summary>The feature of a step, standardised, <c>[d]</c>.</summary>
    public float[] Of(Rollout rollout, int step)
    {
        var feature = new float[_width];
        Write(rollout, step, feature);
        return feature;
    }
}

using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Monitoring;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>SAFE-MLP (arXiv 2506.09937): s_t = Σ_{τ≤t} σ(g(e_τ)) of the fused feature e, g a perceptron of two layers of 256; the loss
/// Σ_t [y(t − s_t) + (1 − y)s_t] is linear in every σ(g(e_τ)), with weight T − τ + 1.</summary>
/// <remarks>Successes and failures are drawn equally often. Learning rate and L2 penalty are the best of its ranges
/// (<see cref="SettingsStudy"/>).</remarks>
/// <param name="width">d.</param>
/// <param name="settings">How it is trained; null for <see cref="Used"/>.</param>
internal sealed class SafeMlp(int width, DetectorSettings? settings = null) : IDetector
{
    private const int Hidden = 256;
    private const int Batch = 256;
    private const int Steps = 2000;

    private readonly DetectorSettings _settings = settings ?? Used;
    private FusedFeatures _features = null!;
    private Perceptron _network = null!;

    /// <summary>The settings that are used.</summary>
    public static DetectorSettings Used { get; } = new(1e-4, 1);

    /// <inheritdoc/>
    public string Name => "SAFE-MLP";

    /// <inheritdoc/>
    public bool IsRandom => true;

    /// <inheritdoc/>
    public void Fit(IReadOnlyList<Rollout> rollouts, ulong seed)
    {
        var random = new RandomSource(seed);
        _features = new FusedFeatures(rollouts, width);
        _network = new Perceptron([width, Hidden, Hidden, 1], random, ActivationFunction.Relu);
        var optimizer = new AdamW(ParameterGroups.WithoutDecayOnVectors(_network, _settings.Penalty), _settings.LearningRate);
        Rollout[][] kinds = [[.. rollouts.Where(r => r.Success)], [.. rollouts.Where(r => !r.Success)]];
        var (input, weight) = (Tensor.Zeros([Batch, width]), Tensor.Zeros([Batch, 1]));
        for (var s = 0; s < Steps; s++)
        {
            for (var b = 0; b < Batch; b++)
            {
                var rollout = kinds[b % 2][random.NextInt(kinds[b % 2].Length)];
                var step = random.NextInt(rollout.Steps);
                _features.Write(rollout, step, input.Span.Slice(b * width, width));
                weight.Span[b] = (rollout.Success ? 2f : -2f) * (rollout.Steps - step) / (rollout.Steps + 1);
            }

            using var pass = Pass.Training(random, workers: Workers.Single);
            var loss = pass.Mean(pass.Multiply(pass.Sigmoid(_network.Forward(input, pass)), weight));
            using var gradients = pass.Backward(loss);
            optimizer.Step(gradients);
        }
    }

    /// <inheritdoc/>
    public float[] Score(Rollout rollout)
    {
        var input = Tensor.Zeros([rollout.Steps, width]);
        for (var step = 0; step < rollout.Steps; step++) _features.Write(rollout, step, input.Span.Slice(step * width, width));
        using var pass = Pass.Evaluation(workers: Workers.Single);
        var scores = pass.Sigmoid(_network.Forward(input, pass)).ToArray();
        for (var step = 1; step < scores.Length; step++) scores[step] += scores[step - 1];
        return scores;
    }
}

using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Monitoring;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>SAFE-LSTM (arXiv 2506.09937): an LSTM over the fused features, whose state gives the logit of failure; binary cross-entropy at
/// every step.</summary>
/// <remarks>One layer of 256 units and batches of 64, as published; at most the first 40 steps of an episode in training, for time.
/// Successes and failures are drawn equally often. Learning rate and L2 penalty are the best of its ranges
/// (<see cref="SettingsStudy"/>).</remarks>
/// <param name="width">d.</param>
/// <param name="settings">How it is trained; null for <see cref="Used"/>.</param>
internal sealed class SafeLstm(int width, DetectorSettings? settings = null) : IDetector
{
    private const int Units = 256;
    private const int Batch = 64;
    private const int Steps = 200;
    private const int Longest = 40;

    private readonly DetectorSettings _settings = settings ?? Used;
    private FusedFeatures _features = null!;
    private Cell _cell = null!;

    /// <summary>The settings that are used.</summary>
    public static DetectorSettings Used { get; } = new(1e-3, 1);

    /// <inheritdoc/>
    public string Name => "SAFE-LSTM";

    /// <inheritdoc/>
    public bool IsRandom => true;

    /// <inheritdoc/>
    public void Fit(IReadOnlyList<Rollout> rollouts, ulong seed)
    {
        var random = new RandomSource(seed);
        _features = new FusedFeatures(rollouts, width);
        _cell = new Cell(width, random);
        var optimizer = new AdamW(ParameterGroups.WithoutDecayOnVectors(_cell, _settings.Penalty), _settings.LearningRate);
        Rollout[][] kinds = [[.. rollouts.Where(r => r.Success)], [.. rollouts.Where(r => !r.Success)]];
        for (var s = 0; s < Steps; s++)
        {
            Rollout[] batch = [.. Enumerable.Range(0, Batch).Select(b => kinds[b % 2][random.NextInt(kinds[b % 2].Length)])];
            using var pass = Pass.Training(random, workers: Workers.Single);
            var logits = _cell.Forward(Inputs(batch), pass);
            using var gradients = pass.Backward(Loss(batch, logits, pass));
            GradientClipping.ClipNorm(gradients, 1);
            optimizer.Step(gradients);
        }
    }

    /// <inheritdoc/>
    public float[] Score(Rollout rollout)
    {
        using var pass = Pass.Evaluation(workers: Workers.Single);
        return [.. _cell.Forward(Inputs([rollout], int.MaxValue), pass).Select(logit => 1 / (1 + MathF.Exp(-logit.Span[0])))];
    }

    /// <summary>The mean over the steps that episodes have.</summary>
    private static Tensor Loss(Rollout[] batch, IReadOnlyList<Tensor> logits, Pass pass)
    {
        Tensor? sum = null;
        var target = Tensor.From([.. batch.Select(r => r.Success ? 0f : 1f)], [batch.Length, 1]);
        for (var step = 0; step < logits.Count; step++)
        {
            var real = Tensor.From([.. batch.Select(r => step < r.Steps ? 1f / (Math.Min(r.Steps, Longest) * batch.Length) : 0)],
                [batch.Length, 1]);
            var loss = pass.Multiply(pass.BinaryCrossEntropy(logits[step], target, reduction: LossReduction.None), real);
            sum = sum is null ? loss : pass.Add(sum, loss);
        }

        return pass.Sum(sum!);
    }

    private List<Tensor> Inputs(Rollout[] batch, int longest = Longest)
    {
        var inputs = new List<Tensor>();
        for (var step = 0; step < Math.Min(longest, batch.Max(r => r.Steps)); step++)
        {
            var input = Tensor.Zeros([batch.Length, width]);
            for (var b = 0; b < batch.Length; b++)
                if (step < batch[b].Steps) _features.Write(batch[b], step, input.Span.Slice(b * width, width));
            inputs.Add(input);
        }

        return inputs;
    }

    /// <summary>The recurrent network: i, f, g, o of Hochreiter and Schmidhuber (1997), and a linear reading of the state.</summary>
    private sealed class Cell : Module
    {
        private readonly Linear _gates;
        private readonly Linear _out;

        public Cell(int width, RandomSource random)
        {
            _gates = Add("gates", new Linear(width + Units, 4 * Units, random));
            _out = Add("out", new Linear(Units, 1, random));
        }

        public List<Tensor> Forward(List<Tensor> inputs, Pass pass)
        {
            var batch = inputs[0].Shape[0];
            var (hidden, memory, logits) = (Tensor.Zeros([batch, Units]), Tensor.Zeros([batch, Units]), new List<Tensor>());
            foreach (var input in inputs)
            {
                var gates = _gates.Forward(pass.Concat(1, input, hidden), pass);
                var (write, keep) = (pass.Sigmoid(pass.Slice(gates, 1, 0, Units)), pass.Sigmoid(pass.Slice(gates, 1, Units, Units)));
                var (value, read) = (pass.Tanh(pass.Slice(gates, 1, 2 * Units, Units)),
                    pass.Sigmoid(pass.Slice(gates, 1, 3 * Units, Units)));
                memory = pass.Add(pass.Multiply(keep, memory), pass.Multiply(write, value));
                hidden = pass.Multiply(read, pass.Tanh(memory));
                logits.Add(_out.Forward(hidden, pass));
            }

            return logits;
        }
    }
}

using System.Numerics.Tensors;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Training;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Explain.Monitor;

/// <summary>How a monitor's network is trained.</summary>
internal sealed record MonitorTrainingOptions
{
    /// <summary>Widths between input and logit.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [32];

    /// <summary>Steps of the optimiser.</summary>
    public int Steps { get; init; } = 800;

    /// <summary>Steps of episodes in a batch.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Largest learning rate.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Decoupled weight decay of matrices.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Deviation of the noise added to standardised inputs.</summary>
    public float Noise { get; init; } = 0.3f;

    /// <summary>Seed of weights, batches and noise.</summary>
    public ulong Seed { get; init; }
}

/// <summary>Trains a monitor's network: logistic regression of failure on every step of recorded episodes, by a perceptron.</summary>
internal static class MonitorTraining
{
    /// <summary>Trains on rows; episodes count alike, however long they are.</summary>
    /// <param name="rows">Inputs of the network, <c>[N][I]</c>.</param>
    /// <param name="failed">Whether the episode of each row failed.</param>
    /// <param name="weights">Weight of each row in the drawing of batches.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">There is no row that failed, or none that did not.</exception>
    public static MonitorNetwork Fit(IReadOnlyList<float[]> rows, IReadOnlyList<bool> failed, IReadOnlyList<double> weights,
        MonitorTrainingOptions options)
    {
        if (!failed.Contains(true) || !failed.Contains(false))
            throw new ArgumentException("a monitor is trained on episodes that succeed and episodes that fail; there is only one kind");
        var (mean, scale) = Standardize(rows);
        var random = new RandomSource(options.Seed);
        var width = rows[0].Length;
        var network = new Perceptron([width, .. options.Hidden, 1], random, ActivationFunction.Relu);
        var optimizer = new AdamW(ParameterGroups.WithoutDecayOnVectors(network, options.WeightDecay), options.LearningRate);
        var (failing, succeeding) = (new Drawing(failed, true, weights), new Drawing(failed, false, weights));
        var (input, target) = (Tensor.Zeros([options.BatchSize, width]), Tensor.Zeros([options.BatchSize, 1]));
        var schedule = Schedule.Cosine(options.Steps / 20, options.Steps);
        for (var step = 0; step < options.Steps; step++)
        {
            for (var b = 0; b < options.BatchSize; b++)
            {
                var fails = b % 2 == 0;
                target.Span[b] = fails ? 1 : 0;
                Standardized(rows[(fails ? failing : succeeding).Next(random)], mean, scale, input.Span.Slice(b * width, width));
            }

            foreach (ref var x in input.Span) x += options.Noise * random.NextGaussian();
            using var pass = Pass.Training(random, workers: Workers.Single);
            using var gradients = pass.Backward(pass.BinaryCrossEntropy(network.Forward(input, pass), target));
            optimizer.Step(gradients, schedule.Factor(step));
        }

        var parameters = network.Parameters().ToDictionary(p => p.Key, p => p.Value.ToArray());
        var layers = Enumerable.Range(0, options.Hidden.Count + 1).ToList();
        return new MonitorNetwork(mean, scale, [.. layers.Select(i => parameters[$"layers.{i}.weight"])],
            [.. layers.Select(i => parameters[$"layers.{i}.bias"])]);
    }

    /// <summary>A row in standard deviations, limited as the network limits it.</summary>
    public static void Standardized(ReadOnlySpan<float> row, float[] mean, float[] scale, Span<float> into)
    {
        TensorPrimitives.Subtract(row, mean, into);
        TensorPrimitives.Multiply(into, scale, into);
        TensorPrimitives.Clamp(into, -MonitorNetwork.Limit, MonitorNetwork.Limit, into);
    }

    private static (float[] Mean, float[] Scale) Standardize(IReadOnlyList<float[]> rows)
    {
        var width = rows[0].Length;
        var (sum, squares) = (new double[width], new double[width]);
        foreach (var row in rows)
            for (var i = 0; i < width; i++) (sum[i], squares[i]) = (sum[i] + row[i], squares[i] + (double)row[i] * row[i]);
        var (mean, scale) = (new float[width], new float[width]);
        for (var i = 0; i < width; i++)
        {
            mean[i] = (float)(sum[i] / rows.Count);
            var deviation = Math.Sqrt(Math.Max(0, squares[i] / rows.Count - Math.Pow(sum[i] / rows.Count, 2)));
            scale[i] = deviation > 1e-6 ? (float)(1 / deviation) : 0;
        }

        return (mean, scale);
    }

    /// <summary>Draws rows of one kind in proportion to their weights.</summary>
    private sealed class Drawing
    {
        private readonly int[] _rows;
        private readonly double[] _until;

        public Drawing(IReadOnlyList<bool> failed, bool kind, IReadOnlyList<double> weights)
        {
            _rows = [.. Enumerable.Range(0, failed.Count).Where(i => failed[i] == kind)];
            _until = new double[_rows.Length];
            double total = 0;
            for (var i = 0; i < _rows.Length; i++) _until[i] = total += weights[_rows[i]];
        }

        public int Next(RandomSource random)
        {
            var found = Array.BinarySearch(_until, random.NextDouble() * _until[^1]);
            return _rows[Math.Min(found < 0 ? ~found : found + 1, _rows.Length - 1)];
        }
    }
}

using System.Numerics.Tensors;

namespace CrossModal.Benchmarks.Cases;

/// <summary>The outputs of layers and networks, written out plainly in float64. Shares no code with what it judges.</summary>
internal static class DoubleReference
{
    private const double Epsilon = 1e-5;

    /// <summary>The output <c>[B, Nl, d]</c> of a network.</summary>
    public static double[] Output(Network network, IReadOnlyDictionary<string, float[]> arrays)
    {
        var shape = network.Shape;
        var (d, rows) = (shape.Width, shape.Batch * shape.Words);
        var visuals = Widened(arrays["V"]);
        var x = Widened(arrays["L"]);
        foreach (var prefix in network.Prefixes)
        {
            double[] Weight(string name) => Widened(arrays[prefix + name]);
            var query = Linear(x, Weight("Wq"), Weight("bq"), d);
            var key = Linear(visuals, Weight("Wk"), Weight("bk"), d);
            var value = Linear(visuals, Weight("Wv"), Weight("bv"), d);
            var mixed = Linear(Attend(shape, query, key, value), Weight("Wo"), Weight("bo"), d);
            x = Normalised(Sum(x, mixed), rows, Weight("g"), Weight("be"));
            if (network.Blocks == 0) continue;
            var hidden = Linear(x, Weight("W1"), Weight("b1"), d);
            foreach (ref var h in hidden.AsSpan()) h *= 0.5 * (1 + Erf(h / Math.Sqrt(2)));
            x = Normalised(Sum(x, Linear(hidden, Weight("W2"), Weight("b2"), network.Hidden)), rows, Weight("g2"), Weight("be2"));
        }

        return x;
    }

    /// <summary>The error function, by its series of positive terms (Abramowitz and Stegun 7.1.6): no cancellation.</summary>
    public static double Erf(double x)
    {
        if (Math.Abs(x) > 6) return Math.Sign(x);
        var term = x;
        var sum = x;
        for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    /// <summary>x W + b for x <c>[…, inputs]</c>.</summary>
    private static double[] Linear(double[] x, double[] weight, double[] bias, int inputs)
    {
        var outputs = bias.Length;
        var y = new double[x.Length / inputs * outputs];
        Parallel.For(0, x.Length / inputs, row =>
        {
            var sums = y.AsSpan(row * outputs, outputs);
            bias.CopyTo(sums);
            for (var i = 0; i < inputs; i++)
                TensorPrimitives.MultiplyAdd(weight.AsSpan(i * outputs, outputs), x[row * inputs + i], sums, sums);
        });
        return y;
    }

    private static double[] Attend(LayerShape shape, double[] query, double[] key, double[] value)
    {
        var (d, headWidth) = (shape.Width, shape.Width / shape.Heads);
        var mixed = new double[query.Length];
        Parallel.For(0, shape.Batch * shape.Words, row =>
        {
            var weights = new double[shape.Visuals];
            var first = row / shape.Words * shape.Visuals;
            for (var at = 0; at < d; at += headWidth)
            {
                for (var j = 0; j < weights.Length; j++)
                    weights[j] = TensorPrimitives.Dot<double>(query.AsSpan(row * d + at, headWidth),
                        key.AsSpan((first + j) * d + at, headWidth)) / Math.Sqrt(headWidth);
                var largest = weights.Max();
                foreach (ref var w in weights.AsSpan()) w = Math.Exp(w - largest);
                var sum = weights.Sum();
                var result = mixed.AsSpan(row * d + at, headWidth);
                for (var j = 0; j < weights.Length; j++)
                    TensorPrimitives.MultiplyAdd(value.AsSpan((first + j) * d + at, headWidth), weights[j] / sum, result, result);
            }
        });
        return mixed;
    }

    private static double[] Normalised(double[] x, int rows, double[] scale, double[] shift)
    {
        var width = scale.Length;
        for (var row = 0; row < rows; row++)
        {
            var values = x.AsSpan(row * width, width);
            var mean = TensorPrimitives.Sum<double>(values) / width;
            TensorPrimitives.Subtract(values, mean, values);
            TensorPrimitives.Divide(values, Math.Sqrt(TensorPrimitives.SumOfSquares<double>(values) / width + Epsilon), values);
            TensorPrimitives.MultiplyAdd(values, scale, shift, values);
        }

        return x;
    }

    private static double[] Sum(double[] a, double[] b)
    {
        TensorPrimitives.Add(a, b, b);
        return b;
    }

    private static double[] Widened(float[] values) => Array.ConvertAll(values, v => (double)v);
}

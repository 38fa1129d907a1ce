using CrossModal.Engine.Tensors;

namespace CrossModal.Tests.Models;

/// <summary>ViLBERT for one sample in plain loops of double precision, from the formulas of its source and the published names of its
/// weights.</summary>
internal sealed class PlainVilbert(IReadOnlyDictionary<string, Tensor> weights)
{
    private const double Epsilon = 1e-12;

    public double[][] Text(float[] ids, int[] segments) =>
        [.. ids.Select((id, i) => Norm("embeddings.LayerNorm", Add(
            Row("embeddings.word_embeddings", (int)id), Row("embeddings.position_embeddings", i),
                Row("embeddings.token_type_embeddings", segments[i]))))];

    public double[][] Vision(double[][] features, double[][] locations) =>
        [.. features.Zip(locations, (f, l) => Norm("v_embeddings.LayerNorm", Add(
            Linear("v_embeddings.image_embeddings", f), Linear("v_embeddings.image_location_embeddings", l))))];

    /// <summary>A layer of one stream: BertLayer, BertImageLayer.</summary>
    public double[][] Layer(string name, double[][] x, bool[] real, int heads)
    {
        var self = $"{name}.attention.self";
        var context = Attend(x.Select(t => Linear($"{self}.query", t)), x.Select(t => Linear($"{self}.key", t)),
            x.Select(t => Linear($"{self}.value", t)), real, heads);
        var attended = context.Zip(x, (c, t) =>
            Norm($"{name}.attention.output.LayerNorm", Add(Linear($"{name}.attention.output.dense", c), t)));
        return [.. attended.Select(t => FeedForward($"{name}.intermediate", $"{name}.output", t))];
    }

    /// <summary>BertConnectionLayer: stream 1 is vision, stream 2 the words.</summary>
    public (double[][] Text, double[][] Vision) Connection(string name, double[][] text, double[][] vision, bool[] realWords,
        bool[] realRegions, int heads)
    {
        var bi = $"{name}.biattention";
        var forText = Attend(text.Select(t => Linear($"{bi}.query2", t)), vision.Select(t => Linear($"{bi}.key1", t)),
            vision.Select(t => Linear($"{bi}.value1", t)), realRegions, heads);
        var forVision = Attend(vision.Select(t => Linear($"{bi}.query1", t)), text.Select(t => Linear($"{bi}.key2", t)),
            text.Select(t => Linear($"{bi}.value2", t)), realWords, heads);
        var attendedVision = forVision.Zip(vision, (c, t) => Norm($"{name}.biOutput.LayerNorm1",
            Add(Linear($"{name}.biOutput.dense1", c), t)));
        var attendedText = forText.Zip(text, (c, t) => Norm($"{name}.biOutput.LayerNorm2", Add(Linear($"{name}.biOutput.dense2", c), t)));
        return ([.. attendedText.Select(t => FeedForward($"{name}.t_intermediate", $"{name}.t_output", t))],
            [.. attendedVision.Select(t => FeedForward($"{name}.v_intermediate", $"{name}.v_output", t))]);
    }

    public double[] Linear(string name, double[] x)
    {
        var (weight, bias) = (weights[$"{name}.weight"], weights[$"{name}.bias"]);
        return [.. Enumerable.Range(0, weight.Shape[0]).Select(o => bias.Span[o] + x.Select((v, i) => v * weight[o, i]).Sum())];
    }

    private double[] FeedForward(string intermediate, string output, double[] x) =>
        Norm($"{output}.LayerNorm", Add(Linear($"{output}.dense", [.. Linear($"{intermediate}.dense", x).Select(Gelu)]), x));

    private double[] Row(string table, int row) =>
        [.. Enumerable.Range(0, weights[$"{table}.weight"].Shape[1]).Select(c => (double)weights[$"{table}.weight"][row, c])];

    private double[] Norm(string name, double[] x)
    {
        var (weight, bias, mean) = (weights[$"{name}.weight"], weights[$"{name}.bias"], x.Average());
        var scale = 1 / Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + Epsilon);
        return [.. x.Select((v, i) => (v - mean) * scale * weight.Span[i] + bias.Span[i])];
    }

    private static double[][] Attend(IEnumerable<double[]> queries, IEnumerable<double[]> keys, IEnumerable<double[]> values, bool[] real,
        int heads)
    {
        var (k, v) = (keys.ToArray(), values.ToArray());
        return [.. queries.Select(q =>
        {
            var width = q.Length / heads;
            var result = new double[q.Length];
            for (var h = 0; h < heads; h++)
            {
                var part = Enumerable.Range(h * width, width).ToArray();
                var scores = k.Select((key, j) => real[j] ? Math.Exp(part.Sum(i => q[i] * key[i]) / Math.Sqrt(width)) : 0).ToArray();
                foreach (var i in part) result[i] = scores.Select((s, j) => s / scores.Sum() * v[j][i]).Sum();
            }

            return result;
        })];
    }

    private static double[] Add(params double[][] parts) => [.. Enumerable.Range(0, parts[0].Length).Select(i => parts.Sum(p => p[i]))];

    /// <summary>x·Φ(x), the error function by its series (arguments here are small).</summary>
    private static double Gelu(double x)
    {
        var (z, sum, term) = (x / Math.Sqrt(2), 0.0, x / Math.Sqrt(2));
        for (var n = 0; n < 200; n++)
        {
            sum += term / (2 * n + 1);
            term *= -z * z / (n + 1);
        }

        return 0.5 * x * (1 + 2 / Math.Sqrt(Math.PI) * sum);
    }
}

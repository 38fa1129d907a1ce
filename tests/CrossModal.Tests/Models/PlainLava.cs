using CrossModal.Engine.Tensors;

namespace CrossModal.Tests.Models;

/// <summary>LAVA written out in double precision, loop by loop, from its public description; nothing here is the library's.</summary>
internal sealed class PlainLava(IReadOnlyDictionary<string, Tensor> parameters, int width, int heads)
{
    private const double Epsilon = 1e-6;

    /// <summary>The action of one sample.</summary>
    /// <param name="frames">Of each frame, pixels [channel, row, column].</param>
    /// <param name="text">The instruction's embedding.</param>
    /// <param name="levels">Levels of the pyramid that give tokens.</param>
    /// <param name="layers">Looks at vision, layers over time, blocks of the head.</param>
    public double[] Act(double[][,,] frames, double[] text, int[] levels, (int Look, int Time, int Head) layers)
    {
        var norm = Math.Sqrt(text.Sum(x => x * x));
        var query = Scaled(Dense("text", [.. text.Select(x => x / norm)]));
        var overTime = frames.Select((frame, t) =>
        {
            var seen = Tokens(frame, levels);
            double[][] x = [query];
            for (var i = 0; i < layers.Look; i++) x = Block($"blocks.layers.{i}", x, seen);
            var fused = Scaled(Dense("time.proj", Norm("blocks.norm", x[0])));
            return fused.Select((f, c) => f + Position(t, c, width)).ToArray();
        }).ToArray();
        for (var i = 0; i < layers.Time; i++) overTime = Block($"time.layers.{i}", overTime, null);
        var state = Norm("time.norm", [.. Enumerable.Range(0, width).Select(c => overTime.Average(f => f[c]))]);
        var wide = Dense("head.first", state);
        for (var i = 0; i < layers.Head; i++)
        {
            var y = wide;
            for (var j = 0; j < 3; j++) y = Dense($"head.blocks.{i}.layers.{j}", [.. y.Select(v => Math.Max(v, 0))]);
            wide = [.. wide.Zip(y, (a, b) => a + b)];
        }

        return Dense("head.action", wide);
    }

    private double[][] Tokens(double[,,] image, int[] levels)
    {
        var pyramid = new List<double[,,]>();
        for (var i = 0; i < 4; i++) pyramid.Add(image = Pooled(Convolved($"pyramid.conv.{i}", image)));
        pyramid.Add(Pooled(image));
        var tokens = new List<double[]>();
        for (var i = 0; i < levels.Length; i++)
        {
            var map = pyramid[levels[i]];
            for (var y = 0; y < map.GetLength(1); y++)
                for (var x = 0; x < map.GetLength(2); x++)
                {
                    var cell = Scaled(Dense($"pyramid.tokens.{i}", [.. Enumerable.Range(0, map.GetLength(0)).Select(c => map[c, y, x])]));
                    tokens.Add([.. cell.Select((v, c) => v + (c < width / 2 ? Position(x, c, width / 2)
                    : Position(y, c - width / 2, width / 2)))]);
                }
        }

        return [.. tokens];
    }

    /// <summary>x + attention(norm x, norm seen), then x + ffn(norm x); queries attend to each other when nothing is seen.</summary>
    private double[][] Block(string name, double[][] x, double[][]? seen)
    {
        var asked = x.Select(t => Norm($"{name}.norm", t)).ToArray();
        var keys = seen is null ? asked : [.. seen.Select(t => Norm($"{name}.context_norm", t))];
        var (q, k, v) = (Project("q_proj", asked), Project("k_proj", keys), Project("v_proj", keys));
        var head = width / heads;
        return [.. x.Select((row, i) =>
        {
            var mixed = new double[width];
            for (var h = 0; h < heads; h++)
            {
                var scores = k.Select(key => Enumerable.Range(h * head, head).Sum(c => q[i][c] * key[c]) / Math.Sqrt(head)).ToArray();
                var weights = scores.Select(s => Math.Exp(s - scores.Max())).ToArray();
                for (var c = h * head; c < (h + 1) * head; c++)
                    mixed[c] = v.Select((value, j) => value[c] * weights[j]).Sum() / weights.Sum();
            }

            var sum = row.Zip(Dense($"{name}.attn.out_proj", mixed), (a, b) => a + b).ToArray();
            var hidden = Dense($"{name}.feed_forward.fc1", Norm($"{name}.feed_forward_norm", sum)).Select(u => Math.Max(u, 0)).ToArray();
            return sum.Zip(Dense($"{name}.feed_forward.fc2", hidden), (a, b) => a + b).ToArray();
        })];

        double[][] Project(string projection, double[][] rows) => [.. rows.Select(r => Dense($"{name}.attn.{projection}", r))];
    }

    private double[] Dense(string name, double[] x)
    {
        var (weight, bias) = (parameters[$"{name}.weight"], parameters[$"{name}.bias"]);
        return [.. Enumerable.Range(0, weight.Shape[0]).Select(o => bias[o] + x.Select((v, i) => v * weight[o, i]).Sum())];
    }

    private double[] Norm(string name, double[] x)
    {
        var mean = x.Average();
        var variance = x.Average(v => (v - mean) * (v - mean));
        return [.. x.Select((v, i) => (v - mean) / Math.Sqrt(variance + Epsilon) * parameters[$"{name}.weight"][i]
            + parameters[$"{name}.bias"][i])];
    }

    private double[,,] Convolved(string name, double[,,] image)
    {
        var (weight, bias) = (parameters[$"{name}.weight"], parameters[$"{name}.bias"]);
        var (rows, columns) = (image.GetLength(1), image.GetLength(2));
        var map = new double[weight.Shape[0], rows, columns];
        for (var o = 0; o < weight.Shape[0]; o++)
            for (var y = 0; y < rows; y++)
                for (var x = 0; x < columns; x++)
                {
                    double sum = bias[o];
                    for (var c = 0; c < image.GetLength(0); c++)
                        for (var dy = -1; dy <= 1; dy++)
                            for (var dx = -1; dx <= 1; dx++)
                                if (y + dy >= 0 && y + dy < rows && x + dx >= 0 && x + dx < columns)
                                    sum += image[c, y + dy, x + dx] * weight[o, c, dy + 1, dx + 1];
                    map[o, y, x] = Math.Max(sum, 0);
                }

        return map;
    }

    private static double[,,] Pooled(double[,,] map)
    {
        var half = new double[map.GetLength(0), map.GetLength(1) / 2, map.GetLength(2) / 2];
        for (var c = 0; c < half.GetLength(0); c++)
            for (var y = 0; y < half.GetLength(1); y++)
                for (var x = 0; x < half.GetLength(2); x++)
                    half[c, y, x] = Math.Max(Math.Max(map[c, 2 * y, 2 * x], map[c, 2 * y, 2 * x + 1]),
                        Math.Max(map[c, 2 * y + 1, 2 * x], map[c, 2 * y + 1, 2 * x + 1]));
        return half;
    }

    private double[] Scaled(double[] x) => [.. x.Select(v => v * Math.Sqrt(width))];

    private static double Position(int position, int channel, int width)
    {
        var angle = position * Math.Exp(-(channel / 2 * 2) * (Math.Log(10000) / width));
        return channel % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
    }
}

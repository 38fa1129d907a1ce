using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Tests.Attention;

public sealed class GraphAttentionLayerTests
{
    private const int Nodes = 6, Width = 5, Heads = 3, HeadWidth = 4;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_the_published_equation(bool concatenate)
    {
        var layer = new GraphAttentionLayer(new GraphAttentionOptions(Width, Heads, HeadWidth) { Concatenate = concatenate },
            new RandomSource(1));
        var edges = new bool[Nodes, Nodes];
        foreach (var (i, j) in new[] { (0, 1), (1, 0), (1, 2), (2, 5), (3, 4), (5, 0), (5, 1) }) edges[i, j] = true;
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        var nodes = Tensor.Normal([2, Nodes, Width], new RandomSource(2));
        var result = layer.Forward(nodes, GraphAttentionLayer.Edges(edges), pass);
        var parameters = layer.Parameters().ToDictionary(p => p.Key, p => p.Value);
        var (w, a1, a2) = (parameters["attention.proj.weight"], parameters["attention.variant.query_vector"],
            parameters["attention.variant.key_vector"]);
        Assert.Equal(3, parameters.Count);
        Assert.Equal([2, Nodes, concatenate ? Heads * HeadWidth : HeadWidth], result.Shape);
        for (var b = 0; b < 2; b++)
            for (var i = 0; i < Nodes; i++)
            {
                var sums = new double[Heads, HeadWidth];
                for (var h = 0; h < Heads; h++)
                {
                    double Wh(int node, int d) => Enumerable.Range(0, Width).Sum(c => (double)w[h * HeadWidth + d, c] * nodes[b, node, c]);
                    double Dot(Tensor a, int node) => Enumerable.Range(0, HeadWidth).Sum(d => a[h * HeadWidth + d] * Wh(node, d));
                    var neighbours = Enumerable.Range(0, Nodes).Where(j => j == i || edges[i, j]).ToArray();
                    double[] scores = [.. neighbours.Select(j => Dot(a1, i) + Dot(a2, j)).Select(s => Math.Exp(s > 0 ? s : 0.2 * s))];
                    foreach (var (n, j) in neighbours.Index())
                    {
                        Assert.Equal(scores[n] / scores.Sum(), trace.Entries[0].Value[b, h, i, j], 1e-5);
                        for (var d = 0; d < HeadWidth; d++) sums[h, d] += scores[n] / scores.Sum() * Wh(j, d);
                    }

                    for (var j = 0; j < Nodes; j++)
                        if (!neighbours.Contains(j)) Assert.Equal(0, trace.Entries[0].Value[b, h, i, j]);
                }

                for (var at = 0; at < result.Shape[2]; at++)
                {
                    var expected = concatenate ? sums[at / HeadWidth, at % HeadWidth]
                        : Enumerable.Range(0, Heads).Average(h => sums[h, at]);
                    Assert.Equal(expected > 0 ? expected : Math.Exp(expected) - 1, result[b, i, at], 1e-4);
                }
            }
    }

    [Fact]
    public void On_a_grid_a_patch_attends_to_the_patches_around_it_as_a_mask_of_the_same_edges_says()
    {
        var options = new GraphAttentionOptions(Width, 2, HeadWidth) { Radius = 1, Grid = new TokenGrid(3, 4) };
        var (onGrid, masked) = (new GraphAttentionLayer(options, new RandomSource(1)),
            new GraphAttentionLayer(options with { Radius = null }, new RandomSource(1)));
        var edges = new bool[12, 12];
        for (var i = 0; i < 12; i++)
            for (var j = 0; j < 12; j++) edges[i, j] = Math.Abs(i / 4 - j / 4) <= 1 && Math.Abs(i % 4 - j % 4) <= 1;
        using var pass = Pass.Evaluation();
        var nodes = Tensor.Normal([1, 12, Width], new RandomSource(2));
        Assert.Equal(masked.Forward(nodes, GraphAttentionLayer.Edges(edges), pass).ToArray(), onGrid.Forward(nodes, null, pass).ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Dropout_acts_in_training_alone()
    {
        var layer = new GraphAttentionLayer(new GraphAttentionOptions(Width, 2, HeadWidth) { Dropout = 0.6f }, new RandomSource(1));
        var nodes = Tensor.Normal([1, Nodes, Width], new RandomSource(2));
        float[] Run(Pass pass)
        {
            using (pass) return layer.Forward(nodes, null, pass).ToArray();
        }

        Assert.Equal(Run(Pass.Evaluation()), Run(Pass.Evaluation()));
        Assert.NotEqual(Run(Pass.Evaluation()), Run(Pass.Training(new RandomSource(1))));
        Assert.Equal(Run(Pass.Training(new RandomSource(1))), Run(Pass.Training(new RandomSource(1))));
    }

    [Fact]
    public void A_graph_that_is_not_square_is_refused() => Assert.Throws<ShapeException>(() => GraphAttentionLayer.Edges(new bool[2, 3]));
}

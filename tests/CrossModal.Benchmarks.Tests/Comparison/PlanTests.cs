using CrossModal.Benchmarks.Cases;
using CrossModal.Benchmarks.Comparison;

namespace CrossModal.Benchmarks.Tests.Comparison;

public sealed class PlanTests
{
    private static readonly Plan Everything = Plan.Make(Plan.Groups, [], [1, 2]);

    [Fact]
    public void Keys_are_unique_and_every_goal_names_entries_of_its_measure()
    {
        Assert.Equal(Everything.Measures.Count, Everything.Measures.DistinctBy(m => m.Key).Count());
        Assert.All(Everything.Measures, m =>
        {
            var keys = m.Entries.Select(e => e.Key).ToList();
            Assert.Equal(keys.Count, keys.Distinct().Count());
            Assert.All(m.Goals, g => Assert.Contains(g.Entry, keys));
            Assert.All(m.Goals.Where(g => g.Against == Against.Named), g => Assert.Contains(g.Named, keys));
        });
    }

    [Fact]
    public void Every_layer_meets_every_kind_of_peer_on_every_thread_count()
    {
        var layers = Everything.Measures.Where(m => m.Group == "layers").ToList();
        Assert.Equal(2 * LayerShape.Layers.Count, layers.Count);
        Assert.All(layers, m => Assert.Equal(
            ["ours", "ours", "ours", "ours", "ort", "ort", "ort", "ort", "ort", "torch", "torch"], m.Entries.Select(e => e.Engine)));
        Assert.All(layers, m => Assert.Equal("absorb", Assert.Single(m.Entries, e => e.Role == Role.Absorbed).Case.Split(':')[0]));
    }

    [Fact]
    public void Groups_and_names_narrow_it_together()
    {
        var plan = Plan.Make(["layers", "gemm", "alloc"], ["a", "16x512x512"], [2]);
        Assert.Equal(["layers:a/2", "gemm:16x512x512/2"], plan.Measures.Select(m => m.Key));
        Assert.Equal(["alloc:auto:a/2", "alloc:net4:a/2"], plan.Figures.Select(f => f.Key));
    }
}

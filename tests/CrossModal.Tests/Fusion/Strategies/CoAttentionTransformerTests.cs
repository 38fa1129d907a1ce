using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

namespace CrossModal.Tests.Fusion;

/// <summary>Both directions of co-attention read what the other stream was before the layer.</summary>
public sealed class CoAttentionTransformerTests
{
    [Theory]
    [InlineData("language.cross_attn", "vision")]
    [InlineData("language.feed_forward.", "vision")]
    [InlineData("vision.cross_attn", "fused")]
    [InlineData("vision.feed_forward.", "fused")]
    public void One_stream_does_not_see_what_the_layer_makes_of_the_other(string changed, string unchanged) =>
        Check(seed => new CoAttentionTransformer(new FusionOptions(Scene.Width, Scene.Heads), new RandomSource(seed)),
            $"layers.0.{changed}", unchanged);

    [Theory]
    [InlineData("language_to_vision.", "vision")]
    [InlineData("vision_to_language.", "fused")]
    public void The_textbooks_streams_do_not_see_each_other_either(string changed, string unchanged) =>
        Check(seed => new TextbookCoAttention(new FusionOptions(Scene.Width, Scene.Heads), new RandomSource(seed)), changed, unchanged);

    [Fact]
    public void In_a_second_layer_they_do()
    {
        var (first, second) = (Scene.Create("co-attention"), Scene.Create("co-attention"));
        Change(second, "layers.0.language.cross_attn");
        var input = new Scene().Input();
        Assert.NotEqual(Scene.Fuse(first, input)["vision"].ToArray(), Scene.Fuse(second, input)["vision"].ToArray());
    }

    private static void Check(Func<ulong, FusionStrategy> create, string changed, string unchanged)
    {
        var (first, second) = (create(1), create(1));
        Change(second, changed);
        var input = new Scene().Input();
        var (before, after) = (Scene.Fuse(first, input), Scene.Fuse(second, input));
        Assert.Equal(before[unchanged].ToArray(), after[unchanged].ToArray());
        var other = unchanged == "fused" ? "vision" : "fused";
        Assert.NotEqual(before[other].ToArray(), after[other].ToArray());
    }

    private static void Change(FusionStrategy strategy, string prefix)
    {
        var parameters = strategy.Parameters().Where(p => p.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(parameters);
        foreach (var (_, value) in parameters)
            foreach (ref var x in value.Span) x = x * -0.7f + 0.05f;
    }
}

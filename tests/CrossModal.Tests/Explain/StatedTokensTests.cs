using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Tests.Explain;

/// <summary>Maps are of attentions that are stated to be from words to patches, however the numbers of tokens happen to agree.</summary>
public sealed class StatedTokensTests
{
    private const int Width = 8;
    private static readonly TokenGrid Grid = new(4, 4);

    public static TheoryData<string> Names => [.. FusionStrategies.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_number_of_words_latents_and_visual_tokens_makes_no_map_and_takes_none_away(string name)
    {
        int[] words = [1, 4, 15, 16, 17];
        int[] latents = [1, 4, 5, 16, 17, 20, 21, 32];
        string?[] reductions = [null, "pool:4", "merge:5", "learner:4", "resampler:4", "merge:16"];
        foreach (var count in words)
            foreach (var latent in latents)
                foreach (var reduction in reductions)
                {
                    if (reduction == "pool:4" && count > 1) continue;
                    if (reduction is not null && reduction != "pool:4" && FusionStrategies.Find(name).OnGrid) continue;
                    var maps = Maps(name, count, latent, reduction, views: 1, out var trace);
                    Assert.True((FusionStrategies.Find(name).Attends == VisionAttention.Words) == (maps.Count > 0),
                        $"{name}: {maps.Count} maps with {count} words, {latent} latents, {reduction}");
                    foreach (var map in maps)
                    {
                        Assert.Equal((count, Grid), (map.Words, map.Grid));
                        Assert.DoesNotContain(".vision.", map.Layer, StringComparison.Ordinal);
                        Assert.DoesNotContain("resampler", map.Layer, StringComparison.Ordinal);
                    }

                    Assert.Equal(maps.Select(m => m.Layer).Distinct().Count(),
                        trace.Entries.Where(e => maps.Any(m => m.Layer == e.Key)).Select(e => e.Key).Distinct().Count());
                }
    }

    [Theory]
    [InlineData("q-former", "pool:4", 4)]
    [InlineData("q-former", "merge:4", 4)]
    [InlineData("q-former", "learner:4", 4)]
    [InlineData("q-former", "resampler:4", 4)]
    [InlineData("perceiver", "merge:4", 4)]
    [InlineData("cross-attention-reversed", "merge:4", 4)]
    public void Latents_that_attend_to_as_many_tokens_as_there_are_latents_are_no_words(string name, string reduction, int latents) =>
        Assert.Empty(Maps(name, 4, latents, reduction, views: 1, out _));

    [Theory]
    [InlineData("flamingo")]
    [InlineData("perceiver-io")]
    [InlineData("cross-attention")]
    [InlineData("vilt")]
    [InlineData("multi-view-mean")]
    public void Maps_of_several_cameras_hold_the_whole_mass_between_them(string name)
    {
        var maps = Maps(name, 3, 5, reduction: null, views: 2, out _);
        Assert.Equal([0, 1], maps.Select(m => m.View).Distinct().Order());
        if (name == "vilt") return;
        var shared = name != "multi-view-mean";
        foreach (var mass in shared ? maps.Chunk(2).Select(pair => pair.Sum(m => m.Mean(0).Sum())) : maps.Select(m => m.Mean(0).Sum()))
            Assert.Equal(1, mass, 4);
    }

    [Fact]
    public void A_missing_camera_leaves_the_other_its_number()
    {
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        FusionStrategies.Create("cross-attention", Options(4, null, 2), new RandomSource(1))
            .Forward(new FusionInput(Random(3, 1), [null, Random(Grid.Count, 2)]), pass);
        Assert.Equal(1, WordMap.Read(trace, 0, 3, Grid).Single().View);
    }

    [Fact]
    public void What_was_not_stated_has_no_map()
    {
        var trace = new AttentionTrace();
        trace.Add("cross_attn", Tensor.Full([1, 1, 3, 16], 1f / 16));
        trace.Add("cross_attn", Tensor.Full([1, 1, 3, 16], 1f / 16), [new TokenRun(TokenKind.Words, 3)]);
        trace.Add("cross_attn", Tensor.Full([1, 1, 3, 16], 1f / 16), null, [new TokenRun(TokenKind.Patches, 16)]);
        trace.Add("cross_attn", Tensor.Full([1, 1, 3, 16], 1f / 16), [new TokenRun(TokenKind.Other, 3)],
            [new TokenRun(TokenKind.Patches, 16)]);
        trace.Add("cross_attn", Tensor.Full([1, 1, 3, 16], 1f / 16), [new TokenRun(TokenKind.Words, 3)],
            [new TokenRun(TokenKind.Made, 16) { Of = [new TokenRun(TokenKind.Patches, 16)] }]);
        Assert.Empty(WordMap.Read(trace, 0, 3, Grid));
        trace.Add("cross_attn", Tensor.Full([1, 1, 3, 16], 1f / 16), [new TokenRun(TokenKind.Words, 3)],
            [new TokenRun(TokenKind.Patches, 16) { View = 2 }]);
        Assert.Equal(2, WordMap.Read(trace, 0, 3, Grid).Single().View);
    }

    [Fact]
    public void Words_that_do_not_come_first_are_found_where_they_are_stated_to_be()
    {
        var weights = Tensor.Zeros([1, 1, 3, 6]);
        weights[0, 0, 2, 5] = 1;
        var trace = new AttentionTrace();
        trace.Add("self_attn", weights, [new TokenRun(TokenKind.Other, 2), new TokenRun(TokenKind.Words, 1)],
            [new TokenRun(TokenKind.Other, 2), new TokenRun(TokenKind.Patches, 4)]);
        Assert.Equal([0, 0, 0, 1], WordMap.Read(trace, 0, 1, new TokenGrid(2, 2)).Single().Mean(0));
    }

    private static IReadOnlyList<WordMap> Maps(string name, int words, int latents, string? reduction, int views, out AttentionTrace trace)
    {
        trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        var strategy = FusionStrategies.Create(name, Options(latents, reduction, views), new RandomSource(1));
        strategy.Forward(new FusionInput(Random(words, 2), [.. Enumerable.Range(0, views).Select(v => Random(Grid.Count, 3 + (ulong)v))]),
            pass);
        return WordMap.Read(trace, 0, words, Grid);
    }

    private static FusionOptions Options(int latents, string? reduction, int views) => new(Width, 2, 1)
    {
        Latents = latents,
        Views = views,
        Vision = new VisionOptions
        {
            Grid = Grid,
            Tokens = reduction is null ? null : VisualTokens.Parse(reduction)
        },
    };

    private static Tokens Random(int count, ulong seed) => new(Tensor.Normal([1, count, Width], new RandomSource(seed)));
}

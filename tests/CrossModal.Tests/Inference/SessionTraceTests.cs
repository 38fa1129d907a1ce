using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Inference;
using CrossModal.Layers;

namespace CrossModal.Tests.Inference;

/// <summary>What a session says of its attentions is what the eager trace says: weights, sides, shares of made tokens, and so the maps of
/// words.</summary>
public sealed class SessionTraceTests
{
    private const int Width = 8;
    private static readonly TokenGrid Grid = new(4, 4);

    public static TheoryData<string> Names => [.. FusionStrategies.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Word_maps_of_a_session_are_those_of_the_eager_trace(string name)
    {
        string?[] reductions = [null, "pool:4", "conv:4", "merge:5", "learner:4", "resampler:4"];
        var seed = 1UL;
        foreach (var reduction in reductions.Where(r => r is null || !name.StartsWith("downsample", StringComparison.Ordinal)))
            foreach (var words in new[] { 1, 4, 7 })
                foreach (var views in new[] { 1, 2 })
                    foreach (var padded in new[] { false, true })
                    {
                        var strategy = Strategy(name, reduction, views);
                        var inputs = Enumerable.Range(0, 2).Select(_ => Input(words, views, padded, seed++)).ToArray();
                        var session = InferenceSession.Compile(strategy, inputs[0]);
                        foreach (var input in inputs)
                        {
                            session.SetInstruction(input.Language);
                            session.Run([.. input.Views]);
                            var (eager, compiled) = (Eager(strategy, input), session.ReadTrace());
                            Same(eager, compiled, $"{name}, {words} words, {views} cameras, {reduction}, {(padded ? "padded" : "whole")}");
                            for (var sample = 0; sample < 2; sample++)
                                Same(WordMap.Read(eager, sample, words, Grid), WordMap.Read(compiled, sample, words, Grid), name);
                        }
                    }
    }

    [Theory]
    [InlineData("cross-attention", "topk:3")]
    [InlineData("cross-attention", "prune:5")]
    [InlineData("flamingo", "local:1")]
    [InlineData("perceiver-io", "inverted")]
    [InlineData("vilt", "graph:1")]
    [InlineData("blip", "linear")]
    [InlineData("co-attention", "block:1")]
    [InlineData("concat-tokens", "qknorm")]
    public void So_they_are_of_other_ways_to_attend(string name, string attention)
    {
        var strategy = Strategy(name, null, 2, attention);
        var input = Input(3, 2, padded: false, 5);
        var session = InferenceSession.Compile(strategy, input);
        session.Run([.. input.Views]);
        Same(Eager(strategy, input), session.ReadTrace(), name);
    }

    [Fact]
    public void A_camera_that_is_missing_or_has_no_tokens_has_no_map_or_one_without_mass()
    {
        foreach (var name in FusionStrategies.Names)
            foreach (var none in new[] { null, new Tokens(Tensor.Zeros([2, 0, Width])) })
            {
                var strategy = Strategy(name, null, 2);
                var input = Input(3, 1, padded: false, 7);
                input = input with { Views = [none, input.Views[0]] };
                var session = InferenceSession.Compile(strategy, input);
                session.Run([.. input.Views]);
                Same(WordMap.Read(Eager(strategy, input), 0, 3, Grid), WordMap.Read(session.ReadTrace(), 0, 3, Grid), name);
            }
    }

    [Fact]
    public void Without_a_frame_of_the_instruction_there_is_no_trace_and_reading_one_changes_no_result()
    {
        var (strategy, input) = (Strategy("flamingo", "merge:5", 1), Input(3, 1, padded: true, 9));
        var session = InferenceSession.Compile(strategy, input);
        Assert.Throws<InvalidOperationException>(session.ReadTrace);
        var before = session.Run([.. input.Views]).Fused.Values.ToArray();
        session.ReadTrace();
        Assert.Equal(before, session.Run([.. input.Views]).Fused.Values.ToArray());
        session.SetInstruction(input.Language);
        Assert.Throws<InvalidOperationException>(session.ReadTrace);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_attention_of_every_strategy_says_what_all_its_queries_and_keys_are(string name)
    {
        foreach (var reduction in new[] { null, "pool:4", "merge:5", "learner:4", "resampler:4" }.Where(r =>
            r is null || !name.StartsWith("downsample", StringComparison.Ordinal)))
            foreach (var entry in Eager(Strategy(name, reduction, 2), Input(3, 2, padded: true, 11)).Entries)
            {
                Stated(entry.QueryTokens, entry.Value.Shape[2]);
                Stated(entry.KeyTokens, entry.Value.Shape[3]);

                void Stated(IReadOnlyList<TokenRun>? runs, int count)
                {
                    Assert.True(runs is not null && runs.All(run => run.Kind != TokenKind.Other),
                        $"{name}, {reduction}: {entry.Key} has a side that is not stated");
                    Assert.True(runs.Sum(run => run.Count) == count,
                        $"{name}, {reduction}: {entry.Key} states {string.Join(", ", runs.Select(r => (r.Kind, r.Count)))} of {count} tokens");
                }
            }
    }

    [Fact]
    public void Class_tokens_and_latents_are_stated_as_such()
    {
        Assert.Equal([TokenKind.Words, TokenKind.Class, TokenKind.Patches],
            Eager(Strategy("vilt", null, 1), Input(3, 1, false, 1)).Entries[0].KeyTokens!.Select(r => r.Kind));
        Assert.Equal([TokenKind.Words, TokenKind.Class],
            Eager(Strategy("blip", null, 1), Input(3, 1, false, 1)).Entries[0].QueryTokens!.Select(r => r.Kind));
        Assert.Equal([TokenKind.Latents, TokenKind.Words],
            Eager(Strategy("q-former", null, 1), Input(3, 1, false, 1)).Entries[0].KeyTokens!.Select(r => r.Kind));
        Assert.Equal([TokenKind.Latents], Eager(Strategy("perceiver", null, 1), Input(3, 1, false, 1)).Entries[0].QueryTokens!.Select(r =>
            r.Kind));
        var asked = Assert.Single(Eager(Strategy("lava", null, 1), Input(3, 1, false, 1)).Entries[0].QueryTokens!);
        Assert.Equal((TokenKind.Made, TokenKind.Words), (asked.Kind, asked.Of.Single().Kind));
    }

    private static void Same(AttentionTrace eager, AttentionTrace compiled, string what)
    {
        Assert.Equal(eager.Entries.Select(e => e.Key), compiled.Entries.Select(e => e.Key));
        foreach (var (expected, actual) in eager.Entries.Zip(compiled.Entries))
        {
            Sessions.Close($"{what}: {expected.Key}", expected.Value, actual.Value, 1e-5);
            Same(expected.QueryTokens, actual.QueryTokens, what);
            Same(expected.KeyTokens, actual.KeyTokens, what);
        }
    }

    private static void Same(IReadOnlyList<TokenRun>? expected, IReadOnlyList<TokenRun>? actual, string what)
    {
        Assert.Equal(expected?.Select(r => (r.Kind, r.Count, r.View)), actual?.Select(r => (r.Kind, r.Count, r.View)));
        foreach (var (e, a) in expected!.Zip(actual!))
        {
            Assert.Equal(e.Shares is null, a.Shares is null);
            if (e.Shares is { } shares) Sessions.Close($"{what}: shares", shares, a.Shares!, 1e-5);
            Same(e.Of, a.Of, what);
        }
    }

    private static void Same(IReadOnlyList<WordMap> expected, IReadOnlyList<WordMap> actual, string what)
    {
        Assert.Equal(expected.Select(m => (m.Layer, m.View, m.Heads, m.Words)), actual.Select(m => (m.Layer, m.View, m.Heads, m.Words)));
        foreach (var (e, a) in expected.Zip(actual))
            for (var head = 0; head < e.Heads; head++)
                for (var word = 0; word < e.Words; word++)
                    Assert.True(e.Head(head, word).ToArray().Zip(a.Head(head, word).ToArray())
                        .All(p => Math.Abs(p.First - p.Second) < 1e-5),
                        $"{what}: {e.Layer}, word {word}");
    }

    private static AttentionTrace Eager(FusionStrategy strategy, FusionInput input)
    {
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        strategy.Forward(input, pass);
        return trace;
    }

    private static FusionStrategy Strategy(string name, string? reduction, int views, string? attention = null) =>
        FusionStrategies.Create(name, new FusionOptions(Width, 2, 2)
        {
            Latents = 5,
            Views = views,
            Vision = new VisionOptions
            {
                Grid = Grid,
                Tokens = reduction is null ? null : VisualTokens.Parse(reduction),
                Attention = attention is null ? null : AttentionVariant.Parse(attention),
            },
        }, new RandomSource(1));

    private static FusionInput Input(int words, int views, bool padded, ulong seed) => new(
        Sessions.Random(2, words, Width, seed, padded ? Mask.Lengths([words, (words + 1) / 2], words) : null),
        [.. Enumerable.Range(1, views).Select(view => Sessions.Random(2, Grid.Count, Width, seed + 100 * (ulong)view,
            padded ? Mask.Lengths([Grid.Count, 11], Grid.Count) : null))]);
}

using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

namespace CrossModal.Tests.Fusion;

/// <summary>Every strategy shows the weights of every attention it has, under its checkpoint name, query by key.</summary>
public sealed class AttentionTraceTests
{
    private const int L = Scene.Words, V = Scene.Patches, M = Scene.Latents, Small = Scene.Patches / 4;

    /// <summary>The attentions of the strategies there were first, in their order; of a strategy that is not listed everything but the
    /// order and the sizes is demanded.</summary>
    private static readonly Dictionary<string, (string Name, int Queries, int Keys)[]> Expected = new()
    {
        ["concat-pooled"] = [],
        ["concat-side-by-side"] = [],
        ["concat-flattened"] = [],
        ["concat-tokens"] = [.. Each(i => ($"encoder.layers.{i}.self_attn", L + V, L + V))],
        ["cross-attention"] = [.. Each(i => ($"layers.{i}.self_attn", L, L), i => ($"layers.{i}.cross_attn", L, V))],
        ["cross-attention-post-norm"] = [.. Each(i => ($"layers.{i}.self_attn", L, L), i => ($"layers.{i}.cross_attn", L, V))],
        ["cross-attention-words-apart"] = [.. Each(i => ($"layers.{i}.cross_attn", L, V))],
        ["cross-attention-single"] = [("attention", L, V)],
        ["cross-attention-reversed"] = [.. Each(i => ($"layers.{i}.cross_attn", V, L))],
        ["co-attention"] = [.. Each(i => ($"layers.{i}.language.cross_attn", L, V), i => ($"layers.{i}.vision.cross_attn", V, L))],
        ["perceiver"] = [.. Each(i => ($"rounds.{i}.cross_attn", M, L + V), i => ($"rounds.{i}.self_layer.self_attn", M, M))],
        ["perceiver-from-words"] = [.. Each(i => ($"rounds.{i}.cross_attn", M, L + V), i => ($"rounds.{i}.self_layer.self_attn", M, M))],
        ["perceiver-io"] = [("latents.encoder.attn", M, L + V), .. Each(i => ($"latents.layers.{i}.attn", M, M)), ("decoder.attn", L, M)],
        ["flamingo"] = [.. Each(i => ($"resampler.layers.{i}.attn", M, V + M)),
            .. Each(i => ($"gated.{i}.attn.attention", L, M), i => ($"language.{i}.self_attn", L, L))],
        ["gated-cross-attention"] = [.. Each(i => ($"gated.{i}.attn.attention", L, V), i => ($"language.{i}.self_attn", L, L))],
        ["joint-attention"] =
            [.. Each(i => ($"layers.{i}.language.joint_attn", L, L + V), i => ($"layers.{i}.vision.joint_attn", V, L + V))],
        ["interleaved"] = [("layers.0.cross_attn", L, V), ("layers.1.self_attn", L, L)],
        ["film-blocks"] = [],
        ["adaln-zero"] = [.. Each(i => ($"layers.{i}.attn", V, V))],
        ["lava"] = [.. Each(i => ($"blocks.layers.{i}.attn", 1, V))],
        ["concat-fusion"] = [],
        ["attention-fusion"] = [],
        ["deepset-fusion"] = [],
        ["multi-view-mean"] = [.. Each(i => ($"views.0.layers.{i}.self_attn", L, L), i => ($"views.0.layers.{i}.cross_attn", L, V))],
        ["multi-view-separate"] = [.. Each(i => ($"views.0.layers.{i}.self_attn", L, L), i => ($"views.0.layers.{i}.cross_attn", L, V))],
        ["multi-view-learned"] = [.. Each(i => ($"views.0.layers.{i}.self_attn", L, L), i => ($"views.0.layers.{i}.cross_attn", L, V))],
        ["multi-view-joint"] = [.. Each(i => ($"views.0.layers.{i}.self_attn", L, L), i => ($"views.0.layers.{i}.cross_attn", L, V))],
        ["downsample-pool"] = [.. Each(i => ($"fusion.layers.{i}.self_attn", L, L), i => ($"fusion.layers.{i}.cross_attn", L, Small))],
        ["downsample-conv"] = [.. Each(i => ($"fusion.layers.{i}.self_attn", L, L), i => ($"fusion.layers.{i}.cross_attn", L, Small))],
        ["clip"] = [.. Each(i => ($"language.layers.{i}.self_attn", L, L)), .. Each(i => ($"vision.layers.{i}.self_attn", V, V))],
        ["late-interaction"] =
            [.. Each(i => ($"language.layers.{i}.self_attn", L, L)), .. Each(i => ($"vision.layers.{i}.self_attn", V, V))],
        ["albef"] =
        [
            ("language.layers.0.self_attn", L, L), .. Each(i => ($"vision.layers.{i}.self_attn", V, V)),
            ("multimodal.layers.0.self_attn", L, L), ("multimodal.layers.0.cross_attn", L, V),
        ],
        ["blip"] = [.. Each(i => ($"encoder.layers.{i}.self_attn", L + 1, L + 1), i => ($"encoder.layers.{i}.cross_attn", L + 1, V))],
        ["q-former"] = [("layers.0.self_attn", M + L, M + L), ("layers.0.cross_attn", M, V), ("layers.1.self_attn", M + L, M + L)],
        ["vilt"] = [.. Each(i => ($"stream.encoder.layers.{i}.self_attn", L + V + 1, L + V + 1))],
        ["lxmert"] =
        [
            .. Each(i => ($"layers.{i}.cross_attn", L, V), i => ($"layers.{i}.cross_attn", V, L),
                i => ($"layers.{i}.language.self_attn", L, L), i => ($"layers.{i}.vision.self_attn", V, V)),
        ],
        ["vilbert"] =
        [
            .. Each(i => ($"connections.{i}.language.cross_attn", L, V), i => ($"connections.{i}.vision.cross_attn", V, L),
                i => ($"language.{i}.self_attn", L, L), i => ($"vision.{i}.self_attn", V, V)),
        ],
        ["textbook-network"] = [.. Each(i => ($"layers.{i}.cross_attn.attention", L, V))],
        ["textbook-co-attention"] = [("language_to_vision.attention", L, V), ("vision_to_language.attention", V, L)],
        ["textbook-perceiver"] = [("cross_attn.attention", M, L + V), ("self_attn.attention", M, M)],
    };

    public static TheoryData<string> Names => [.. FusionStrategies.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_trace_holds_every_attention_under_its_name(string name)
    {
        var trace = new AttentionTrace();
        var strategy = Scene.Create(name);
        Scene.Fuse(strategy, new Scene().Input(), trace);
        if (Expected.TryGetValue(name, out var expected))
        {
            Assert.Equal(expected.Select(e => e.Name), trace.Entries.Select(e => e.Key));
            foreach (var ((_, queries, keys), (_, weights)) in expected.Zip(trace.Entries))
                Assert.Equal(Shape.Of(Scene.Batch, Scene.Heads, queries, keys), weights.Shape);
        }

        // The names are those of the parameters: what a checkpoint calls q_proj belongs to what the trace shows.
        var owners = strategy.Parameters().Select(p => p.Key).Where(k => k.EndsWith(".q_proj.weight", StringComparison.Ordinal))
            .Select(k => k[..^".q_proj.weight".Length]);
        Assert.Equal(owners.Order(), trace.Entries.Select(e => e.Key).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Tracing_the_weights_changes_no_result(string name)
    {
        var strategy = Scene.Create(name);
        Scene.Same(Scene.Fuse(strategy, new Scene().Input()), Scene.Fuse(strategy, new Scene().Input(), new AttentionTrace()));
    }

    [Fact]
    public void Attentions_are_expected_of_strategies_that_there_are() => Assert.Empty(Expected.Keys.Except(FusionStrategies.Names));

    [Fact]
    public void A_name_that_is_not_there_is_answered_with_those_that_are()
    {
        var trace = new AttentionTrace();
        Scene.Fuse(Scene.Create("textbook-co-attention"), new Scene().Input(), trace);
        var error = Assert.Throws<KeyNotFoundException>(() => trace["attention"]);
        Assert.Equal("AttentionTrace: no entry 'attention'; there are: language_to_vision.attention, vision_to_language.attention",
            error.Message);
    }

    private static IEnumerable<(string, int, int)> Each(params Func<int, (string, int, int)>[] perLayer) =>
        Enumerable.Range(0, Scene.Layers).SelectMany(i => perLayer.Select(f => f(i)));
}

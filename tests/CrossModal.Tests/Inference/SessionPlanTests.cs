using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;

namespace CrossModal.Tests.Inference;

public sealed class SessionPlanTests
{
    private static readonly FusionOptions Options = new(64, 4, 2);

    [Fact]
    public void A_plan_lists_what_is_hoisted_absorbed_and_fused()
    {
        var plan = Session("cross-attention", 8, 256, Absorption.Auto).Explain();
        Assert.Equal(Stage.Instruction, Find(plan, "layers.0.self_attn").Stage);
        Assert.Equal("Attention", Find(plan, "layers.1.self_attn").Action);
        Assert.Equal(Stage.Instruction, Find(plan, "layers.0.cross_attn.q_proj").Stage);
        Assert.Equal(Stage.Frame, Find(plan, "layers.1.cross_attn.q_proj").Stage);
        Assert.Equal("absorbed attention", Find(plan, "layers.0.cross_attn").Action);
        Assert.Equal("Linear + Gelu", Find(plan, "layers.0.feed_forward.fc1").Action);
        Assert.Equal("Linear + residual + LayerNorm", Find(plan, "layers.0.feed_forward.fc2").Action);
        Assert.Single(plan.Steps, s => s.Action == "copy tokens into strips");
        Assert.Equal(1, plan.Steps.Sum(s => s.Share ?? 0), 6);
        Assert.All(plan.Steps, s => Assert.Equal(s.Stage == Stage.Frame, s.Share.HasValue));
        Assert.True(plan.Frame > TimeSpan.Zero);
        Assert.Contains("layers.1.cross_attn.k_proj", plan.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_absorption_projections_of_the_same_tokens_are_one_product()
    {
        var plan = Session("cross-attention", 8, 256, Absorption.Never).Explain(1);
        Assert.Single(plan.Steps, s => s.Layer == "layers.0.cross_attn.k_proj + v_proj");
        Assert.Single(plan.Steps, s => s.Layer == "layers.1.self_attn.q_proj + k_proj + v_proj");
        Assert.Equal("Attention", Find(plan, "layers.1.cross_attn").Action);
    }

    [Fact]
    public void Absorption_saves_what_its_derivation_says()
    {
        // One layer: (Nk dk HD + Nk dv HD + 2 Nq Nk HD) against H Nq Nk (dk + dv) + Nq dv HD, in multiply-adds per frame, the query
        // hoisted.
        const double nq = 8, nk = 256, d = 64, heads = 4;
        double Frame(Absorption a) => Session("cross-attention-single", (int)nq, (int)nk, a).Explain(0).Steps
            .Where(s => s.Stage == Stage.Frame && s.Layer != "attention.out_proj").Sum(s => s.Flops) / 2;
        Assert.Equal(2 * nk * d * d + 2 * nq * nk * d, Frame(Absorption.Never));
        Assert.Equal(2 * heads * nq * nk * d + nq * d * d, Frame(Absorption.Always));
    }

    [Theory]
    [InlineData(1, 16, 196, 512, 8, false, nameof(Association.KeysAndValues))]
    [InlineData(1, 12, 1024, 512, 8, false, nameof(Association.KeysAndValues))]
    [InlineData(1, 32, 576, 1024, 16, false, nameof(Association.KeysAndValues))]
    [InlineData(1, 64, 196, 512, 8, false, nameof(Association.Ordinary))]
    [InlineData(1, 64, 196, 512, 8, true, nameof(Association.Keys))]
    [InlineData(1, 196, 196, 512, 8, false, nameof(Association.Ordinary))]
    [InlineData(1, 12, 64, 128, 8, true, nameof(Association.KeysAndValues))]
    public void The_cost_model_chooses(int batch, int queries, int keys, int width, int heads, bool hoisted, string expected)
    {
        var sizes = new AssociationSizes(batch, queries, keys, heads, width / heads, width, width, hoisted, false, false);
        Assert.Equal(expected, CostModel.Cheapest(sizes, Association.KeysAndValues, CostConstants.Narrow).ToString());
    }

    [Theory]
    [InlineData(196, 48, false, nameof(Association.KeysAndValues))]
    [InlineData(196, 56, false, nameof(Association.Ordinary))]
    [InlineData(196, 48, true, nameof(Association.KeysAndValues))]
    [InlineData(196, 56, true, nameof(Association.Keys))]
    [InlineData(196, 96, true, nameof(Association.Ordinary))]
    public void With_vectors_of_512_bits_the_cost_model_chooses_what_was_measured_to_be_fastest(int keys, int queries, bool hoisted,
        string expected)
    {
        var sizes = new AssociationSizes(1, queries, keys, 8, 64, 512, 512, hoisted, false, false);
        Assert.Equal(expected, CostModel.Cheapest(sizes, Association.KeysAndValues, CostConstants.Wide).ToString());
    }

    [Fact]
    public void Keys_that_are_hoisted_are_not_absorbed()
    {
        // Vision attends to words: their keys and values do not change from frame to frame.
        var plan = Session("textbook-co-attention", 8, 64, Absorption.Auto).Explain(1);
        Assert.Equal(Stage.Instruction, Find(plan, "vision_to_language.attention.k_proj + v_proj").Stage);
        Assert.Equal("Attention", Find(plan, "vision_to_language.attention").Action);
    }

    [Fact]
    public void Memory_is_shared_by_values_that_are_never_needed_together()
    {
        // A chain of copies needs two places, whatever its length; a value read at the end keeps its own.
        var values = Enumerable.Range(0, 12).Select(_ => new Value([100], Stage.Frame)).ToArray();
        values[0].Memory = Tensor.Zeros([100]);
        List<Step> steps = [.. Enumerable.Range(0, 11).Select(i => (Step)new CopyStep(values[i], values[i + 1]))];
        var late = new Value([100], Stage.Frame);
        steps.Add(new CopyStep(values[2], late));
        var bytes = MemoryPlan.Assign(steps, v => v == values[11]);
        Assert.Equal(3 * 112 * sizeof(float), bytes);

        values[0].Span.Fill(5);
        foreach (var step in steps) step.Execute(Workers.Single);
        Assert.All(late.Span.ToArray(), x => Assert.Equal(5, x));
        Assert.All(values[11].Span.ToArray(), x => Assert.Equal(5, x));
    }

    [Fact]
    public void A_long_input_is_not_copied()
    {
        var session = Session("cross-attention", 8, 40_000, Absorption.Auto);
        var plan = session.Explain(1);
        Assert.DoesNotContain(plan.Steps, s => s.Action == "copy tokens into strips");
        Assert.True(session.WorkingBytes < 1 << 20, $"{session.WorkingBytes} bytes");
    }

    private static SessionStep Find(SessionPlan plan, string layer) => Assert.Single(plan.Steps, s => s.Layer == layer);

    private static InferenceSession Session(string strategy, int words, int patches, Absorption absorption) => InferenceSession.Compile(
        FusionStrategies.Create(strategy, Options, new RandomSource(1)),
        new FusionInput(Sessions.Random(1, words, 64, 1), Sessions.Random(1, patches, 64, 2)),
            new SessionOptions { Absorption = absorption });
}

using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

public sealed class DistillationTests
{
    private const int Batch = 2, Words = 3, Patches = 4, Width = 8, Heads = 2;

    /// <summary>Every way to attend; where a number of keys is kept, fewer than there are.</summary>
    public static TheoryData<string> Ways => ["", "topk:2", "local:1", "block:1", "linear", "graph:1", "qknorm", "prune:3", "inverted"];

    [Fact]
    public void Attention_that_is_equal_costs_nothing_and_padding_does_not_count()
    {
        using var pass = Pass.Evaluation();
        var teacher = pass.Softmax(Tensor.Normal([Batch, Words, Patches], new RandomSource(1), 2));
        var student = pass.Softmax(Tensor.Normal([Batch, Words, Patches], new RandomSource(2), 2));
        var rows = Tensor.From([1, 1, 0, 1, 0, 0], [Batch, Words, 1]);
        Assert.Equal(0, Distillation.AttentionLoss(pass, teacher, teacher, rows).Item(), 1e-6);
        double expected = 0;
        foreach (var (b, w) in ((int, int)[])[(0, 0), (0, 1), (1, 0)])
            for (var n = 0; n < Patches; n++) expected += teacher[b, w, n] * Math.Log(teacher[b, w, n] / student[b, w, n]);
        Assert.Equal(expected / 3, Distillation.AttentionLoss(pass, student, teacher, rows).Item(), 1e-4);
        Assert.Contains("needs student and teacher [B, Nl, N]",
            Assert.Throws<ShapeException>(() => Distillation.AttentionLoss(pass, student, pass.Slice(teacher, 2, 0, 2), rows)).Message);
    }

    [Fact]
    public void Features_that_tell_the_same_samples_apart_cost_nothing_whatever_their_width_and_direction()
    {
        using var pass = Pass.Evaluation();
        var student = Tensor.Normal([5, 3], new RandomSource(1));

        // Turned, stretched and wider: the same cosines.
        var wider = Tensor.Zeros([5, 4]);
        for (var i = 0; i < 5; i++) (wider[i, 3], wider[i, 0], wider[i, 1]) = (2 * student[i, 0], 2 * student[i, 1], -2 * student[i, 2]);
        Assert.Equal(0, Distillation.FeatureLoss(pass, student, wider).Item(), 1e-6);
        Assert.True(Distillation.FeatureLoss(pass, student, Tensor.Normal([5, 4], new RandomSource(2))).Item() > 0.05);
        Assert.Contains("needs features [B, d] and [B, dt]",
            Assert.Throws<ShapeException>(() => Distillation.FeatureLoss(pass, student, Tensor.Zeros([4, 3]))).Message);
    }

    [Theory]
    [InlineData(8, 8, 4, 4)]
    [InlineData(4, 4, 8, 8)]
    [InlineData(3, 5, 2, 2)]
    [InlineData(1, 7, 7, 1)]
    public void Weights_keep_their_sum_and_their_place_on_another_grid(int rows, int columns, int toRows, int toColumns)
    {
        var (from, to) = (new TokenGrid(rows, columns), new TokenGrid(toRows, toColumns));
        var map = Distillation.RegionMap(from, to);
        for (var i = 0; i < from.Count; i++) Assert.Equal(1, Enumerable.Range(0, to.Count).Sum(j => map[i, j]), 1e-6);

        // Even weights stay even.
        for (var j = 0; j < to.Count; j++)
            Assert.Equal((double)from.Count / to.Count, Enumerable.Range(0, from.Count).Sum(i => map[i, j]), 1e-5);
        Assert.True(map[0, 0] > 0 && map[from.Count - 1, to.Count - 1] > 0);
        if ((rows, toRows) == (8, 4))
            for (var i = 0; i < 64; i++) Assert.Equal(1, map[i, i / 16 * 4 + i % 8 / 2]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_terms_have_the_gradients_that_differences_give(string way)
    {
        var attention = Attention(way);
        var holder = new Holder(attention);
        var (words, patches) = (Tensor.Normal([Batch, Words, Width], new RandomSource(4)),
            Tensor.Normal([Batch, Patches, Width], new RandomSource(5)));
        var rows = Tensor.From([1, 1, 0, 1, 1, 1], [Batch, Words, 1]);
        var teacher = Tensor.Zeros([Batch, Words, 2]);
        for (var i = 0; i < Batch * Words; i++) (teacher.Span[2 * i], teacher.Span[2 * i + 1]) = (0.1f + 0.1f * i, 0.9f - 0.1f * i);
        var teacherFeatures = Tensor.Normal([Batch * Words, 5], new RandomSource(6));
        var mask = Mask.Lengths([4, 3], Patches);
        using var pass = Pass.Recording();
        using var gradients = pass.Backward(Loss(pass));
        foreach (var (name, parameter) in holder.Parameters())
        {
            if (!gradients.TryGet(parameter, out var gradient)) continue;
            for (var i = 0; i < parameter.Shape.Length; i += 7)
            {
                const float step = 4e-3f;
                var before = parameter.Span[i];
                parameter.Span[i] = before + step;
                var up = Value();
                parameter.Span[i] = before - step;
                var down = Value();
                parameter.Span[i] = before;
                Assert.True(Math.Abs((up - down) / (2 * step) - gradient.Span[i]) < 2e-3,
                    $"{name}[{i}]: {(up - down) / (2 * step)} and {gradient.Span[i]}");
            }
        }

        Assert.True(gradients.TryGet(holder.Parameters().First(p => p.Key.EndsWith("q_proj.weight", StringComparison.Ordinal)).Value,
            out var query) && query.Span.IndexOfAnyExcept(0f) >= 0);

        double Value()
        {
            using var other = Pass.Recording();
            return Loss(other).Item();
        }

        Tensor Loss(Pass pass)
        {
            var trace = AttentionTrace.WithGradients("attention");
            var fused = pass.Traced(trace, () => attention.Forward(words, patches, patches, mask, pass));
            var student = pass.MatMul(pass.Mean(trace["attention"], axis: 1),
                Distillation.RegionMap(new TokenGrid(2, 2), new TokenGrid(1, 2)));
            return pass.Add(Distillation.AttentionLoss(pass, student, teacher, rows),
                Distillation.FeatureLoss(pass, pass.Reshape(fused, [Batch * Words, Width]), teacherFeatures));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Weights_with_gradients_are_the_weights_that_were_used_and_only_of_the_layer_asked_for(string way)
    {
        var attention = Attention(way);
        var holder = new Holder(attention);
        var (words, patches) = (Tensor.Normal([Batch, Words, Width], new RandomSource(4)),
            Tensor.Normal([Batch, Patches, Width], new RandomSource(5)));
        var mask = Mask.Lengths([4, 3], Patches);
        var copies = new AttentionTrace();
        using var plain = Pass.Evaluation(copies);
        var expected = attention.Forward(words, patches, patches, mask, plain).ToArray();
        using var pass = Pass.Recording();
        var (wanted, other) = (AttentionTrace.WithGradients("attention"), AttentionTrace.WithGradients("elsewhere"));
        var found = pass.Traced(wanted, () => attention.Forward(words, patches, patches, mask, pass));
        Assert.Equal(expected, found.ToArray());
        Assert.Null(pass.Trace);
        var (a, b) = (copies["attention"], wanted["attention"]);
        Assert.Equal(a.Shape, b.Shape);
        foreach (var (x, y) in a.ToArray().Zip(b.ToArray())) Assert.Equal(x, y, 1e-6f);
        pass.Traced(other, () => attention.Forward(words, patches, patches, mask, pass));
        Assert.Empty(other.Entries);
        Assert.Single(holder.Parameters(), p => p.Key == "attention.q_proj.weight");
    }

    private static MultiHeadAttention Attention(string way) => new(
        new AttentionOptions(Width, Heads) { Variant = way.Length == 0 ? null : AttentionVariant.Parse(way) }, new RandomSource(3));

    private sealed class Holder : Module
    {
        public Holder(MultiHeadAttention attention) => Add("attention", attention);
    }
}

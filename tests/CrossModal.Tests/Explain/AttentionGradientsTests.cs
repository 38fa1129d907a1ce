using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Layers;

namespace CrossModal.Tests.Explain;

public sealed class AttentionGradientsTests
{
    [Fact]
    public void The_gradient_of_the_weights_is_that_of_the_scores_before_the_softmax()
    {
        // The engine gives the gradient of an additive mask, which is that of the scores S: dS = A ∘ (dA − Σ A dA).
        var random = new RandomSource(5);
        var attention = new MultiHeadAttention(12, 3, random);
        var (words, patches) = (Tensor.Normal([2, 4, 12], random), Tensor.Normal([2, 7, 12], random));
        using var pass = Pass.Recording(new AttentionTrace());
        var scores = pass.Differentiable(Tensor.Zeros([2, 3, 4, 7]));
        var result = attention.Forward(pass.Differentiable(words), patches, patches, Mask.OfScores(scores), pass);
        var decision = pass.Sum(pass.Multiply(result, Tensor.Normal([2, 4, 12], random)));
        var found = Assert.Single(AttentionGradients.Of(pass, decision, _ => true));
        using var gradients = pass.Backward(decision);
        Assert.Equal(pass.Trace!.Entries[0].Value.ToArray(), found.Weights.ToArray());
        for (var row = 0; row < 24; row++)
        {
            var (a, g) = (found.Weights.Span.Slice(7 * row, 7).ToArray(), found.Gradient.Span.Slice(7 * row, 7).ToArray());
            var mean = a.Zip(g, (x, y) => x * y).Sum();
            for (var k = 0; k < 7; k++) Assert.Equal(gradients[scores].Span[7 * row + k], a[k] * (g[k] - mean), 1e-5f);
        }

        Assert.All(found.Weighted().ToArray().Zip(found.Weights.ToArray().Zip(found.Gradient.ToArray())), p =>
            Assert.Equal(p.Second.First * Math.Max(0, p.Second.Second), p.First));
    }

    [Theory]
    [InlineData("topk:3")]
    [InlineData("local:1")]
    [InlineData("block:1")]
    [InlineData("linear")]
    [InlineData("graph:1")]
    [InlineData("qknorm")]
    [InlineData("inverted")]
    public void Of_every_way_to_attend_weights_times_gradients_add_up_to_the_decision_and_a_value_shows_in_the_gradient(string way)
    {
        // Without a bias the decision is linear in the weights: Σ A ∘ dA. And dA of a key is what the decision would gain by one more of
        // its value.
        var random = new RandomSource(7);
        var attention = Attention(way, random);
        var (words, patches) = (Tensor.Normal([2, 4, 12], random), Tensor.Normal([2, 9, 12], random));
        var wanted = Tensor.Normal([2, 4, 12], random);
        var (found, decision) = Explained(attention, words, patches, wanted);
        Assert.Equal(decision, found.Weights.ToArray().Zip(found.Gradient.ToArray()).Sum(p => (double)p.First * p.Second), 1e-4);

        var v = attention.Parameters().Single(p => p.Key == "v_proj.weight").Value;
        var o = attention.Parameters().Single(p => p.Key == "out_proj.weight").Value;
        for (var (b, h) = (0, 0); b < 2; (b, h) = h == 2 ? (b + 1, 0) : (b, h + 1))
            for (var query = 0; query < 4; query++)
                for (var key = 0; key < 9; key++)
                {
                    double expected = 0;
                    for (var head = 4 * h; head < 4 * h + 4; head++)
                    {
                        var (value, gain) = (0.0, 0.0);
                        for (var i = 0; i < 12; i++)
                            (value, gain) = (value + (double)v[head, i] * patches[b, key, i],
                                gain + (double)o[i, head] * wanted[b, query, i]);
                        expected += value * gain;
                    }

                    Assert.Equal(expected, found.Gradient[b, h, query, key], 1e-4);
                }
    }

    [Fact]
    public void Where_no_values_are_made_of_keys_left_out_it_is_refused_by_name()
    {
        var random = new RandomSource(8);
        var attention = Attention("prune:3", random);
        var message = Assert.Throws<NotSupportedException>(() =>
            Explained(attention, Tensor.Normal([1, 2, 12], random), Tensor.Normal([1, 9, 12], random),
            Tensor.Normal([1, 2, 12], random))).Message;
        Assert.Contains("PrunedAttention of attention makes values of 3 of 9 keys", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keeping_gradients_between_changes_no_other()
    {
        var random = new RandomSource(6);
        var (x, w) = (Tensor.Normal([3, 4], random), Tensor.Normal([4, 4], random));
        using var pass = Pass.Recording();
        var input = pass.Differentiable(x);
        var middle = pass.MatMul(input, w);
        var twice = pass.Add(middle, pass.Tanh(middle));
        var loss = pass.Sum(pass.Multiply(twice, twice));
        using var plain = pass.Backward(loss);
        using var kept = pass.Backward(loss, [middle, twice]);
        Assert.Equal(plain[input].ToArray(), kept[input].ToArray());
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(2 * twice.Span[i], kept[twice].Span[i], 1e-5f);
            Assert.Equal(2 * twice.Span[i] * (2 - Math.Pow(Math.Tanh(middle.Span[i]), 2)), kept[middle].Span[i], 1e-4);
        }

        Assert.False(plain.TryGet(middle, out _));
    }

    private static MultiHeadAttention Attention(string way, RandomSource random) =>
        new Holder(new MultiHeadAttention(new AttentionOptions(12, 3)
        {
            Variant = AttentionVariant.Parse(way),
            Biases = AttentionBiases.None
        }, random)).Attention;

    private static (AttentionGradient Found, float Decision) Explained(MultiHeadAttention attention, Tensor words, Tensor patches,
        Tensor wanted)
    {
        using var pass = Pass.Recording(new AttentionTrace());
        var decision = pass.Sum(pass.Multiply(attention.Forward(pass.Differentiable(words), patches, patches, null, pass), wanted));
        return (Assert.Single(AttentionGradients.Of(pass, decision, layer => layer == "attention")), decision.Item());
    }

    private sealed class Holder : Module
    {
        public Holder(MultiHeadAttention attention) => Attention = Add("attention", attention);

        public MultiHeadAttention Attention { get; }
    }
}

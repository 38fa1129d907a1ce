using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;

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
        using var pass = Pass.Recording(new Trace());
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

        Assert.All(found.Weighted().ToArray().Zip(found.Weights.ToArray().Zip(found.Gradient.ToArray())), p => Assert.Equal(p.Second.First * Math.Max(0, p.Second.Second), p.First));
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
}

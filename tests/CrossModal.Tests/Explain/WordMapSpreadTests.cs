using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Layers;

namespace CrossModal.Tests.Explain;

public sealed class WordMapSpreadTests
{
    [Theory]
    [InlineData(new float[] { 0, 1, 0, 0 }, 0)]
    [InlineData(new float[] { 0.25f, 0.25f, 0.25f, 0.25f }, 1)]
    [InlineData(new float[] { 0.5f, 0.5f, 0, 0 }, 0.5)]
    [InlineData(new float[] { 0.25f, 0.25f, 0, 0 }, 0.5)]
    public void Spread_is_entropy_over_that_of_even_weights(float[] weights, double expected)
    {
        var trace = new AttentionTrace();
        trace.Add("cross_attn", Tensor.From(weights, [1, 1, 1, 4]), [new TokenRun(TokenKind.Words, 1)],
            [new TokenRun(TokenKind.Patches, 4)]);
        Assert.Equal(expected, WordMap.Read(trace, 0, 1, new TokenGrid(2, 2)).Single().Spread(), 6);
    }
}

using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Tests.Attention;

/// <summary>Grouped-query attention: heads of keys and values that several heads of queries share.</summary>
public sealed class SharedKeysTests
{
    private const int Width = 12, Heads = 6, HeadWidth = Width / Heads;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Shared_heads_are_as_heads_of_their_own_with_the_same_weights(int keyHeads)
    {
        var shared = new MultiHeadAttention(new AttentionOptions(Width, Heads) { KeyHeads = keyHeads }, new RandomSource(1));
        var whole = new MultiHeadAttention(new AttentionOptions(Width, Heads), new RandomSource(2));
        var given = shared.Parameters().ToDictionary(p => p.Key, p => p.Value);
        Assert.Equal([keyHeads * HeadWidth, Width], given["k_proj.weight"].Shape.Sizes);
        foreach (var (name, parameter) in whole.Parameters())
        {
            var source = given[name];
            var row = parameter.Shape.Rank == 2 ? parameter.Shape[1] : 1;
            for (var i = 0; i < parameter.Shape[0]; i++)
            {
                var head = i / HeadWidth / (Heads / keyHeads);
                var from = source.Shape[0] == parameter.Shape[0] ? i : head * HeadWidth + i % HeadWidth;
                source.Span.Slice(from * row, row).CopyTo(parameter.Span.Slice(i * row, row));
            }
        }

        var (queries, keys) = (Tensor.Normal([2, 3, Width], new RandomSource(3)), Tensor.Normal([2, 5, Width], new RandomSource(4)));
        using var pass = Pass.Evaluation();
        Assert.Equal(whole.Forward(queries, keys, keys, null, pass).ToArray(), shared.Forward(queries, keys, keys, null, pass).ToArray());
    }

    [Fact]
    public void Heads_of_keys_that_do_not_divide_the_heads_are_refused() =>
        Assert.Equal("MultiHeadAttention: 4 heads of keys do not divide 6 heads", Assert.Throws<ShapeException>(() =>
            new MultiHeadAttention(new AttentionOptions(Width, Heads) { KeyHeads = 4 }, new RandomSource(1))).Message);
}

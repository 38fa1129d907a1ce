using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Tests.Attention;

/// <summary>Rotary positions on the grid of patches.</summary>
public sealed class RotaryTests
{
    private const int Width = 16, Side = 4;

    [Fact]
    public void Scores_of_like_patches_depend_on_the_difference_of_their_places()
    {
        var weights = Weights([new TokenRun(TokenKind.Patches, Side * Side)]);

        // The share of one key over another's is the exponential of the difference of their scores.
        double Ratio(int query, int key, int other) => Math.Log(weights[0, 0, query, key] / weights[0, 0, query, other]);
        Assert.Equal(Ratio(0, 1, Side), Ratio(5, 6, 5 + Side), 1e-4);
        Assert.Equal(Ratio(0, Side + 1, 1), Ratio(10, 15, 11), 1e-4);
        Assert.NotEqual(Ratio(0, 1, Side), Ratio(0, 2, Side), 1e-3);
        Assert.NotEqual(Ratio(0, 1, Side + 1), Ratio(0, Side, Side + 1), 1e-3);
    }

    [Fact]
    public void Tokens_that_lie_nowhere_are_not_rotated()
    {
        var weights = Weights([new TokenRun(TokenKind.Made, Side * Side)]);
        foreach (var weight in weights.ToArray()) Assert.Equal(1.0 / (Side * Side), weight, 1e-6);
    }

    [Fact]
    public void Heads_too_narrow_for_two_axes_are_refused() =>
        Assert.Contains("needs heads of an even width of at least 4, got 2", Assert.Throws<ShapeException>(() =>
            new MultiHeadAttention(new AttentionOptions(8, 4) { Variant = AttentionVariant.Parse("rotary") },
                new RandomSource(1))).Message);

    /// <summary>Weights of tokens that are all alike but for their places.</summary>
    private static Tensor Weights(IReadOnlyList<TokenRun> runs)
    {
        var variant = AttentionVariant.Parse("rotary") with { Grid = new TokenGrid(Side, Side) };
        var attention = new MultiHeadAttention(new AttentionOptions(Width, 2) { Variant = variant }, new RandomSource(1));
        var tokens = Tensor.Zeros([1, Side * Side, Width]);
        var one = Tensor.Normal([Width], new RandomSource(2));
        for (var i = 0; i < Side * Side; i++) one.Span.CopyTo(tokens.Span[(i * Width)..]);
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        attention.Forward(tokens, tokens, tokens, null, pass, new AttentionSides(runs, runs));
        return trace.Entries[0].Value.Copy();
    }
}

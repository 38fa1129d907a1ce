using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Tests.Fusion;

namespace CrossModal.Tests.Explain;

/// <summary>A strategy whose weights are set by hand, so that every attention to patches goes to the one patch that is red, and the one
/// number decided on is the redness that was fetched: the right map of every word is that patch.</summary>
/// <remarks>Channel 0 of a token is the patch's red, channel 1 is 1 in every token, all others are 0. Queries are channel 1, keys channel
/// 0; what is fetched adds to channel 0. Feed-forward networks add nothing.</remarks>
internal static class PlantedStrategy
{
    public const int Width = 16, Words = 3, Planted = 6;

    public static TokenGrid Grid { get; } = new(4, 4);

    public static ExplainedDecision Decision(string strategy, VisionOptions? vision = null, ExplanationTarget? target = null, float red = 1,
        Action<int>? counted = null)
    {
        var fusion = Scene.OpenGates(FusionStrategies.Create(strategy,
            new FusionOptions(Width, 2, 2) { Latents = 4, Vision = (vision ?? new VisionOptions()) with { Grid = Grid } },
                new RandomSource(1)));
        foreach (var (name, tensor) in fusion.Parameters()) Set(name, tensor);
        var words = Tensor.Zeros([1, Words, Width]);
        for (var w = 0; w < Words; w++) words[0, w, 1] = 1;
        return new ExplainedDecision(strategy, Outputs, Picture(red), target ?? ExplanationTarget.Dimension(0),
            new DecisionSizes(Words, Grid, 1),
            fusion.Parameters().ToDictionary(p => p.Key, p => p.Value).GetValueOrDefault);

        Tensor Outputs(Tensor pictures, Pass pass)
        {
            var count = pictures.Shape[0];
            counted?.Invoke(count);
            var fused = fusion.Forward(new Tokens(pass.Expand(words, [count, Words, Width])), new Tokens(Patches(pictures, pass)),
                pass).Fused;
            return pass.Slice(fused.Mean(pass), 1, 0, 1);
        }
    }

    /// <summary>16 × 16 pixels, black but for one red patch of 4 × 4.</summary>
    private static Tensor Picture(float red)
    {
        var picture = Tensor.Zeros([1, 3, 16, 16]);
        for (var y = 0; y < 4; y++)
            for (var x = 0; x < 4; x++) picture[0, 0, Planted / 4 * 4 + y, Planted % 4 * 4 + x] = red;
        return picture;
    }

    private static Tensor Patches(Tensor pictures, Pass pass)
    {
        var tokens = pass.ToTokens(pass.AvgPool2d(pictures, 4));
        var channels = Tensor.Zeros([3, Width]);
        channels[0, 0] = 2;
        var one = Tensor.Zeros([Width]);
        one.Span[1] = 1;
        return pass.Add(pass.MatMul(tokens, channels), one);
    }

    private static void Set(string name, Tensor tensor)
    {
        if (name.Contains("norm", StringComparison.OrdinalIgnoreCase) || name.EndsWith("_gate", StringComparison.Ordinal)) return;
        tensor.Span.Clear();

        // A tower of visual tokens before words attend to them leaves them as they are: otherwise all patches would be the red one.
        if (name.StartsWith("vision.layers.", StringComparison.Ordinal)) return;
        if (name.EndsWith("q_proj.weight", StringComparison.Ordinal)) HeadChannels(tensor, from: 1, 2);
        else if (name.EndsWith("k_proj.weight", StringComparison.Ordinal)) HeadChannels(tensor, from: 0, 2);
        else if (name.EndsWith("v_proj.weight", StringComparison.Ordinal))
        {
            // Both heads carry redness: what is fetched stays positive where a norm makes the black patches negative.
            HeadChannels(tensor, from: 0, 1);
            HeadChannels(tensor, from: 1, 0.3f);
        }
        else if (name.EndsWith("out_proj.weight", StringComparison.Ordinal))
        {
            for (var i = 0; i < tensor.Shape[1]; i += Width / 2) tensor[0, i] = 1;
        }
        else if (name.Contains("feed_forward", StringComparison.Ordinal) || name.Contains("fc", StringComparison.Ordinal)
            || name.EndsWith("bias", StringComparison.Ordinal)) return;
        else if (tensor.Shape.Rank == 4 && tensor.Shape[0] == Width)
        {
            // A convolution that reduces: the mean of what it covers.
            for (var c = 0; c < Width; c++)
                tensor.Span.Slice((c * Width + c) * tensor.Shape[2] * tensor.Shape[3], tensor.Shape[2] * tensor.Shape[3])
                .Fill(1f / (tensor.Shape[2] * tensor.Shape[3]));
        }
        else if (tensor.Shape is { Rank: 2 } && tensor.Shape[0] == Width && tensor.Shape[1] % Width == 0)
        {
            for (var i = 0; i < tensor.Shape[1]; i++) tensor[i % Width, i] = 1;
        }
        else if (name.Contains("latents", StringComparison.Ordinal) || name.Contains("quer", StringComparison.Ordinal)
            || name.Contains("class", StringComparison.Ordinal)
            || name.Contains("token", StringComparison.Ordinal))
        {
            for (var i = 1; i < tensor.Shape.Length; i += Width) tensor.Span[i] = 1;
        }
    }

    /// <summary>The first channel of each head takes a channel of the token.</summary>
    private static void HeadChannels(Tensor weight, int from, float factor)
    {
        for (var head = 0; head < weight.Shape[0]; head += Width / 2) weight[head, from] += factor;
    }
}

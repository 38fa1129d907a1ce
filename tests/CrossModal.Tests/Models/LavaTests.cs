using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Models;

namespace CrossModal.Tests.Models;

public sealed class LavaTests
{
    private static readonly LavaOptions Options = new(TextWidth: 6, Width: 8, Heads: 2, Layers: 2)
    {
        Time = new LavaTime(Frames: 3, Layers: 2),
        Head = new LavaHead(Width: 12, Blocks: 2, Actions: 2),
        Levels = [2, 3],
    };

    [Fact]
    public void It_acts_as_its_description_says()
    {
        var policy = new Lava(Options, new RandomSource(1));
        var random = new RandomSource(2);
        foreach (var (_, parameter) in policy.Parameters())
            if (parameter.Shape.Rank == 1) Tensor.Normal(parameter.Shape, random, 0.3f).Span.CopyTo(parameter.Span);

        // 19 × 16 pixels: every pooling but the first drops a row.
        var (frames, text) = (Tensor.Uniform([2, 3, 3, 19, 16], random, 0, 1), Tensor.Normal([2, 6], random, 3));
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        var actions = policy.Forward(frames, text, pass);
        Assert.Equal([2, 2], actions.Shape.Sizes.ToArray());
        Assert.Equal(["blocks.layers.0.attn", "blocks.layers.1.attn", "time.layers.0.attn", "time.layers.1.attn"],
            trace.Entries.Select(e => e.Key));
        Assert.Equal([6, 2, 1, 5], trace.Entries[0].Value.Shape.Sizes.ToArray());
        var plain = new PlainLava(policy.Parameters().ToDictionary(), 8, 2);
        for (var b = 0; b < 2; b++)
        {
            var expected = plain.Act([.. Enumerable.Range(0, 3).Select(t => Image(frames, b, t))],
                [.. Enumerable.Range(0, 6).Select(i => (double)text[b, i])], [2, 3], (2, 2, 2));
            for (var a = 0; a < 2; a++) Assert.Equal(expected[a], actions[b, a], 1e-4 * Math.Max(1, Math.Abs(expected[a])));
        }
    }

    [Fact]
    public void Every_parameter_has_a_gradient_and_the_length_of_the_text_does_not_matter()
    {
        var policy = new Lava(Options, new RandomSource(1));
        var (frames, text) = (Tensor.Uniform([1, 3, 3, 16, 16], new RandomSource(2), 0, 1), Tensor.Normal([1, 6], new RandomSource(3)));
        using var pass = Pass.Recording();
        var actions = policy.Forward(frames, text, pass);
        using var gradients = pass.Backward(pass.Sum(pass.Square(actions)));
        foreach (var (name, parameter) in policy.Parameters())
            Assert.True(gradients.TryGet(parameter, out var gradient) && gradient.ToArray().All(float.IsFinite), name);
        foreach (var (a, b) in actions.ToArray().Zip(policy.Forward(frames, pass.Scale(text, 7), pass).ToArray())) Assert.Equal(a, b, 1e-5);
    }

    [Fact]
    public void The_published_sizes_are_the_defaults_and_mistakes_are_named()
    {
        var published = new Lava(new LavaOptions(), RandomSource.None);
        Assert.Equal([2, 1024], published.Parameters().Single(p => p.Key == "head.action.weight").Value.Shape.Sizes.ToArray());
        Assert.Equal([256, 1024], published.Parameters().Single(p => p.Key == "head.blocks.1.layers.0.weight").Value.Shape.Sizes.ToArray());
        Assert.Equal("Lava: levels 5 are not some of 0 … 4", Refused(() => new Lava(Options with { Levels = [5] }, new RandomSource(1))));
        Assert.Equal("Lava: widths of 10 and 12 are not divisible by 4",
            Refused(() => new Lava(Options with { Width = 10 }, new RandomSource(1))));
        using var pass = Pass.Evaluation();
        var policy = new Lava(Options with { Levels = [3, 4] }, new RandomSource(1));
        Assert.Equal("Lava: frames must be [B, 3, 3, H, W], got [1,2,3,16,16]",
            Refused(() => policy.Forward(Tensor.Zeros([1, 2, 3, 16, 16]), Tensor.Zeros([1, 6]), pass)));
        Assert.Equal("Lava: the text must be [1, 6], got [2,6]",
            Refused(() => policy.Forward(Tensor.Zeros([1, 3, 3, 16, 16]), Tensor.Zeros([2, 6]), pass)));
        Assert.StartsWith("Lava: the image is too small",
            Refused(() => policy.Forward(Tensor.Zeros([1, 3, 3, 8, 8]), Tensor.Zeros([1, 6]), pass)), StringComparison.Ordinal);
    }

    private static double[,,] Image(Tensor frames, int sample, int frame)
    {
        var image = new double[3, frames.Shape[3], frames.Shape[4]];
        for (var c = 0; c < 3; c++)
            for (var y = 0; y < frames.Shape[3]; y++)
                for (var x = 0; x < frames.Shape[4]; x++) image[c, y, x] = frames[sample, frame, c, y, x];
        return image;
    }

    private static string Refused(Action action) => Assert.Throws<ShapeException>(action).Message;
}

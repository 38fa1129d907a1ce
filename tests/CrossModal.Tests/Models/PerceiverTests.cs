using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Tests.Models;

/// <summary>What the golden cases of Perceiver, Perceiver IO and pooled fusion do not show.</summary>
public sealed class PerceiverTests
{
    [Fact]
    public void Fourier_positions_stand_as_each_implementation_orders_them()
    {
        using var pass = Pass.Evaluation();
        var tokens = Tensor.Zeros([1, 6, 1]);
        var byAxis = new FourierPositions([2, 3], bands: 2, [8, 4]).Forward(tokens, pass);
        var byFunction = new FourierPositions([2, 3], bands: 2, [8, 4], FourierOrder.ByFunction).Forward(tokens, pass);
        for (var i = 0; i < 6; i++)
        {
            var (row, column) = (i / 3 * 2.0 - 1, i % 3 - 1.0);

            // Frequencies from 1 to half the highest: 1 and 4 on rows, 1 and 2 on columns.
            double[] sines = [Math.Sin(Math.PI * row), Math.Sin(4 * Math.PI * row), Math.Sin(Math.PI * column),
                Math.Sin(2 * Math.PI * column)];
            double[] cosines = [Math.Cos(Math.PI * row), Math.Cos(4 * Math.PI * row), Math.Cos(Math.PI * column),
                Math.Cos(2 * Math.PI * column)];
            Near([0, sines[0], sines[1], cosines[0], cosines[1], row, sines[2], sines[3], cosines[2], cosines[3], column], byAxis, i);
            Near([0, row, column, .. sines, .. cosines], byFunction, i);
        }

        Assert.Equal("FourierPositions: [1,5,1] is not [B, 6, C]",
            Assert.Throws<ShapeException>(() => new FourierPositions([2, 3], 2, [8]).Forward(Tensor.Zeros([1, 5, 1]), pass)).Message);
    }

    [Fact]
    public void Modalities_are_made_as_wide_as_each_other_by_learned_numbers()
    {
        var input = new MultimodalInput(new Dictionary<string, int> { ["text"] = 3, ["image"] = 5 }, new RandomSource(1));
        Assert.Equal(7, input.Width);
        Assert.Equal(["padding.image [1,2]", "padding.text [1,4]"], input.Parameters().Select(p => $"{p.Key} {p.Value.Shape}"));
        using var pass = Pass.Evaluation();
        var (text, image) = (Tensor.Normal([2, 2, 3], new RandomSource(2)), Tensor.Normal([2, 1, 5], new RandomSource(3)));
        var joined = input.Forward(new Dictionary<string, Tokens> { ["text"] = new(text, Mask.Lengths([1, 2], 2)), ["image"] = new(image) },
            pass);
        var padding = input.Parameters().ToDictionary();
        for (var b = 0; b < 2; b++)
        {
            float[] first = [.. image.Span.Slice(b * 5, 5), .. padding["padding.image"].Span];
            float[] last = [.. text.Span.Slice((b * 2 + 1) * 3, 3), .. padding["padding.text"].Span];
            Assert.Equal(first, joined.Values.Span.Slice(b * 21, 7).ToArray());
            Assert.Equal(last, joined.Values.Span.Slice(b * 21 + 14, 7).ToArray());
        }

        Assert.Equal([0, 0, float.NegativeInfinity, 0, 0, 0], joined.Mask!.Scores.ToArray());
        Assert.Equal("MultimodalInput: takes the modalities image, text, got image",
            Assert.Throws<ShapeException>(() => input.Forward(new Dictionary<string, Tokens> { ["image"] = new(image) }, pass)).Message);
    }

    [Fact]
    public void Given_and_learned_queries_read_the_latents_and_a_model_without_output_refuses_them()
    {
        var options = new PerceiverIoOptions(5, 8, 3) { Cross = new(1, 4, 2), Self = new(2, 4, 2), Layers = (2, 2) };
        using var pass = Pass.Evaluation();
        var input = Tensor.Normal([2, 7, 5], new RandomSource(1));
        var bare = new PerceiverIo(options, new RandomSource(2));
        var result = bare.Forward(input, null, null, pass);
        Assert.Null(result.Output);
        Assert.Equal(5, result.Hidden.Count);
        Assert.Equal("PerceiverIo: queries [4,6] are given to a model without an output",
            Assert.Throws<ShapeException>(() => bare.Forward(input, null, Tensor.Zeros([4, 6]), pass)).Message);
        var learned = new PerceiverIo(options with { Output = new PerceiverOutput(6, new(1, 4, 2)) { Queries = 4, Channels = 9 } },
            new RandomSource(2));
        Assert.Equal([2, 4, 9], learned.Forward(input, null, null, pass).Output!.Shape.Sizes.ToArray());
        var queries = learned.Parameters().Single(p => p.Key == "queries").Value;
        Assert.Equal(learned.Forward(input, null, null, pass).Output!.ToArray(),
            learned.Forward(input, null, queries, pass).Output!.ToArray());
    }

    [Fact]
    public void Padding_does_not_reach_latents_and_a_sample_of_padding_gives_what_no_input_would()
    {
        var options = new PerceiverIoOptions(5, 8, 3) { Cross = new(2, 4, 2), Self = new(2, 4, 2) };
        var model = new PerceiverIo(options, new RandomSource(2));
        using var pass = Pass.Evaluation();
        var (input, other) = (Tensor.Normal([2, 7, 5], new RandomSource(1)), Tensor.Normal([2, 7, 5], new RandomSource(1)));
        other.Span[(4 * 5)..].Fill(100);
        var mask = Mask.Lengths([4, 0], 7);
        Assert.Equal(model.Forward(input, mask, null, pass).Latents.ToArray(), model.Forward(other, mask, null, pass).Latents.ToArray());
    }

    [Fact]
    public void Queries_that_compete_share_every_key_between_them()
    {
        var trace = new AttentionTrace();
        var model = new PerceiverClassifier(new PerceiverOptions(4, 8, 3, new PerceiverDepth(1))
        {
            Cross = new(1, 4, 2) { Variant = AttentionVariant.Parse("inverted") },
            Self = new(2, 4, 2),
        }, new RandomSource(1));
        using var pass = Pass.Evaluation(trace);
        model.Forward(Tensor.Normal([1, 6, 4], new RandomSource(2)), Mask.Lengths([5], 6), pass);
        var weights = trace["layers.0.cross.attn"];
        for (var m = 0; m < 3; m++)
        {
            Assert.Equal(1, Enumerable.Range(0, 6).Sum(j => (double)weights[0, 0, m, j]), 1e-5);
            Assert.Equal(0, weights[0, 0, m, 5]);
        }
    }

    [Fact]
    public void Channels_that_are_missing_or_of_another_width_are_named()
    {
        var channels = new Dictionary<string, int> { ["b"] = 3, ["a"] = 2 };
        using var pass = Pass.Evaluation();
        var fusion = new AttentionFusionModule(channels, new RandomSource(1));
        Assert.Equal("AttentionFusionModule: fuses the channels a, b, got a",
            Refused(() => fusion.Forward(new Dictionary<string, Tensor> { ["a"] = Tensor.Zeros([1, 2]) }, pass)));
        Assert.Equal("AttentionFusionModule: channel 'b' must be [B, 3], got [1,2]",
            Refused(() => fusion.Forward(new Dictionary<string, Tensor> { ["a"] = Tensor.Zeros([1, 2]), ["b"] = Tensor.Zeros([1, 2]) },
                pass)));
        Assert.Equal("DeepsetFusionModule: widths 3, 2 differ and are not projected",
            Refused(() => new DeepsetFusionModule(channels, new DeepsetOptions(4) { Projected = false }, new RandomSource(1))));
        Assert.Equal("ConcatFusionModule: there is no channel to fuse",
            Refused(() => new ConcatFusionModule(new Dictionary<string, int>(), new RandomSource(1), 4)));
        var least = new DeepsetFusionModule(channels, new DeepsetOptions(4) { Pooling = SetPooling.Min }, new RandomSource(1));
        var most = new DeepsetFusionModule(channels, new DeepsetOptions(4) { Pooling = SetPooling.Max }, new RandomSource(1));
        var sum = new DeepsetFusionModule(channels, new DeepsetOptions(4) { Pooling = SetPooling.Sum }, new RandomSource(1));
        var features = new Dictionary<string, Tensor> { ["a"] = Tensor.Full([1, 2], 1), ["b"] = Tensor.Full([1, 3], -2) };

        // Of two channels the least and the largest add up to the sum, and biases start at 0.
        var both = least.Forward(features, pass).ToArray().Zip(most.Forward(features, pass).ToArray(), (x, y) => x + y);
        foreach (var (x, y) in both.Zip(sum.Forward(features, pass).ToArray())) Assert.Equal(y, x, 1e-5);
    }

    private static void Near(double[] expected, Tensor values, int token)
    {
        Assert.Equal(expected.Length, values.Shape[2]);
        for (var c = 0; c < expected.Length; c++) Assert.Equal(expected[c], values[0, token, c], 2e-6);
    }

    private static string Refused(Action action) => Assert.Throws<ShapeException>(action).Message;
}

using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Onnx.Tests;

/// <summary>Exported strategies give what the library gives, at sizes and masks that they were not exported at.</summary>
public sealed class StrategyTests
{
    private const int Width = 16;
    private const int Heads = 4;
    private static readonly TokenGrid Grid = new(4, 4);

    public static TheoryData<string, int> Strategies()
    {
        var data = new TheoryData<string, int>();
        foreach (var name in FusionStrategies.Names.Where(n => !FusionStrategies.Registered.Any(d => d.Name == n)))
            foreach (var opset in OnnxOptions.Opsets) data.Add(name, opset);
        return data;
    }

    public static TheoryData<string, string?, string?, int> Variants()
    {
        var data = new TheoryData<string, string?, string?, int>();
        string?[] attentions = ["topk:5", "local:1", "block:2", "linear", "graph:1", "qknorm", "prune:6", "inverted", "rotary"];
        string[] attending = ["cross-attention", "cross-attention-single", "co-attention", "concat-tokens", "perceiver", "flamingo"];
        string?[] tokens = ["pool:4", "conv:4", "learner:5", "merge:6", "resampler:5"];
        foreach (var opset in OnnxOptions.Opsets)
        {
            foreach (var attention in attentions)
                foreach (var strategy in attending) data.Add(strategy, attention, null, opset);
            foreach (var reduction in tokens) data.Add("cross-attention", null, reduction, opset);
            data.Add("perceiver-io", "topk:3", "merge:6", opset);
        }

        return data;
    }

    [RuntimeTheory]
    [MemberData(nameof(Strategies))]
    public void Every_strategy_equals_the_library_at_drawn_sizes_and_masks(string name, int opset) => Compare(name, null, null, opset);

    [RuntimeTheory]
    [MemberData(nameof(Variants))]
    public void Every_attention_and_token_reduction_equals_the_library_at_drawn_sizes_and_masks(string name, string? attention,
        string? tokens, int opset) =>
        Compare(name, attention, tokens, opset);

    [RuntimeTheory]
    [InlineData(17)]
    [InlineData(23)]
    public void A_missing_view_and_inputs_without_masks_equal_the_library(int opset)
    {
        var random = new RandomSource(3);
        var options = new FusionOptions(Width, Heads, 2) { Views = 2, Vision = new VisionOptions { Grid = Grid } };
        var strategy = FusionStrategies.Create("multi-view-joint", options, random);
        using var folder = new TemporaryFolder();
        var example = new StrategyExample(6, null, 16) { WordsMask = false, ViewMasks = false };
        var file = Onnx.Export(strategy, example, folder["strategy.onnx"], new OnnxOptions { Opset = opset });
        Assert.Equal(["words", "view1"], file.Inputs.Select(port => port.Name));
        using var model = new OnnxModelRun(folder["strategy.onnx"]);
        var (words, view) = (Tensor.Normal([2, 4, Width], random), Tensor.Normal([2, 9, Width], random));
        using var pass = Pass.Evaluation();
        var expected = strategy.Forward(new FusionInput(new Tokens(words), [null, new Tokens(view)]), pass);
        var results = model.Run(("words", words.ToArray(), [2, 4, Width]), ("view1", view.ToArray(), [2, 9, Width]));
        Near.Same(expected.Fused.Values, results["fused"].Values, "fused");
    }

    [Fact]
    public void Every_size_is_open_but_those_of_strategies_that_lay_tokens_out()
    {
        var fixedSizes = new List<string>();
        foreach (var description in FusionStrategies.All.Except(FusionStrategies.Registered))
        {
            var vision = new VisionOptions { Grid = Grid };
            var options = new FusionOptions(Width, Heads, 2) { Views = description.Views, Latents = 5, Vision = vision };
            var strategy = description.Create(options, new RandomSource(1));
            using var folder = new TemporaryFolder();
            var example = new StrategyExample(6, [.. Enumerable.Repeat((int?)Grid.Count, description.Views)]);
            var open = Onnx.Export(strategy, example, folder["strategy.onnx"]).Inputs.SelectMany(port => port.Shape).ToHashSet();
            string[] sizes = ["batch", "words", .. Enumerable.Range(0, description.Views).Select(view => $"patches{view}")];
            fixedSizes.AddRange(sizes.Where(size => !open.Contains(size)).Select(size => $"{description.Name} {size}"));
        }

        Assert.Equal(["concat-flattened words", "concat-flattened patches0", "film-blocks patches0", "downsample-pool patches0",
            "downsample-conv patches0"], fixedSizes);
    }

    private static void Compare(string name, string? attention, string? tokens, int opset)
    {
        var views = Math.Max(1, FusionStrategies.Find(name).Views);
        var vision = new VisionOptions
        {
            Grid = Grid,
            Attention = attention is null ? null : AttentionVariant.Parse(attention),
            Tokens = tokens is null ? null
                : VisualTokens.Parse(tokens),
        };
        var options = new FusionOptions(Width, Heads, 2) { Views = views, Latents = 5, Vision = vision };
        var random = new RandomSource(7);
        var strategy = FusionStrategies.Create(name, options, random);
        foreach (var (_, parameter) in strategy.Parameters())
            foreach (ref var x in parameter.Span) x += 0.1f * random.NextGaussian();
        using var folder = new TemporaryFolder();
        var path = folder["strategy.onnx"];
        var file = Onnx.Export(strategy, new StrategyExample(6, [.. Enumerable.Repeat((int?)Grid.Count, views)]), path,
            new OnnxOptions { Opset = opset, Maps = true });
        using var model = new OnnxModelRun(path);
        var open = file.Inputs.SelectMany(port => port.Shape).ToHashSet();
        Assert.Contains("batch", open);
        foreach (var (batch, words, patches) in ((int, int, int)[])[(2, 6, 16), (1, 3, 16), (3, 9, 25)])
        {
            var language = Draw(random, batch, open.Contains("words") ? words : 6);
            var seen = Enumerable.Range(0, views).Select(view => Draw(random, batch, open.Contains($"patches{view}") ? patches
                : 16)).ToList();
            CompareOnce(strategy, model, language, seen, name);
        }
    }

    private static void CompareOnce(FusionStrategy strategy, OnnxModelRun model, Tokens language, List<Tokens> seen, string name)
    {
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        var expected = strategy.Forward(new FusionInput(language, [.. seen]), pass);
        List<(string, Array, int[])> inputs = [.. Inputs("words", language)];
        for (var view = 0; view < seen.Count; view++) inputs.AddRange(Inputs($"view{view}", seen[view]));
        var results = model.Run([.. inputs]);
        Near.Same(expected.Fused.Values, results["fused"].Values, $"{name} fused");
        if (expected.Fused.Mask is { } mask) Assert.Equal(mask.Scores.ToArray().Select(s => s > float.NegativeInfinity ? 1f : 0f),
            results["fused_mask"].Values);
        foreach (var (key, value) in expected.Named) Near.Same(value, results[$"fused.{key}"].Values, $"{name} {key}");
        var names = model.Outputs.Where(output => output.StartsWith("map.", StringComparison.Ordinal)).ToList();
        var grid = new TokenGrid(1, seen[0].Count);
        for (var sample = 0; sample < language.Batch; sample++)
        {
            var maps = WordMap.Read(trace, sample, language.Count, grid);
            Assert.Equal(maps.Select(map => $"map.{map.Layer}.view{map.View}"), names.Select(n => n.Split('#')[0]));
            for (var i = 0; i < maps.Count; i++)
            {
                var length = maps[i].Heads * maps[i].Words * grid.Count;
                var all = new float[length];
                for (var h = 0; h < maps[i].Heads; h++)
                    for (var w = 0; w < maps[i].Words; w++) maps[i].Head(h, w).CopyTo(all.AsSpan((h * maps[i].Words + w) * grid.Count));
                Near.Same(Tensor.From(all, [length]), results[names[i]].Values[(sample * length)..((sample + 1) * length)],
                    $"{name} {names[i]}");
            }
        }
    }

    private static IEnumerable<(string, Array, int[])> Inputs(string name, Tokens tokens)
    {
        yield return (name, tokens.Values.ToArray(), [tokens.Batch, tokens.Count, tokens.Width]);
        yield return ($"{name}_mask", tokens.Mask!.Scores.ToArray().Select(s => s == 0).ToArray(), [tokens.Batch, tokens.Count]);
    }

    /// <summary>Tokens of which each is padding now and then; in the last sample of several, all.</summary>
    private static Tokens Draw(RandomSource random, int batch, int count)
    {
        var real = new bool[batch, count];
        for (var b = 0; b < batch; b++)
            for (var i = 0; i < count; i++) real[b, i] = (batch == 1 || b < batch - 1) && (i == 0 || random.NextSingle() < 0.75f);
        return new Tokens(Tensor.Normal([batch, count, Width], random), Mask.KeyPadding(real));
    }
}

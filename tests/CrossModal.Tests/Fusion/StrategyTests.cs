using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Training;

namespace CrossModal.Tests.Fusion;

public sealed class StrategyTests
{
    public static TheoryData<string> Names => [.. FusionStrategies.Names];

    /// <summary>Strategies to which it does not matter where in the sequence a visual token stands.</summary>
    public static TheoryData<string> OrderFree => [.. FusionStrategies.All.Where(s => !s.OnGrid).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(OrderFree))]
    public void The_order_of_visual_tokens_does_not_matter(string name)
    {
        var strategy = Scene.Create(name);
        var scene = new Scene();
        var order = Enumerable.Range(0, Scene.Patches).ToArray();
        new RandomSource(3).Shuffle(order.AsSpan());
        var (trace, permutedTrace) = (new AttentionTrace(), new AttentionTrace());
        var plain = Scene.Fuse(strategy, scene.Input(), trace);
        var permuted = Scene.Fuse(strategy, Permuted(scene, order), permutedTrace);
        foreach (var (key, value) in plain) AssertPermuted(value, permuted[key], axis: 1, order);
        foreach (var (entry, other) in trace.Entries.Zip(permutedTrace.Entries))
            if (entry is { QueryTokens: [{ Kind: TokenKind.Words }], KeyTokens: [{ Kind: TokenKind.Patches }] })
                AssertPermuted(entry.Value, other.Value, axis: 3, order);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_saved_and_loaded_computes_the_same_bits(string name)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            var (saved, loaded) = (Scene.Create(name), Scene.Create(name, seed: 2));
            var input = new Scene().Input();
            Assert.NotEqual(Scene.Fuse(saved, input)["fused"].ToArray(), Scene.Fuse(loaded, input)["fused"].ToArray());
            ModelFile.Save(path, saved);
            ModelFile.Load(path, loaded);
            Scene.Same(Scene.Fuse(saved, input), Scene.Fuse(loaded, input));

            // Made without random weights, it must not miss any.
            var blank = Scene.Create(name, RandomSource.None);
            ModelFile.Load(path, blank);
            Scene.Same(Scene.Fuse(saved, input), Scene.Fuse(blank, input));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_seed_makes_the_same_weights(string name)
    {
        var (first, second) = (Scene.Create(name), Scene.Create(name));
        foreach (var (a, b) in first.Parameters().Zip(second.Parameters()))
        {
            Assert.Equal(a.Key, b.Key);
            Assert.Equal(a.Value.ToArray(), b.Value.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_parameter_reaches_the_results(string name)
    {
        var strategy = Scene.Create(name, views: 2);
        using var pass = Pass.Recording();
        var scene = new Scene();
        var view = new Tokens(scene.PatchValues(), scene.PatchMask());
        var fused = strategy.Forward(new FusionInput(new Tokens(scene.WordValues(), scene.WordMask()),
            [view, new Tokens(scene.PatchValues(1))]), pass);
        var loss = fused.Named.Values.Append(fused.Fused.Values)
            .Select(t => pass.Sum(pass.Square(t)))
            .Aggregate((a, b) => pass.Add(a, b));
        using var gradients = pass.Backward(loss);
        Assert.Empty(strategy.Parameters().Where(p => !gradients.TryGet(p.Value, out _)).Select(p => p.Key));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Wrong_widths_batches_and_masks_are_refused_by_name(string name)
    {
        var strategy = Scene.Create(name);
        var who = strategy.GetType().Name;
        Tokens Of(params int[] shape) => new(Tensor.Zeros(Shape.Of(shape)));
        Refused($"{who}: language [2,5,8] has a width of 8, expected 16", Of(2, 5, 8), Of(2, 16, 16));
        Refused($"{who}: view 0 [2,16,17] has a width of 17, expected 16", Of(2, 5, 16), Of(2, 16, 17));
        Refused($"{who}: batch sizes differ: language [2,5,16], view 0 [3,16,16]", Of(2, 5, 16), Of(3, 16, 16));
        Refused($"{who}: language must be [B, N, 16], got [5,16]", Of(5, 16), Of(2, 16, 16));
        Refused($"{who}: the mask of view 0 is [2,1,1,5], expected [2,1,1,16]", Of(2, 5, 16),
            Of(2, 16, 16) with { Mask = new Scene().WordMask() });

        void Refused(string message, Tokens language, Tokens vision)
        {
            using var pass = Pass.Evaluation();
            Assert.Equal(message, Assert.Throws<ShapeException>(() => strategy.Forward(language, vision, pass)).Message);
        }
    }

    [Fact]
    public void Loading_lists_everything_that_does_not_match_and_changes_nothing()
    {
        var strategy = Scene.Create("cross-attention-single");
        var before = strategy.Parameters().ToDictionary(p => p.Key, p => p.Value.ToArray());
        var values = strategy.Parameters().ToDictionary(p => p.Key, p => Tensor.Full(p.Value.Shape, 9));
        values.Remove("attention.q_proj.weight");
        values.Remove("norm.bias");
        values["attention.k_proj.weight"] = Tensor.Zeros([16, 8]);
        values["attention.bias_k"] = Tensor.Zeros([1, 1, 16]);
        var error = Assert.Throws<ShapeException>(() => strategy.Load(values));
        Assert.Equal(
            "CrossModalAttention: parameters do not match: missing 'attention.q_proj.weight' [16,16]; 'attention.k_proj.weight' is [16,8], "
            + "expected [16,16]; missing 'norm.bias' [16]; unexpected 'attention.bias_k'", error.Message);
        foreach (var (key, value) in strategy.Parameters()) Assert.Equal(before[key], value.ToArray());
    }

    [Fact]
    public void An_unknown_strategy_is_answered_with_those_there_are()
    {
        var error = Assert.Throws<ArgumentException>(() => FusionStrategies.Create("bilinear", new FusionOptions(8), new RandomSource(1)));
        Assert.StartsWith("no fusion strategy is called 'bilinear'; there are: concat-pooled, concat-side-by-side, ", error.Message);
    }

    private static FusionInput Permuted(Scene scene, int[] order)
    {
        var values = scene.PatchValues();
        var (moved, real) = (Tensor.Zeros(values.Shape), new bool[Scene.Batch, Scene.Patches]);
        for (var b = 0; b < Scene.Batch; b++)
            for (var i = 0; i < Scene.Patches; i++)
            {
                real[b, i] = scene.RealPatches[b, order[i]];
                for (var c = 0; c < Scene.Width; c++) moved[b, i, c] = values[b, order[i], c];
            }

        return new FusionInput(new Tokens(scene.WordValues(), scene.WordMask()), new Tokens(moved, Mask.KeyPadding(real)));
    }

    /// <summary>What has as many positions as there are visual tokens (perhaps after the words) moved with them; all else stayed.</summary>
    private static void AssertPermuted(Tensor plain, Tensor permuted, int axis, int[] order)
    {
        var size = plain.Shape[axis];
        var offset = size is Scene.Patches or Scene.Words + Scene.Patches ? size - Scene.Patches : size;
        var inner = plain.Shape.Product(axis + 1, plain.Shape.Rank);
        for (var i = 0; i < plain.Shape.Length; i++)
        {
            var position = i / inner % size;
            var source = position < offset ? i : i + (offset + order[position - offset] - position) * inner;
            Assert.Equal(plain.Span[source], permuted.Span[i], 1e-5);
        }
    }
}

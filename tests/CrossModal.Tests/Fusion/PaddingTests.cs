using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

namespace CrossModal.Tests.Fusion;

/// <summary>Padding never changes a result, for every strategy there is.</summary>
public sealed class PaddingTests
{
    public static TheoryData<string> Names => [.. FusionStrategies.Names];

    public static TheoryData<string> WithoutGrid => [.. FusionStrategies.All.Where(s => !s.OnGrid).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_stands_in_the_padding_changes_nothing(string name)
    {
        var strategy = Scene.Create(name);
        Scene.Same(Scene.Fuse(strategy, new Scene { Garbage = 100 }.Input()), Scene.Fuse(strategy, new Scene { Garbage = 200 }.Input()));
    }

    [Theory]
    [MemberData(nameof(WithoutGrid))]
    public void Tokens_that_are_padded_might_as_well_be_left_out(string name)
    {
        // The second sample has only the first row of the grid: alone, without a mask, it gives the same.
        var strategy = Scene.Create(name);
        var scene = new Scene();
        var padded = Scene.Fuse(strategy, scene.Input());
        using var pass = Pass.Evaluation();
        var words = pass.Slice(scene.WordValues(), 0, 1, 1);
        var vision = pass.Slice(pass.Slice(scene.PatchValues(), 0, 1, 1), 1, 0, 4);
        var alone = strategy.Forward(new Tokens(words), new Tokens(vision), pass);
        var common = alone.Fused.Values.Shape[1];
        for (var i = 0; i < common * Scene.Width; i++)
            Assert.Equal(alone.Fused.Values.Span[i], padded["fused"].Span[padded["fused"].Shape.Length / 2 + i], 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_mask_that_hides_nothing_is_as_no_mask(string name)
    {
        var strategy = Scene.Create(name);
        var all = new Scene
        {
            RealWords = Scene.Real(Scene.Words, Always, Always),
            RealPatches = Scene.Real(Scene.Patches, Always, Always)
        };
        var bare = new FusionInput(new Tokens(all.WordValues()), new Tokens(all.PatchValues()));
        Scene.Same(Scene.Fuse(strategy, all.Input()), Scene.Fuse(strategy, bare), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Padding_gets_no_gradient_and_no_attention(string name)
    {
        var scene = new Scene();
        var (words, patches, trace, _) = Gradients(name, scene);
        AssertZeroWherePadded(words, scene.RealWords);
        AssertZeroWherePadded(patches, scene.RealPatches);
        AssertWeights(scene, trace);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_with_nothing_to_see_gives_finite_results_and_no_gradients_to_what_is_hidden(string name)
    {
        var scene = new Scene { RealPatches = Scene.Real(Scene.Patches, Never, Always) };
        var (words, patches, trace, fused) = Gradients(name, scene);
        AssertZeroWherePadded(words, scene.RealWords);
        AssertZeroWherePadded(patches, scene.RealPatches);
        AssertWeights(scene, trace);
        Assert.All(fused.ToArray(), v => Assert.True(float.IsFinite(v)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_without_words_gives_finite_results_and_no_gradients_to_what_is_hidden(string name)
    {
        var scene = new Scene { RealWords = Scene.Real(Scene.Words, Never, Always) };
        var (words, patches, trace, fused) = Gradients(name, scene);
        AssertZeroWherePadded(words, scene.RealWords);
        AssertZeroWherePadded(patches, scene.RealPatches);
        AssertWeights(scene, trace);
        Assert.All(fused.ToArray(), v => Assert.True(float.IsFinite(v)));
    }

    /// <summary>The gradients by words and patches of a random projection of the results that are not padding.</summary>
    private static (Tensor Words, Tensor Patches, AttentionTrace Trace, Tensor Fused) Gradients(string name, Scene scene)
    {
        var strategy = Scene.Create(name);
        var trace = new AttentionTrace();
        var pool = new TensorPool(poison: true);
        (Tensor, Tensor, AttentionTrace, Tensor) result;
        using (var pass = Pass.Recording(trace, pool: pool))
        {
            var (words, patches) = (pass.Differentiable(scene.WordValues()), pass.Differentiable(scene.PatchValues()));
            var vision = new Tokens(patches, scene.PatchMask());
            var fused = strategy.Forward(new Tokens(words, scene.WordMask()), vision, pass);
            var loss = Projected(fused.Fused, pass);
            if (fused.Named.TryGetValue("vision", out var seen)) loss = pass.Add(loss, Projected(vision with { Values = seen }, pass));
            using var gradients = pass.Backward(loss);
            foreach (var (parameter, value) in strategy.Parameters())
                if (gradients.TryGet(value, out var gradient)) Assert.True(Finite(gradient), $"the gradient of {parameter} is not finite");
            result = (gradients[words].Copy(), gradients[patches].Copy(), trace, fused.Fused.Values.Copy());
        }

        Assert.Equal(0, pool.Outstanding);
        return result;
    }

    private static Tensor Projected(Tokens tokens, Pass pass)
    {
        var projected = pass.Multiply(tokens.Values, Tensor.Normal(tokens.Values.Shape, new RandomSource(5)));
        return pass.Sum(tokens.Mask is null ? projected : pass.Multiply(projected, tokens.Mask.Presence(pass)));
    }

    private static void AssertZeroWherePadded(Tensor gradient, bool[,] real)
    {
        Assert.True(Finite(gradient), "a gradient is not finite");
        var some = false;
        for (var b = 0; b < real.GetLength(0); b++)
            for (var i = 0; i < real.GetLength(1); i++)
                for (var c = 0; c < Scene.Width; c++)
                {
                    if (!real[b, i]) Assert.Equal(0, gradient[b, i, c]);
                    some |= gradient[b, i, c] != 0;
                }

        Assert.True(some, "nothing has a gradient");
    }

    /// <summary>Hidden keys have exactly no weight, and rows sum to 1, or to 0 when everything is hidden.</summary>
    private static void AssertWeights(Scene scene, AttentionTrace trace)
    {
        foreach (var entry in trace.Entries)
        {
            var (name, weights) = entry;
            var (queries, keys) = (weights.Shape[2], weights.Shape[3]);

            // Latents that gather words beside patches are there whatever there is to see.
            var real = name == "decoder.attn" ? Scene.Real(keys, Always, Always) : scene.RealTokens(entry.KeyTokens);
            for (var row = 0; row < weights.Shape.Length / keys; row++)
            {
                var sample = row / (Scene.Heads * queries);
                var (sum, any) = (0.0, false);
                for (var j = 0; j < keys; j++)
                {
                    var weight = weights.Span[row * keys + j];
                    sum += weight;
                    any |= real[sample, j];
                    if (!real[sample, j]) Assert.True(weight == 0, $"{name}: hidden key {j} of sample {sample} has the weight {weight}");
                }

                Assert.Equal(any ? 1 : 0, sum, 1e-5);
            }
        }
    }

    private static bool Finite(Tensor tensor) => tensor.ToArray().All(float.IsFinite);

    private static bool Always(int sample, int token) => true;

    private static bool Never(int sample, int token) => false;
}

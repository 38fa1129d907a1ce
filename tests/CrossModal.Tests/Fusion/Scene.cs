using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Tests.Fusion;

/// <summary>Two samples of words and visual tokens with padding.</summary>
internal sealed class Scene
{
    public const int Batch = 2, Width = 16, Heads = 4, Words = 5, Patches = 16, Latents = 7, Layers = 2;

    /// <summary>Strategies that know cameras apart.</summary>
    public static readonly string[] MultiView = [.. FusionStrategies.All.Where(s => s.Views > 1).Select(s => s.Name)];

    /// <summary>Which words are real, per sample.</summary>
    public bool[,] RealWords { get; init; } = Real(Words, (_, i) => i < 3, (_, _) => true);

    /// <summary>Which visual tokens are real, per sample: all but a few, and only the first row of the grid.</summary>
    public bool[,] RealPatches { get; init; } = Real(Patches, (_, i) => i is not (2 or 7 or 15), (_, i) => i < 4);

    /// <summary>What stands where a token is padding: another seed, another garbage.</summary>
    public ulong Garbage { get; init; } = 100;

    /// <summary>A strategy of a name with the scene's sizes and a fixed seed.</summary>
    public static FusionStrategy Create(string name, ulong seed = 1, int views = 1) => Create(name, new RandomSource(seed), views);

    public static FusionStrategy Create(string name, RandomSource random, int views = 1) =>
        OpenGates(FusionStrategies.Create(name, new FusionOptions(Width, Heads, Layers) { Latents = Latents, Views = views }, random));

    /// <summary>A strategy or a policy with gates that start closed opened, so that what lies behind them shows.</summary>
    public static T OpenGates<T>(T module)
        where T : Module
    {
        foreach (var (name, parameter) in module.Parameters())
        {
            if (name.EndsWith("_gate", StringComparison.Ordinal)) parameter.Span.Fill(0.6f);
            if (name.EndsWith("modulation.weight", StringComparison.Ordinal))
                Tensor.Normal(parameter.Shape, new RandomSource(6), 0.3f).Span.CopyTo(parameter.Span);
        }

        return module;
    }

    /// <summary>The words; real ones are the same for every garbage.</summary>
    public Tensor WordValues() => Values(Words, RealWords, 11);

    /// <summary>The tokens of one camera.</summary>
    public Tensor PatchValues(int camera = 0) => Values(Patches, RealPatches, 12 + (ulong)camera);

    public Mask WordMask() => Mask.KeyPadding(RealWords);

    public Mask PatchMask() => Mask.KeyPadding(RealPatches);

    /// <summary>Words and one camera.</summary>
    public FusionInput Input() => new(new Tokens(WordValues(), WordMask()), new Tokens(PatchValues(), PatchMask()));

    /// <summary>Fuses in a pass of its own on poisoned memory, and returns copies of what can be told apart from padding, by
    /// name.</summary>
    public static Dictionary<string, Tensor> Fuse(FusionStrategy strategy, FusionInput input, AttentionTrace? trace = null)
    {
        var pool = new TensorPool(poison: true);
        Dictionary<string, Tensor> results;
        using (var pass = Pass.Evaluation(trace, pool: pool))
        {
            var fused = strategy.Forward(input, pass);
            results = fused.Named.ToDictionary(n => n.Key,
                n => n.Key == "vision" ? Blank(n.Value, input.JoinViews(pass).Mask) : Blank(n.Value, input.Language.Mask));
            results["fused"] = Blank(fused.Fused.Values, fused.Fused.Mask);
        }

        Assert.Equal(0, pool.Outstanding);
        return results;
    }

    /// <summary>Demands that two results agree.</summary>
    public static void Same(Dictionary<string, Tensor> first, Dictionary<string, Tensor> second, double allowed = 0)
    {
        Assert.Equal(first.Keys.Order(), second.Keys.Order());
        foreach (var (name, value) in first)
        {
            Assert.Equal(value.Shape, second[name].Shape);
            for (var i = 0; i < value.Shape.Length; i++)
                Assert.True(Math.Abs(value.Span[i] - second[name].Span[i]) <= allowed,
                    $"{name}, element {i}: {value.Span[i]:R} against {second[name].Span[i]:R}");
        }
    }

    /// <summary>Which tokens of a side of an attention are real, per sample, by what the trace states of them.</summary>
    public bool[,] RealTokens(IReadOnlyList<TokenRun>? runs)
    {
        bool[][] samples = [.. Enumerable.Range(0, Batch).Select(sample => runs!.SelectMany(run => RealOf(run, sample)).ToArray())];
        return Real(samples[0].Length, (b, i) => samples[b][i], (b, i) => samples[b][i]);
    }

    /// <summary>Per sample, which of so many tokens are real.</summary>
    public static bool[,] Real(int count, params Func<int, int, bool>[] samples)
    {
        var real = new bool[Batch, count];
        for (var b = 0; b < Batch; b++)
            for (var i = 0; i < count; i++) real[b, i] = samples[b](b, i);
        return real;
    }

    /// <summary>The values with 0 where a mask says padding, copied out of the pass.</summary>
    private static Tensor Blank(Tensor values, Mask? mask)
    {
        var copy = values.Copy();
        if (mask is null) return copy;
        var width = copy.Shape[-1];
        for (var i = 0; i < mask.Scores.Shape.Length; i++)
            if (float.IsNegativeInfinity(mask.Scores.Span[i])) copy.Span.Slice(i * width, width).Clear();
        return copy;
    }

    private Tensor Values(int count, bool[,] real, ulong seed)
    {
        var values = Tensor.Normal([Batch, count, Width], new RandomSource(seed));
        var garbage = Tensor.Uniform(values.Shape, new RandomSource(seed + Garbage), -1000, 1000);
        for (var b = 0; b < Batch; b++)
            for (var i = 0; i < count; i++)
                if (!real[b, i]) garbage.Span.Slice((b * count + i) * Width, Width).CopyTo(values.Span[((b * count + i) * Width)..]);
        return values;
    }

    /// <summary>Latents and class tokens always are; a token made of others is where any of these that has a share in it is.</summary>
    private IEnumerable<bool> RealOf(TokenRun run, int sample)
    {
        if (run.Kind == TokenKind.Words) return Enumerable.Range(0, run.Count).Select(i => RealWords[sample, i]);
        if (run.Kind == TokenKind.Patches) return Enumerable.Range(0, run.Count).Select(i => RealPatches[sample, i]);
        if (run.Kind != TokenKind.Made) return Enumerable.Repeat(true, run.Count);
        bool[] originals = [.. run.Of.SelectMany(part => RealOf(part, sample))];
        return Enumerable.Range(0, run.Count).Select(made =>
            Enumerable.Range(0, originals.Length).Any(i => originals[i]
                && (run.Shares is not { } shares || shares[sample % shares.Shape[0], made, i] > 0)));
    }
}

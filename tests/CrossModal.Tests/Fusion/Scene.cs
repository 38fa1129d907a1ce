using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Tests.Fusion;

/// <summary>Two samples of words and visual tokens with padding, sized so that the number of keys tells what an attention looks at.</summary>
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
            if (name.EndsWith("_gate", StringComparison.Ordinal)) parameter.Span.Fill(0.6f);
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

    /// <summary>Fuses in a pass of its own on poisoned memory, and returns copies of what can be told apart from padding, by name.</summary>
    public static Dictionary<string, Tensor> Fuse(FusionStrategy strategy, FusionInput input, Trace? trace = null)
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
                Assert.True(Math.Abs(value.Span[i] - second[name].Span[i]) <= allowed, $"{name}, element {i}: {value.Span[i]:R} against {second[name].Span[i]:R}");
        }
    }

    /// <summary>The positions an attention of so many keys may look at, per sample.</summary>
    /// <param name="keys">Number of keys.</param>
    /// <param name="layer">The layer that attends: latents that stand for a camera are as real as what they were made of.</param>
    public bool[,] RealKeys(int keys, string layer = "") => keys switch
    {
        Latents when layer.StartsWith("gated.", StringComparison.Ordinal) => Real(keys, Seen, Seen),
        Patches + Latents when layer.StartsWith("resampler.", StringComparison.Ordinal) => Real(keys, Beside, Beside),
        Words => RealWords,
        Patches => RealPatches,
        Latents => Real(Latents, (_, _) => true, (_, _) => true),
        Words + Patches => Real(keys, At, At),
        Words + 1 or Words + Patches + 1 => Real(keys, WithClass, WithClass),
        Latents + Words => Real(keys, AfterLatents, AfterLatents),
        Patches / 4 => Real(keys, Cell, Cell),
        _ => throw new ArgumentOutOfRangeException(nameof(keys), keys, "nothing in the scene has so many tokens"),
    };

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

    private bool At(int sample, int token) => token < Words ? RealWords[sample, token] : RealPatches[sample, token - Words];

    /// <summary>A class token stands after the words.</summary>
    private bool WithClass(int sample, int token) => token == Words || At(sample, token > Words ? token - 1 : token);

    private bool AfterLatents(int sample, int token) => token < Latents || RealWords[sample, token - Latents];
    /// <summary>Whether a sample has any patch to see.</summary>
    private bool Seen(int sample, int latent) => Enumerable.Range(0, Patches).Any(i => RealPatches[sample, i]);

    /// <summary>Patches, then latents.</summary>
    private bool Beside(int sample, int token) => token >= Patches || RealPatches[sample, token];

    /// <summary>A cell of the smaller grid is real when any of its four patches is.</summary>
    private bool Cell(int sample, int cell)
    {
        var corner = cell / 2 * 8 + cell % 2 * 2;
        return new[] { corner, corner + 1, corner + 4, corner + 5 }.Any(i => RealPatches[sample, i]);
    }
}

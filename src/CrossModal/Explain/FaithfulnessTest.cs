using CrossModal.Engine.Tensors;

namespace CrossModal.Explain;

/// <summary>Measures whether maps of one decision are faithful: takes patches away in the order of a map and back, and holds the areas
/// against those of random maps and of centred Gaussians.</summary>
/// <remarks>Pictures are changed as the network receives them and rounded to the 8 bits that a camera gives. What does not depend on the
/// map (effects, noise floor, baselines) is computed once.</remarks>
public sealed class FaithfulnessTest
{
    private readonly ExplainedDecision _decision;
    private readonly FaithfulnessOptions _options;
    private readonly int[] _patches;
    private readonly List<(PictureFillKind Kind, Tensor? Source, double Effect)> _fills = [];
    private readonly double _effect;
    private readonly double _noiseFloor;
    private readonly Lazy<(Range95 Random, Range95 Gaussian)> _baselines;

    /// <summary>Measures what all maps have in common.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="options">How to measure.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public FaithfulnessTest(ExplainedDecision decision, FaithfulnessOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(decision);
        _decision = decision;
        _options = options ?? new FaithfulnessOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Steps, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.RandomMaps, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.GaussianMaps, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.NoiseSeeds, 1, nameof(options));
        _patches = [.. Enumerable.Range(0, decision.Views * decision.Grid.Count)
            .Where(i => decision.Padding is not { } padding || !padding[i])];
        _noiseFloor = NoiseFloor();
        foreach (var kind in _options.Fills)
        {
            var source = kind switch
            {
                PictureFillKind.Mean => PictureFill.MeanColor(decision.Pictures),
                PictureFillKind.Blur => PictureFill.Blurred(decision.Pictures),
                _ => null,
            };
            var effect = decision.Changes(Tensor.From(Removed(kind, source, _patches), decision.Batch(1)))[0];
            _effect = Math.Max(_effect, effect);
            if (effect > _noiseFloor) _fills.Add((kind, source, effect));
        }

        _baselines = new(Baselines);
    }

    /// <summary>The test that pages draw their maps with: half of the points and baselines; null where there is nothing to be judged by: a
    /// policy that is given features, not pixels, or an action of zeros, which has no direction.</summary>
    /// <param name="decision">Makes the decision.</param>
    internal static FaithfulnessTest? Short(Func<ExplainedDecision> decision)
    {
        try
        {
            return new FaithfulnessTest(decision(), FaithfulnessOptions.Short);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Measures the mean over heads of a word's attention in a layer, over all cameras.</summary>
    /// <param name="maps">The maps of the decision, of every layer and camera.</param>
    /// <param name="layer">The layer; a camera that it does not attend to has a map of zeros.</param>
    /// <param name="word">The word.</param>
    internal Faithfulness Measure(IReadOnlyList<WordMap> maps, string layer, int word) =>
        Measure([.. Enumerable.Range(0, _decision.Views).SelectMany(view =>
            maps.FirstOrDefault(m => m.View == view && m.Layer == layer)?.Mean(word) ?? new float[_decision.Grid.Count])]);

    /// <summary>Measures a map.</summary>
    /// <param name="map">A number of each patch, camera after camera, <c>[V · Grid.Count]</c>; equals are ordered at random.</param>
    /// <exception cref="ArgumentException">The map has another number of patches, or holds what is no number.</exception>
    public Faithfulness Measure(ReadOnlySpan<float> map)
    {
        if (map.Length != _decision.Views * _decision.Grid.Count)
            throw new ArgumentException(
                $"FaithfulnessTest: a map of {map.Length} numbers for {_decision.Views} cameras of {_decision.Grid} patches");
        foreach (var x in map)
            if (!float.IsFinite(x)) throw new ArgumentException($"FaithfulnessTest: the map holds {x}");
        if (_fills.Count == 0) return new Faithfulness([], _effect, _noiseFloor, default, default);
        var order = Order(map.ToArray(), new RandomSource(_options.Seed, 1));
        return new Faithfulness([.. _fills.Select(fill => Curves(fill, order, _options.Keep))], _effect, _noiseFloor,
            _baselines.Value.Random, _baselines.Value.Gaussian);
    }

    private double NoiseFloor()
    {
        var random = new RandomSource(_options.Seed);
        var (length, pictures) = (_decision.Pictures.Shape.Length, new float[_options.NoiseSeeds * _decision.Pictures.Shape.Length]);
        for (var i = 0; i < pictures.Length; i++)
            pictures[i] = Byte(_decision.Pictures.Span[i % length] + (float)_options.Noise * random.NextGaussian());
        return _decision.Changes(Tensor.From(pictures, _decision.Batch(_options.NoiseSeeds))).Max();
    }

    private (Range95 Random, Range95 Gaussian) Baselines()
    {
        var (random, count) = (new RandomSource(_options.Seed, 2), _decision.Views * _decision.Grid.Count);
        var (chance, centred) = (new List<double>(), new List<double>());
        for (var i = 0; i < _options.RandomMaps; i++)
        {
            // Turned round, most and least relevant change places: the score has the other sign.
            var score = Score([.. Enumerable.Range(0, count).Select(_ => random.NextSingle())], random);
            chance.AddRange([score, -score]);
        }

        for (var i = 0; i < _options.GaussianMaps; i++) centred.Add(Score(Centred(0.15 + 0.35 * random.NextDouble()), random));
        return (Middle(chance), Middle(centred));
    }

    private double Score(float[] map, RandomSource random)
    {
        var order = Order(map, random);
        return _fills.Average(fill => Curves(fill, order, null).Score);
    }

    /// <summary>exp(−r²/2σ²) around the middle of every camera's picture.</summary>
    /// <param name="width">σ as a share of the side.</param>
    private float[] Centred(double width)
    {
        var grid = _decision.Grid;
        return [.. Enumerable.Range(0, _decision.Views * grid.Count).Select(i => i % grid.Count).Select(i =>
        {
            var (y, x) = ((i / grid.Columns + 0.5) / grid.Rows - 0.5, (i % grid.Columns + 0.5) / grid.Columns - 0.5);
            return (float)Math.Exp(-(y * y + x * x) / (2 * width * width));
        })];
    }

    /// <summary>The patches, most relevant first.</summary>
    private int[] Order(float[] map, RandomSource random)
    {
        var order = (int[])_patches.Clone();
        random.Shuffle<int>(order);
        return [.. order.OrderByDescending(i => map[i])];
    }

    private FaithfulnessCurves Curves((PictureFillKind Kind, Tensor? Source, double Effect) fill, int[] order,
        Action<PerturbedPicture>? keep)
    {
        var between = Enumerable.Range(1, _options.Steps - 1).Select(k => (int)Math.Round((double)k * order.Length / _options.Steps))
            .ToArray();
        var pictures = new float[2 * between.Length * _decision.Pictures.Shape.Length];
        for (var i = 0; i < 2 * between.Length; i++)
        {
            var (most, count) = (i < between.Length, between[i % between.Length]);
            var filled = Removed(fill.Kind, fill.Source, most ? order.AsSpan(0, count) : order.AsSpan(order.Length - count));
            keep?.Invoke(new PerturbedPicture(fill.Kind, most, count, Tensor.From(filled, _decision.Batch(1))));
            filled.CopyTo(pictures, i * filled.Length);
        }

        var left = Array.ConvertAll(_decision.Changes(Tensor.From(pictures, _decision.Batch(2 * between.Length))), change =>
            1 - Math.Min(1, change / fill.Effect));
        return new FaithfulnessCurves(fill.Kind, [1, .. left[..between.Length], 0], [1, .. left[between.Length..], 0], fill.Effect);
    }

    private float[] Removed(PictureFillKind kind, Tensor? source, ReadOnlySpan<int> patches)
    {
        var removed = new bool[_decision.Views * _decision.Grid.Count];
        foreach (var patch in patches) removed[patch] = true;
        var filled = PictureFill.Fill(_decision.Pictures, removed, _decision.Grid, source,
            new RandomSource(_options.Seed, 3 + (ulong)kind));
        for (var i = 0; i < filled.Length; i++) filled[i] = Byte(filled[i]);
        return filled;
    }

    private static float Byte(float x) => MathF.Round(255 * Math.Clamp(x, 0, 1)) / 255;

    /// <summary>The middle 95 % of some numbers.</summary>
    private static Range95 Middle(List<double> numbers)
    {
        numbers.Sort();
        return new Range95(At(0.025), At(0.975));

        double At(double share)
        {
            var place = share * (numbers.Count - 1);
            var below = (int)place;
            return numbers[below] + (place - below) * (numbers[Math.Min(below + 1, numbers.Count - 1)] - numbers[below]);
        }
    }
}

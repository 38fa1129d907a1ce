using System.Numerics;

namespace CrossModal.Engine.Tensors;

/// <summary>A seeded stream of random numbers (xoshiro256**, Blackman and Vigna 2018), the same on every machine.</summary>
/// <remarks>A stream number gives independent sequences under one seed: step 7 of a run draws from <c>new RandomSource(seed, 7)</c>,
/// so that a resumed run needs no stored state.</remarks>
public sealed class RandomSource
{
    /// <summary>The stream whose hash is 0: the state is filled from the seed alone, as the generator's authors do. Scenes, episodes and
    /// bootstrap samples are drawn from it.</summary>
    public const ulong SeedAlone = 0x61C8864680B583EB;

    // 2^64 over the golden ratio: the increment of SplitMix64.
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _a, _b, _c, _d;
    private float _spare = float.NaN;

    // The generator's one fixed point: all bits 0, for ever.
    private RandomSource()
    {
    }

    /// <summary>Starts stream <paramref name="stream"/> of a seed.</summary>
    public RandomSource(ulong seed, ulong stream = 0) => Restart(seed, stream);

    /// <summary>Begins stream <paramref name="stream"/> of a seed, as a new source would.</summary>
    /// <exception cref="InvalidOperationException">It is <see cref="None"/>, which everyone shares.</exception>
    public void Restart(ulong seed, ulong stream = 0)
    {
        if (this == None) throw new InvalidOperationException("RandomSource.None stays without randomness; make a source of your own.");
        _spare = float.NaN;

        // SplitMix64 fills the state, as the authors recommend; the stream is hashed in first.
        var x = seed ^ Mix(stream + Golden);
        _a = Mix(x += Golden);
        _b = Mix(x += Golden);
        _c = Mix(x += Golden);
        _d = Mix(x + Golden);
    }

    /// <summary>Goes on where another source stands.</summary>
    internal void CopyFrom(RandomSource other) => (_a, _b, _c, _d, _spare) = (other._a, other._b, other._c, other._d, other._spare);

    /// <summary>No randomness, for a module whose weights are loaded next: tensors drawn from it are zeros, and their memory is only made
    /// when it is first looked at. Every number drawn from it is 0.</summary>
    public static RandomSource None { get; } = new();

    /// <summary>A seed made of a seed and an index, so that neighbouring indices give unrelated sequences.</summary>
    public static ulong DeriveSeed(ulong seed, ulong index) => Mix((seed ^ (index * 0xD1342543DE82EF95)) + unchecked(2 * Golden));

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number in [0, 1) with 24 random bits.</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1f / (1 << 24));

    /// <summary>A number in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public float NextSingle(float low, float high) => low + ((high - low) * NextSingle());

    /// <summary>True with the given probability.</summary>
    public bool NextBool(float probability) => NextSingle() < probability;

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1L << 53));

    /// <summary>A whole number in 0 … <paramref name="bound"/> − 1 (Lemire's multiplication; bias below 2⁻³²).</summary>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)(((NextUInt64() >> 32) * (ulong)bound) >> 32);
    }

    /// <summary>A standard normal number (Marsaglia's polar method).</summary>
    public float NextGaussian()
    {
        // Without randomness the search below would never end.
        if ((_a | _b | _c | _d) == 0) return 0;
        if (!float.IsNaN(_spare))
        {
            var kept = _spare;
            _spare = float.NaN;
            return kept;
        }

        double x, y, r;
        do
        {
            x = 2 * NextDouble() - 1;
            y = 2 * NextDouble() - 1;
            r = x * x + y * y;
        }
        while (r is >= 1 or 0);
        var scale = Math.Sqrt(-2 * Math.Log(r) / r);
        _spare = (float)(y * scale);
        return (float)(x * scale);
    }

    /// <summary>A nearly normal number, mean 0, variance 1: the sum of 12 uniform ones minus 6, since logarithms differ between
    /// platforms.</summary>
    public float NextIrwinHall()
    {
        var sum = 0f;
        for (var i = 0; i < 12; i++) sum += NextSingle();
        return sum - 6;
    }

    /// <summary>Puts a list in random order (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

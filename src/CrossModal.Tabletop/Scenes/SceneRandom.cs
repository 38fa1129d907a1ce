using System.Numerics;

namespace CrossModal.Tabletop.Scenes;

/// <summary>
/// The benchmark's own random numbers, the same bits on every machine and runtime: xoshiro256** seeded by SplitMix64
/// (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018).
/// </summary>
public sealed class SceneRandom
{
    private ulong _a, _b, _c, _d;

    /// <summary>Starts a stream; every seed, zero included, gives a different one.</summary>
    public SceneRandom(ulong seed)
    {
        _a = SplitMix(ref seed);
        _b = SplitMix(ref seed);
        _c = SplitMix(ref seed);
        _d = SplitMix(ref seed);
    }

    /// <summary>Mixes two numbers into one seed, so that neighbouring indices give unrelated streams.</summary>
    public static ulong Mix(ulong seed, ulong index)
    {
        var state = seed ^ (index * 0xD1342543DE82EF95UL);
        SplitMix(ref state);
        return SplitMix(ref state);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong NextBits()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-24.</summary>
    public float NextFloat() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [low, high).</summary>
    public float NextFloat(float low, float high) => low + ((high - low) * NextFloat());

    /// <summary>Uniform in 0 … count-1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive.</exception>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)(((NextBits() >> 32) * (ulong)count) >> 32);
    }

    /// <summary>True with the given probability.</summary>
    public bool NextBool(float probability) => NextFloat() < probability;

    /// <summary>Nearly Gaussian, mean 0, variance 1: the sum of 12 uniforms minus 6, because logarithms differ between platforms.</summary>
    public float NextGaussian()
    {
        var sum = 0f;
        for (var i = 0; i < 12; i++)
            sum += NextFloat();
        return sum - 6;
    }

    /// <summary>Shuffles in place (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}

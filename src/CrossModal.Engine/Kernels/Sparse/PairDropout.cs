namespace CrossModal.Engine.Kernels;

/// <summary>Dropout of attention weights whose choice is a function of the pair: nothing of the size of all pairs is drawn or
/// kept.</summary>
/// <param name="rate">Share dropped.</param>
/// <param name="seed">Seed of the choice.</param>
internal readonly unsafe struct PairDropout(float rate, ulong seed)
{
    /// <summary>Multiplies weights by 0 or 1/(1 - rate).</summary>
    /// <param name="row">Number of the first pair of the row.</param>
    /// <param name="keys">Keys of the row.</param>
    /// <param name="values">What is multiplied.</param>
    /// <param name="count">How many.</param>
    public void Apply(nint row, int* keys, float* values, int count)
    {
        if (rate == 0) return;
        var keep = 1 / (1 - rate);
        for (var n = 0; n < count; n++) values[n] *= Uniform((ulong)(row + keys[n])) < rate ? 0 : keep;
    }

    /// <summary>A number in [0, 1) for a pair: the mixing function of splitmix64 (Steele et al. 2014).</summary>
    private float Uniform(ulong pair)
    {
        var x = seed + (pair + 1) * 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return ((x ^ (x >> 31)) >> 40) * (1f / (1 << 24));
    }
}

namespace CrossModal.Engine.Tests.Kernels;

/// <summary>Seeded inputs and comparisons for kernel tests.</summary>
internal static class Numbers
{
    public static float[] Random(int seed, int length, float scale = 1)
    {
        var random = new Random(seed);
        var values = new float[length];
        for (var i = 0; i < length; i++) values[i] = (float)(random.NextDouble() * 2 - 1) * scale;
        return values;
    }

    /// <summary>Fails at the first element further than <paramref name="tolerance"/> from what is expected (NaN and infinities must be
    /// equal).</summary>
    public static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var close = float.IsFinite(expected[i])
                ? Math.Abs((double)expected[i] - actual[i]) <= tolerance
                : expected[i].Equals(actual[i]);
            if (!close) Assert.Fail(
                $"{what}: element {i} of {expected.Length} is {actual[i]:R}, expected {expected[i]:R} within {tolerance}");
        }
    }

    /// <summary>Fails unless both hold the same bits.</summary>
    public static void SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"{what}: element {i} of {expected.Length} is {actual[i]:R}, not the same bits as {expected[i]:R}");
        }
    }
}

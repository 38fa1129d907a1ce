using CrossModal.Engine.Tensors;

namespace CrossModal.Onnx.Tests;

/// <summary>Results of a model beside the library's.</summary>
internal static class Near
{
    /// <summary>The largest difference that counts as rounding.</summary>
    public const float Tolerance = 1e-5f;

    public static void Same(Tensor expected, float[] actual, string what) => Same(expected.Span, actual, what);

    public static void Same(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var worst = 0f;
        for (var i = 0; i < actual.Length; i++)
        {
            Assert.False(float.IsNaN(actual[i]), $"{what}: NaN at {i}");
            worst = MathF.Max(worst, MathF.Abs(actual[i] - expected[i]));
        }

        Assert.True(worst <= Tolerance, $"{what}: differs by {worst:g3}");
    }
}

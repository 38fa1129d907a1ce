using System.Numerics.Tensors;

namespace CrossModal.Engine.Kernels;

/// <summary>x + y.</summary>
internal readonly struct AddKernel : IBinaryKernel
{
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result) => TensorPrimitives.Add(x, y, result);

    public static void Apply(ReadOnlySpan<float> x, float y, Span<float> result) => TensorPrimitives.Add(x, y, result);

    public static void Apply(float x, ReadOnlySpan<float> y, Span<float> result)
    {
        if (y.Length == result.Length) TensorPrimitives.Add(y, x, result);
        else result.Fill(x + y[0]);
    }
}

/// <summary>x − y.</summary>
internal readonly struct SubtractKernel : IBinaryKernel
{
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result) => TensorPrimitives.Subtract(x, y, result);

    public static void Apply(ReadOnlySpan<float> x, float y, Span<float> result) => TensorPrimitives.Subtract(x, y, result);

    public static void Apply(float x, ReadOnlySpan<float> y, Span<float> result)
    {
        if (y.Length == result.Length) TensorPrimitives.Subtract(x, y, result);
        else result.Fill(x - y[0]);
    }
}

/// <summary>x · y.</summary>
internal readonly struct MultiplyKernel : IBinaryKernel
{
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result) => TensorPrimitives.Multiply(x, y, result);

    public static void Apply(ReadOnlySpan<float> x, float y, Span<float> result) => TensorPrimitives.Multiply(x, y, result);

    public static void Apply(float x, ReadOnlySpan<float> y, Span<float> result)
    {
        if (y.Length == result.Length) TensorPrimitives.Multiply(y, x, result);
        else result.Fill(x * y[0]);
    }
}

/// <summary>x / y.</summary>
internal readonly struct DivideKernel : IBinaryKernel
{
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result) => TensorPrimitives.Divide(x, y, result);

    public static void Apply(ReadOnlySpan<float> x, float y, Span<float> result) => TensorPrimitives.Divide(x, y, result);

    public static void Apply(float x, ReadOnlySpan<float> y, Span<float> result)
    {
        if (y.Length == result.Length) TensorPrimitives.Divide(x, y, result);
        else result.Fill(x / y[0]);
    }
}

using System.Runtime.Intrinsics;
using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

/// <summary>Rows against plain loops over vectors of eight, whose order of additions every width keeps.</summary>
[Trait("Category", "Kernel")]
public sealed unsafe class VectorRowWidthTests
{
    private const int Lanes = 8;

    [Fact]
    public void Every_length_has_the_bits_of_vectors_of_eight_and_touches_nothing_beside()
    {
        for (var n = 0; n <= 131; n++)
        {
            var atEnd = n % 2 == 0;
            using var x = new GuardedMemory(Numbers.Random(n, n, 6), atEnd);
            using var y = new GuardedMemory(Numbers.Random(n + 1, n, 6), atEnd);
            if (n > 4) x.Span[n / 2] = float.NegativeInfinity;
            fixed (float* px = x.Span, py = y.Span)
            {
                Same(n == 0 ? float.NegativeInfinity : x.Span.ToArray().Max(), VectorRow.Max(px, n), $"max of {n}");
                Same(SumOfExp(x, 2.5f), VectorRow.SumOfExp(px, n, 2.5f), $"sum of e^x of {n}");
                if (n > 4) x.Span[n / 2] = 0.5f;
                Same(Dot(x, y), VectorRow.Dot(px, py, n), $"dot of {n}");
                var (scaled, added) = (new float[n], new float[n]);
                var one = Vector256<float>.One;
                for (var i = 0; i < n; i++)
                {
                    scaled[i] = x.Span[i] * 0.3f;
                    added[i] = Vector256.MultiplyAddEstimate(one * x.Span[i], one * 0.7f, one * y.Span[i])[0];
                }

                VectorRow.AddScaled(py, px, n, 0.7f);
                Numbers.SameBits(added, y, $"y + x * 0.7 of {n}");
                VectorRow.Scale(px, py, n, 0.3f);
                Numbers.SameBits(scaled, y, $"x * 0.3 of {n}");
            }
        }
    }

    [Fact]
    public void Exponentials_of_every_length_have_the_bits_of_vectors_of_eight_in_place_too()
    {
        for (var n = 0; n <= 131; n++)
        {
            using var x = new GuardedMemory(Numbers.Random(n, n, 60), n % 2 == 0);
            using var y = new GuardedMemory(n, n % 2 == 0);
            var expected = Exponentials(x, 20);
            var total = SumOfExp(x, 20);
            fixed (float* px = x.Span, py = y.Span)
            {
                Same(total, VectorRow.ExpSum(px, py, n, 20), $"sum of {n}");
                Numbers.SameBits(expected, y, $"e^x of {n}");
                Same(total, VectorRow.ExpSum(px, px, n, 20), $"sum of {n} in place");
                Numbers.SameBits(expected, x, $"e^x of {n} in place");
            }
        }
    }

    [Fact]
    public void A_softmax_has_the_bits_of_vectors_of_eight_and_so_have_its_gradients()
    {
        foreach (var n in (int[])[1, 7, 8, 15, 16, 17, 31, 33, 64, 100])
        {
            using var x = new GuardedMemory(Numbers.Random(n, n, 6), n % 2 == 0);
            using var dy = new GuardedMemory(Numbers.Random(n + 1, n), n % 2 == 0);
            using var y = new GuardedMemory(n, n % 2 == 0);
            using var dx = new GuardedMemory(n, n % 2 == 0);
            var max = x.Span.ToArray().Max();
            var inverse = 1 / SumOfExp(x, max);
            var expected = Array.ConvertAll(Exponentials(x, max), e => e * inverse);
            SoftmaxKernel.Forward(x, y, 1, n, Workers.Single);
            Numbers.SameBits(expected, y, $"softmax of {n}");
            var mean = Dot(y, dy);
            SoftmaxKernel.Backward(y, dy, dx, 1, n, Workers.Single);
            for (var i = 0; i < n; i++) Same(expected[i] * (dy.Span[i] - mean), dx.Span[i], $"gradient {i} of {n}");
            var logarithm = MathF.Log(SumOfExp(x, max));
            LogSoftmaxKernel.Forward(x, y, 1, n, Workers.Single);
            for (var i = 0; i < n; i++) Same(x.Span[i] - max - logarithm, y.Span[i], $"log softmax {i} of {n}");
            var total = Dot(dy, Enumerable.Repeat(1f, n).ToArray());
            LogSoftmaxKernel.Backward(y, dy, dx, 1, n, Workers.Single);
            var probabilities = Exponentials(y, 0);
            for (var i = 0; i < n; i++) Same(dy.Span[i] - probabilities[i] * total, dx.Span[i], $"log gradient {i} of {n}");
        }
    }

    private static float SumOfExp(ReadOnlySpan<float> x, float shift)
    {
        var sum = Vector256<float>.Zero;
        foreach (var eight in Eights(x, float.NegativeInfinity)) sum += VectorMath.ExpFlushed(eight - Vector256.Create(shift));
        return Vector256.Sum(sum);
    }

    private static float[] Exponentials(ReadOnlySpan<float> x, float shift)
    {
        var all = new List<float>();
        foreach (var eight in Eights(x, float.NegativeInfinity))
            for (var lane = 0; lane < Lanes; lane++) all.Add(VectorMath.ExpFlushed(eight - Vector256.Create(shift))[lane]);
        return [.. all.Take(x.Length)];
    }

    /// <summary>Vectors of eight added to two sums in turn, those of the last sixteen too.</summary>
    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Vector256<float>[] sums = [Vector256<float>.Zero, Vector256<float>.Zero], factors = Eights(y, 0);
        foreach (var (i, eight) in Eights(x, 0).Index())
        {
            // What is less than eight goes to the second sum.
            var which = (i + 1) * Lanes > x.Length ? 1 : i % 2;
            sums[which] = Vector256.MultiplyAddEstimate(eight, factors[i], sums[which]);
        }

        return Vector256.Sum(sums[0] + sums[1]);
    }

    private static Vector256<float>[] Eights(ReadOnlySpan<float> x, float rest)
    {
        var padded = new float[(x.Length + Lanes - 1) / Lanes * Lanes];
        Array.Fill(padded, rest);
        x.CopyTo(padded);
        return [.. Enumerable.Range(0, padded.Length / Lanes).Select(i => Vector256.Create(padded, i * Lanes))];
    }

    private static void Same(float expected, float actual, string what) => Numbers.SameBits([expected], [actual], what);
}

using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class AdamKernelTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_length_has_the_bits_of_one_number_after_the_other_and_touches_nothing_beside(bool keepsLargest)
    {
        var numbers = new AdamNumbers(0.99, 0.01, 0.9, 0.999, 1e-3, 0.8, 1e-8);
        for (var n = 0; n <= 67; n++)
        {
            var atEnd = n % 2 == 0;
            var squares = Array.ConvertAll(Numbers.Random(n + 3, n), Math.Abs);
            using var gradient = new GuardedMemory(Numbers.Random(n, n), atEnd);
            using var parameter = new GuardedMemory(Numbers.Random(n + 1, n), atEnd);
            using var mean = new GuardedMemory(Numbers.Random(n + 2, n), atEnd);
            using var square = new GuardedMemory(squares, atEnd);
            using var largest = new GuardedMemory(Array.ConvertAll(Numbers.Random(n + 4, n), Math.Abs), atEnd);
            float[] p = parameter.Span.ToArray(), m = mean.Span.ToArray(), s = square.Span.ToArray(), l = largest.Span.ToArray();
            for (var i = 0; i < n; i++)
            {
                var slope = gradient.Span[i] + (float)0.01 * p[i];
                m[i] = (float)0.9 * m[i] + (float)(1 - 0.9) * slope;
                s[i] = (float)0.999 * s[i] + (float)(1 - 0.999) * slope * slope;
                l[i] = Math.Max(l[i], s[i]);
                var under = keepsLargest ? l[i] : s[i];
                p[i] = p[i] * (float)0.99 - (float)1e-3 * (m[i] / (MathF.Sqrt(under) / (float)0.8 + (float)1e-8));
            }

            AdamKernel.Run(numbers, gradient, parameter, mean, square, keepsLargest ? largest.Span : default);
            Numbers.SameBits(p, parameter, $"parameters of {n}");
            Numbers.SameBits(m, mean, $"means of {n}");
            Numbers.SameBits(s, square, $"squares of {n}");
            if (keepsLargest) Numbers.SameBits(l, largest, $"largest squares of {n}");
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

/// <summary>Planes copied pixel by pixel and scaled on the way.</summary>
internal static unsafe class PixelOrder
{
    private const int Colors = 3;

    // Of each of the three vectors that 16 pixels of three colours fill: which of the first two colours, then which of those and the third.
    private static readonly Vector512<int>[] FirstTwo = [Places(0, third: false), Places(1, third: false), Places(2, third: false)];
    private static readonly Vector512<int>[] WithThird = [Places(0, third: true), Places(1, third: true), Places(2, third: true)];

    /// <summary>result = factor · planes + shift, in a frame of <paramref name="around"/> pixels of zeros.</summary>
    /// <param name="batch">B.</param>
    /// <param name="channels">C.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="planes"><c>[B, C, H, W]</c>.</param>
    /// <param name="factor">What every number is multiplied by.</param>
    /// <param name="shift">What is added after.</param>
    /// <param name="around">Width of the frame.</param>
    /// <param name="result"><c>[B, H + 2 around, W + 2 around, C]</c>.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public static void Run(int batch, int channels, int height, int width, ReadOnlySpan<float> planes, float factor, float shift,
        int around,
        Span<float> result)
    {
        RowSplit.Check("PixelOrder", "planes", planes.Length, batch * channels, height * width);
        RowSplit.Check("PixelOrder", "result", result.Length, 1, PixelFrames.Length(batch, height, width, channels, around));
        var plane = (nint)height * width;
        fixed (float* from = planes, to = result)
        {
            for (nint b = 0; b < batch; b++)
            {
                var image = to + b * PixelFrames.Length(1, height, width, channels, around);
                if (around > 0) PixelFrames.Clear(image, height, width, channels, around, 0, height);
                for (nint y = 0; y < height; y++)
                {
                    var row = from + b * channels * plane + y * width;
                    var target = image + ((y + around) * (width + 2 * around) + around) * channels;
                    var done = channels == Colors && Avx512F.IsSupported ? Interleave(width, row, plane, factor, shift, target) : 0;
                    for (var c = 0; c < channels && done < width; c++)
                        Spread(channels, width, done, row + c * plane, factor, shift, target + c);
                }
            }
        }
    }

    /// <summary>Pixels of three planes, as many as make whole vectors; returns how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Interleave(int pixels, float* first, nint plane, float factor, float shift, float* to)
    {
        var (by, plus) = (Vector512.Create(factor), Vector512.Create(shift));
        var (two0, two1, two2) = (FirstTwo[0], FirstTwo[1], FirstTwo[2]);
        var (third0, third1, third2) = (WithThird[0], WithThird[1], WithThird[2]);
        var i = 0;
        for (; i + 16 <= pixels; i += 16, to += 48)
        {
            // A product and a sum, each rounded, as the operation has them.
            var red = Vector512.Load(first + i) * by + plus;
            var green = Vector512.Load(first + plane + i) * by + plus;
            var blue = Vector512.Load(first + 2 * plane + i) * by + plus;
            Join(red, two0, green, third0, blue).Store(to);
            Join(red, two1, green, third1, blue).Store(to + 16);
            Join(red, two2, green, third2, blue).Store(to + 32);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Join(Vector512<float> red, Vector512<int> first, Vector512<float> green, Vector512<int> third,
        Vector512<float> blue) => Avx512F.PermuteVar16x32x2(Avx512F.PermuteVar16x32x2(red, first, green), third, blue);

    private static void Spread(int channels, int pixels, int start, float* plane, float factor, float shift, float* to)
    {
        for (nint i = start; i < pixels; i++) to[i * channels] = plane[i] * factor + shift;
    }

    /// <summary>For each lane of a vector: its place among those of two joined vectors of 16.</summary>
    private static Vector512<int> Places(int vector, bool third)
    {
        var places = new int[16];
        for (var lane = 0; lane < places.Length; lane++)
        {
            var (pixel, color) = Math.DivRem(vector * places.Length + lane, Colors);
            if (third) places[lane] = color == 2 ? places.Length + pixel : lane;
            else places[lane] = color == 1 ? places.Length + pixel : pixel;
        }

        return Vector512.Create(places);
    }
}

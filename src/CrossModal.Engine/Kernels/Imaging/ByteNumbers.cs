using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

/// <summary>Bytes as numbers.</summary>
internal static unsafe class ByteNumbers
{
    /// <summary>numbers[i] = bytes[i] * factor.</summary>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(ReadOnlySpan<byte> bytes, float factor, Span<float> numbers)
    {
        if (bytes.Length != numbers.Length)
            throw new ArgumentException($"ByteNumbers: {bytes.Length} bytes but {numbers.Length} numbers");
        fixed (byte* from = bytes)
        fixed (float* to = numbers)
        {
            nint i = 0;
            if (Avx512F.IsSupported && Vector512.IsHardwareAccelerated)
            {
                for (; i + 16 <= bytes.Length; i += 16)
                    (Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(from + i))) * factor).Store(to + i);
            }

            if (Avx2.IsSupported)
            {
                for (; i + 8 <= bytes.Length; i += 8)
                    (Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(from + i)) * factor).Store(to + i);
            }

            for (; i < bytes.Length; i++) to[i] = from[i] * factor;
        }
    }
}

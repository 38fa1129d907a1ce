using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Reports;

/// <summary>The machine a figure was measured on.</summary>
internal static class Machine
{
    /// <summary>The widest vectors: <c>AVX-512</c>, <c>AVX2 with FMA</c>, or <c>no AVX2</c>.</summary>
    public static string Vectors => Avx512F.IsSupported ? "AVX-512" : Fma.IsSupported && Avx2.IsSupported ? "AVX2 with FMA" : "no AVX2";

    /// <summary>Cores, vector width, runtime, system: <c>2 cores, 256-bit vectors (AVX2), .NET 10.0.9, linux-x64</c>.</summary>
    public static string Line { get; } =
        $"{Environment.ProcessorCount} {(Environment.ProcessorCount == 1 ? "core" : "cores")}, {VectorBits}-bit vectors{InstructionSet}, .NET {Environment.Version}, {RuntimeInformation.RuntimeIdentifier}";

    private static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 64;

    private static string InstructionSet => Avx512F.IsSupported ? " (AVX-512)" : Avx2.IsSupported ? " (AVX2)" : "";
}

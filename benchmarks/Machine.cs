using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Benchmarks;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    /// <summary>Runtime, architecture, processors, vectors.</summary>
    public static string Line { get; } = $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors, {Vectors}";

    /// <summary>The widest vectors.</summary>
    public static string Vectors => Avx512F.IsSupported ? "AVX-512" : Fma.IsSupported && Avx2.IsSupported ? "AVX2 with FMA" : "no AVX2";
}

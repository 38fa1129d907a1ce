namespace CrossModal.Benchmarks.Reporting;

/// <summary>The end of a table's name: tables of speed stand once for every width of vectors.</summary>
internal static class VectorSuffix
{
    /// <summary>Of a machine's line.</summary>
    public static string Of(string machine) => machine.Contains("AVX-512", StringComparison.Ordinal) ? "-avx512" : "-avx2";
}

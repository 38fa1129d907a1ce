namespace CrossModal.Benchmarks.Comparison;

/// <summary>Variables of the environment that make a peer slower or faster than it is by itself: reported, and unset for peers.</summary>
internal static class PeerSettings
{
    private static readonly string[] Names =
    [
        "OPENBLAS_CORETYPE", "OPENBLAS_VERBOSE", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS", "ATEN_CPU_CAPABILITY",
        "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA", "MKL_NUM_THREADS", "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_CPU_TYPE",
    ];

    /// <summary>Those that are set, with their values.</summary>
    public static IReadOnlyList<(string Name, string Value)> Set =>
        [
            .. Names.Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name)!))
                .Where(setting => !string.IsNullOrEmpty(setting.Value)),
        ];
}

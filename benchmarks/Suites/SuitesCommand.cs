using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;

namespace CrossModal.Benchmarks.Suites;

/// <summary>The benchmarks of kernels and layers under BenchmarkDotNet: times with confidence, and what is allocated.</summary>
internal static class SuitesCommand
{
    /// <summary>How to ask.</summary>
    public const string Usage =
        "  bdn [FILTER ...] [BenchmarkDotNet's options]\n        kernels and layers under BenchmarkDotNet: '*Matrix*', '*Layer*', '*'; " +
        "for example bdn '*Layer*' --job short";

    private static readonly Type[] Suites = [typeof(MatrixBenchmarks), typeof(AttentionBenchmarks), typeof(LayerBenchmarks)];

    /// <summary>Runs what the filters name; everything when there is none.</summary>
    public static int Run(string[] args)
    {
        var filters = args.TakeWhile(a => !a.StartsWith('-')).DefaultIfEmpty("*").ToArray();
        string[] rest = [.. args.SkipWhile(a => !a.StartsWith('-'))];

        // As in the project itself; the generated program would not inherit it. A mutator, so that --job still chooses the job.
        var config = DefaultConfig.Instance.AddJob(Job.Default.WithEnvironmentVariable("DOTNET_TieredPGO", "0").AsMutator());
        var summaries = BenchmarkSwitcher.FromTypes(Suites).Run(["--filter", .. filters, .. rest], config);
        return summaries.Any(s => s.HasCriticalValidationErrors || s.Reports.Any(r => !r.Success)) ? 1 : 0;
    }
}

namespace CrossModal.Benchmarks.Kernels;

/// <summary>Measures the kernels beside the multiply-add peak.</summary>
internal static class KernelsCommand
{
    /// <summary>Measures, prints, and writes what was asked for.</summary>
    public static int Run(KernelsArguments arguments)
    {
        Report.PrintHead();
        var results = new List<Measurement>();
        foreach (var threads in arguments.Threads)
        {
            var measured = Measuring.Run(threads, KernelCases.All());
            Report.Print(measured);
            results.AddRange(measured);
        }

        if (arguments.Json is { } file) Report.WriteJson(file, results);
        return 0;
    }
}

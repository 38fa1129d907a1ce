using System.Globalization;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Serving;

/// <summary>Measures the policy server.</summary>
internal static class ServingCommand
{
    private const int Batch = 16;

    /// <summary>Measures and prints.</summary>
    public static int Run(ServingArguments arguments)
    {
        Console.WriteLine($"{Machine.Line}; pictures of 224×224 in, clients and server on the same processors");
        var steady = arguments.Seconds > 0 ? Steady(arguments) : null;
        if (steady is not null)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{steady.Clients} clients at {steady.Rate} Hz for {steady.Seconds} s: {steady.Answered} answered, {steady.Failed} not; median {steady.Median:F1} ms, p99 {steady.P99:F1} ms, longest {steady.Largest:F1} ms; {steady.MemoryStart:F0} MB after a tenth, {steady.MemoryEnd:F0} MB at the end"));
        if (arguments.Curve.Count > 0) Console.WriteLine($"{"clients",8}{"batched/s",12}{"single/s",12}{"p99 ms",10}{"p99 ms",10}");
        var points = new List<ThroughputPoint>();
        foreach (var clients in arguments.Curve)
        {
            var (batched, batchedP99) = Throughput(clients, Batch, arguments.CurveSeconds);
            var (single, singleP99) = Throughput(clients, 1, arguments.CurveSeconds);
            var point = new ThroughputPoint(clients, batched, single, batchedP99, singleP99);
            points.Add(point);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{clients,8}{point.Batched,12:F0}{point.Single,12:F0}{point.BatchedP99,10:F1}{point.SingleP99,10:F1}"));
        }

        if (arguments.Json is { } file) new ServingRun(Machine.Line, steady, points).Save(file);
        return 0;
    }

    private static SteadyLoad Steady(ServingArguments arguments)
    {
        using var child = ServedChild.Start(Batch);
        var clients = new LoadedClients(child.Address, arguments.Clients);
        var running = clients.Run(TimeSpan.FromSeconds(arguments.Seconds), arguments.Rate);
        Thread.Sleep(TimeSpan.FromSeconds(arguments.Seconds / 10.0));
        var memory = child.Memory;
        running.GetAwaiter().GetResult();
        var times = clients.Times();
        return new SteadyLoad(arguments.Clients, arguments.Rate, arguments.Seconds, times.Length, clients.Failed, Quantile(times, 0.5),
            Quantile(times, 0.99), Quantile(times, 1), memory, child.Memory);
    }

    private static (double PerSecond, double P99) Throughput(int clients, int batch, int seconds)
    {
        using var child = ServedChild.Start(batch);
        new LoadedClients(child.Address, clients).Run(TimeSpan.FromSeconds(1), null).GetAwaiter().GetResult();
        var measured = new LoadedClients(child.Address, clients);
        measured.Run(TimeSpan.FromSeconds(seconds), null).GetAwaiter().GetResult();
        var times = measured.Times();
        return (times.Length / (double)seconds, Quantile(times, 0.99));
    }

    private static double Quantile(double[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}

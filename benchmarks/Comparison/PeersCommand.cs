using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using CrossModal.Benchmarks.Cases;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>Runs our engine beside the others.</summary>
internal static class PeersCommand
{
    private static readonly TimeSpan DoublePress = TimeSpan.FromSeconds(1);

    /// <summary>Measures, prints, and keeps what was asked to be kept.</summary>
    /// <returns>0; 130 when it was stopped.</returns>
    /// <exception cref="UsageException">The file to continue is of another run.</exception>
    public static int Run(PeersArguments arguments)
    {
        var plan = Plan.Make(arguments.Groups, arguments.Cases, arguments.Threads);
        var inputs = SharedInputs.Default;
        var installation = Installation.Find(inputs);
        var configuration = new Configuration(Machine.Line, installation.Versions,
            [.. plan.Measures.Select(m => m.Key), .. plan.Figures.Select(f => f.Key)]);
        var run = Comparison.Run.StartOrContinue(arguments.Json, configuration);
        Console.WriteLine(Machine.Line);
        foreach (var (engine, version) in configuration.Versions.OrderBy(v => v.Key)) Console.WriteLine($"  {engine} {version}");
        foreach (var (name, value) in PeerSettings.Set) Console.WriteLine($"  {name}={value} is set here, and unset for the peers");
        foreach (var line in installation.Missing(plan.Measures.SelectMany(m => m.Entries).Select(e => e.Engine).ToHashSet()))
            Console.WriteLine(line);
        if (run.Rounds > 0) Console.WriteLine($"continues after round {run.Rounds}");

        using var stop = new CancellationTokenSource();
        var stopped = new Stopwatch();
        void Stop(PosixSignalContext signal)
        {
            // A second time ends it at once; but one press can arrive twice, from the terminal and from whoever started us.
            signal.Cancel = stopped.Elapsed < DoublePress;
            if (stopped.IsRunning) return;
            stopped.Start();
            stop.Cancel();
            Console.Error.WriteLine("\nstopping after this sample");
        }

        using (PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop))
        using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop))
            Measure(arguments, plan, inputs, installation, run, stop.Token);
        Report(arguments, plan, run);
        return stop.IsCancellationRequested ? 130 : 0;
    }

    private static void Measure(PeersArguments arguments, Plan plan, SharedInputs inputs, Installation installation, Run run,
        CancellationToken stop)
    {
        var progress = new Progress(Console.Error, inPlace: !Console.IsErrorRedirected);
        inputs.Complete(Needed(plan), name => progress.Print($"writing the inputs of {name} to {inputs.Folder}"));
        var calibrator = new Calibrator(run.CalibratorBest, arguments.Threads);
        using var peers = new Peers(installation, run.Skipped);
        var interleaver = new Interleaver(plan, peers, calibrator, run, progress);
        interleaver.MeasureFigures(stop);
        interleaver.MeasureRounds(arguments.Rounds, () => Keep(arguments, plan, run), stop);
        progress.Line("");
    }

    private static IEnumerable<Network> Needed(Plan plan)
    {
        var names = plan.Measures.Select(m => (m.Group, m.Name))
            .Concat(plan.Figures.Select(f => (f.Group, Name: f.Case[(f.Case.LastIndexOf(':') + 1)..]))).ToHashSet();
        return Network.All.Where(n => names.Any(m => m.Name == n.Shape.Name
            && (n.Blocks == 0 ? m.Group != "net4" : m.Group is "net4" or "alloc")));
    }

    private static List<Outcome> Outcomes(Plan plan, Run run) =>
        [.. plan.Measures.Select(m => Outcome.Of(m, run.Samples, run.CalibratorBest.GetValueOrDefault(m.Threads,
            double.PositiveInfinity)))];

    private static void Keep(PeersArguments arguments, Plan plan, Run run)
    {
        if (arguments.Json is not { } file) return;
        NotePeak(run);
        run.Results = [.. Outcomes(plan, run).Select(Result)];
        run.Save(file);
    }

    private static void NotePeak(Run run)
    {
        foreach (var (threads, best) in run.CalibratorBest) run.Peak[threads] = threads * Calibrator.Flops / best;
    }

    private static object Result(Outcome outcome) => new
    {
        Measure = outcome.Measure.Key,
        BestOrdinary = outcome.BestOrdinary?.Entry.Key,
        Entries = outcome.Entries.Select(e => new
        {
            e.Entry.Key,
            MedianNanoseconds = e.Times.Median,
            LowNanoseconds = e.Times.Low,
            HighNanoseconds = e.Times.High,
            BestNanoseconds = e.Best,
            Kept = e.Kept.Samples.Count,
            OfRounds = e.Kept.Rounds.Count,
            e.Kept.Disturbed,
            e.Ratio,
            e.Paired,
        }),
        Goals = outcome.Goals.Select(g => new { Entry = g.Ours.Key, g.Other, g.Ratio, g.Paired, g.Goal.AtLeast, g.Reached }),
    };

    private static void Report(PeersArguments arguments, Plan plan, Run run)
    {
        Keep(arguments, plan, run);
        var outcomes = Outcomes(plan, run);
        Console.WriteLine(ResultTable.HowToRead);
        NotePeak(run);
        foreach (var (threads, peak) in run.Peak.OrderBy(p => p.Key))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"multiply-add peak, {Machine.Vectors}, {threads} thread(s): {peak:F0} GFLOP/s"));
        foreach (var line in ResultTable.SharedCores(run.CalibratorBest)) Console.WriteLine(line);
        foreach (var outcome in outcomes)
        {
            Console.WriteLine();
            foreach (var line in ResultTable.Lines(outcome)) Console.WriteLine(line);
        }

        if (plan.Figures.Count > 0) Console.WriteLine("\nour engine alone");
        foreach (var line in ResultTable.Lines(plan.Figures, run.Figures)) Console.WriteLine(line);
        if (run.Skipped.Count > 0) Console.WriteLine("\nnot measured");
        foreach (var (what, why) in run.Skipped) Console.WriteLine($"  {what}: {why}");
        if (arguments.Chart is not { } chart) return;
        SvgFile.Save(chart, SpeedChart.Of(outcomes, run.Configuration));
        Console.WriteLine($"\nchart: {chart}");
    }
}

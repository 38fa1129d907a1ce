using CrossModal.Benchmarks;
using CrossModal.Benchmarks.Cases;
using CrossModal.Benchmarks.Comparison;
using CrossModal.Benchmarks.Crossover;
using CrossModal.Benchmarks.Frames;
using CrossModal.Benchmarks.Kernels;
using CrossModal.Benchmarks.Onnx;
using CrossModal.Benchmarks.Policies;
using CrossModal.Benchmarks.Ranks;
using CrossModal.Benchmarks.Reporting;
using CrossModal.Benchmarks.Serving;
using CrossModal.Benchmarks.Startup;
using CrossModal.Benchmarks.Suites;
using CrossModal.Benchmarks.Variants;
using CrossModal.Benchmarks.Widths;

try
{
    return args switch
    {
        ["peers", .. var rest] => PeersCommand.Run(PeersArguments.Parse(rest)),
        [PeerCommand.Name, .. var rest] => PeerCommand.Run(PeerCommand.Parse(rest)),
        [OnnxPeerCommand.Name, .. var rest] => OnnxPeerCommand.Run(PeerCommand.Parse(rest)),
        ["kernels", .. var rest] => KernelsCommand.Run(KernelsArguments.Parse(rest)),
        ["frames", .. var rest] => FramesCommand.Run(FramesArguments.Parse(rest)),
        ["crossover", .. var rest] => CrossoverCommand.Run(CrossoverArguments.Parse(rest)),
        ["policy", .. var rest] => PolicyCommand.Run(PolicyArguments.Parse(rest)),
        ["variants", .. var rest] => VariantsCommand.Run(VariantsArguments.Parse(rest)),
        ["widths", .. var rest] => WidthsCommand.Run(WidthsArguments.Parse(rest)),
        [WidthChild.Name] => WidthChild.Run(),
        ["serving", .. var rest] => ServingCommand.Run(ServingArguments.Parse(rest)),
        ["allreduce", .. var rest] => AllReduceCommand.Run(AllReduceArguments.Parse(rest)),
        [AllReduceRank.Name, .. var rest] => AllReduceRank.Run(rest),
        [ServedChild.Name, .. var rest] => ServedChild.Run(rest),
        ["report", .. var rest] => ReportCommand.Run(ReportArguments.Parse(rest)),
        ["startup", .. var rest] => StartupMeasurement.Run(rest),
        ["bdn", .. var rest] => SuitesCommand.Run(rest),
        [] => throw new UsageException("nothing to measure is named"),
        _ => throw new UsageException($"'{args[0]}' is not known"),
    };
}
catch (UsageException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    Console.Error.WriteLine("usage: dotnet run -c Release --project benchmarks -- COMMAND");
    foreach (var usage in (string[])[PeersArguments.Usage, PeerCommand.Usage, OnnxPeerCommand.Usage, KernelsArguments.Usage,
        FramesArguments.Usage, CrossoverArguments.Usage, VariantsArguments.Usage, WidthsArguments.Usage,
            PolicyArguments.Usage, ServingArguments.Usage,
            AllReduceArguments.Usage,
            ReportArguments.Usage,
            SuitesCommand.Usage, StartupMeasurement.Usage]) Console.Error.WriteLine(usage);
    return 2;
}

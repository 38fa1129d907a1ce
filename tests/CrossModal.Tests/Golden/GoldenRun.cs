using System.Collections.Concurrent;

namespace CrossModal.Tests.Golden;

/// <summary>Runs golden cases, each once, and keeps what came out. A group is built when it has a runner here.</summary>
internal static class GoldenRun
{
    private static readonly Dictionary<string, Action<GoldenCase, Comparison>> Runners = new()
    {
        ["torch_mha"] = TorchMhaRunner.Run,
        ["torch_ops"] = TorchOpsRunner.Run,
        ["torch_layers"] = TorchLayersRunner.Run,
        ["tutorial"] = TutorialRunner.Run,
        ["torch_optim"] = TorchOptimRunner.Run,
        ["schedules"] = SchedulesRunner.Run,
        ["training"] = TrainingRunner.Run,
        ["hf_clip"] = ClipRunner.Run,
        ["hf_blip"] = BlipRunner.Run,
        ["flamingo"] = FlamingoRunner.Run,
        ["hf_qformer"] = QFormerRunner.Run,
        ["hf_vilt"] = ViltRunner.Run,
        ["hf_lxmert"] = LxmertRunner.Run,
        ["torchmultimodal"] = TorchMultimodalRunner.Run,
        ["perceiver"] = PerceiverRunner.Run,
        ["hf_perceiver"] = PerceiverRunner.RunHuggingFace,
        ["explain"] = ExplainRunner.Run,
    };

    private static readonly ConcurrentDictionary<string, Lazy<string>> Outcomes = new();

    /// <summary>Whether the library has what a case is about.</summary>
    public static bool IsBuilt(string name) => Runners.ContainsKey(name[..name.IndexOf('/')]);

    /// <summary>What is wrong with a case; empty when it passes.</summary>
    public static string Outcome(string name) => Outcomes.GetOrAdd(name, n => new Lazy<string>(() => Run(GoldenFolder.Path, n))).Value;

    /// <summary>Runs a case of a folder and says what is wrong with it; empty when it passes.</summary>
    public static string Run(string folder, string name)
    {
        try
        {
            var golden = GoldenCase.Read(folder, name);
            var comparison = new Comparison(golden);
            Runners[golden.Group](golden, comparison);
            return string.Join(Environment.NewLine, comparison.Problems().Select(p => $"  {p}"));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return $"  {e.GetType().Name}: {e.Message}{Environment.NewLine}{e.StackTrace}";
        }
    }
}

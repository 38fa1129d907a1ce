using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Cli.Texts;
using CrossModal.Engine.Kernels;
using CrossModal.Policies;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal run</c>: replays pictures through a trained policy and prints its actions.</summary>
internal sealed class RunCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "run";

    // Until the runtime has compiled the step with optimisations, which it does in the background after some calls and some time.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private readonly Option<string?> _checkpoint;
    private readonly Option<string?> _instruction;
    private readonly Option<string[]> _against;
    private readonly Option<string?> _images;
    private readonly Option<string?> _cameraSize;
    private readonly Option<string?> _state;
    private readonly Option<int> _frames;
    private readonly Option<int> _threads;
    private readonly Option<bool> _clip;
    private readonly Option<bool> _measure;

    /// <summary>Makes the command.</summary>
    public RunCommand()
        : base(Word, "Replay pictures through a trained policy and print its actions in physical units",
            "crossmodal run --checkpoint runs/demo --images frames --instruction \"pick up the red cup\" --state 0,0,0.1,0.076,0",
            "crossmodal run --checkpoint runs/demo --images frames --instruction \"pick up the red cup\" --against \"pick up the blue " +
                "cube\"",
            "crossmodal run --checkpoint runs/demo --camera-size 640x480 --instruction \"pick up the red cup\" --measure")
    {
        _checkpoint = AddText("--checkpoint", "Folder of a trained policy", "folder", required: true);
        AddWith();
        _instruction = AddText("--instruction", "What the robot is to do", "text", required: true);
        _against = AddTexts("--against", "Other instructions: every frame says whether the policy would act differently under each",
            "text");
        _images = AddText("--images",
            "Folder of pictures (PNG; JPEG where libturbojpeg is installed), taken in the order of their names; of a policy with several " +
            "cameras, a folder with one folder for each camera", "folder");
        _cameraSize = AddText("--camera-size", "Random pictures of this size instead, to measure with", "WxH");
        _state = AddText("--state",
            "The robot's state in the units of training: numbers with commas between, or a .npy file with one row for each frame; zeros " +
            "unless given", "x,y,…");
        _frames = AddWhole("--frames", "Number of random pictures", 500, least: 1, most: 1_000_000);
        _threads = AddWhole("--threads", "Threads a step may use", 1, least: 1, most: 1024);
        _clip = AddFlag("--clip", "Limit actions to the range of the training data, and mark those that were");
        _measure = AddFlag("--measure",
            "Print the latency of every part of a step (median, p95, p99) and the bytes allocated, after two seconds of warm-up, instead " +
            "of actions");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        if (context.Get(_images) is null == context.Get(_cameraSize) is null)
            throw new UsageException("run needs either --images or --camera-size");
        if (context.Get(_images) is not null) context.RefuseWith(_images, _frames);
        var texts = new ReplayTexts(context.Language);
        using var workers = new Workers(context.Get(_threads));
        using var policy = Policy.Load(context.Get(_checkpoint)!,
            new PolicyRunOptions { Workers = workers, Clip = context.Get(_clip), KeepFrames = false });
        var source = context.Get(_images) is { } folder
            ? FrameSource.Folder(folder, policy.Cameras)
            : FrameSource.Random(context.Get(_cameraSize)!, context.Get(_frames), policy.Cameras.Count);
        var states = StateTable.Parse(context.Get(_state), policy.States, source.Count);
        if (context.Get(_state) is null && policy.States.Count > 0)
            context.Warn(texts.NoState(policy.States.Select(s => $"{s.Name} [{s.Unit}]")));
        var words = policy.SetInstruction(context.Get(_instruction)!);
        if (words.Unknown.Count > 0) context.Warn(texts.Unknown(words.Unknown));
        var others = context.Get(_against) ?? [];
        foreach (var other in others.Length > 0 ? policy.Compare(others) : [])
            if (other.Unknown.Count > 0) context.Warn(texts.Unknown(other.Unknown));
        context.Result["instruction"] = context.Get(_instruction);
        if (others.Length > 0) context.Result["against"] = new JsonArray([.. others.Select(o => (JsonNode)o)]);
        context.Result["unknown"] = new JsonArray([.. words.Unknown.Select(w => (JsonNode)w)]);
        context.Result["names"] = new JsonArray([.. policy.Actions.Select(a => (JsonNode)a.Name)]);
        context.Result["units"] = new JsonArray([.. policy.Actions.Select(a => (JsonNode)a.Unit)]);
        if (context.Get(_measure)) Measure(context, policy, source, states);
        else Replay(context, policy, source, states);
        return ExitCodes.Success;
    }

    private static void Replay(CommandContext context, Policy policy, FrameSource source, StateTable states)
    {
        context.Print($"{new ReplayTexts(context.Language).Frame,8}  {string.Join("  ", policy.Actions.Select(a => $"{a.Name} [{a.Unit}]".PadLeft(Width(a.Name, a.Unit))))}");
        var (actions, compared, scores) = (new JsonArray(), new JsonArray(), new JsonArray());
        for (var i = 0; i < source.Count; i++)
        {
            context.Stop.ThrowIfCancellationRequested();
            if (i == 0 && context.Result["against"] is not null) policy.MeasureNoise(source.Observe(i, policy.Cameras, states[i]));
            var decision = policy.Act(source.Observe(i, policy.Cameras, states[i]));
            var line = new List<string>();
            for (var a = 0; a < decision.Action.Length; a++)
                line.Add((decision.Action[a].ToString("0.00000", CultureInfo.InvariantCulture) + (decision.Clipped[a] ? "*" : ""))
                    .PadLeft(Width(decision.Names[a], decision.Units[a])));
            if (decision.Monitor is { } monitor)
            {
                line.Add(new ReplayTexts(context.Language).Monitor(monitor.Score, monitor.Stop));
                scores.Add((JsonNode)new JsonObject { ["score"] = monitor.Score, ["stop"] = monitor.Stop });
            }

            context.Print($"{i,8}  {string.Join("  ", line)}");
            if (decision.Counterfactuals.Count > 0) compared.Add((JsonNode)Compare(context, decision));
            actions.Add((JsonNode)new JsonArray([.. decision.Action.ToArray().Select(x => CommandContext.Number(x))]));
        }

        context.Result["actions"] = actions;
        if (compared.Count > 0) context.Result["counterfactuals"] = compared;
        if (scores.Count > 0) context.Result["monitor"] = scores;
    }

    /// <summary>Prints what the policy would do under the other instructions.</summary>
    private static JsonArray Compare(CommandContext context, Decision decision)
    {
        var texts = new ReplayTexts(context.Language);
        foreach (var other in decision.Counterfactuals)
            context.Print($"{"",8}  {texts.Against(other.Instruction, other.Differs, other.Effect, other.OverNoise)}" +
                (other.OtherDirection ? texts.OtherDirection : "") + (other.OtherGripper ? texts.OtherGripper : ""));
        return [.. decision.Counterfactuals.Select(other => (JsonNode)new JsonObject
        {
            ["effect"] = CommandContext.Number(other.Effect),
            ["overNoise"] = CommandContext.Number(other.OverNoise),
            ["cosine"] = CommandContext.Number(other.Cosine),
            ["otherGripper"] = other.OtherGripper,
            ["differs"] = other.Differs,
        })];
    }

    private static int Width(string name, string unit) => Math.Max(10, name.Length + unit.Length + 3);

    private static void Measure(CommandContext context, Policy policy, FrameSource source, StateTable states)
    {
        var timing = new StepTiming();
        var parts = Enum.GetValues<StepPart>();
        var times = parts.Select(_ => new double[source.Count]).Append(new double[source.Count]).ToArray();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; Stopwatch.GetElapsedTime(start) < WarmUp; i = (i + 1) % source.Count)
        {
            context.Stop.ThrowIfCancellationRequested();
            policy.Act(source.Observe(i, policy.Cameras, states[i]), timing);
        }

        long allocated = 0;
        for (var i = 0; i < source.Count; i++)
        {
            context.Stop.ThrowIfCancellationRequested();
            var observation = source.Observe(i, policy.Cameras, states[i]);
            var before = GC.GetAllocatedBytesForCurrentThread();
            policy.Act(observation, timing);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            foreach (var part in parts) times[(int)part][i] = timing[part].TotalMilliseconds;
            times[^1][i] = timing.Total.TotalMilliseconds;
        }

        var texts = new ReplayTexts(context.Language);
        context.Print(texts.Frames(source.Count, policy.Cameras.Count));
        context.Print($"{"",-16}{texts.Median,10}{"p95",10}{"p99",10}");
        var latency = new JsonObject();
        string[] names = [.. parts.Select(p => p.ToString().ToLowerInvariant()), "step"];
        foreach (var (i, name) in names.Index())
        {
            var sorted = times[i].Order().ToArray();
            double[] figures = [Quantile(sorted, 0.5), Quantile(sorted, 0.95), Quantile(sorted, 0.99)];
            context.Print(string.Create(CultureInfo.InvariantCulture,
                $"{name,-16}{figures[0],10:0.000}{figures[1],10:0.000}{figures[2],10:0.000}"));
            latency[name] = new JsonObject { ["median"] = figures[0], ["p95"] = figures[1], ["p99"] = figures[2] };
        }

        context.Print(texts.Allocated((double)allocated / source.Count));
        context.Result["milliseconds"] = latency;
        context.Result["bytesAllocatedPerFrame"] = (double)allocated / source.Count;
    }

    /// <summary>The least value that at least a share of all does not exceed.</summary>
    private static double Quantile(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}

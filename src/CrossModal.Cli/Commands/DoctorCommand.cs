using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CrossModal.Cli.Diagnosis;
using CrossModal.Cli.Hosting;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal doctor</c>: whether a policy uses its words and its picture, one verdict a line.</summary>
internal sealed class DoctorCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "doctor";

    private const string Tabletop = "tabletop/";
    private const double LeastLift = 1.5;
    private const double MostPadded = 1e-3;

    private readonly Option<string?> _checkpoint;
    private readonly Option<string[]> _tasks;
    private readonly Option<string[]> _splits;
    private readonly Option<int> _scenes;
    private readonly Option<ulong> _seed;

    /// <summary>Makes the command.</summary>
    public DoctorCommand()
        : base(Word, "Check whether a policy trained on the tabletop uses its words and its picture: one verdict a line, exit code 1 " +
            "when one is FAIL",
            "crossmodal doctor --checkpoint runs/demo")
    {
        _checkpoint = AddText("--checkpoint", "Folder of a trained policy", "folder", required: true);
        AddWith();
        _tasks = Among(AddTexts("--task", "Task on the tabletop; the first it was trained on unless given", "task"), () =>
            TabletopNames.OfTasks, anyCase: true);
        _splits = Among(AddTexts("--split", "Split; S0 unless given", "split"), () => TabletopNames.OfSplits, anyCase: true);
        _scenes = AddWhole("--scenes", "Scenes", 50, least: 2, most: 100_000);
        _seed = AddSeed();
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var checkpoint = context.Get(_checkpoint)!;
        var trained = PolicyFolder.Load(checkpoint);
        if (!trained.Source.StartsWith(Tabletop, StringComparison.Ordinal))
            throw new ArgumentException(
                $"{checkpoint}: was trained on {trained.Source}, not on the tabletop, whose scenes it is checked on");
        string[] given = context.Get(_tasks) is { Length: > 0 } named ? named : [trained.Source[Tabletop.Length..].Split('+')[0]];
        var task = TabletopNames.Tasks(given) is [{ } only] ? only : throw new UsageException("--task: doctor takes one task");
        var split = context.Get(_splits) is { Length: > 0 } splits ? TabletopNames.Splits(splits) is [{ } one] ? one
            : throw new UsageException("--split: doctor takes one split") : Split.S0;
        var findings = new List<Finding>();
        using (var effects = new InputEffects(trained))
        {
            effects.Measure(task, split, context.Get(_scenes), context.Get(_seed), context.Stop);
            findings.AddRange(effects.Findings());
        }

        findings.AddRange(Attention(trained, task, split, context));
        foreach (var finding in findings) context.Print(finding.ToString());
        var failed = findings.Count(f => f.Verdict == Verdict.Fail);
        context.Print(failed == 0 ? "nothing failed" : $"{failed} of {findings.Count} failed");
        context.Result["findings"] = new JsonArray([.. findings.Select(f => new JsonObject
        {
            ["name"] = f.Name, ["verdict"] = f.Verdict.ToString().ToLowerInvariant(), ["figures"] = f.Figures,
        })]);
        return failed == 0 ? ExitCodes.Success : ExitCodes.Failed;
    }

    private IEnumerable<Finding> Attention(TrainedPolicy trained, RobotTask task, Split split, CommandContext context)
    {
        using var policy = Policy.Of(trained, new PolicyRunOptions { KeepFrames = false });
        var rig = new CameraRig(policy.ImageSize, policy.Cameras.Count);
        var frames = rig.NewFrames();
        var (maps, padded) = (new List<IReadOnlyList<WordMap>>(), 0.0);
        for (var i = 0; i < context.Get(_scenes); i++)
        {
            context.Stop.ThrowIfCancellationRequested();
            var episode = task.Sample(split.SceneSeed(context.Get(_seed), i), split, SceneOptions.Full);
            rig.Render(episode.Start, frames);
            policy.SetInstruction(episode.Instruction.Text, allowUnknown: true);
            var observation = new Observation { State = Proprioception.Of(episode.Start) };
            for (var view = 0; view < frames.Length; view++) observation = observation.With(policy.Cameras[view], frames[view].ToFrame());
            var alone = policy.Act(observation).Action.ToArray();
            maps.Add(policy.Maps());

            // Beside a longer instruction the shorter one is padded.
            var longest = string.Join(' ', Enumerable.Repeat(episode.Instruction.Words[0], Vocabulary.MostWords));
            var beside = policy.Prepare(episode.Instruction.Text, longest).Act(observation)[0].Action;
            for (var a = 0; a < trained.Policy.Options.Actions; a++)
                padded = Math.Max(padded, Math.Abs(alone[a] - beside[a]) / trained.Actions.Deviation[a]);
        }

        yield return new Finding("padding changes nothing", padded <= MostPadded ? Verdict.Pass : Verdict.Fail,
            string.Create(CultureInfo.InvariantCulture, $"at most {padded:0.000000} σ of an action beside a longer instruction"));
        var named = WordGrounding.Measure(trained, task, split, context.Get(_scenes), context.Get(_seed))
            .Where(g => g.Kind is WordKind.Color or WordKind.Shape).ToList();
        if (named.Count > 0)
        {
            var best = named.MaxBy(g => g.Lift)!;
            yield return new Finding("words attend to their object", best.Lift >= LeastLift ? Verdict.Pass : Verdict.Warn,
                string.Create(CultureInfo.InvariantCulture,
                $"at best {best.Lift:0.0}× chance ({best.Kind.ToString().ToLowerInvariant()} words, {best.Layer}), pointing {100 * best.Pointing.Rate:0} %"));
        }

        // Instructions have different numbers of words: layers are compared by what their words have in common.
        foreach (var finding in AttentionHealth.Findings(maps)) yield return finding;
    }
}

using System.CommandLine;
using CrossModal.Cli.Hosting;
using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Imitation;
using CrossModal.OnnxRuntime;
using CrossModal.Publish.Encoders;
using CrossModal.Reports;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Publish.Commands;

/// <summary>Measures what pretrained encoders give: words and pairs never trained on the tabletop, and real recordings.</summary>
internal sealed class EncodersCommand : ToolCommand
{
    /// <summary>The name of the command.</summary>
    public const string Word = "encoders";

    private readonly Option<string?> _weights;
    private readonly Option<string?> _data;
    private readonly Option<int> _seeds;
    private readonly Option<int> _steps;
    private readonly Option<int> _recordedSteps;
    private readonly Option<int> _episodes;
    private readonly Option<string?> _out;
    private readonly Option<string?> _results;

    /// <summary>Makes the command.</summary>
    public EncodersCommand()
        : base(Word, "Measure what pretrained encoders give, on the tabletop and on recordings; what was measured is kept and not " +
            "measured " +
            "again", $"{AllCommands.ToolName} {Word} --data ../shared/realdata/bridge_episodes")
    {
        _weights = AddText("--weights", "Folder of pretrained weights, as tools/Weights makes it", "folder", byDefault: "weights");
        _data = AddText("--data", "Recordings, folders of episodes; none for the tabletop alone", "folder");
        _seeds = AddWhole("--seeds", "Training seeds of each kind of policy", 3, least: 1);
        _steps = AddWhole("--steps", "Steps of training on the tabletop", new TabletopRecipe().Steps, least: 1);
        _recordedSteps = AddWhole("--recorded-steps", "Steps of training on recordings", 600, least: 1);
        _episodes = AddWhole("--episodes", "Episodes of each task and split", 1000, least: 1);
        _out = AddText("--out", "Folder of policies and cells", "folder", byDefault: "runs/encoders");
        _results = AddText("--results", "Folder that receives the cells", "folder", byDefault: "docs/results");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var (weights, folder) = (context.Get(_weights)!, context.Get(_out)!);
        var text = Path.Combine(weights, "all-MiniLM-L6-v2");
        var vision = Path.Combine(weights, "ResNet18.onnx") + ":ReLU393_Output_0";
        Directory.CreateDirectory(folder);
        OnnxRuntimeEncoders.Register();
        var seeds = Enumerable.Range(0, context.Get(_seeds)).Select(seed => (ulong)seed).ToList();
        var tabletop = new TabletopWords(context, folder, context.Get(_steps), context.Get(_episodes));
        List<TabletopCell> cells = [.. seeds.SelectMany(seed => tabletop.Measure("learned", seed, null)
            .Concat(tabletop.Measure("MiniLM", seed, new PretrainedEncoders { Text = text })))];
        var recorded = context.Get(_data) is { } data ? RecordedData.Split(data, EpisodeFolder.ReadAll(data)) : null;
        var measured = new List<RecordedCell>();
        if (recorded is not null)
        {
            var runs = new RecordedEncoders(context, folder, recorded, context.Get(_recordedSteps));
            foreach (var seed in seeds)
                foreach (var (pictures, file) in new[] { ("stem", null), ("ResNet18", vision) })
                    foreach (var (words, read) in new[] { ("learned", null), ("MiniLM", text) })
                        measured.Add(runs.Measure(pictures, words, seed, file is null && read is null ? null : new PretrainedEncoders
                        {
                            Text = read,
                            Vision = file,
                            FeatureCache = Path.Combine(folder, "features"),
                        }));
        }

        new EncoderStudy
        {
            Command = context.CommandLine,
            Machine = Machine.Line,
            TabletopSteps = context.Get(_steps),
            RecordedSteps = context.Get(_recordedSteps),
            HeldOut = recorded?.HeldOut.Count ?? 0,
            Tabletop = cells,
            Recorded = measured,
        }.Write(context.Get(_results)!);
        context.Print($"Cells: {Path.Combine(context.Get(_results)!, EncoderStudy.FileName)}");
        return ExitCodes.Success;
    }
}

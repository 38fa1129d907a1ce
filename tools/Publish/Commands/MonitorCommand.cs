using System.CommandLine;
using System.Security.Cryptography;
using CrossModal.Cli.Hosting;
using CrossModal.Policies;
using CrossModal.Publish.Monitoring;

namespace CrossModal.Publish.Commands;

/// <summary>Measures the monitor, its baselines and counterfactual guidance on policies; what was measured is kept and not measured
/// again.</summary>
internal sealed class MonitorCommand : ToolCommand
{
    /// <summary>The name of the command.</summary>
    public const string Word = "monitor";

    private readonly Option<string[]> _checkpoints;
    private readonly Option<int> _episodes;
    private readonly Option<int> _guided;
    private readonly Option<bool> _time;
    private readonly Option<bool> _settings;
    private readonly Option<string?> _work;
    private readonly Option<string?> _out;

    /// <summary>Makes the command.</summary>
    public MonitorCommand()
        : base(Word, "Measure the monitor, its baselines and guidance on policies trained on all tasks; --time: the time of a step, of " +
            "policies that have a monitor", $"{AllCommands.ToolName} {Word} --checkpoint cross-attention-4=runs/a perceiver-8=runs/b")
    {
        _checkpoints = AddTexts("--checkpoint", "Row of the main table and folder of each policy: cross-attention-4=runs/a", "row=folder",
            required: true);
        _episodes = AddWhole("--episodes", "Episodes of each task and circumstances", 200, least: 4);
        _guided = AddWhole("--guided", "Episodes of each task, split and strength of guidance; 0 for none", 200);
        _time = AddFlag("--time", "Measure the time of a step instead");
        _settings = AddFlag("--settings", "Measure settings of the published detectors instead");
        _work = AddText("--work", "Folder for recorded episodes", "folder", byDefault: "runs/monitor");
        _out = AddText("--out", "Folder for what was measured", "folder", byDefault: "docs/monitor");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var folder = context.Get(_out)!;
        var policies = context.Get(_checkpoints)!.Select(Parse).ToList();
        if (context.Get(_time))
        {
            MonitorTime.Write(folder, MonitorTime.Measure(policies.Select(p => (p.Row, p.Folder)), "pick up the red cup",
                "push the blue cube"));
            return ExitCodes.Success;
        }

        foreach (var (row, checkpoint) in policies)
            if (context.Get(_settings)) MeasureSettings(context, folder, row, checkpoint);
            else Measure(context, folder, row, checkpoint);
        return ExitCodes.Success;
    }

    private void MeasureSettings(CommandContext context, string folder, string row, string checkpoint)
    {
        var (name, trained) = ($"{row}-{Weights(checkpoint)}", PolicyFolder.Load(checkpoint));
        var study = new MonitorStudy(name, trained, context.Get(_work)!, context.Get(_episodes));
        study.Record(context.Print, context.Stop);
        SettingsStudy.Run(study, name, study.Width, folder, context.Print, context.Stop);
    }

    private static string Weights(string checkpoint) =>
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PolicyFolder.WeightsPath(checkpoint))))[..12];

    private void Measure(CommandContext context, string folder, string row, string checkpoint)
    {
        var weights = Weights(checkpoint);
        var name = $"{row}-{weights}";
        var path = MonitorCell.PathOf(folder, name);
        var trained = PolicyFolder.Load(checkpoint);
        var cell = File.Exists(path) ? MonitorCell.Read(path)
            : new MonitorCell
            {
                Policy = name,
                Row = row,
                Weights = weights,
                Episodes = context.Get(_episodes),
                Seeds = MonitorStudy.Seeds,
            };
        if (context.Get(_guided) > 0)
            GuidanceStudy.Run(cell, trained, context.Get(_guided), () => cell.Write(folder), context.Print, context.Stop);
        new MonitorStudy(name, trained, context.Get(_work)!, cell.Episodes)
            .Run(cell, () => cell.Write(folder), context.Print, context.Stop);
        cell.Write(folder);
    }

    private static (string Row, string Folder) Parse(string text) => text.Split('=', 2) is [{ Length: > 0 } row, { Length: > 0 } folder]
        ? (row, folder) : throw new UsageException($"--checkpoint: '{text}' is no row=folder");
}

using System.CommandLine;
using System.Globalization;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Fusion;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal demo</c>: trains a language-guided policy, evaluates it, shows where the attention of its words lies, writes a report.</summary>
internal sealed class DemoCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "demo";

    private const string Strategy = "cross-attention";
    private const int Episodes = 500;
    private const int MostControlEpisodes = 200;
    private const double Expected = 0.9;
    private readonly Option<string?> _out;
    private readonly Option<ulong> _seed;
    private readonly Option<int> _steps;
    private readonly Option<int> _episodes;
    private readonly Option<bool> _restart;

    /// <summary>Makes the command.</summary>
    public DemoCommand()
        : base(Word, "Train a language-guided policy on the tabletop, evaluate it, and draw the attention of each word", "crossmodal demo")
    {
        _out = AddText("--out", "Folder for checkpoint, metrics and report", "folder", byDefault: "runs/demo");
        _seed = AddSeed(0);
        _steps = AddWhole("--steps", "Steps of training; fewer is quicker and worse", new TabletopRecipe().Steps, least: 1);
        _episodes = AddWhole("--episodes", $"Episodes of each evaluation, of which the controls run at most {MostControlEpisodes}", Episodes, least: 1);
        _restart = AddRestart();
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var folder = context.Get(_out)!;
        using var held = RunFolder.Take(folder, Describe(context, _episodes, _out, _restart), context.Get(_restart));
        var recipe = new TabletopRecipe { Seed = context.Get(_seed), Steps = context.Get(_steps) };
        var run = new TabletopRun(context, Strategy, new FusionOptions(64, Heads: 4, Layers: 4), recipe, folder);
        run.Train(held);
        context.Print("Success in closed loop, with 95 % intervals:");
        var (seed, episodes) = (recipe.Seed + 1, context.Get(_episodes));
        var controls = Math.Min(MostControlEpisodes, episodes);
        var success = run.Evaluate("new layouts", Split.S0, episodes, seed).Success;
        run.Evaluate("unseen colour-shape pairs", Split.Z1, episodes, seed);
        run.Evaluate("the same policy, words withheld", Split.S0, controls, seed, PolicyControl.NoLanguage);
        run.Evaluate("the same policy, picture withheld", Split.S0, controls, seed, PolicyControl.NoVision);
        run.Ground(controls, seed);
        run.Save(seed);
        context.Print($"Report: {Path.Combine(folder, "report.html")}");
        context.Print($"Next: crossmodal attend --checkpoint {folder} --image PICTURE.png --instruction \"pick up the red cup\"");
        if (success.Rate >= Expected || recipe.Steps < new TabletopRecipe().Steps) return ExitCodes.Success;
        context.Warn(string.Create(CultureInfo.InvariantCulture, $"success on new layouts is {100 * success.Rate:0.0} %, below the expected {100 * Expected:0} %"));
        return ExitCodes.Failed;
    }
}

using System.CommandLine;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Cli.Texts;
using CrossModal.Encoders;
using CrossModal.Fusion;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal demo</c>: trains a language-guided policy, evaluates it, shows where the attention of its words lies, writes a
/// report.</summary>
internal sealed class DemoCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "demo";

    private const string Usual = "cross-attention";
    private const int Episodes = 500;
    private const int MostControlEpisodes = 200;
    private const double Expected = 0.9;
    private readonly Option<string?> _strategy;
    private readonly Option<string?> _out;
    private readonly Option<ulong> _seed;
    private readonly Option<int> _steps;
    private readonly Option<int> _episodes;
    private readonly Option<string?> _instructions;
    private readonly Option<string?> _text;
    private readonly Option<bool> _restart;

    /// <summary>Makes the command.</summary>
    public DemoCommand()
        : base(Word, "Train a language-guided policy on the tabletop, evaluate it, and draw the attention of each word", "crossmodal demo")
    {
        _strategy = Among(AddText("--strategy", "Fusion strategy, one of those that crossmodal train --help lists", "name",
            byDefault: Usual), () => FusionStrategies.Names);
        AddWith();
        _out = AddText("--out", "Folder for checkpoint, metrics and report", "folder", byDefault: "runs/demo");
        _seed = AddSeed(0);
        _steps = AddWhole("--steps", "Steps of training; fewer is quicker and worse", new TabletopRecipe().Steps, least: 1);
        _episodes = AddWhole("--episodes", $"Episodes of each evaluation, of which the controls run at most {MostControlEpisodes}",
            Episodes, least: 1);
        _instructions = AddInstructions("Language of the instructions: en, zh (simplified Chinese) or both", "en");
        _text = AddTextEncoder();
        _restart = AddRestart();
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var folder = context.Get(_out)!;

        // Folders from before there was a choice do not name the strategy.
        Option[] free = [_instructions, _episodes, _out, _restart, _text];
        if (context.Get(_strategy) == Usual) free = [.. free, _strategy];
        using var held = RunFolder.Take(folder, Describe(context, free), context.Get(_restart));
        var recipe = new TabletopRecipe
        {
            Seed = context.Get(_seed),
            Steps = context.Get(_steps),
            Language = InstructionOption.Record(context, _instructions, held.Description),
        };
        var run = new TabletopRun(context, context.Get(_strategy)!, new FusionOptions(64, Heads: 4, Layers: 4), recipe, folder)
        {
            Encoders = context.Get(_text) is { } text ? new PretrainedEncoders { Text = text } : null,
        };
        run.Train(held);
        var texts = new RunTexts(context.Language);
        context.Print(texts.Success);
        var (seed, episodes) = (recipe.Seed + 1, context.Get(_episodes));
        var controls = Math.Min(MostControlEpisodes, episodes);
        var success = run.Evaluate(texts.NewLayouts, Split.S0, episodes, seed).Success;
        run.Evaluate(texts.UnseenPairs, Split.Z1, episodes, seed);
        run.Evaluate(texts.WordsWithheld, Split.S0, controls, seed, PolicyControl.NoLanguage);
        run.Evaluate(texts.PictureWithheld, Split.S0, controls, seed, PolicyControl.NoVision);
        run.Ground(controls, seed);
        run.Save(seed);
        context.Print(texts.Report(Path.Combine(folder, "report.html")));
        var instruction = recipe.Language == InstructionLanguage.Chinese ? "拿起红色杯子" : "pick up the red cup";
        context.Print(texts.Next($"crossmodal attend --checkpoint {folder} --image PICTURE.png --instruction \"{instruction}\""));
        if (success.Rate >= Expected || recipe.Steps < new TabletopRecipe().Steps) return ExitCodes.Success;
        context.Warn(texts.BelowExpected(success.Rate, Expected));
        return ExitCodes.Failed;
    }
}

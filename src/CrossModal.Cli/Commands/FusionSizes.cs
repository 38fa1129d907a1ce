using System.CommandLine;
using System.Globalization;
using CrossModal.Cli.Hosting;
using CrossModal.Engine.Formats;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Policies;

namespace CrossModal.Cli.Commands;

/// <summary>The sizes of a strategy: from the options, and where these were not given, from the checkpoint that was saved with
/// them.</summary>
/// <param name="Heads">Number of heads.</param>
/// <param name="Layers">Number of layers.</param>
/// <param name="Latents">Number of latents.</param>
/// <param name="Grid">Rows and columns.</param>
/// <param name="Vision">Attention to visual tokens, and token reduction.</param>
internal sealed record FusionSizes(Option<int> Heads, Option<int> Layers, Option<int> Latents, Option<string?> Grid,
    VisualTokenOptions Vision)
{
    private const string StrategyKey = "strategy";
    private const string HeadsKey = "heads";
    private const string LayersKey = "layers";
    private const string LatentsKey = "latents";
    private const string ViewsKey = "views";

    /// <summary>What a checkpoint keeps beside the weights.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Describe(string strategy, FusionOptions options) =>
    [
        new(StrategyKey, strategy),
        new(HeadsKey, Text(options.Heads)),
        new(LayersKey, Text(options.Layers)),
        new(LatentsKey, Text(options.Latents)),
        new(ViewsKey, Text(options.Views)),
        .. VisualTokenOptions.Describe(options.Vision),
    ];

    /// <summary>The sizes to make a strategy with.</summary>
    /// <exception cref="ArgumentException">The checkpoint was saved for another strategy or other sizes than those given.</exception>
    /// <exception cref="FileFormatException">The checkpoint is damaged.</exception>
    public FusionOptions Choose(CommandContext context, string strategy, int width, int views, string? checkpoint)
    {
        var saved = checkpoint is null ? new Dictionary<string, string>() : Metadata(checkpoint);
        if (saved.TryGetValue(StrategyKey, out var savedStrategy) && savedStrategy != strategy)
            throw new ArgumentException($"{checkpoint}: was saved for the strategy '{savedStrategy}', not '{strategy}'");
        return new FusionOptions(width, Size(Heads, HeadsKey), Size(Layers, LayersKey))
        {
            Latents = Size(Latents, LatentsKey),
            Views = Number(ViewsKey) ?? views,
            Vision = Vision.Choose(context, saved, checkpoint) with { Grid = context.Get(Grid) is { } grid ? ParseGrid(grid) : null },
        };

        int Size(Option<int> option, string key)
        {
            var given = context.Get(option);
            if (Number(key) is not { } kept) return given;
            return !context.IsGiven(option) || given == kept ? kept
                : throw new ArgumentException($"{checkpoint}: was saved with {option.Name} {kept}, not {given}");
        }

        int? Number(string key) => !saved.TryGetValue(key, out var text)
            ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
                ? number
                : throw new FileFormatException(checkpoint!, $"its '{key}' is '{text}', not a positive number");
    }

    /// <summary>Makes sure that nothing was asked for that a policy's strategy is not.</summary>
    /// <exception cref="UsageException">An option was given that the policy has otherwise, or the features do not suit it.</exception>
    public void CheckPolicy(CommandContext context, Option<string?> strategy, LanguagePolicy policy, int width, int views,
        string checkpoint)
    {
        var options = policy.Options;
        var fusion = options.Fusion;
        Same(strategy, options.Strategy);
        Same(Heads, fusion.Heads);
        Same(Layers, fusion.Layers);
        Same(Latents, fusion.Latents);
        Same(Vision.Attention, fusion.Vision.Attention?.ToString());
        Same(Vision.Tokens, fusion.Vision.Tokens?.ToString());
        if (context.Get(Grid) is { } grid && ParseGrid(grid) != policy.Grid)
            throw new UsageException($"{checkpoint}: was trained with a grid of {policy.Grid}, not {Grid.Name} {grid}");
        if (width != fusion.Width)
            throw new UsageException($"{checkpoint}: was trained with features of width {fusion.Width}, these have {width}");
        if (views != fusion.Views)
            throw new UsageException($"{checkpoint}: was trained with {fusion.Views} cameras, --vision names {views} files");

        void Same<T>(Option<T> option, T trained)
        {
            if (context.IsGiven(option) && !Equals(context.Get(option), trained))
                throw new UsageException(
                    $"{checkpoint}: was trained with {option.Name} {(trained is null ? "not given" : trained)}, not {context.Get(option)}");
        }
    }

    private static IReadOnlyDictionary<string, string> Metadata(string checkpoint)
    {
        using var file = SafeTensors.Open(checkpoint);
        return file.Metadata;
    }

    private static TokenGrid ParseGrid(string text)
    {
        var sides = text.Split('x', 'X', '×');
        return sides.Length == 2 && Side(sides[0]) is { } rows && Side(sides[1]) is { } columns
            ? new TokenGrid(rows, columns)
            : throw new UsageException($"--grid: '{text}' is not rows x columns such as 8x12");

        static int? Side(string side) => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is > 0
            and < 65536 ? n : null;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

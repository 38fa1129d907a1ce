using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Policies;

/// <summary>Finds out whether a description asks for a policy that its weights could fill, before memory is asked for.</summary>
internal static class PolicySizes
{
    private const int LargestImage = 1024;

    /// <summary>The smallest strategy there is, to see on which sizes its weights depend.</summary>
    private static readonly FusionOptions Smallest =
        new(4, 1) { Hidden = 1, Latents = 1, Views = 1, Vision = new VisionOptions { Grid = new TokenGrid(2, 2) } };

    /// <summary>Checks every size against the number of weights in the file: no policy that passes is more than a few times
    /// larger.</summary>
    /// <param name="options">Sizes from a file.</param>
    /// <param name="weights">Number of weights in the file.</param>
    /// <exception cref="ArgumentException">A size does not fit, or the strategy is unknown.</exception>
    public static void Check(PolicyOptions options, long weights)
    {
        var fusion = options.Fusion;
        long width = fusion.Width;
        Require("imageSize", options.ImageSize, options.ImageSize <= LargestImage ? 0 : long.MaxValue);
        Require("width", fusion.Width, width * width);
        Require("words", options.Words, options.Words * width);
        Require("maxWords", options.MaxWords, options.MaxWords * width);
        Require("textWidth", options.TextWidth, options.TextWidth * width, least: 0);
        Require("visionWidth", options.VisionWidth, options.VisionWidth * width, least: 0);
        if (options.VisionGrid is { } grid)
        {
            Require("visionGrid.rows", grid.Rows, grid.Rows <= LargestImage ? 0 : long.MaxValue);
            Require("visionGrid.columns", grid.Columns, grid.Columns <= LargestImage ? 0 : long.MaxValue);
        }

        Require("actions", options.Actions, (long)options.Actions * LanguagePolicy.ActionHidden);
        Require("proprioception", options.Proprioception, (long)options.Proprioception * LanguagePolicy.ActionHidden, least: 0);

        var perception = options.Perception;
        Require("wordLayers", perception.WordLayers, perception.WordLayers * width * width, least: 0);
        Require("pastFrames", perception.PastFrames, perception.PastFrames * width, least: 0);
        var head = options.Head;
        Require("points", head.Points, 3L * head.Points * LanguagePolicy.ActionHidden, least: 0);
        Require("cues", head.Cues, head.Cues * width, least: 0);

        if (fusion.Vision.Tokens is { } tokens)
            Require("visualTokens", tokens.Count, tokens.LeastWeights(width, (long)options.ImageSize * options.ImageSize / 64));

        // A size the strategy does not use costs nothing and may be any.
        var hidden = Depends(Smallest with { Hidden = 2 }) > 0 ? fusion.Hidden * width : 0;
        Require("hidden", fusion.Hidden, hidden);
        Require("latents", fusion.Latents, Depends(Smallest with { Latents = 2 }) > 0 ? fusion.Latents * width : 0);
        var layer = width * width + hidden;
        var layers = Depends(Smallest with { Layers = 2 }) > 0 ? fusion.Layers : 1;
        Require("layers", fusion.Layers, layers * layer);

        // A camera has a mark of its own in the policy when there are several, perhaps another in the strategy, or a whole strategy.
        var view = Depends(Smallest with { Views = 2 }) is var more && more > Smallest.Width ? layers * layer : more > 0 ? width : 0;
        Require("views", fusion.Views, fusion.Views * (fusion.Views > 1 ? Math.Max(view, width) : view));

        void Require(string name, int size, long needed, int least = 1)
        {
            if (size < least || needed > weights) throw new ShapeException(name, $"{size} does not fit weights of {weights} numbers");
        }

        long Depends(FusionOptions larger) => Count(larger) - Count(Smallest);

        long Count(FusionOptions sizes) => FusionStrategies.Create(options.Strategy, sizes, RandomSource.None).ParameterCount;
    }
}

using System.Text.Json.Serialization;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Layers;

namespace CrossModal.Policies;

/// <summary>What a language-guided policy is made of.</summary>
/// <param name="Strategy">Name of the fusion strategy, one of <see cref="FusionStrategies.Names"/>.</param>
/// <param name="Fusion">Sizes of the strategy; its width is the width of all tokens.</param>
/// <param name="Words">How many word numbers there are (<see cref="WordTokenizer.Count"/>).</param>
/// <param name="Actions">Continuous dimensions of an action.</param>
public sealed record PolicyOptions(string Strategy, FusionOptions Fusion, int Words, int Actions)
{
    /// <summary>Height and width of the camera image in pixels.</summary>
    public int ImageSize { get; init; } = 64;

    /// <summary>The most words an instruction may have.</summary>
    public int MaxWords { get; init; } = 16;

    /// <summary>Width of the states of a pretrained text encoder that words are given as; 0 for words that are numbers and have learned
    /// vectors.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int TextWidth { get; init; }

    /// <summary>Width of the features of a frozen vision encoder that pictures are given as; 0 for pictures that are pixels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int VisionWidth { get; init; }

    /// <summary>Where those features lie in a picture; null for pictures that are pixels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TokenGrid? VisionGrid { get; init; }

    /// <summary>Numbers of proprioception; when the policy points, the first three are the tool's place and, with two points or more, the
    /// last is 1 while something is held and 0 otherwise.</summary>
    public int Proprioception { get; init; }

    /// <summary>What the policy says besides how to move.</summary>
    public HeadOptions Head { get; init; } = new();

    /// <summary>How tokens are made before the strategy.</summary>
    public PerceptionOptions Perception { get; init; } = new();
}

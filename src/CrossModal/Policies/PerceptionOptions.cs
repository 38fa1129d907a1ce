using System.Text.Json.Serialization;

namespace CrossModal.Policies;

/// <summary>The position embedding of visual tokens.</summary>
public enum VisualPositions
{
    /// <summary>Sines and cosines of row and column.</summary>
    Grid,

    /// <summary>Sines and cosines of the token's number, row by row.</summary>
    Line,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>How a policy makes tokens of pictures and words before its strategy fuses them.</summary>
public sealed record PerceptionOptions
{
    /// <summary>The position embedding of visual tokens.</summary>
    public VisualPositions Positions { get; init; }

    /// <summary>Layers in which words attend to each other; with 0 a word knows its place and nothing of the others.</summary>
    public int WordLayers { get; init; } = 1;

    /// <summary>Learned tokens that stand before the patches of every view, for what belongs to no patch (Darcet et al. 2024, vision
    /// transformers need registers); not with a strategy that lays tokens out on their grid.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Registers { get; init; }

    /// <summary>Whether proprioception is also a token beside the words, as in π0 (Black et al. 2024) and Octo (Ghosh et al.
    /// 2024).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool StateToken { get; init; }

    /// <summary>Pictures of earlier control steps, 0 to 8 of each camera, whose patches stand beside those of the current one with a
    /// learned embedding of their age, as in RT-1 (Brohan et al. 2022) and Octo (Ghosh et al. 2024); not with a strategy that lays tokens
    /// out on their grid.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int PastFrames { get; init; }
}

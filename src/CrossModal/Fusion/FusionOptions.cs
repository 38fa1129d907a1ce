using System.Text.Json.Serialization;
using CrossModal.Attention;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>The sizes strategies are made with; each uses those it knows.</summary>
/// <param name="Width">Width d of all tokens.</param>
/// <param name="Heads">Number of heads; divides the width.</param>
/// <param name="Layers">Number of layers, or of rounds.</param>
public sealed record FusionOptions(int Width, int Heads = 4, int Layers = 1)
{
    /// <summary>Width inside feed-forward networks.</summary>
    [JsonRequired]
    public int Hidden { get; init; } = 2 * Width;

    /// <summary>Share dropped in training.</summary>
    public float Dropout { get; init; }

    /// <summary>Number of latents (Perceiver).</summary>
    public int Latents { get; init; } = 16;

    /// <summary>Number of cameras (multi-view).</summary>
    public int Views { get; init; } = 1;

    /// <summary>Where the gates of gated cross-attention start, before tanh; 0 is closed, as published.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal float InitialGate { get; init; }

    /// <summary>What the latents of <see cref="Perceiver"/> are; null for learned ones of the width of tokens that come out as they
    /// are.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal LatentOptions? LatentChoice { get; init; }

    /// <summary>Heads of keys and values in the attentions of transformer layers, each shared by as many heads of queries (Ainslie et al.
    /// 2023, grouped-query attention); 0 for one each.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal int KeyHeads { get; init; }

    /// <summary>The layout of visual tokens, their reduction, and the attention to them.</summary>
    public VisionOptions Vision { get; init; } = new();

    /// <summary>How strategies attend to visual tokens; null for softmax over all of them.</summary>
    internal AttentionVariant? VisionVariant => Vision.Attention is { } attention ? attention with { Grid = Vision.Grid } : null;

    /// <summary>The same with softmax over everything: for an attention that is not to visual tokens.</summary>
    internal FusionOptions WithDenseAttention => this with { Vision = Vision with { Attention = null } };

    /// <summary>Descriptions of policies once had the grid here; it is read, and always was nothing: a policy knows its grid.</summary>
    [JsonInclude]
    [JsonPropertyName("grid")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal TokenGrid? FormerGrid
    {
        get => null;
        init
        {
        }
    }

    // Policies trained from scratch left their plateau sooner when every part began by adding little.
    internal TransformerOptions Transformer => new(Width, Heads, Hidden) { Dropout = Dropout, ResidualGain = 0.1f, KeyHeads = KeyHeads };
}

/// <summary>How strategies treat visual tokens; any strategy that attends to them can.</summary>
public sealed record VisionOptions
{
    /// <summary>Where the tokens of a view lie (downsampling, windows); square when null.</summary>
    public TokenGrid? Grid { get; init; }

    /// <summary>How visual tokens are made fewer before a strategy sees them; null for not at all.</summary>
    public VisualTokens? Tokens { get; init; }

    /// <summary>Another attention to visual tokens than softmax over all of them; null for that.</summary>
    public AttentionVariant? Attention { get; init; }
}

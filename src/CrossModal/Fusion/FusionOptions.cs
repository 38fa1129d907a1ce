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
    public int Hidden { get; init; } = 2 * Width;

    /// <summary>Share dropped in training.</summary>
    public float Dropout { get; init; }

    /// <summary>Number of latents (Perceiver).</summary>
    public int Latents { get; init; } = 16;

    /// <summary>Number of cameras (multi-view).</summary>
    public int Views { get; init; } = 1;

    /// <summary>Where the tokens of a view lie (downsampling); square when null.</summary>
    public TokenGrid? Grid { get; init; }

    // Policies trained from scratch left their plateau sooner when every part began by adding little.
    internal TransformerOptions Transformer => new(Width, Heads, Hidden) { Dropout = Dropout, ResidualGain = 0.1f };
}

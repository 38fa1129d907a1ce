using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>A small stack of 3×3 convolutions of stride 2 with ReLU: an image becomes a grid of tokens an eighth (three layers) of its
/// side. Residual layers, x + ReLU(3×3 convolution of x), may follow: each widens the receptive field of a token by one token on every
/// side.</summary>
internal sealed class ConvStem : Module
{
    private readonly ModuleList<Conv2d> _layers;
    private readonly ModuleList<Conv2d>? _around;

    /// <summary>Makes the stack.</summary>
    /// <param name="channels">Channels of the image, then of each layer; the last is the token width d.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="around">Number of layers of convolution over neighbours.</param>
    public ConvStem(IReadOnlyList<int> channels, RandomSource random, int around = 0)
    {
        ArgumentNullException.ThrowIfNull(channels);
        if (channels.Count < 2) throw new ShapeException("ConvStem", "needs the image's channels and those of at least one layer");
        _layers = Add("layers", new ModuleList<Conv2d>(channels.Count - 1,
            i => new Conv2d(channels[i], channels[i + 1], 3, random, stride: 2, padding: 1)));
        if (around > 0) _around = Add("around", new ModuleList<Conv2d>(around, _ =>
            new Conv2d(channels[^1], channels[^1], 3, random, padding: 1)));
    }

    /// <summary>The tokens' grid for an image of the given size: each layer halves, rounding up.</summary>
    public TokenGrid Grid(int height, int width)
    {
        for (var i = 0; i < _layers.Count; i++) (height, width) = ((height + 1) / 2, (width + 1) / 2);
        return new TokenGrid(height, width);
    }

    /// <summary>Tokens row by row: <c>[B, C, H, W] → [B, N, d]</c>.</summary>
    /// <exception cref="ShapeException">Channels differ.</exception>
    public Tensor Forward(Tensor image, Pass pass)
    {
        var x = image;
        foreach (var layer in _layers) x = pass.Relu(layer.Forward(x, pass));
        for (var i = 0; i < (_around?.Count ?? 0); i++) x = pass.Add(x, pass.Relu(_around![i].Forward(x, pass)));
        return pass.ToTokens(x);
    }
}

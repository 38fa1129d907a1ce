using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Cuts an image into square patches and projects each to a token (Dosovitskiy et al. 2021, ViT).</summary>
public sealed class PatchEmbedding : Module
{
    private readonly Conv2d _projection;

    /// <summary>Makes the layer.</summary>
    /// <param name="channels">Channels of the image.</param>
    /// <param name="patch">Side of a patch in pixels.</param>
    /// <param name="width">Width d of a token.</param>
    /// <param name="random">Source of the first weights.</param>
    public PatchEmbedding(int channels, int patch, int width, RandomSource random) =>
        _projection = Add("proj", new Conv2d(channels, width, patch, random, stride: patch));

    /// <summary>Tokens row by row: <c>[B, C, H, W] → [B, ⌊H/p⌋·⌊W/p⌋, d]</c>; pixels beyond the last whole patch are ignored.</summary>
    /// <exception cref="ShapeException">Channels differ, or the image is smaller than a patch.</exception>
    public Tensor Forward(Tensor image, Pass pass) => pass.ToTokens(_projection.Forward(image, pass));
}

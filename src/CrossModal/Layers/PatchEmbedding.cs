using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Cuts an image into square patches and projects each to a token (Dosovitskiy et al. 2021, ViT).</summary>
public sealed class PatchEmbedding : Module
{
    private readonly Conv2d _projection;
    private readonly int _patch;

    /// <summary>Makes the layer.</summary>
    /// <param name="channels">Channels of the image.</param>
    /// <param name="patch">Side of a patch in pixels.</param>
    /// <param name="width">Width d of a token.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="bias">Whether the projection has a bias.</param>
    public PatchEmbedding(int channels, int patch, int width, RandomSource random, bool bias = true)
    {
        _projection = Add("proj", new Conv2d(channels, width, patch, random, stride: patch, bias: bias));
        _patch = patch;
    }

    /// <summary>Tokens row by row: <c>[B, C, H, W] → [B, ⌊H/p⌋·⌊W/p⌋, d]</c>; pixels beyond the last whole patch are ignored.</summary>
    /// <exception cref="ShapeException">Channels differ, or the image is smaller than a patch.</exception>
    /// <remarks>Windows that do not overlap are rows of a matrix: one product gives all tokens of the batch where they belong.</remarks>
    public Tensor Forward(Tensor image, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(pass);
        var weight = _projection.Weight;
        if (image.Shape.Rank != 4 || image.Shape[1] != weight.Shape[1] || image.Shape[2] < _patch || image.Shape[3] < _patch)
            throw new ShapeException("PatchEmbedding",
                $"needs [B, {weight.Shape[1]}, H, W] of at least {_patch}×{_patch} pixels, got {image.Shape}");
        var (batch, channels, p) = (image.Shape[0], image.Shape[1], _patch);
        var (rows, columns) = (image.Shape[2] / p, image.Shape[3] / p);
        if (rows * p < image.Shape[2]) image = pass.Slice(image, 2, 0, rows * p);
        if (columns * p < image.Shape[3]) image = pass.Slice(image, 3, 0, columns * p);

        // [B, C, rows, p, columns, p] → [B, rows, columns, C, p, p] → [B, rows·columns, C·p·p]
        var windows = pass.Permute(pass.Reshape(image, [batch, channels, rows, p, columns, p]), 0, 2, 4, 1, 3, 5);
        var flat = pass.Reshape(windows, [batch, rows * columns, channels * p * p]);
        return pass.Linear(flat, pass.Reshape(weight, [weight.Shape[0], channels * p * p]), _projection.Bias);
    }
}

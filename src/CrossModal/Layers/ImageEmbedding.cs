using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>An image as tokens: a learned class token, then its patches row by row, each with a learned position added
/// (Dosovitskiy et al. 2021, eq. 1).</summary>
internal sealed class ImageEmbedding : Module
{
    private readonly Tensor _class;
    private readonly PatchEmbedding _patches;
    private readonly LearnedPositions _positions;
    private readonly int _size;

    /// <summary>Makes the layer.</summary>
    /// <param name="size">Height and width of the image in pixels.</param>
    /// <param name="patch">Side of a patch in pixels.</param>
    /// <param name="width">Width d of a token.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="channels">Channels of the image.</param>
    /// <param name="bias">Whether the projection of patches has a bias.</param>
    public ImageEmbedding(int size, int patch, int width, RandomSource random, int channels = 3, bool bias = true)
    {
        _size = size;
        Grid = new TokenGrid(size / patch, size / patch);
        _class = AddParameter("class_token", Tensor.Normal([width], random, 0.02f));
        _patches = Add("patches", new PatchEmbedding(channels, patch, width, random, bias));
        _positions = Add("positions", new LearnedPositions(1 + Grid.Count, width, random));
    }

    /// <summary>Where the patches lie.</summary>
    public TokenGrid Grid { get; }

    /// <summary>Tokens, the class token first: <c>[B, C, H, W] → [B, 1 + H/p·W/p, d]</c>.</summary>
    /// <exception cref="ShapeException">The image is not of the size the positions are for.</exception>
    public Tensor Forward(Tensor image, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(pass);
        if (image.Shape.Rank != 4 || image.Shape[2] != _size || image.Shape[3] != _size)
            throw new ShapeException("ImageEmbedding", $"needs images [B, C, {_size}, {_size}], got {image.Shape}");
        var patches = _patches.Forward(image, pass);
        var token = pass.Expand(_class, [image.Shape[0], 1, _class.Shape[0]]);
        return _positions.Forward(pass.Concat(1, token, patches), pass);
    }
}

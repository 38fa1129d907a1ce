using CrossModal.Checkpoints;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Encoders;

/// <summary>The patches of a published model: CLIP's vision tower after its last layer, or ViLT's stream of a picture beside an empty
/// text.</summary>
internal sealed class TowerEncoder : VisionEncoder
{
    private readonly Func<Tensor, Pass, Tensor> _forward;

    private TowerEncoder(Func<Tensor, Pass, Tensor> forward) => _forward = forward;

    /// <summary>Opens a folder.</summary>
    /// <exception cref="FileFormatException">It holds no CLIP or ViLT, or does not say how pictures are prepared.</exception>
    public static TowerEncoder Open(string folder, PretrainedEncoders given)
    {
        var published = PublishedModel.Load(folder);
        var (size, patch, width, forward) = published.Model switch
        {
            Clip clip => (clip.Config.VisionConfig.ImageSize, clip.Config.VisionConfig.PatchSize, clip.Config.VisionConfig.HiddenSize,
                (Func<Tensor, Pass, Tensor>)((images, pass) =>
                    pass.Slice(clip.EncodeImages(images, pass).Hidden[^1], 1, 1, clip.Grid.Count))),
            Vilt vilt => (vilt.Config.ImageSize, vilt.Config.PatchSize, vilt.Config.HiddenSize, Patches(vilt, published, folder)),
            _ => throw new FileFormatException(folder,
                $"is a checkpoint of the kind '{published.ModelType}', which encodes no pictures alone: clip and vilt do"),
        };
        var images = published.Images ?? throw new FileFormatException(folder,
            "does not say how pictures are prepared: preprocessor_config.json or processor_config.json is missing");
        var norm = new PixelNorm(given.Mean ?? images.Mean, given.Deviation ?? images.Deviation, given.BlueFirst ?? false);
        if (given.ImageSize is { } asked && asked != size)
            throw new FileFormatException(folder, $"takes pictures of {size} pixels a side, not {asked}");
        return new TowerEncoder(forward)
        {
            Folder = EncoderFolder.Of(folder),
            ImageSize = Side(size, folder),
            Norm = PixelNorm.Checked(norm, folder),
            Width = width,
            Grid = new TokenGrid(size / patch, size / patch),
        };
    }

    /// <inheritdoc/>
    protected override float[] Features(float[] pixels)
    {
        using var pass = Pass.Evaluation(workers: Workers.Single);
        return _forward(Tensor.From(pixels, [1, 3, ImageSize, ImageSize]), pass).ToArray();
    }

    private static Func<Tensor, Pass, Tensor> Patches(Vilt vilt, PublishedModel published, string folder)
    {
        var tokenizer = published.Tokenizer ?? throw new FileFormatException(folder, "holds no tokenizer, of which an empty text is made");
        var empty = tokenizer.Encode("").Ids.Select(id => (float)id).ToArray();
        return (images, pass) =>
        {
            var output = vilt.Forward(new ViltInput(Tensor.From(empty, [1, empty.Length]), images), pass);
            return pass.Slice(output.Tokens, 1, empty.Length + 1, output.Grids[0].Count);
        };
    }
}

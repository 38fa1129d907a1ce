using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Pretraining;
using CrossModal.Training;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>Embeds with averaged weights, which change slowly enough that embeddings of earlier batches stay comparable (He et al. 2020,
/// MoCo).</summary>
/// <param name="copy">A model of the same sizes, whose weights are overwritten.</param>
/// <param name="average">The averaged weights.</param>
internal sealed class MomentumEncoder(PretrainingModel copy, WeightAverage average)
{
    /// <summary>Embeddings of a batch's whole captions and scenes, each of length 1, <c>[B, e]</c>.</summary>
    public void Embed(PretrainingBatch batch, Tensor texts, Tensor images)
    {
        average.CopyTo(copy);
        Embed(copy, batch, texts, images);
    }

    /// <summary>The same with a model's own weights.</summary>
    public static void Embed(PretrainingModel model, PretrainingBatch batch, Tensor texts, Tensor images)
    {
        using var pass = Pass.Evaluation(workers: Workers.Single);
        var scenes = texts.Shape[0];
        var mask = Mask.Additive(pass.Slice(batch.Scores, 0, 0, scenes));
        var (t, v) = model.Embed(pass.Slice(batch.Images, 0, 0, scenes), pass.Slice(batch.Words, 0, 0, scenes), mask, pass);
        t.Span.CopyTo(texts.Span);
        v.Span.CopyTo(images.Span);
    }
}

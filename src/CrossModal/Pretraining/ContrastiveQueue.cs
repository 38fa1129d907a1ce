using System.Numerics.Tensors;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Pretraining;

/// <summary>Embeddings of earlier batches, more texts and images to contrast with (He et al. 2020, MoCo; Li et al. 2021,
/// ALBEF).</summary>
/// <remarks>Its numbers are saved with the weights, so that a resumed run goes on with the same queue; they have no gradient.</remarks>
internal sealed class ContrastiveQueue : Module
{
    /// <summary>Makes a queue filled with random directions.</summary>
    /// <param name="length">Number of embeddings Q of each side.</param>
    /// <param name="width">Width e of an embedding.</param>
    /// <param name="random">Source of the directions.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public ContrastiveQueue(int length, int width, RandomSource random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (Texts, Images) = (Add("texts"), Add("images"));

        Tensor Add(string name)
        {
            var kept = AddBuffer(name, Tensor.Normal([length, width], random));
            for (var i = 0; i < length; i++)
            {
                var row = kept.Span.Slice(i * width, width);
                TensorPrimitives.Divide(row, TensorPrimitives.Norm<float>(row), row);
            }

            return kept;
        }
    }

    /// <summary>Number of embeddings Q of each side.</summary>
    public int Length => Texts.Shape[0];

    /// <summary>Texts <c>[Q, e]</c>, each of length 1.</summary>
    public Tensor Texts { get; }

    /// <summary>Images <c>[Q, e]</c>, each of length 1.</summary>
    public Tensor Images { get; }

    /// <summary>Puts a batch in the place of the oldest.</summary>
    /// <param name="texts">Embeddings <c>[B, e]</c> of length 1.</param>
    /// <param name="images">Embeddings <c>[B, e]</c> of length 1.</param>
    /// <param name="step">Number of the batch; B divides the queue's length.</param>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public void Enter(ReadOnlySpan<float> texts, ReadOnlySpan<float> images, int step)
    {
        var all = Texts.Shape.Length;
        if (texts.Length != images.Length || texts.IsEmpty || all % texts.Length != 0)
            throw new ShapeException("ContrastiveQueue",
                $"{texts.Length} and {images.Length} numbers do not divide a queue of {Texts.Shape}");
        var start = (int)((long)step * texts.Length % all);
        texts.CopyTo(Texts.Span[start..]);
        images.CopyTo(Images.Span[start..]);
    }
}

using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>A learned vector for each whole number.</summary>
public sealed class Embedding : Module
{
    private readonly int _padding;

    /// <summary>Makes the table, normally distributed.</summary>
    /// <param name="count">Rows.</param>
    /// <param name="width">Width of a row.</param>
    /// <param name="random">Source of the first values.</param>
    /// <param name="deviation">Standard deviation of the first values.</param>
    /// <param name="padding">The number whose vector does not learn; −1 for none.</param>
    public Embedding(int count, int width, RandomSource random, float deviation = 1, int padding = -1)
    {
        _padding = padding;
        Weight = AddParameter("weight", Tensor.Normal([count, width], random, deviation));
    }

    /// <summary>The table <c>[count, d]</c>.</summary>
    public Tensor Weight { get; }

    /// <summary>The rows of whole-number ids: <c>[…] → […, d]</c>.</summary>
    /// <exception cref="ShapeException">An id is not a row of the table.</exception>
    public Tensor Forward(Tensor ids, Pass pass) => pass.Embedding(Weight, ids, _padding);
}

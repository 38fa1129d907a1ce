using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

public static partial class Operations
{
    /// <summary>Cosine of the angle between rows: <c>[…, d], […, d] → […]</c>; each norm is at least ε.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor CosineSimilarity(this Pass pass, Tensor a, Tensor b, float epsilon = 1e-8f) =>
        pass.Sum(pass.Multiply(pass.L2Normalize(a, epsilon), pass.L2Normalize(b, epsilon)), axis: -1);
}

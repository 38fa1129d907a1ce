using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>The step all transformer layers are made of: normalise, apply a part, drop, add to what came in (or add, then
/// normalise).</summary>
internal static class Residual
{
    /// <summary>x + dropout(part(norm(x))), or norm(x + dropout(part(x))).</summary>
    public static Tensor Apply(Tensor x, LayerNorm norm, TransformerOptions options, Func<Tensor, Tensor> part, Pass pass) =>
        options.Norm == NormPlacement.Before
            ? pass.Add(x, pass.Dropout(part(norm.Forward(x, pass)), options.Dropout))
            : norm.Forward(pass.Add(x, pass.Dropout(part(x), options.Dropout)), pass);
}

using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Policies;

/// <summary>States of a pretrained encoder as tokens of a policy: normalised, then projected, W LN(x) + b.</summary>
internal sealed class StateProjection : Module
{
    private readonly LayerNorm _norm;
    private readonly Linear _projection;

    /// <summary>Makes the layers.</summary>
    /// <param name="inputs">Width e of the states.</param>
    /// <param name="width">Width d of the tokens.</param>
    /// <param name="random">Source of the first weights.</param>
    public StateProjection(int inputs, int width, RandomSource random)
    {
        _norm = Add("norm", new LayerNorm(inputs));
        _projection = Add("proj", new Linear(inputs, width, random));
    }

    /// <summary><c>[…, e] → […, d]</c>.</summary>
    public Tensor Forward(Tensor states, Pass pass) => _projection.Forward(_norm.Forward(states, pass), pass);
}

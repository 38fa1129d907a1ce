using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Full attention whose queries and keys are root-mean-square normalised in each head, so that scores cannot grow without bound
/// (Henry et al. 2020; as RDT, Liu et al. 2024, with RMSNorm).</summary>
internal sealed class QueryKeyNormMixer : AttentionMixer
{
    private readonly RmsNorm _query;
    private readonly RmsNorm _key;

    /// <summary>Makes the mixer.</summary>
    /// <param name="headWidth">Width D of a head; all heads share one scale of D numbers.</param>
    public QueryKeyNormMixer(int headWidth)
    {
        _query = Add("q_norm", new RmsNorm(headWidth));
        _key = Add("k_norm", new RmsNorm(headWidth));
    }

    internal override (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass) =>
        pass.Attention(_query.Forward(call.Query, pass), _key.Forward(call.Key, pass), call.Values(null), call.Heads, call.Mask?.Scores,
            call.Options);
}

using CrossModal.Attention;
using CrossModal.Engine.Tensors;

namespace CrossModal.Policies;

/// <summary>The pictures of earlier control steps, for a policy with <see cref="PerceptionOptions.PastFrames"/> K &gt; 0.</summary>
/// <param name="Pictures">As <see cref="PolicyInput.Images"/> with an axis of K after the first, the step before first: <c>[S, K, 3, H,
/// W]</c>, or <c>[S, K, V, 3, H, W]</c> of a policy with V &gt; 1 cameras; of a frozen vision encoder <c>[S, K, N, e]</c> or <c>[S, K, V,
/// N, e]</c>.</param>
/// <param name="Mask">Which of them there are, a padding mask <c>[S, 1, 1, K]</c>: at the start of an episode there is none. Null when all
/// are.</param>
public sealed record PastFrames(Tensor Pictures, Mask? Mask = null)
{
    /// <summary>Whether the pictures are their tokens already, <c>[S·K·V, N, d]</c>, as <see cref="LanguagePolicy.EncodeImages"/> gave
    /// them when they were the current ones.</summary>
    internal bool Encoded { get; init; }

    /// <summary>Refuses what is not of this many frames of these observations.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="observations">S.</param>
    /// <exception cref="ShapeException">The policy takes no past frames, or a shape differs.</exception>
    internal void Check(LanguagePolicy policy, int observations)
    {
        var (options, one) = (policy.Options, policy.ImageShape(observations));
        var count = options.Perception.PastFrames;
        if (count == 0) throw new ShapeException("LanguagePolicy", "past frames are given to a policy that takes none");
        Shape expected = Encoded ? [observations * count * options.Fusion.Views, policy.Grid.Count, options.Fusion.Width]
            : [observations, count, .. one.Skip(1)];
        if (Pictures.Shape != expected)
            throw new ShapeException("LanguagePolicy", $"past frames must be {expected}, got {Pictures.Shape}");
        if (Mask is not null && Mask.Scores.Shape != [observations, 1, 1, count])
            throw new ShapeException("LanguagePolicy",
                $"the mask of past frames must be [{observations},1,1,{count}], got {Mask.Scores.Shape}");
    }
}

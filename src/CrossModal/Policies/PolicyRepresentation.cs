using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

namespace CrossModal.Policies;

/// <summary>What a policy makes of words and picture before and after its strategy joined them.</summary>
/// <param name="Language">Mean over the words, after they have read each other: <c>[B, d]</c>.</param>
/// <param name="Vision">Visual tokens <c>[B, N, d]</c>, row by row of the picture.</param>
/// <param name="Fused">Mean over the fused tokens, which the action is read from: <c>[B, d]</c>.</param>
internal sealed record PolicyRepresentation(Tensor Language, Tensor Vision, Tensor Fused)
{
    /// <summary>Runs a policy of one camera up to its strategy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="input">One picture for each instruction.</param>
    /// <param name="pass">The pass; the results live as long as it does.</param>
    /// <exception cref="ShapeException">The policy has several cameras, or pictures and instructions are not as many.</exception>
    public static PolicyRepresentation Of(LanguagePolicy policy, PolicyInput input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        if (policy.Options.Fusion.Views != 1)
            throw new ShapeException("PolicyRepresentation", $"a policy of one camera is needed, got one of {policy.Options.Fusion.Views}");
        var vision = policy.EncodeImages(input.Images, pass);
        var language = new Tokens(policy.EncodeText(input.Words, input.Mask, pass), input.Mask);
        if (vision.Shape[0] != language.Batch)
            throw new ShapeException("PolicyRepresentation",
            $"one picture for each instruction is needed, got {vision.Shape[0]} for {language.Batch}");
        return new PolicyRepresentation(language.Mean(pass), vision, policy.Fuse(language, [new Tokens(vision)], pass).Mean(pass));
    }
}

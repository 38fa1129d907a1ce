using System.Numerics.Tensors;
using CrossModal.Data;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Models;

/// <summary>A policy with all that is needed to use it: its words, the units of its numbers, where it comes from.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Tokenizer">Its words.</param>
/// <param name="Actions">How actions were normalised.</param>
/// <param name="States">How proprioception was normalised; null when the policy has none.</param>
/// <param name="Source">What it was trained on: <c>tabletop/pick</c>, or <c>recordings</c>.</param>
public sealed record TrainedPolicy(LanguagePolicy Policy, WordTokenizer Tokenizer, Normalization Actions, Normalization? States, string Source)
{
    /// <summary>The file its weights were loaded from; null of a policy that was not loaded.</summary>
    public string? Location { get; init; }

    /// <summary>Decides, as <see cref="LanguagePolicy.Forward"/>, and makes sure that what is decided is a number.</summary>
    /// <param name="input">Images, words, proprioception, normalised.</param>
    /// <param name="pass">A pass that computes.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or the proprioception is too large for single precision.</exception>
    /// <exception cref="WeightOverflowException">The weights make numbers overflow; the message names their file.</exception>
    public PolicyOutput Decide(PolicyInput input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        var decided = Policy.Forward(input, pass);
        foreach (var (name, values) in ((string, Tensor?)[])[("action", decided.Action), ("gripper", decided.Close), ("pointing", decided.Points)])
        {
            if (values is null || VectorRow.IsFinite(values.Span)) continue;
            var largest = input.Proprioception is { Shape.Length: > 0 } felt ? MathF.Abs(TensorPrimitives.MaxMagnitude<float>(felt.Span)) : 0;
            if (!(largest <= Policy.LargestWeight().Magnitude))
                throw new ShapeException("proprioception", FormattableString.Invariant($"reaches {largest:g3} once normalised, too large for single precision: the {name} overflows"));
            throw new WeightOverflowException(Location ?? "the policy", $"the {name} is not finite", Policy);
        }

        return decided;
    }
}

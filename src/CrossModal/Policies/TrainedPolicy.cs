using System.Numerics.Tensors;
using CrossModal.Attention;
using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Language;
using CrossModal.Layers;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Policies;

/// <summary>A policy with all that is needed to use it: its words, the units of its numbers, where it comes from.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Tokenizer">Its words.</param>
/// <param name="Actions">How actions were normalised.</param>
/// <param name="States">How proprioception was normalised; null when the policy has none.</param>
/// <param name="Source">What it was trained on: <c>tabletop/pick</c>, or <c>recordings</c>.</param>
public sealed record TrainedPolicy(LanguagePolicy Policy, WordTokenizer Tokenizer, Normalization Actions, Normalization? States,
    string Source)
{
    /// <summary>Names and units of what goes in and comes out; numbered when the training data names nothing.</summary>
    public PolicySignature Signature { get; init; } = PolicySignature.Unnamed(Policy.Options);

    /// <summary>The file its weights were loaded from; null of a policy that was not loaded.</summary>
    public string? Location { get; init; }

    /// <summary>What pictures get their features from; null when the policy is given pixels.</summary>
    internal VisionEncoder? Vision { get; init; }

    /// <summary>Computes the action, as <see cref="LanguagePolicy.Forward"/>, and makes sure that every number of it is finite.</summary>
    /// <param name="input">Images, words, proprioception, normalised.</param>
    /// <param name="pass">A pass that computes.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or the proprioception is too large for single precision.</exception>
    /// <exception cref="WeightOverflowException">The weights make numbers overflow; the message names their file.</exception>
    public PolicyOutput Decide(PolicyInput input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        var decided = Policy.Forward(input, pass);
        RequireFinite(decided, input.Proprioception);
        return decided;
    }

    /// <summary>A decision as a function of its pictures, for methods of explanation: the continuous numbers of the normalised action, then
    /// the gripper's logit of a policy that points.</summary>
    /// <param name="input">Images, words, proprioception of one sample, normalised; all words are real.</param>
    /// <param name="target">What of the action is explained.</param>
    /// <param name="padding">Which patches hold nothing but padding, camera after camera; null when none is known to.</param>
    /// <exception cref="ShapeException">There is not one sample.</exception>
    /// <exception cref="NotSupportedException">The policy decides on nothing of the kind asked about.</exception>
    public ExplainedDecision Explained(PolicyInput input, ExplanationTarget target, IReadOnlyList<bool>? padding = null) =>
        Explained(input, target, padding, null);

    /// <summary>The same on some threads; on all cores when null.</summary>
    internal ExplainedDecision Explained(PolicyInput input, ExplanationTarget target, IReadOnlyList<bool>? padding, Workers? workers)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (Policy.Options.VisionWidth > 0)
            throw new NotSupportedException(
                "a policy with a frozen vision encoder is given features, not pixels: its attention weights can be shown, nothing that " +
                    "changes pixels");
        if (input.Words.Shape[0] != 1 || input.Images.Shape[0] != 1)
            throw new ShapeException("TrainedPolicy", $"one sample is explained at a time, got {input.Words.Shape[0]}");
        var parameters = Policy.Parameters().ToDictionary(p => p.Key, p => p.Value);
        return new ExplainedDecision(Policy.Options.Strategy, Outputs, input.Images, target,
            new DecisionSizes(input.Words.Shape[1], Policy.Grid, Policy.Options.Actions),
            parameters.GetValueOrDefault, workers)
        { Padding = padding };

        Tensor Outputs(Tensor pictures, Pass pass)
        {
            var count = pictures.Shape[0];
            var decided = Policy.Forward(new PolicyInput(pictures, Repeat(input.Words, count), null,
                input.Proprioception is { } states ? Repeat(states, count) : null)
            { Past = input.Past is { } past ? Repeated(past, count) : null }, pass);
            return decided.Close is null ? decided.Action : pass.Concat(1, decided.Action, decided.Close);
        }

        static PastFrames Repeated(PastFrames past, int count) => past with
        {
            Pictures = Repeat(past.Pictures, count),
            Mask = past.Mask is { } mask ? Mask.OfScores(Repeat(mask.Scores, count)) : null,
        };

        static Tensor Repeat(Tensor row, int count) =>
            Tensor.From([.. Enumerable.Range(0, count).SelectMany(_ => row.ToArray())], row.Shape.With(0, count * row.Shape[0]));
    }

    /// <summary>Makes sure that what was decided is a number.</summary>
    /// <param name="decided">What <see cref="LanguagePolicy.Forward"/> returned.</param>
    /// <param name="states">The normalised proprioception it was given; null when there was none.</param>
    /// <exception cref="ShapeException">The proprioception is too large for single precision.</exception>
    /// <exception cref="WeightOverflowException">The weights make numbers overflow; the message names their file.</exception>
    internal void RequireFinite(PolicyOutput decided, Tensor? states)
    {
        RequireFinite("action", decided.Action, states);
        RequireFinite("gripper", decided.Close, states);
        RequireFinite("pointing", decided.Points, states);
    }

    private void RequireFinite(string name, Tensor? values, Tensor? states)
    {
        if (values is null || VectorRow.IsFinite(values.Span)) return;
        var largest = states is { Shape.Length: > 0 } ? MathF.Abs(TensorPrimitives.MaxMagnitude<float>(states.Span)) : 0;
        if (!(largest <= Policy.LargestWeight().Magnitude))
            throw new ShapeException("proprioception",
                FormattableString.Invariant($"reaches {largest:g3} once normalised, too large for single precision: the {name} overflows"));
        throw new WeightOverflowException(Location ?? "the policy", $"the {name} is not finite", Policy);
    }
}

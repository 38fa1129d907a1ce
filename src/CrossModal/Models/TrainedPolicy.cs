using CrossModal.Data;

namespace CrossModal.Models;

/// <summary>A policy with all that is needed to use it: its words, the units of its numbers, where it comes from.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Tokenizer">Its words.</param>
/// <param name="Actions">How actions were normalised.</param>
/// <param name="States">How proprioception was normalised; null when the policy has none.</param>
/// <param name="Source">What it was trained on: <c>tabletop/pick</c>, or <c>recordings</c>.</param>
public sealed record TrainedPolicy(LanguagePolicy Policy, WordTokenizer Tokenizer, Normalization Actions, Normalization? States, string Source)
{
    /// <summary>Names and units of what goes in and comes out; numbered when the training data names nothing.</summary>
    public PolicySignature Signature { get; init; } = PolicySignature.Unnamed(Policy.Options);
}

using CrossModal.Data;
using CrossModal.Language;

namespace CrossModal.Policies;

/// <summary>The content of a policy's <c>policy.json</c>.</summary>
/// <param name="Format">The format of the file.</param>
/// <param name="Source">What the policy learned from.</param>
/// <param name="Options">What it is made of.</param>
/// <param name="Words">Its words, in the order of their numbers.</param>
/// <param name="Actions">How actions are normalised.</param>
/// <param name="States">How states are normalised; null for a policy without them.</param>
/// <param name="Signature">Names and units of actions and states; policies of an earlier format have none.</param>
/// <param name="WordBreaks">Where words are cut; policies saved before there was a choice say nothing of it.</param>
internal sealed record PolicyDescription(
    string Format, string Source, PolicyOptions Options, IReadOnlyList<string> Words, Normalization Actions, Normalization? States,
    PolicySignature? Signature = null, WordBreaks WordBreaks = WordBreaks.Letters);

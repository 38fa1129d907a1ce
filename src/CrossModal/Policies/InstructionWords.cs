namespace CrossModal.Policies;

/// <summary>An instruction as a policy knows it.</summary>
/// <param name="Words">Its words, in their order.</param>
/// <param name="Unknown">Those that training never had, each once; the policy treats them all alike.</param>
public sealed record InstructionWords(IReadOnlyList<string> Words, IReadOnlyList<string> Unknown);

using System.Text.Json.Nodes;
using CrossModal.Data;

namespace CrossModal.Imitation;

/// <summary>What decides a training on recordings, as its checkpoints state it.</summary>
/// <param name="Policy">What the policy is made of.</param>
/// <param name="Steps">Steps of training.</param>
/// <param name="Seed">Seed of weights and batches.</param>
/// <param name="Words">The words of the recordings' instructions.</param>
/// <param name="Actions">How actions are normalised.</param>
/// <param name="States">How states are normalised; null for recordings without them.</param>
/// <param name="Episodes">Names of the episodes that are learned from.</param>
internal sealed record RecordedConfiguration(JsonNode? Policy, int Steps, ulong Seed, IReadOnlyList<string> Words, Normalization Actions,
    Normalization? States, IEnumerable<string> Episodes);

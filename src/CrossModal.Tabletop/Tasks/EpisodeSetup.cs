using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Tasks;

/// <summary>Where an episode starts and what it asks for.</summary>
/// <param name="Seed">The seed that gives this episode again.</param>
/// <param name="Start">The first state.</param>
/// <param name="Goal">What success means.</param>
/// <param name="Instruction">How it is said.</param>
public sealed record EpisodeSetup(ulong Seed, Scene Start, Goal Goal, Instruction Instruction);

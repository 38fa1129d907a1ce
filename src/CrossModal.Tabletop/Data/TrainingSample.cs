using System.Collections.Immutable;
using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Data;

/// <summary>One state with several labelled instructions; the picture is drawn from the state when it is needed.</summary>
/// <param name="Scene">The state.</param>
/// <param name="Kind">How its hand was placed.</param>
/// <param name="Instructions">The instructions, always <see cref="SampleOptions.InstructionsPerState"/> of them.</param>
internal sealed record TrainingSample(Scene Scene, StateKind Kind, ImmutableArray<LabeledInstruction> Instructions);

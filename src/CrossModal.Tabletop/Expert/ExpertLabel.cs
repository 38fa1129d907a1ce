using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Expert;

/// <summary>What the expert does in a state, and where it is heading.</summary>
/// <param name="Action">The command, already within the speed limit.</param>
/// <param name="Target">The point the tool is heading for, board frame, metres: where it will grasp, lift to or release.</param>
public readonly record struct ExpertLabel(RobotAction Action, Point Target);

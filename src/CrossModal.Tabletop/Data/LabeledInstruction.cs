using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Data;

/// <summary>An instruction for a state, and what the expert does about it.</summary>
/// <param name="Task">The task it belongs to.</param>
/// <param name="Instruction">The words.</param>
/// <param name="Goal">What they mean in this state.</param>
/// <param name="Action">The expert's command.</param>
/// <param name="Target">Where the expert is heading, normalised: metres divided by <see cref="Board.HalfSide"/>.</param>
public sealed record LabeledInstruction(RobotTask Task, Instruction Instruction, Goal Goal, RobotAction Action, Point Target);

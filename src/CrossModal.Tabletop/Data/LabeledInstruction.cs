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
/// <param name="Points">What the expert has in mind, normalised: metres divided by <see cref="Board.HalfSide"/>.</param>
internal sealed record LabeledInstruction(RobotTask Task, Instruction Instruction, Goal Goal, RobotAction Action, ExpertPoints Points);

/// <summary>Where the expert is going in a state, and where it would be going earlier or later.</summary>
/// <param name="Heading">Where it is heading at this moment.</param>
/// <param name="Thing">Where the thing meant is grasped, wherever it is now.</param>
/// <param name="Place">Where the thing goes, or what it is distinguished by: over the plate, behind the thing in the direction of a push,
/// at a relation's reference; the thing itself when the instruction names nothing else.</param>
internal readonly record struct ExpertPoints(Point Heading, Point Thing, Point Place);

using CrossModal.Data;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Learning;

/// <summary>Names, units and normalisation of what goes into a policy of the tabletop and comes out of it.</summary>
internal static class TabletopSignature
{
    /// <summary>Actions: displacements of the tool over <see cref="RobotAction.MaxStep"/>.</summary>
    public static Normalization Actions { get; } = new(new float[3], [RobotAction.MaxStep, RobotAction.MaxStep, RobotAction.MaxStep]);

    /// <summary>States: the tool's place over <see cref="Board.HalfSide"/>, the opening over <see cref="Gripper.MaxOpening"/>, 1 or 0 for
    /// holding.</summary>
    public static Normalization States { get; } =
        new(new float[Proprioception.Length], [Board.HalfSide, Board.HalfSide, Board.HalfSide, Gripper.MaxOpening, 1]);

    /// <summary>Names and units for a number of cameras.</summary>
    public static PolicySignature Of(int views) => new(
        [Displacement("dx"), Displacement("dy"), Displacement("dz"), PolicySignature.Close],
        [
            Place("x", -Board.ToolReach, Board.ToolReach), Place("y", -Board.ToolReach, Board.ToolReach),
                Place("z", Board.ToolFloor, Board.ToolCeiling),
            Place("opening", 0, Gripper.MaxOpening), new Quantity("holding", "0 or 1") { Least = 0, Most = 1 },
        ],
        [.. Enumerable.Range(0, views).Select(v => ((CameraView)v).ToString().ToLowerInvariant())]);

    private static Quantity Displacement(string name) => Place(name, -RobotAction.MaxStep, RobotAction.MaxStep);

    private static Quantity Place(string name, float least, float most) => new(name, "m") { Least = least, Most = most };
}

using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Expert;

/// <summary>
/// The expert for placing an object on a plate: a function of the state alone; grasps as <see cref="GraspExpert"/> does. It descends and
/// lets go from farther off than it grasps, because a plate forgives more, and the same step's motion still brings it to the centre: a
/// policy that is off by a centimetre would otherwise hover at the funnel's edge and never let go.
/// </summary>
internal static class PlaceExpert
{
    private const float Mouth = 0.02f;
    private const float ReleaseBelow = 0.07f;
    private const float ReleaseWithin = 0.025f;

    /// <summary>Farthest from the plate's centre at which the object counts as placed, metres.</summary>
    public const float PlacedWithin = 0.03f;

    /// <summary>Whether the object rests on the plate, let go, within <see cref="PlacedWithin"/> of its centre.</summary>
    public static bool IsPlaced(Scene scene, int target, int plate)
    {
        ArgumentNullException.ThrowIfNull(scene);
        var position = scene.Objects[target].Position;
        return scene.Gripper.Held != target
            && position.Z == scene.Objects[plate].Top
            && position.HorizontalDistanceTo(scene.Objects[plate].Position) <= PlacedWithin;
    }

    /// <summary>The label of a state.</summary>
    /// <param name="scene">The state.</param>
    /// <param name="target">Index of the object to place.</param>
    /// <param name="plate">Index of the plate.</param>
    public static ExpertLabel Act(Scene scene, int target, int plate)
    {
        ArgumentNullException.ThrowIfNull(scene);
        var tool = scene.Gripper.Tool;
        if (IsPlaced(scene, target, plate))
        {
            var above = tool with { Z = GraspExpert.LiftHeight };
            return new ExpertLabel(new RobotAction(0, 0, above.Z - tool.Z, false).Clipped(), above);
        }

        if (scene.Gripper.Held != target)
            return GraspExpert.Act(scene, target);

        var goal = scene.Objects[plate].Position with { Z = scene.Objects[plate].Top + GraspExpert.GraspHeight };
        var release = tool.HorizontalDistanceTo(goal) < ReleaseWithin && tool.Z < ReleaseBelow;
        return new ExpertLabel(Funnel.Towards(tool, goal, !release, Mouth), goal);
    }
}

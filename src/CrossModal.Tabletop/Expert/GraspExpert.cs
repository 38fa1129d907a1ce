using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Expert;

/// <summary>
/// The expert for picking up: a function of the state alone. It distinguishes holding from approaching by the fingers, as a policy
/// can. It closes from 1.2 cm away because the same step's motion brings it to the centre: a policy that is off by a few
/// millimetres still grasps.
/// </summary>
internal static class GraspExpert
{
    /// <summary>Height of the tool above an object's base at which the expert grasps, metres.</summary>
    public const float GraspHeight = 0.02f;

    /// <summary>Height above an object's base below which the expert shuts the fingers, metres.</summary>
    public const float CloseBelow = 0.035f;

    /// <summary>Height to which the tool lifts, metres.</summary>
    public const float LiftHeight = 0.10f;

    /// <summary>The label of a state.</summary>
    /// <param name="scene">The state.</param>
    /// <param name="target">Index of the object to pick up.</param>
    public static ExpertLabel Act(Scene scene, int target)
    {
        ArgumentNullException.ThrowIfNull(scene);
        var gripper = scene.Gripper;
        if (gripper.Held == target)
        {
            var above = gripper.Tool with { Z = LiftHeight };
            return new ExpertLabel(new RobotAction(0, 0, LiftHeight - gripper.Tool.Z, true).Clipped(), above);
        }

        var position = scene.Objects[target].Position;
        var goal = position with { Z = position.Z + GraspHeight };
        if (gripper.Held >= 0)
            return new ExpertLabel(new RobotAction(0, 0, 0, false), goal);

        var near = gripper.Tool.HorizontalDistanceTo(goal) < Funnel.Mouth && gripper.Tool.Z - position.Z < CloseBelow;
        // Fingers shut on nothing have to open before they can grasp.
        return new ExpertLabel(Funnel.Towards(gripper.Tool, goal, near && !gripper.IsClosed), goal);
    }
}

using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Expert;

/// <summary>
/// The expert for pushing: a function of the state alone. With the fingers shut it comes down behind the object, then drives
/// forward, steering back onto the line through the object's centre; it slows down the farther it is off that line, since a
/// disc pushed off-centre slips away. It does not know where the object started, so it pushes on for as long as it is asked.
/// </summary>
internal static class PushExpert
{
    /// <summary>Height of the tool while it pushes, metres.</summary>
    public const float PushHeight = 0.02f;

    /// <summary>Height above which shutting the fingers grasps nothing that stands on the board, metres.</summary>
    public const float ShutAbove = 0.045f;

    // Half the width of the shut fingers along x, and the room left between them and the object when they come down.
    private const float FingersReach = 2 * Gripper.FingerRadius;
    private const float Room = 0.02f;

    private const float Speed = 0.015f;
    private const float LowBelow = 0.035f;
    private const float BehindReach = 0.03f;
    private const float AheadReach = 0.036f;
    private const float FullSpeedWithin = 0.010f;
    private const float NoSpeedBeyond = 0.018f;

    /// <summary>Distance from an object's centre at which the tool comes down behind it, metres.</summary>
    public static float Standoff(TabletopObject thing) => thing.Radius + FingersReach + Room;

    /// <summary>Where the tool comes down to push an object in a direction.</summary>
    public static Point Behind(TabletopObject thing, Direction direction)
    {
        var point = direction.Shift(thing.Position, -Standoff(thing));
        return new Point(
            Math.Clamp(point.X, -Board.ToolReach, Board.ToolReach), Math.Clamp(point.Y, -Board.ToolReach, Board.ToolReach),
                thing.Position.Z + PushHeight);
    }

    /// <summary>The label of a state.</summary>
    /// <param name="scene">The state.</param>
    /// <param name="target">Index of the object to push.</param>
    /// <param name="direction">Where to.</param>
    public static ExpertLabel Act(Scene scene, int target, Direction direction)
    {
        ArgumentNullException.ThrowIfNull(scene);
        var gripper = scene.Gripper;
        var goal = Behind(scene.Objects[target], direction);
        if (gripper.Held >= 0)
            return new ExpertLabel(new RobotAction(0, 0, 0, false), goal);

        // Open fingers stand on both sides of something, or soon would: up first, shut them there.
        if (!gripper.IsClosed && gripper.Tool.Z < ShutAbove)
            return new ExpertLabel(new RobotAction(0, 0, RobotAction.MaxStep, false), goal);

        var (along, beside) = direction.Split(gripper.Tool, goal);
        var off = MathF.Abs(beside);
        var inChannel = gripper.Tool.Z < LowBelow && along is > -BehindReach and < AheadReach && off < NoSpeedBeyond;
        return new ExpertLabel(inChannel ? Drive(gripper.Tool, goal, direction, beside) : Funnel.Towards(gripper.Tool, goal, close: true),
            goal);
    }

    private static RobotAction Drive(Point tool, Point goal, Direction direction, float beside)
    {
        var speed = Speed * Math.Clamp((NoSpeedBeyond - MathF.Abs(beside)) / (NoSpeedBeyond - FullSpeedWithin), 0, 1);
        var (x, y) = direction.Step();
        return new RobotAction((x * speed) + (y * beside), (y * speed) - (x * beside), goal.Z - tool.Z, true).Clipped();
    }
}

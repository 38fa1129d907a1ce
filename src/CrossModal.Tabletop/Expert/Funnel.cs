using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Expert;

/// <summary>
/// How the expert approaches a point from above: high while far, down a funnel as it comes near. The height it wants is
/// z + 4 · clip(d - 1.2 cm, 0, 2 cm), d being the horizontal distance. Below the funnel it rises before it travels, so the
/// fingers do not sweep the board.
/// </summary>
internal static class Funnel
{
    /// <summary>Within this horizontal distance the expert descends all the way, metres.</summary>
    public const float Mouth = 0.012f;

    private const float Slope = 4;
    private const float Width = 0.02f;
    private const float ToleratedDepth = 0.03f;
    private const float BlockingDepth = 0.06f;

    /// <summary>The displacement towards a point, each component within the speed limit.</summary>
    /// <param name="tool">Where the tool is.</param>
    /// <param name="goal">Where it is to go.</param>
    /// <param name="close">Whether the fingers shut.</param>
    /// <param name="mouth">Within this horizontal distance it descends all the way, metres.</param>
    public static RobotAction Towards(Point tool, Point goal, bool close, float mouth = Mouth)
    {
        var distance = tool.HorizontalDistanceTo(goal);
        var height = goal.Z + (Slope * Math.Clamp(distance - mouth, 0, Width));
        var depth = height - tool.Z;
        var freedom = 1 - Math.Clamp((depth - ToleratedDepth) / (BlockingDepth - ToleratedDepth), 0, 1);
        var limit = RobotAction.MaxStep * freedom;
        return new RobotAction(
            Math.Clamp(goal.X - tool.X, -limit, limit), Math.Clamp(goal.Y - tool.Y, -limit, limit), depth, close).Clipped();
    }
}

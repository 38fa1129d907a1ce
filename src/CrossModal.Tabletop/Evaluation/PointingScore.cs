using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>How well a policy points.</summary>
/// <param name="Error">Horizontal distance from what it should point at, metres; NaN when it does not point.</param>
/// <param name="IsTarget">Whether no other thing is nearer.</param>
internal readonly record struct PointingScore(float Error, bool IsTarget)
{
    public static PointingScore None { get; } = new(float.NaN, false);

    /// <summary>Judges a point against what it would be for every thing in the scene.</summary>
    public static PointingScore Measure(RobotTask task, Scene scene, Goal goal, Pointing meaning, Point pointed)
    {
        var error = Distance(goal.Target);
        var nearest = true;
        for (var i = 0; i < scene.Objects.Length; i++)
            nearest &= i == goal.Target || scene.Objects[i].IsPlate || Distance(i) > error;
        return new PointingScore(error, nearest);

        float Distance(int thing) => pointed.HorizontalDistanceTo(
            meaning == Pointing.Thing ? scene.Objects[thing].Position : task.Label(scene, goal with { Target = thing }).Target);
    }
}

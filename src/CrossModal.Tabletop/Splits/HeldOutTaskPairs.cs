using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Splits;

/// <summary>
/// Which kinds a task never asks for in training: three of the 24 for each task, of three colours. Each is asked for by every
/// other task, and stands in the scenes of its own one as a bystander.
/// </summary>
internal static class HeldOutTaskPairs
{
    // Their order decides which kinds are whose; new tasks are appended.
    private static readonly string[] Tasks = ["pick", "place", "push", "relational"];

    /// <summary>The kinds a task never asks for in training.</summary>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public static IReadOnlyList<ObjectKind> Of(string task) => [.. HeldOutPairs.Training.Where(kind => Contains(task, kind))];

    /// <summary>Whether a task never asks for this kind in training.</summary>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public static bool Contains(string task, ObjectKind kind)
    {
        var number = Array.IndexOf(Tasks, task);
        if (number < 0)
            throw new ArgumentException($"HeldOutTaskPairs: there is no task '{task}'; there are {string.Join(", ", Tasks)}.",
                nameof(task));
        // The shapes after the one that is held out of a colour for good belong to one task each; every task takes half of the colours.
        var color = (int)kind.Color;
        return kind.IsNamed && (color + number) % 2 == 0 && (int)kind.Shape == ((2 * color) + 2 + number) % ObjectKind.GraspableShapeCount;
    }
}

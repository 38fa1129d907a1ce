using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Commands;

/// <summary>Tasks, splits and camera sizes of the tabletop as the command line names them.</summary>
internal static class TabletopNames
{
    private const string All = "all";
    private static readonly int[] CameraSizes = [64, 96];

    /// <summary>The tasks of some names, or of "all", each once.</summary>
    /// <exception cref="ArgumentException">A name is unknown.</exception>
    public static IReadOnlyList<RobotTask> Tasks(IReadOnlyCollection<string> names) =>
        names.Contains(All) ? RobotTasks.All : [.. names.Select(RobotTasks.Find).Distinct()];

    /// <summary>The splits of some names, or of "all" that policies are judged on, each once; S0 and Z1 when no name is given.</summary>
    /// <exception cref="ArgumentException">A name is unknown.</exception>
    public static IReadOnlyList<Split> Splits(IReadOnlyCollection<string> names) =>
        names.Count == 0 ? [Split.S0, Split.Z1] : names.Contains(All) ? Split.Judged : [.. names.Select(Split.Find).Distinct()];

    /// <summary>A size of the camera's pictures.</summary>
    /// <exception cref="UsageException">The cameras do not have it.</exception>
    public static int CameraSize(int size) => CameraSizes.Contains(size) ? size : throw new UsageException($"--camera must be {string.Join(" or ", CameraSizes)}, got {size}");
}

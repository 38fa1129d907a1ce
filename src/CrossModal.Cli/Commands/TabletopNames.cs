using CrossModal.Cli.Hosting;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Commands;

/// <summary>Tasks, splits and camera sizes of the tabletop as the command line names them.</summary>
internal static class TabletopNames
{
    private const string All = "all";
    private static readonly int[] CameraSizes = [64, 96];

    /// <summary>The names of tasks, and "all".</summary>
    public static IReadOnlyList<string> OfTasks => [.. RobotTasks.All.Select(t => t.Name), All];

    /// <summary>The names of splits, and "all".</summary>
    public static IReadOnlyList<string> OfSplits => [.. Split.All.Select(s => s.Name), All];

    /// <summary>The tasks of some of the names, each once.</summary>
    public static IReadOnlyList<RobotTask> Tasks(IReadOnlyCollection<string> names) =>
        names.Contains(All, StringComparer.OrdinalIgnoreCase) ? RobotTasks.All : [.. names.Select(RobotTasks.Find).Distinct()];

    /// <summary>The splits of some of the names, of "all" those that policies are judged on, each once; S0 and Z1 when no name is
    /// given.</summary>
    public static IReadOnlyList<Split> Splits(IReadOnlyCollection<string> names) =>
        names.Count == 0 ? [Split.S0, Split.Z1] : names.Contains(All, StringComparer.OrdinalIgnoreCase) ? Split.Judged
            : [.. names.Select(Split.Find).Distinct()];

    /// <summary>A size of the camera's pictures.</summary>
    /// <exception cref="UsageException">The cameras do not have it.</exception>
    public static int CameraSize(int size) =>
        CameraSizes.Contains(size) ? size : throw new UsageException($"--camera must be {string.Join(" or ", CameraSizes)}, got {size}");
}

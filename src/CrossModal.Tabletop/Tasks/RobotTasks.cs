namespace CrossModal.Tabletop.Tasks;

/// <summary>The tasks of the benchmark, by name.</summary>
public static class RobotTasks
{
    /// <summary>Every task.</summary>
    public static IReadOnlyList<RobotTask> All { get; } = [new PickTask(), new PlaceTask(), new PushTask(), new RelationalTask()];

    /// <summary>Finds a task by its name, ignoring case.</summary>
    /// <exception cref="ArgumentException">There is no such task; the message lists the names.</exception>
    public static RobotTask Find(string name) =>
        All.FirstOrDefault(task => string.Equals(task.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"RobotTasks: there is no task '{name}'; there are {string.Join(", ", All.Select(task => task.Name))}.", nameof(name));
}

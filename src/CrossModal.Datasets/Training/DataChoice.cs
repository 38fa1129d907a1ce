using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>What of a data set a policy is trained on.</summary>
/// <param name="Cameras">Names of cameras, at least one.</param>
/// <param name="Action">Names of the columns that are the action, side by side.</param>
/// <param name="State">Names of the columns that are the robot's state, side by side; empty for none.</param>
/// <param name="Instruction">The instruction of episodes that have none; null to refuse them.</param>
public sealed record DataChoice(IReadOnlyList<string> Cameras, IReadOnlyList<string> Action, IReadOnlyList<string> State,
    string? Instruction = null)
{
    /// <summary>What stands for no state.</summary>
    public const string NoState = "none";

    private const string Choose = "choose with";

    /// <summary>Completes what was asked for by what the data set itself says, and by nothing else.</summary>
    /// <param name="source">The data set.</param>
    /// <param name="cameras">Names asked for; empty for the only camera.</param>
    /// <param name="action">Names asked for; empty for those that are known to be the action.</param>
    /// <param name="state">Names asked for; empty for those that are known to be the state; <see cref="NoState"/> for none.</param>
    /// <param name="instruction">The instruction of episodes that have none; null to refuse them.</param>
    /// <exception cref="FileFormatException">The data set has no pictures, or no numbers that could be an action.</exception>
    /// <exception cref="ArgumentException">Something must be chosen, or there is no such camera or column; the message lists those there
    /// are.</exception>
    public static DataChoice Of(RecordingSource source, IReadOnlyList<string> cameras, IReadOnlyList<string> action,
        IReadOnlyList<string> state, string? instruction = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(cameras);
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(state);
        var missing = source.Missing.Count > 0 ? $"; missing: {string.Join("; ", source.Missing)}" : "";
        if (source.Cameras.Count == 0) throw new FileFormatException(source.Path, $"{source.Format}: has no pictures{missing}");
        if (source.Columns.Count == 0) throw new FileFormatException(
            source.Path, $"{source.Format}: has no numbers that every episode has{missing}");
        var names = source.Cameras.Select(c => c.Name).ToList();
        foreach (var camera in cameras)
            if (!names.Contains(camera)) throw new ArgumentException(
                $"{source.Path} has no camera '{camera}'; there are: {string.Join(", ", names)}{missing}");
        if (cameras.Count == 0 && names.Count > 1) throw new ArgumentException(
            $"{source.Path} has several cameras; {Choose} --cameras: {string.Join(", ", names)}");
        if (action.Count == 0 && source.Action.Count == 0)
            throw new ArgumentException(
            $"{source.Path}: none of its numbers is known to be the action; {Choose} --action: {string.Join(", ", source.Columns.Select(c => c.Name))}");
        var choice = new DataChoice(cameras.Count > 0 ? [.. cameras.Distinct()] : names, action.Count > 0 ? action
            : source.Action, state.Count == 0 ? source.State : state is [NoState] ? [] : state, instruction);
        foreach (var column in choice.Action.Concat(choice.State)) source.Column(column);
        return choice;
    }

    /// <summary>The episodes that have pictures of all chosen cameras.</summary>
    /// <exception cref="FileFormatException">There is none.</exception>
    public IReadOnlyList<EpisodeInfo> Episodes(RecordingSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var episodes = source.Episodes.Where(e => Cameras.All(e.Cameras.Contains)).ToList();
        return episodes.Count > 0 ? episodes : throw new FileFormatException(
            source.Path, $"{source.Format}: no episode has pictures of {string.Join(" and ", Cameras)}; missing: {string.Join("; ", source.Missing)}");
    }
}

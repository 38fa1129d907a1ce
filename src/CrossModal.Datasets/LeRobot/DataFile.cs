using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Rows of an episode in a data file.</summary>
/// <param name="Episode">Its number.</param>
/// <param name="First">Its first row.</param>
/// <param name="Count">How many rows.</param>
/// <param name="Task">Number of its task in the first row; −1 where the file has none.</param>
internal readonly record struct EpisodeRows(long Episode, long First, int Count, long Task);

/// <summary>Finds the episodes in a data file by its own column, whatever the metadata say.</summary>
internal static class DataFile
{
    /// <summary>The episodes of a file in the order of their rows.</summary>
    /// <exception cref="FileFormatException">It is damaged, or the rows of an episode are not together.</exception>
    public static List<EpisodeRows> Episodes(ParquetFile file, string path)
    {
        var numbers = file.Read(file.Require("episode_index"));
        var tasks = file.Find("task_index") is { } leaf ? file.Read(leaf) : null;
        var found = new List<EpisodeRows>();
        for (var row = 0; row < numbers.Rows;)
        {
            var (first, episode) = (row, LeRobotEpisodes.Scalar(numbers, row, path, "episode_index"));
            while (row < numbers.Rows && LeRobotEpisodes.Scalar(numbers, row, path, "episode_index") == episode) row++;
            if (found.Exists(e => e.Episode == (long)episode))
                throw new FileFormatException(path, $"the rows of episode {episode} are not together");
            found.Add(new EpisodeRows((long)episode, first, row - first, tasks is null ? -1
                : (long)LeRobotEpisodes.Scalar(tasks, first, path, "task_index")));
        }

        return found;
    }
}

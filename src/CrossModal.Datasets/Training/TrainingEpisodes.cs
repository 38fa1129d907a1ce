using CrossModal.Data;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Reads the episodes of any data set for training: numbers into memory, pictures from a <see cref="FrameCache"/>.</summary>
internal static class TrainingEpisodes
{
    /// <summary>Reads numbers and instructions, and joins pictures to them.</summary>
    /// <param name="source">The data set.</param>
    /// <param name="choice">What of it.</param>
    /// <param name="cache">Its pictures.</param>
    /// <exception cref="FileFormatException">A file is damaged, a number is not finite, or an episode has no instruction.</exception>
    public static IReadOnlyList<Episode> Read(RecordingSource source, DataChoice choice, FrameCache cache)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(choice);
        ArgumentNullException.ThrowIfNull(cache);
        var (actions, states) = (Distinct(source.Quantities(choice.Action)), Distinct(source.Quantities(choice.State)));
        return [.. choice.Episodes(source).Select((info, i) =>
        {
            var instruction = InstructionOf(source, info, choice);
            var views = choice.Cameras.Select((_, camera) => cache.Frames(i, camera)).ToArray();
            return new Episode(info.Name, instruction, views[0], Finite(source, info, choice.Action), choice.State.Count == 0 ? null
                : Finite(source, info, choice.State))
            {
                Files = source is FolderSource folders ? folders.PictureFiles(info, choice.Cameras[0])
                    : [], OtherViews = views[1..], ActionQuantities = actions, StateQuantities = states,
            };
        })];
    }

    /// <summary>The instruction of an episode, or the one given for those without.</summary>
    /// <exception cref="FileFormatException">There is none.</exception>
    internal static string InstructionOf(RecordingSource source, EpisodeInfo episode, DataChoice choice) =>
        episode.Instruction.Any(char.IsLetterOrDigit) ? episode.Instruction
        : choice.Instruction ?? throw new FileFormatException(
            source.Path, $"{source.Format}: {episode.Name} has no instruction; give one with --instruction");

    /// <summary>Numbers that must be finite.</summary>
    /// <exception cref="FileFormatException">One is not.</exception>
    internal static float[][] Finite(RecordingSource source, EpisodeInfo episode, IReadOnlyList<string> columns)
    {
        var rows = source.Numbers(episode, columns);
        for (var t = 0; t < rows.Length; t++)
            for (var d = 0; d < rows[t].Length; d++)
                if (!float.IsFinite(rows[t][d])) throw new FileFormatException(
                    source.Path, $"{episode.Name}: '{source.Quantities(columns)[d].Name}' is {rows[t][d]} in step {t}");
        return rows;
    }

    /// <summary>Quantities of several columns may share names: then the place is added.</summary>
    internal static IReadOnlyList<Quantity> Distinct(IReadOnlyList<Quantity> quantities) =>
        quantities.Select(q => q.Name).Distinct().Count() == quantities.Count ? quantities
            : [.. quantities.Select((q, i) => q with { Name = $"{q.Name}#{i}" })];
}

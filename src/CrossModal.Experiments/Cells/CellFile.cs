using CrossModal.Engine.Formats;

namespace CrossModal.Experiments.Cells;

/// <summary>Reads and writes the files of a finished cell: its result, and its films.</summary>
internal static class CellFile
{
    /// <summary>Reads the file of a cell.</summary>
    /// <exception cref="FileFormatException">The file is damaged or of another format; the message names it.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static CellResult Read(string path)
    {
        var cell = ExperimentFile.Read(path, CellResult.CurrentSchema, ExperimentFile.Form<CellResult>());
        Check(path, cell);
        return cell;
    }

    /// <summary>Writes the file of a cell, unless there is one already.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void Write(string path, CellResult cell) => ExperimentFile.WriteNew(path, cell, ExperimentFile.Form<CellResult>());

    /// <summary>Reads the films of a cell.</summary>
    /// <exception cref="FileFormatException">The file is damaged; the message names it.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static CellFilms ReadFilms(string path)
    {
        var films = ExperimentFile.Read(path, CellFilms.CurrentSchema, ExperimentFile.Form<CellFilms>());
        foreach (var frame in films.Films.SelectMany(film => film.Frames))
            if (!frame.IsWhole)
                throw new FileFormatException(path, $"is damaged: {frame.Scores?.Count ?? 0} scores and {frame.Chances?.Count ?? 0} " +
                    $"levels of chance for {frame.Maps.Count} maps of step {frame.Step}");
        return films;
    }

    /// <summary>Writes the films of a cell.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteFilms(string path, CellFilms films) => ExperimentFile.Write(path, films, ExperimentFile.Form<CellFilms>());

    /// <summary>Refuses a result whose parts do not belong together.</summary>
    internal static void Check(string path, CellResult cell)
    {
        try
        {
            foreach (var test in cell.Tests)
                foreach (var bits in (string[])[test.Succeeded, test.TargetFirst, test.Touched, test.Pointed])
                    EpisodeBits.Decode(bits, test.Episodes);
        }
        catch (FormatException error)
        {
            throw new FileFormatException(path, $"is damaged: {Failure.Reason(error)}", error);
        }

        if (cell.Timing.LearningSeconds.Count != cell.Learning.Count)
            throw new FileFormatException(path,
                $"is damaged: {cell.Timing.LearningSeconds.Count} times for {cell.Learning.Count} points of the learning curve");
    }
}
